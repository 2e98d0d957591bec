package talk

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/net/icmp"
	"golang.org/x/net/ipv4"
	"golang.org/x/net/ipv6"
)

// Echo is a socket for ICMP echoes to one peer. The kernel gives it the
// identifier and lets no other ICMP through.
type Echo struct {
	conn *icmp.PacketConn
	to   netip.Addr

	mu   sync.Mutex
	sent map[uint16]time.Time
}

// EchoAnswer is an echo reply.
type EchoAnswer struct {
	From netip.Addr
	Seq  uint16
	Hops int // left of the packet's life
	Took time.Duration
}

// OpenEcho opens a socket for echoes. The namespace has to allow that to all
// groups, as Android does: see [AllowEchoes].
func (u *User) OpenEcho(_ context.Context, to netip.Addr) (*Echo, error) {
	network, any := "udp4", "0.0.0.0"
	if to.Is6() {
		network, any = "udp6", "::"
	}
	conn, err := icmp.ListenPacket(network, any)
	if err != nil {
		return nil, err
	}
	e := &Echo{conn: conn, to: to, sent: map[uint16]time.Time{}}
	if to.Is6() {
		err = conn.IPv6PacketConn().SetControlMessage(ipv6.FlagHopLimit, true)
	} else {
		err = conn.IPv4PacketConn().SetControlMessage(ipv4.FlagTTL, true)
	}
	return e, err
}

const echoBytes = 56

// Send sends one request.
func (e *Echo) Send(seq uint16) error {
	m := icmp.Message{Type: ipv4.ICMPTypeEcho, Body: &icmp.Echo{Seq: int(seq), Data: make([]byte, echoBytes)}}
	if e.to.Is6() {
		m.Type = ipv6.ICMPTypeEchoRequest
	}
	b, err := m.Marshal(nil)
	if err != nil {
		return err
	}
	e.mu.Lock()
	e.sent[seq] = time.Now()
	e.mu.Unlock()
	_, err = e.conn.WriteTo(b, net.UDPAddrFromAddrPort(netip.AddrPortFrom(e.to, 0)))
	return err
}

// Answers gives what comes until ctx ends or the socket is closed; then it is
// closed.
func (e *Echo) Answers(ctx context.Context) <-chan EchoAnswer {
	answers := make(chan EchoAnswer)
	stop := context.AfterFunc(ctx, func() { _ = e.conn.SetReadDeadline(time.Now()) })
	go func() {
		defer close(answers)
		defer stop()
		for {
			a, err := e.receive()
			if err != nil {
				return
			}
			select {
			case answers <- a:
			case <-ctx.Done():
				return
			}
		}
	}()
	return answers
}

var errNoReply = errors.New("no echo reply")

func (e *Echo) receive() (EchoAnswer, error) {
	buf := make([]byte, 1500)
	for {
		n, hops, err := e.read(buf)
		if err != nil {
			return EchoAnswer{}, err
		}
		seq, err := e.parse(buf[:n])
		if err != nil {
			continue
		}
		e.mu.Lock()
		sent := e.sent[seq]
		e.mu.Unlock()
		return EchoAnswer{From: e.to, Seq: seq, Hops: hops, Took: time.Since(sent)}, nil
	}
}

func (e *Echo) read(buf []byte) (n, hops int, err error) {
	if e.to.Is6() {
		n, cm, _, err := e.conn.IPv6PacketConn().ReadFrom(buf)
		if cm != nil {
			hops = cm.HopLimit
		}
		return n, hops, err
	}
	n, cm, _, err := e.conn.IPv4PacketConn().ReadFrom(buf)
	if cm != nil {
		hops = cm.TTL
	}
	return n, hops, err
}

func (e *Echo) parse(b []byte) (seq uint16, err error) {
	protocol := 1
	if e.to.Is6() {
		protocol = 58
	}
	m, err := icmp.ParseMessage(protocol, b)
	if err != nil {
		return 0, err
	}
	body, ok := m.Body.(*icmp.Echo)
	if !ok || m.Type != ipv4.ICMPTypeEchoReply && m.Type != ipv6.ICMPTypeEchoReply {
		return 0, errNoReply
	}
	return uint16(body.Seq), nil
}

// Close closes the socket.
func (e *Echo) Close() error { return e.conn.Close() }
