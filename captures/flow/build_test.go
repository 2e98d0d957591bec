package flow

import (
	"net/netip"
	"testing"
	"time"

	"github.com/spanrig/spanrig/captures"
	"github.com/spanrig/spanrig/captures/packet"
)

// script builds packets by hand, one after the other.
type script struct {
	packets []packet.Packet
	now     int64
	step    time.Duration // between packets; 0 means a millisecond
}

const epoch = int64(1_700_000_000_000_000_000)

var (
	alice = netip.MustParseAddrPort("192.0.2.10:50000")
	bob   = netip.MustParseAddrPort("203.0.113.7:443")
)

// add appends p as the next frame.
func (s *script) add(src, dst netip.AddrPort, p packet.Packet) *packet.Packet {
	if s.now == 0 {
		s.now = epoch
	}
	step := s.step
	if step == 0 {
		step = time.Millisecond
	}
	s.now += int64(step)
	p.Frame = captures.NewFrameID(0, uint64(len(s.packets)+1))
	p.First, p.Time, p.Begin = p.Frame, s.now, s.now
	p.Src, p.Dst = src.Addr().As16(), dst.Addr().As16()
	p.SrcPort, p.DstPort, p.V6 = src.Port(), dst.Port(), src.Addr().Is6()
	p.Frames = 1
	if p.PayloadLen == 0 {
		p.PayloadLen = uint32(len(p.Payload))
	}
	p.Length = 54 + uint64(p.PayloadLen)
	s.packets = append(s.packets, p)
	return &s.packets[len(s.packets)-1]
}

// tcp adds a segment; flags as letters of SAFR.
func (s *script) tcp(src, dst netip.AddrPort, flags string, seq, ack uint32, payload string) *packet.Packet {
	p := packet.Packet{Proto: packet.TCP, Seq: seq, Ack: ack, Payload: []byte(payload)}
	for _, c := range flags {
		p.Flags |= map[rune]uint8{'S': packet.SYN, 'A': packet.ACK, 'F': packet.FIN, 'R': packet.RST}[c]
	}
	return s.add(src, dst, p)
}

func (s *script) udp(src, dst netip.AddrPort, payload string) *packet.Packet {
	return s.add(src, dst, packet.Packet{Proto: packet.UDP, Payload: []byte(payload)})
}

func (s *script) icmp(src, dst netip.AddrPort, kind, code uint8, id, seq uint16) *packet.Packet {
	proto := uint8(packet.ICMP)
	if src.Addr().Is6() {
		proto = packet.ICMPv6
	}
	return s.add(netip.AddrPortFrom(src.Addr(), 0), netip.AddrPortFrom(dst.Addr(), 0),
		packet.Packet{Proto: proto, ICMPType: kind, ICMPCode: code, EchoID: id, EchoSeq: seq})
}

func (s *script) wait(d time.Duration) { s.now += int64(d) }

// open does the handshake from alice with ISN 100 to bob with ISN 500.
func (s *script) open() {
	s.tcp(alice, bob, "S", 100, 0, "")
	s.tcp(bob, alice, "SA", 500, 101, "")
	s.tcp(alice, bob, "A", 101, 501, "")
}

// run assembles the packets.
func (s *script) run(t testing.TB, cfg Config) []*Flow {
	t.Helper()
	var flows []*Flow
	a := newAssembler(cfg, Observer{Flow: func(f *Flow) { flows = append(flows, f) }})
	for i := range s.packets {
		a.packet(&s.packets[i])
	}
	a.end()
	if a.held != 0 || a.table.held != 0 || a.table.used != 0 {
		t.Errorf("left over: %d bytes, %d flows, %d keys", a.held, a.table.held, a.table.used)
	}
	return flows
}

// one runs the script and expects a single flow.
func (s *script) one(t testing.TB, cfg Config) *Flow {
	t.Helper()
	flows := s.run(t, cfg)
	if len(flows) != 1 {
		t.Fatalf("%d flows, want 1", len(flows))
	}
	return flows[0]
}
