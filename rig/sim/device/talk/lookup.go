package talk

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

const (
	dnsPort     = 53
	dnsTries    = 2
	dnsPatience = time.Second
)

// Lookup asks the device's resolver for the addresses of a name, IPv4 and IPv6
// as Android does, or one family alone.
func (u *User) Lookup(ctx context.Context, name string, family int) ([]netip.Addr, error) {
	if a, err := netip.ParseAddr(name); err == nil {
		return []netip.Addr{a}, nil
	}
	var list []netip.Addr
	var failed error
	for _, t := range types(family) {
		found, err := u.host.ask(ctx, name, t, family == 6)
		failed = errors.Join(failed, err)
		list = append(list, found...)
	}
	if len(list) == 0 {
		return nil, errors.Join(fmt.Errorf("no address of %s", name), failed)
	}
	u.mu.Lock()
	u.known[name] = list
	u.mu.Unlock()
	return list, nil
}

func types(family int) []dnsmessage.Type {
	switch family {
	case 4:
		return []dnsmessage.Type{dnsmessage.TypeA}
	case 6:
		return []dnsmessage.Type{dnsmessage.TypeAAAA}
	}
	return []dnsmessage.Type{dnsmessage.TypeA, dnsmessage.TypeAAAA}
}

// ask sends one question to the resolvers in turn, each a few times; those with
// IPv6 addresses first where that is wanted.
func (h *Host) ask(ctx context.Context, name string, t dnsmessage.Type, v6 bool) (list []netip.Addr, err error) {
	resolvers := slices.Clone(h.Resolvers())
	slices.SortStableFunc(resolvers, func(a, b netip.Addr) int {
		if a.Is6() == b.Is6() {
			return 0
		}
		if a.Is6() == v6 {
			return -1
		}
		return 1
	})
	if len(resolvers) == 0 {
		return nil, errors.New("no resolver: the device is on no network")
	}
	for _, r := range slices.Repeat(resolvers, dnsTries) {
		if list, err = h.askOne(ctx, netip.AddrPortFrom(r, dnsPort), name, t); err == nil || ctx.Err() != nil {
			return list, err
		}
	}
	return nil, err
}

func (h *Host) askOne(ctx context.Context, resolver netip.AddrPort, name string, t dnsmessage.Type) ([]netip.Addr, error) {
	query, err := question(name, t)
	if err != nil {
		return nil, err
	}
	c, err := h.dns.dial(ctx, "udp", resolver)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	defer context.AfterFunc(ctx, func() { _ = c.SetDeadline(time.Now()) })()
	_ = c.SetDeadline(time.Now().Add(dnsPatience)) // a socket that has none says so in Read
	if _, err := c.Write(query); err != nil {
		return nil, err
	}
	buf := make([]byte, 4096)
	for {
		n, err := c.Read(buf)
		if err != nil {
			return nil, err
		}
		if n > 2 && [2]byte(buf) == [2]byte(query) {
			return answers(buf[:n])
		}
	}
}

// question is a query for one name and type, in wire format.
func question(name string, t dnsmessage.Type) ([]byte, error) {
	n, err := dnsmessage.NewName(name + ".")
	if err != nil {
		return nil, fmt.Errorf("name %q: %w", name, err)
	}
	var id [2]byte
	_, _ = rand.Read(id[:]) // never fails
	m := dnsmessage.Message{
		Header:    dnsmessage.Header{ID: binary.BigEndian.Uint16(id[:]), RecursionDesired: true},
		Questions: []dnsmessage.Question{{Name: n, Type: t, Class: dnsmessage.ClassINET}},
	}
	return m.Pack()
}

// answers reads the addresses in a response; no such name is an error.
func answers(b []byte) (list []netip.Addr, err error) {
	var m dnsmessage.Message
	if err := m.Unpack(b); err != nil {
		return nil, fmt.Errorf("an answer of the resolver: %w", err)
	}
	if m.RCode != dnsmessage.RCodeSuccess {
		return nil, fmt.Errorf("the resolver says %s", m.RCode)
	}
	for _, r := range m.Answers {
		switch body := r.Body.(type) {
		case *dnsmessage.AResource:
			list = append(list, netip.AddrFrom4(body.A))
		case *dnsmessage.AAAAResource:
			list = append(list, netip.AddrFrom16(body.AAAA))
		}
	}
	return list, nil
}
