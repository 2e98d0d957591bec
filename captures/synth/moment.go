package synth

import (
	"cmp"
	"fmt"
	"net/netip"
	"time"
)

// A Moment is a time in a recording and a host that acts then: the device,
// unless From says otherwise. Its methods put traffic there.
type Moment struct {
	r    *Recording
	at   time.Time
	host Host
	rtt  time.Duration // 0: defaultRTT
}

// defaultRTT is that of a server nearby.
const defaultRTT = 12 * time.Millisecond

// Host is a station of the LAN.
type Host struct {
	MAC    [6]byte
	V4, V6 netip.Addr
}

// From lets another host act.
func (m Moment) From(h Host) Moment {
	m.r.know(h)
	m.host = h
	return m
}

// After is d later.
func (m Moment) After(d time.Duration) Moment {
	m.at = m.at.Add(d)
	return m
}

// RoundTrip moves the servers of connections away.
func (m Moment) RoundTrip(d time.Duration) Moment {
	m.rtt = d
	return m
}

// source is the host's address of the family of to, with a port of its own.
func (m Moment) source(to netip.Addr) netip.AddrPort {
	m.r.port++
	if to.Is6() {
		return netip.AddrPortFrom(m.host.V6, m.r.port)
	}
	return netip.AddrPortFrom(m.host.V4, m.r.port)
}

// Query asks the bench's resolver for name and gets answers; none means
// that the name does not exist.
func (m Moment) Query(name string, kind uint16, answers ...DNSRecord) Moment {
	return m.QueryAt(m.r.resolver(), name, kind, answers...)
}

// QueryAt is Query at a resolver of choice.
func (m Moment) QueryAt(resolver netip.Addr, name string, kind uint16, answers ...DNSRecord) Moment {
	m.r.ident++
	q := DNSMessage{ID: m.r.ident, Name: name, Type: kind}
	a := q
	a.Response, a.Answers = true, answers
	if len(answers) == 0 {
		a.RCode = 3 // NXDOMAIN
	}
	return m.Datagram(resolver, 53, q.Bytes(), a.Bytes())
}

// Ask sends a query that nobody answers.
func (m Moment) Ask(name string, kind uint16) Moment {
	m.r.ident++
	return m.Datagram(m.r.resolver(), 53, DNSMessage{ID: m.r.ident, Name: name, Type: kind}.Bytes(), nil)
}

// Resolve gets addr for name, by an A or AAAA query.
func (m Moment) Resolve(name, addr string) Moment {
	a := netip.MustParseAddr(addr)
	kind := uint16(TypeA)
	if a.Is6() {
		kind = TypeAAAA
	}
	return m.Query(name, kind, DNSRecord{Name: name, Addr: a})
}

// Datagram sends a UDP payload from a new port and, unless answer is nil, gets answer.
func (m Moment) Datagram(to netip.Addr, port uint16, payload, answer []byte) Moment {
	return m.DatagramFrom(m.source(to), netip.AddrPortFrom(to, port), payload, answer)
}

// DatagramFrom is Datagram between given endpoints.
func (m Moment) DatagramFrom(src, dst netip.AddrPort, payload, answer []byte) Moment {
	m.r.packet(m.at, src.Addr(), dst.Addr(), protoUDP, UDP(src, dst, payload))
	m = m.After(10 * time.Millisecond)
	if answer != nil {
		m.r.packet(m.at, dst.Addr(), src.Addr(), protoUDP, UDP(dst, src, answer))
		m = m.After(10 * time.Millisecond)
	}
	return m
}

// UDP sends a payload to an address in text and gets an answer of the same
// bytes backwards.
func (m Moment) UDP(addr string, port uint16, payload string) Moment {
	answer := []byte(payload)
	for i, j := 0, len(answer)-1; i < j; i, j = i+1, j-1 {
		answer[i], answer[j] = answer[j], answer[i]
	}
	return m.Datagram(netip.MustParseAddr(addr), port, []byte(payload), answer)
}

// Dial prepares a TCP connection; nothing is sent yet.
func (m Moment) Dial(addr string, port uint16) *Talk {
	to := netip.MustParseAddr(addr)
	t := &Talk{m: m, orig: m.source(to), resp: netip.AddrPortFrom(to, port), rtt: cmp.Or(m.rtt, defaultRTT)}
	seed := noise(t.orig.String()+t.resp.String(), 8)
	for i := range t.next {
		t.next[i] = uint32(seed[4*i])<<24 | uint32(seed[4*i+1])<<16 | uint32(seed[4*i+2])<<8 | uint32(seed[4*i+3])
	}
	return t
}

// Connect opens a TCP connection.
func (m Moment) Connect(addr string, port uint16) *Talk { return m.Dial(addr, port).Open() }

// Hello opens a connection and exchanges data over TLS, without asking DNS first.
func (m Moment) Hello(addr string, port uint16, h Hello) *Talk {
	h.Seed = fmt.Sprintf("%s %s %d", m.r.Name, addr, m.r.port)
	return m.Connect(addr, port).Handshake(h, 400)
}

// TLS resolves name to addr and exchanges data with port 443 over TLS 1.3.
// The connection stays open.
func (m Moment) TLS(name, addr string) *Talk {
	return m.Resolve(name, addr).Hello(addr, 443, Hello{SNI: name})
}

// HTTP resolves name to addr, sends request to port 80 and gets a response; the connection closes.
func (m Moment) HTTP(name, addr string, request, response []byte) *Talk {
	return m.Resolve(name, addr).Connect(addr, 80).Send(request).Reply(response).Close()
}

// QUIC resolves name to addr and exchanges data over QUIC version 1.
func (m Moment) QUIC(name, addr string) *Exchange { return m.Resolve(name, addr).QUICTo(name, addr) }

// Ping sends an echo request and gets its answer.
func (m Moment) Ping(addr string, answered bool) Moment {
	m.r.ident++
	m.r.echo(m.at, m.host, netip.MustParseAddr(addr), m.r.ident, 1, true, answered)
	return m.After(30 * time.Millisecond)
}

// JoinIPv6 is the device that joins the LAN by IPv6: MLD report, router
// solicitation and advertisement, neighbour solicitation and advertisement.
func (m Moment) JoinIPv6() { m.r.joinIPv6(m.at) }
