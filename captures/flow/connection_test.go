package flow

import (
	"net/netip"
	"testing"
	"time"

	"github.com/spanrig/spanrig/captures"
)

// TestReopen tells which SYN opens another connection on the same ports.
func TestReopen(t *testing.T) {
	const other = 900_000_000
	for name, c := range map[string]struct {
		before func(s *script)
		syn    uint32
		flows  int
	}{
		"retransmission":         {func(s *script) { s.tcp(alice, bob, "S", 100, 0, "") }, 100, 1},
		"established, same SYN":  {func(s *script) { s.open() }, 100, 1},
		"unanswered, new number": {func(s *script) { s.tcp(alice, bob, "S", 100, 0, "") }, other, 2},
		"established, rebooted":  {func(s *script) { s.open() }, other, 2},
		"after RST": {func(s *script) {
			s.tcp(alice, bob, "S", 100, 0, "")
			s.tcp(bob, alice, "RA", 0, 101, "")
		}, other, 2},
		"retransmission after RST": {func(s *script) {
			s.tcp(alice, bob, "S", 100, 0, "")
			s.tcp(bob, alice, "RA", 0, 101, "")
		}, 100, 1},
		"half closed": {func(s *script) {
			s.open()
			s.tcp(bob, alice, "FA", 501, 101, "")
		}, other, 2},
		"closed": {func(s *script) {
			s.open()
			s.tcp(bob, alice, "FA", 501, 101, "")
			s.tcp(alice, bob, "FA", 101, 502, "")
		}, other, 2},
		"midstream, of either end": {func(s *script) { s.tcp(bob, alice, "A", 7000, 8000, "late") }, other, 2},
		"midstream, its own":       {func(s *script) { s.tcp(alice, bob, "A", 8000, 7000, "late") }, other, 2},
		"swapped with SYN-ACK":     {func(s *script) { s.tcp(bob, alice, "SA", 500, other+1, "") }, other, 1},
		"swapped with data":        {func(s *script) { s.tcp(alice, bob, "A", other+1, 501, "early") }, other, 1},
	} {
		s := &script{}
		c.before(s)
		s.tcp(alice, bob, "S", c.syn, 0, "")
		flows := s.run(t, Config{})
		if len(flows) != c.flows {
			t.Errorf("%s: %d flows, want %d", name, len(flows), c.flows)
		}
		if last := flows[len(flows)-1]; last.Orig.Addr != alice.Addr() || last.Last.Number() != uint64(len(s.packets)) {
			t.Errorf("%s: the last flow is from %s until frame %d", name, last.Orig.Addr, last.Last.Number())
		}
	}
}

// TestSYNCookies: another SYN-ACK number proves nothing while the flow lives.
func TestSYNCookies(t *testing.T) {
	s := &script{}
	s.tcp(alice, bob, "S", 100, 0, "")
	s.tcp(bob, alice, "SA", 500, 101, "")
	s.tcp(bob, alice, "SA", 7_000_000, 101, "")
	s.one(t, Config{})
	s.tcp(alice, bob, "R", 101, 0, "")
	s.tcp(bob, alice, "SA", 8_000_000, 101, "")
	if n := len(s.run(t, Config{})); n != 2 {
		t.Errorf("%d flows, want 2: the SYN between them was not captured", n)
	}
}

func TestOriginator(t *testing.T) {
	port := func(a netip.AddrPort, p uint16) netip.AddrPort { return netip.AddrPortFrom(a.Addr(), p) }
	high := port(bob, 44444)
	group := netip.MustParseAddrPort("239.255.255.250:50123")
	type play func(s *script)
	for name, c := range map[string]struct {
		play play
		want netip.AddrPort
	}{
		"SYN":                     {func(s *script) { s.tcp(bob, alice, "S", 1, 0, "") }, bob},
		"SYN-ACK":                 {func(s *script) { s.tcp(high, alice, "SA", 1, 2, "") }, alice},
		"midstream, server port":  {func(s *script) { s.tcp(bob, alice, "A", 1, 2, "\x00\x00\x00") }, alice},
		"midstream, first sender": {func(s *script) { s.tcp(high, alice, "A", 1, 2, "\x00\x00\x00") }, high},
		"midstream, ClientHello":  {func(s *script) { s.tcp(bob, alice, "A", 1, 2, "\x16\x03\x01\x00\x90\x01\x00") }, bob},
		"midstream, ServerHello":  {func(s *script) { s.tcp(high, alice, "A", 1, 2, "\x16\x03\x03\x00\x90\x02\x00") }, alice},
		"midstream, request": {func(s *script) {
			s.tcp(alice, high, "A", 1, 2, "")
			s.tcp(high, alice, "A", 2, 1, "GET / HTTP/1.1\r\n")
		}, high},
		"midstream, response":          {func(s *script) { s.tcp(high, alice, "A", 1, 2, "HTTP/1.1 200 OK\r\n") }, alice},
		"midstream, then the SYN":      {func(s *script) { s.tcp(alice, high, "A", 1, 41, ""); s.tcp(high, alice, "S", 40, 0, "") }, high},
		"UDP":                          {func(s *script) { s.udp(high, alice, "x") }, high},
		"UDP from a server":            {func(s *script) { s.udp(port(bob, 53), alice, "x"); s.udp(alice, port(bob, 53), "x") }, alice},
		"UDP between servers":          {func(s *script) { s.udp(port(bob, 123), port(alice, 123), "x") }, port(bob, 123)},
		"UDP to a group":               {func(s *script) { s.udp(port(alice, 1900), group, "x") }, port(alice, 1900)},
		"echo request":                 {func(s *script) { s.icmp(bob, alice, 8, 0, 1, 1) }, port(bob, 0)},
		"echo reply":                   {func(s *script) { s.icmp(bob, alice, 0, 0, 1, 1); s.icmp(alice, bob, 8, 0, 1, 2) }, port(alice, 0)},
		"unreachable, of the reporter": {func(s *script) { s.icmp(bob, alice, 3, 1, 0, 0) }, port(bob, 0)},
	} {
		s := &script{}
		c.play(s)
		f := s.one(t, Config{})
		if got := netip.AddrPortFrom(f.Orig.Addr, f.Orig.Port); got != c.want {
			t.Errorf("%s: originator %s, want %s", name, got, c.want)
		}
		if f.Packets[0]+f.Packets[1] != uint64(len(s.packets)) {
			t.Errorf("%s: packets %v", name, f.Packets)
		}
	}
}

// TestMidstreamFlip finds the originator late and expects all that was counted
// until then to change sides.
func TestMidstreamFlip(t *testing.T) {
	server := netip.AddrPortFrom(bob.Addr(), 44444)
	s := &script{}
	p := s.tcp(server, alice, "A", 5000, 900, "")
	p.SrcMAC, p.DstMAC = captures.MAC{2}, captures.MAC{1}
	s.tcp(server, alice, "A", 4999, 900, "k")
	p = s.tcp(alice, server, "A", 900, 5000, "GET / HTTP/1.1\r\n\r\n")
	p.SrcMAC, p.DstMAC = captures.MAC{1}, captures.MAC{2}
	f := s.one(t, Config{Cuts: []int64{0}})
	if f.Packets != [2]uint64{1, 2} || f.Payload != [2]uint64{18, 1} || f.MAC != [2]captures.MAC{{1}, {2}} {
		t.Errorf("packets %v, payload %v, MACs %v", f.Packets, f.Payload, f.MAC)
	}
	if sides := f.Tallies[0].Sides; sides[0].Packets != 1 || sides[1].Packets != 2 {
		t.Errorf("tallies %+v", f.Tallies)
	}
	if f.App.HTTP == nil || len(f.App.HTTP.Requests) != 1 {
		t.Errorf("request not read: %+v", f.App)
	}
}

func TestIdleSplit(t *testing.T) {
	s := &script{}
	s.open()
	s.tcp(alice, bob, "A", 101, 501, "hello")
	s.tcp(bob, alice, "A", 501, 106, "")
	s.wait(5 * time.Minute) // with the step: beyond the limit
	s.tcp(alice, bob, "A", 105, 501, "o")
	s.tcp(bob, alice, "A", 501, 106, "")
	s.wait(-time.Hour) // the next of two captures in one file
	s.tcp(alice, bob, "A", 106, 501, "world")
	flows := s.run(t, Config{Cuts: []int64{0}})
	if len(flows) != 3 {
		t.Fatalf("%d flows, want 3", len(flows))
	}
	if flows[0].Continues != 0 || flows[1].Continues != flows[0].ID || flows[2].Continues != 0 {
		t.Errorf("continues %v, %v, %v", flows[0].Continues, flows[1].Continues, flows[2].Continues)
	}
	if side := flows[1].Tallies[0].Sides[0]; side.Keepalives != 1 || side.Payloads != 0 {
		t.Errorf("the keepalive after the silence: %+v", side)
	}
	if f := flows[1]; f.State != OTH || f.ID.Number() != 6 || f.Last.Number() != 7 || f.Gaps != 0 {
		t.Errorf("second flow %+v", f)
	}
}

// TestNoContinuation: what ended, or begins with a SYN, goes on with nothing.
func TestNoContinuation(t *testing.T) {
	for name, play := range map[string]func(s *script){
		"SYN": func(s *script) { s.open(); s.wait(time.Hour); s.tcp(alice, bob, "S", 101, 0, "") },
		"RST": func(s *script) {
			s.open()
			s.tcp(bob, alice, "R", 501, 0, "")
			s.wait(time.Hour)
			s.tcp(alice, bob, "A", 101, 501, "")
		},
		"UDP": func(s *script) { s.udp(alice, bob, "x"); s.wait(time.Hour); s.udp(alice, bob, "x") },
	} {
		s := &script{}
		play(s)
		flows := s.run(t, Config{})
		if len(flows) != 2 || flows[1].Continues != 0 {
			t.Errorf("%s: %d flows, the last continues %d", name, len(flows), flows[len(flows)-1].Continues)
		}
	}
}

func TestRTT(t *testing.T) {
	s := &script{}
	s.open()
	if f := s.one(t, Config{}); f.RTT != time.Millisecond {
		t.Errorf("RTT %v, want 1ms", f.RTT)
	}
	s.tcp(bob, alice, "SA", 500, 101, "")
	if f := s.one(t, Config{}); f.RTT != 0 {
		t.Errorf("RTT %v though the SYN-ACK came twice", f.RTT)
	}
	s = &script{}
	s.tcp(alice, bob, "S", 100, 0, "")
	s.open()
	if f := s.one(t, Config{}); f.RTT != 0 {
		t.Errorf("RTT %v though the SYN came twice", f.RTT)
	}
	s = &script{}
	s.tcp(bob, alice, "A", 499, 101, "") // before the SYN in the capture
	s.open()
	if f := s.one(t, Config{}); f.RTT != time.Millisecond {
		t.Errorf("RTT %v from a segment before the SYN", f.RTT)
	}
	s = &script{}
	s.udp(alice, bob, "x")
	s.udp(bob, alice, "x")
	if f := s.one(t, Config{}); f.RTT != 0 {
		t.Errorf("RTT %v of a UDP flow that is not QUIC", f.RTT)
	}
}

// TestLoss holds the estimate against what Zeek's capture-loss would count.
func TestLoss(t *testing.T) {
	for name, c := range map[string]struct {
		play       func(s *script)
		acks, gaps uint64
	}{
		"whole": {func(s *script) {
			s.open()
			s.tcp(alice, bob, "A", 101, 501, "abcd")
			s.tcp(bob, alice, "A", 501, 105, "")
			s.tcp(bob, alice, "A", 501, 105, "")
			s.tcp(alice, bob, "FA", 105, 501, "")
			s.tcp(bob, alice, "FA", 501, 106, "")
			s.tcp(alice, bob, "A", 106, 502, "")
		}, 3, 0},
		"lost segment": {func(s *script) {
			s.open()
			s.tcp(alice, bob, "A", 105, 501, "efgh")
			s.tcp(bob, alice, "A", 501, 109, "")
			s.tcp(alice, bob, "A", 109, 501, "ijkl")
			s.tcp(bob, alice, "A", 501, 113, "")
		}, 2, 1},
		"out of order": {func(s *script) {
			s.open()
			s.tcp(alice, bob, "A", 105, 501, "efgh")
			s.tcp(alice, bob, "A", 113, 501, "mnop")
			s.tcp(alice, bob, "A", 109, 501, "ijkl")
			s.tcp(alice, bob, "A", 101, 501, "abcd")
			s.tcp(bob, alice, "A", 501, 117, "")
		}, 1, 0},
		"lost FIN": {func(s *script) { s.open(); s.tcp(alice, bob, "A", 101, 502, "") }, 1, 1},
		"keepalive": {func(s *script) {
			s.open()
			s.tcp(alice, bob, "A", 100, 501, "")
			s.tcp(bob, alice, "A", 501, 101, "")
		}, 0, 0},
		"one direction": {func(s *script) {
			s.tcp(alice, bob, "S", 100, 0, "")
			s.tcp(alice, bob, "A", 101, 501, "")
			s.tcp(alice, bob, "A", 101, 901, "")
		}, 0, 0},
		"midstream": {func(s *script) {
			s.tcp(bob, alice, "A", 501, 101, "")
			s.tcp(alice, bob, "A", 101, 501, "abcd")
			s.tcp(bob, alice, "A", 501, 105, "")
		}, 1, 0},
		"midstream, begins before an acknowledgement of earlier bytes": {func(s *script) {
			s.tcp(alice, bob, "A", 1, 501, "a")
			s.tcp(bob, alice, "A", 501, 101, "")
			s.tcp(alice, bob, "A", 101, 501, "abcd")
			s.tcp(bob, alice, "A", 501, 105, "")
		}, 1, 0},
		"wrap": {func(s *script) {
			s.tcp(alice, bob, "S", 1<<32-3, 0, "")
			s.tcp(bob, alice, "SA", 1<<32-1, 1<<32-2, "")
			s.tcp(alice, bob, "A", 1<<32-2, 0, "abcd")
			s.tcp(bob, alice, "A", 0, 2, "")
			s.tcp(bob, alice, "A", 0, 2, "xyz")
			s.tcp(alice, bob, "A", 2, 3, "")
		}, 2, 0},
		"RST with a number of its own":   {func(s *script) { s.open(); s.tcp(bob, alice, "RA", 9999, 7777, "") }, 0, 0},
		"acknowledges beyond any window": {func(s *script) { s.open(); s.tcp(alice, bob, "A", 101, 501+1<<31-5, "") }, 0, 0},
	} {
		s := &script{}
		c.play(s)
		f := s.one(t, Config{})
		if f.ACKs != c.acks || f.Gaps != c.gaps {
			t.Errorf("%s: %d gaps in %d, want %d in %d", name, f.Gaps, f.ACKs, c.gaps, c.acks)
		}
	}
}

// TestEchoes tells pings of two programs apart, and requests from errors.
func TestEchoes(t *testing.T) {
	s := &script{}
	s.icmp(alice, bob, 8, 0, 7, 1)
	s.icmp(alice, bob, 8, 0, 8, 1)
	s.icmp(bob, alice, 0, 0, 7, 1)
	s.icmp(bob, alice, 3, 1, 0, 0)
	s.icmp(bob, alice, 3, 3, 0, 0)
	s.icmp(bob, alice, 8, 0, 7, 1) // asks by itself
	s.icmp(alice, alice, 8, 0, 9, 1)
	s.icmp(alice, alice, 0, 0, 9, 1)
	flows := s.run(t, Config{Echoes: true})
	byID := map[captures.FrameID]*Flow{}
	for _, f := range flows {
		byID[f.ID] = f
	}
	if len(flows) != 6 {
		t.Fatalf("%d flows, want 6", len(flows))
	}
	if f := byID[1]; f.EchoID != 7 || f.Packets != [2]uint64{1, 1} || len(f.Echoes) != 2 || f.Echoes[0].Reply || !f.Echoes[1].Reply || f.Echoes[1].Dir != captures.Resp || f.Echoes[1].Frame != 3 || f.Echoes[1].Seq != 1 {
		t.Errorf("answered ping: %+v", f)
	}
	if f := byID[7]; f.Packets != [2]uint64{1, 1} {
		t.Errorf("a host that pings itself: %+v", f)
	}
	if f := byID[4]; f.ICMPType != 3 || f.ICMPCode != 1 || f.Orig.Port != 0 || f.Resp.Port != 0 || len(f.Echoes) != 0 {
		t.Errorf("error: %+v", f)
	}
}

// TestOrderOfLastFrame: flows come in the order of their last frame, also
// those that were replaced and those that a late fragment touched.
func TestOrderOfLastFrame(t *testing.T) {
	s := &script{step: time.Second}
	at := func(n uint16) netip.AddrPort { return netip.AddrPortFrom(alice.Addr(), 40000+n) }
	for i := range uint16(400) {
		s.udp(at(i%7*i), bob, "x")
		s.tcp(at(1), bob, "S", uint32(i), 0, "")
		if i%50 == 49 {
			late := s.udp(at(1000+i), bob, "head")
			late.Frame -= 20
			late.First, late.Partial = late.Frame, true
			late.Time -= int64(20 * time.Second)
			late.Begin = late.Time
		}
	}
	flows := s.run(t, Config{Idle: time.Minute})
	for i := 1; i < len(flows); i++ {
		if flows[i-1].Last > flows[i].Last {
			t.Fatalf("flow of last frame %d before %d", flows[i-1].Last, flows[i].Last)
		}
	}
}

// TestHeldFlows: memory depends on the flows within the idle time.
func TestHeldFlows(t *testing.T) {
	a := newAssembler(Config{Idle: time.Second}, Observer{})
	s := &script{}
	for i := range 100_000 {
		s.packets = s.packets[:0]
		p := s.udp(netip.AddrPortFrom(alice.Addr(), uint16(i)), bob, "")
		p.Frame, p.First = captures.FrameID(i+1), captures.FrameID(i+1)
		a.packet(p)
	}
	if a.table.held > 1001 || len(a.table.chunks) > 2 || len(a.table.slots) > 2048 {
		t.Errorf("%d flows in %d chunks and %d slots", a.table.held, len(a.table.chunks), len(a.table.slots))
	}
}

// TestFlowLimit: beyond the limit the oldest flow is handed over early, and
// what comes later of it goes on with it.
func TestFlowLimit(t *testing.T) {
	var flows []*Flow
	a := newAssembler(Config{}, Observer{Flow: func(f *Flow) { flows = append(flows, f) }})
	a.limit = 10
	s := &script{}
	s.open()
	for i := range uint16(100) {
		s.udp(netip.AddrPortFrom(alice.Addr(), 1000+i), bob, "x")
	}
	s.tcp(alice, bob, "A", 101, 501, "x")
	for i := range s.packets {
		a.packet(&s.packets[i])
		if a.table.held > 11 {
			t.Fatalf("%d flows are held", a.table.held)
		}
	}
	a.end()
	if last := flows[len(flows)-1]; len(flows) != 102 || flows[0].ID != 1 || last.Continues != 1 {
		t.Errorf("%d flows, the last continues %d", len(flows), last.Continues)
	}
}

func TestDuplicates(t *testing.T) {
	s := &script{}
	s.open()
	s.tcp(alice, bob, "A", 101, 501, "GET / HTTP/1.1\r\nHost: a.example\r\n\r\n")
	for i := range 4 {
		p := s.packets[i]
		p.Frame, p.First, p.Duplicates = captures.FrameID(10+i), captures.FrameID(10+i), 1
		s.packets = append(s.packets, p)
	}
	f := s.one(t, Config{Cuts: []int64{0}})
	if f.Packets != [2]uint64{6, 2} || f.Duplicates != 4 || f.Payload != [2]uint64{35, 0} || f.RTT != time.Millisecond {
		t.Errorf("%+v", f)
	}
	if side := f.Tallies[0].Sides[0]; side.Packets != 3 || side.Openings != 1 || side.Payloads != 1 {
		t.Errorf("%+v", side)
	}
	if len(f.App.HTTP.Requests) != 1 {
		t.Errorf("requests %+v", f.App.HTTP.Requests)
	}
}
