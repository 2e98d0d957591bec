package synth

import (
	"fmt"
	"net/netip"
	"time"
)

// Exchange is one QUIC connection. Like a Talk it keeps its own clock.
type Exchange struct {
	m            Moment
	src, dst     netip.AddrPort
	scid, server []byte // connection IDs that client and server chose
	seed         string
	packets      int
}

// QUICTo exchanges data over QUIC version 1 without asking DNS first: the
// handshake (RFC 9001 section 4) and one packet each way.
func (m Moment) QUICTo(name, addr string) *Exchange { return m.quic(addr, Hello{SNI: name}) }

// QUICSpread is QUICTo with a hello too large for one packet.
func (m Moment) QUICSpread(name, addr string) *Exchange {
	return m.quic(addr, Hello{SNI: name, Padding: 900})
}

// initialRoom is how many bytes of a hello go into the first packet.
const initialRoom = 1000

func (m Moment) quic(addr string, h Hello) *Exchange {
	to := netip.MustParseAddr(addr)
	x := &Exchange{src: m.source(to), dst: netip.AddrPortFrom(to, 443)}
	x.seed = fmt.Sprintf("quic %s %v %v", m.r.Name, x.src, x.dst)
	x.scid, x.server = noise(x.seed+"scid", 8), noise(x.seed+"server", 8)
	first := noise(x.seed+"first", 8)
	h.ALPN, h.Params, h.Seed = []string{"h3"}, QUICParams(x.scid), x.seed
	hello := ClientHello(h)
	ask := QUICInitial(first, x.scid, first, "client in", 0, cryptoFrame(0, hello[:min(len(hello), initialRoom)]), 1200)
	answer := QUICInitial(x.scid, x.server, first, "server in", 0, concat(ackFrame(), cryptoFrame(0, ServerHello(h))), 200)
	if len(hello) > initialRoom { // a large hello comes in two packets, here the second half first
		m = m.DatagramFrom(x.src, x.dst, QUICInitial(first, x.scid, first, "client in", 1, cryptoFrame(initialRoom, hello[initialRoom:]), 1200), nil)
	}
	x.m = m.DatagramFrom(x.src, x.dst, ask, concat(answer, quicHandshakePacket(x.scid, x.server, x.seed, 900)))
	x.m = x.m.DatagramFrom(x.src, x.dst, quicHandshakePacket(x.server, x.scid, x.seed+"fin", 60), x.packet(x.scid, 80))
	return x.Data()
}

// Until lets time pass until moment m.
func (x *Exchange) Until(m Moment) *Exchange {
	x.m.at = m.at
	return x
}

// Data sends one packet and gets one.
func (x *Exchange) Data() *Exchange {
	x.m = x.m.DatagramFrom(x.src, x.dst, x.packet(x.server, 300), x.packet(x.scid, 900))
	return x
}

// packet is a 1-RTT packet to the end that chose the connection ID.
func (x *Exchange) packet(id []byte, n int) []byte {
	x.packets++
	return quicShort(id, fmt.Sprint(x.seed, x.packets), n)
}

// Late is a packet of the server that finds nobody any more: the device's port
// is closed, and an ICMP error says so (RFC 792).
func (x *Exchange) Late() *Exchange {
	r, device, peer := x.m.r, x.src.Addr(), x.dst.Addr()
	datagram := UDP(x.dst, x.src, x.packet(x.scid, 60))
	r.packet(x.m.at, peer, device, protoUDP, datagram)
	quoted := IP(IPHeader{Src: peer, Dst: device, Proto: protoUDP, TTL: 51, ID: r.ipid}, datagram)
	x.m = x.m.After(2 * time.Millisecond)
	r.packet(x.m.at, device, peer, protoICMP, ICMP(device, peer, 3, 3, 0, quoted))
	return x
}
