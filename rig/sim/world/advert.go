package world

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/net/icmp"
	"golang.org/x/net/ipv6"

	"github.com/spanrig/spanrig/rig/sim/wiring"
)

const (
	routerLife   = 1800 * time.Second // of what an advertisement says
	advertPeriod = 200 * time.Second
)

// adverts tells the LAN its prefix, router and resolvers (RFC 4861, RFC 8106),
// when asked and now and then.
type adverts struct {
	conn  *ipv6.PacketConn
	via   *net.Interface
	bytes []byte
	log   *accessLog
	ended chan struct{}
	once  sync.Once
}

func (w *World) listenAdverts() error {
	if w.Interface == "" {
		return nil
	}
	via, err := net.InterfaceByName(w.Interface)
	if err != nil {
		return fmt.Errorf("interface %s: %w", w.Interface, err)
	}
	raw, err := net.ListenPacket("ip6:ipv6-icmp", "::")
	if err != nil {
		return err
	}
	conn := ipv6.NewPacketConn(raw)
	only := new(ipv6.ICMPFilter)
	only.SetAll(true)
	only.Accept(ipv6.ICMPTypeRouterSolicitation)
	err = errors.Join(
		conn.SetICMPFilter(only), conn.JoinGroup(via, &net.UDPAddr{IP: net.IPv6linklocalallrouters}),
		conn.SetMulticastHopLimit(255), conn.SetMulticastInterface(via), conn.SetMulticastLoopback(false))
	if err != nil {
		return errors.Join(err, raw.Close())
	}
	a := &adverts{conn: conn, via: via, bytes: advert(via.HardwareAddr, w.Resolvers), log: w.log, ended: make(chan struct{})}
	w.add("advert", a.serve, a.close)
	return nil
}

func (a *adverts) serve() error {
	go a.repeat()
	buf := make([]byte, 1500)
	for {
		_, _, from, err := a.conn.ReadFrom(buf)
		if errors.Is(err, net.ErrClosed) {
			return nil
		}
		if err != nil {
			return err
		}
		a.log.say("advert", &net.UDPAddr{IP: from.(*net.IPAddr).IP}, nil, "", "solicited")
		a.send()
	}
}

func (a *adverts) repeat() {
	again := time.NewTicker(advertPeriod)
	defer again.Stop()
	for {
		a.send()
		select {
		case <-again.C:
		case <-a.ended:
			return
		}
	}
}

// send advertises to all nodes; the kernel chooses the link-local source and
// fills in the checksum.
func (a *adverts) send() {
	_, _ = a.conn.WriteTo(a.bytes, nil, &net.IPAddr{IP: net.IPv6linklocalallnodes}) // hosts ask again
}

func (a *adverts) close() error {
	a.once.Do(func() { close(a.ended) })
	return a.conn.Close()
}

// advert is a router advertisement (RFC 4861 section 4.2) with the router's MAC,
// the MTU, the prefix of the LAN and its IPv6 resolvers.
func advert(mac net.HardwareAddr, resolvers []netip.Addr) []byte {
	life := uint32(routerLife / time.Second)
	b := binary.BigEndian.AppendUint16([]byte{64, 0}, uint16(life)) // hop limit, no DHCPv6
	b = append(b, make([]byte, 8)...)                               // reachable and retransmission times: unspecified
	b = append(append(b, 1, 1), mac...)
	b = binary.BigEndian.AppendUint32(append(b, 5, 1, 0, 0), 1500)
	b = append(b, 3, 4, uint8(wiring.LAN6.Bits()), 0xc0) // on link, for addresses
	b = binary.BigEndian.AppendUint32(b, 4*life)
	b = binary.BigEndian.AppendUint32(b, 4*life)
	b = append(append(b, 0, 0, 0, 0), wiring.LAN6.Addr().AsSlice()...)
	var list []byte
	for _, r := range resolvers {
		if r.Is6() {
			list = append(list, r.AsSlice()...)
		}
	}
	if len(list) > 0 {
		b = binary.BigEndian.AppendUint32(append(b, 25, uint8(1+len(list)/8), 0, 0), life)
		b = append(b, list...)
	}
	m := icmp.Message{Type: ipv6.ICMPTypeRouterAdvertisement, Body: &icmp.RawBody{Data: b}}
	packed, _ := m.Marshal(nil) // a raw body always can
	return packed
}
