package talk

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"
	"time"
)

// Peer is whom to speak to.
type Peer struct {
	Name   string
	Port   uint16
	Family int          // 4 or 6; 0: IPv4 where the name has such an address, else IPv6
	Addrs  []netip.Addr // known already; the name is not asked for
}

// Timeouts of the programs.
const (
	dialTimeout = 3 * time.Second
	talkTimeout = 5 * time.Second
)

var errKilled = errors.New("the program was killed")

// addr finds the address of a peer.
func (u *User) addr(ctx context.Context, p Peer) (netip.AddrPort, error) {
	list := p.Addrs
	if len(list) == 0 {
		var err error
		if list, err = u.Lookup(ctx, p.Name, p.Family); err != nil {
			return netip.AddrPort{}, err
		}
	}
	a, ok := choose(list, p.Family)
	if !ok {
		return netip.AddrPort{}, fmt.Errorf("%s has no address of family %d", p.Name, p.Family)
	}
	return netip.AddrPortFrom(a, p.Port), nil
}

func choose(list []netip.Addr, family int) (best netip.Addr, ok bool) {
	for _, a := range list {
		switch {
		case a.Is4() && family != 6:
			return a, true
		case a.Is6() && family != 4 && !ok:
			best, ok = a, true
		}
	}
	return best, ok
}

// Dial opens a socket to a peer; network is "tcp" or "udp".
func (u *User) Dial(ctx context.Context, network string, p Peer) (net.Conn, error) {
	to, err := u.addr(ctx, p)
	if err != nil {
		return nil, err
	}
	c, err := u.dial(ctx, network, to)
	if err != nil {
		return nil, err // not a nil *conn, which is a connection to those who compare
	}
	return c, nil
}

// DialFrom is Dial from a port of one's own choice; 0: any.
func (u *User) DialFrom(ctx context.Context, network string, port uint16, p Peer) (net.Conn, error) {
	to, err := u.addr(ctx, p)
	if err != nil {
		return nil, err
	}
	c, err := u.dialFrom(ctx, network, port, to)
	if err != nil {
		return nil, err
	}
	return c, nil
}

func (u *User) dial(ctx context.Context, network string, to netip.AddrPort) (*conn, error) {
	return u.dialFrom(ctx, network, 0, to)
}

func (u *User) dialFrom(ctx context.Context, network string, port uint16, to netip.AddrPort) (*conn, error) {
	d := net.Dialer{Timeout: dialTimeout, Control: u.own, KeepAlive: -1}
	if port != 0 {
		d.LocalAddr = local(network, port)
	}
	c, err := d.DialContext(ctx, network, to.String())
	if err != nil {
		return nil, err
	}
	kept, ok := u.keep(c)
	if !ok {
		return nil, errors.Join(errKilled, c.Close())
	}
	return kept, nil
}

func local(network string, port uint16) net.Addr {
	if network == "udp" {
		return &net.UDPAddr{Port: int(port)}
	}
	return &net.TCPAddr{Port: int(port)}
}

// own gives a new socket its user: the kernel takes the owner of the file.
func (u *User) own(_, _ string, c syscall.RawConn) error {
	var failed error
	if err := c.Control(func(fd uintptr) { failed = chown(int(fd), u.UID) }); err != nil {
		return err
	}
	return failed
}

// datagrams is a UDP socket with one peer, for who wants to name the peer with
// each datagram. It hides what else a UDPConn can: quic-go would read and write
// past the counters, and an unconnected socket would not say in /proc/net whom
// it talks to.
type datagrams struct{ *conn }

func (d *datagrams) ReadFrom(b []byte) (int, net.Addr, error) {
	n, err := d.Read(b)
	return n, d.RemoteAddr(), err
}

func (d *datagrams) WriteTo(b []byte, _ net.Addr) (int, error) { return d.Write(b) }

// SetReadBuffer and SetWriteBuffer are asked for by quic-go.
func (d *datagrams) SetReadBuffer(n int) error  { return d.udp().SetReadBuffer(n) }
func (d *datagrams) SetWriteBuffer(n int) error { return d.udp().SetWriteBuffer(n) }

func (d *datagrams) SyscallConn() (syscall.RawConn, error) { return d.udp().SyscallConn() }

func (d *datagrams) udp() *net.UDPConn {
	u, _ := d.Conn.(*net.UDPConn) // it was dialled as one
	return u
}
