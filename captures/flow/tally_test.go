package flow

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spanrig/spanrig/captures"
	"github.com/spanrig/spanrig/captures/packet"
)

// TestTallySegments puts packets around cuts; a cut belongs to the segment
// that it begins.
func TestTallySegments(t *testing.T) {
	s := &script{step: time.Second}
	s.open()
	for range 4 {
		s.tcp(alice, bob, "A", 101, 501, "x")
	}
	at := func(frame int) int64 { return s.packets[frame-1].Time }
	f := s.one(t, Config{Cuts: []int64{at(2), at(5) - 1, at(5) - 1, at(7)}})
	type seen struct {
		segment           int
		packets, payloads uint64
	}
	var got []seen
	for i := range f.Tallies {
		side := &f.Tallies[i].Sides[0]
		got = append(got, seen{f.Tallies[i].Segment, side.Packets, side.Payloads})
	}
	if want := []seen{{0, 1, 0}, {1, 2, 1}, {3, 2, 2}, {4, 1, 1}}; !slices.Equal(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// TestTallyClock sends frames out of order in time: tallies stay ascending.
func TestTallyClock(t *testing.T) {
	s := &script{}
	for _, d := range []time.Duration{0, time.Second, -2 * time.Second, 3 * time.Second} {
		s.wait(d)
		s.udp(alice, bob, "x")
	}
	f := s.one(t, Config{Cuts: []int64{epoch, epoch + int64(time.Second)}})
	var got []int
	for _, tally := range f.Tallies {
		got = append(got, tally.Segment)
	}
	if !slices.Equal(got, []int{0, 1, 2}) || f.Tallies[2].Sides[0].Packets != 2 {
		t.Errorf("segments %v, %+v", got, f.Tallies)
	}
}

func TestTallyTCP(t *testing.T) {
	s := &script{}
	s.tcp(alice, bob, "S", 100, 0, "")
	s.open()
	s.tcp(alice, bob, "A", 101, 501, "abc")  // 5
	s.tcp(alice, bob, "A", 101, 501, "abc")  // again
	s.tcp(bob, alice, "A", 501, 104, "")     //
	s.tcp(alice, bob, "A", 103, 501, "")     // keepalive
	s.tcp(alice, bob, "A", 103, 501, "c")    // and of the older kind
	s.tcp(bob, alice, "A", 501, 104, "")     //
	s.tcp(alice, bob, "A", 104, 501, "d")    // one byte, but a new one
	s.tcp(alice, bob, "FA", 105, 501, "")    //
	s.tcp(bob, alice, "RA", 501, 106, "bye") // payload in a RST
	f := s.one(t, Config{Cuts: []int64{0}})
	orig, resp := f.Tallies[0].Sides[0], f.Tallies[0].Sides[1]
	if orig.Openings != 2 || orig.Payloads != 3 || orig.PayloadBytes != 7 || orig.Keepalives != 2 || orig.Fins != 1 || orig.Resets != 0 || !orig.Closed {
		t.Errorf("orig %+v", orig)
	}
	if orig.FirstOpening.Frame != 1 || orig.FirstPayload.Frame != 5 || orig.LastPayload.Frame != 11 {
		t.Errorf("orig marks %+v", orig)
	}
	if want := []captures.FrameID{1, 2, 5, 6, 11}; !slices.Equal(orig.Frames, want) {
		t.Errorf("orig frames %v, want %v", orig.Frames, want)
	}
	if resp.Openings != 0 || resp.Payloads != 1 || resp.Resets != 1 || !resp.Closed {
		t.Errorf("resp %+v", resp)
	}
}

func TestTallyFramesBounded(t *testing.T) {
	s := &script{}
	for range 100 {
		s.udp(alice, bob, "x")
	}
	side := s.one(t, Config{Cuts: []int64{0}}).Tallies[0].Sides[0]
	if len(side.Frames) != MaxFrames || side.Payloads != 100 || side.Openings != 1 {
		t.Errorf("%+v", side)
	}
}

func TestTallyICMP(t *testing.T) {
	s := &script{}
	s.icmp(alice, bob, 8, 0, 1, 1).PayloadLen = 56
	s.icmp(alice, bob, 8, 0, 1, 2)
	s.icmp(bob, alice, 0, 0, 1, 1)
	s.icmp(bob, alice, 3, 3, 0, 0).PayloadLen = 28
	flows := s.run(t, Config{Cuts: []int64{0}})
	ping, failure := flows[0].Tallies[0].Sides, flows[1].Tallies[0].Sides
	if ping[0].Openings != 2 || ping[0].Payloads != 0 || ping[1].Openings != 0 || ping[1].Packets != 1 {
		t.Errorf("ping %+v", ping)
	}
	if failure[0].Openings != 0 || failure[0].Payloads != 0 || failure[0].Packets != 1 {
		t.Errorf("error %+v", failure)
	}
}

// TestClosing covers what may end an old connection, and what may not.
func TestClosing(t *testing.T) {
	alert := "\x15\x03\x03\x00\x02\x01\x00"
	longest := "\x15\x03\x03\x00\x1a" + string(make([]byte, 26))
	hidden := "\x17\x03\x03\x00\x13" + string(make([]byte, 19))
	for name, c := range map[string]struct {
		segments      []string // of alice: flags, a blank, payload
		alert, closed bool
	}{
		"alert and FIN":           {[]string{"A " + alert, "FA "}, true, true},
		"in one":                  {[]string{"FA " + alert}, true, true},
		"encrypted":               {[]string{"A " + longest, "RA "}, true, true},
		"TLS 1.3":                 {[]string{"A " + hidden, "FA "}, true, true},
		"no FIN":                  {[]string{"A " + alert}, true, false},
		"twice":                   {[]string{"A " + alert, "A " + alert, "FA "}, false, true},
		"too long":                {[]string{"A \x15\x03\x03\x00\x1b" + string(make([]byte, 27)), "FA "}, false, true},
		"data of that length":     {[]string{"A \x17\x03\x03\x00\x14" + string(make([]byte, 20)), "FA "}, false, true},
		"two records":             {[]string{"A " + alert + alert, "FA "}, false, true},
		"other bytes":             {[]string{"A hello", "FA "}, false, true},
		"data after the FIN":      {[]string{"FA ", "A hello"}, false, false},
		"FIN again behind it":     {[]string{"FA ", "A hello", "FA "}, false, true},
		"FIN alone":               {[]string{"FA "}, false, true},
		"data, then a lone alert": {[]string{"A hello", "A " + alert, "FA "}, false, true},
	} {
		s := &script{}
		s.open()
		for _, segment := range c.segments {
			flags, payload, _ := strings.Cut(segment, " ")
			s.tcp(alice, bob, flags, 101, 501, payload)
		}
		side := s.one(t, Config{Cuts: []int64{0}}).Tallies[0].Sides[0]
		if side.ClosingAlert != c.alert || side.Closed != c.closed {
			t.Errorf("%s: alert %v, closed %v, want %v, %v", name, side.ClosingAlert, side.Closed, c.alert, c.closed)
		}
	}
}

// TestClosedLater: a FIN in a later segment closes the earlier ones, and one
// in an earlier segment those where nothing else was sent.
func TestClosedLater(t *testing.T) {
	s := &script{step: time.Second}
	s.open()
	s.tcp(alice, bob, "A", 101, 501, "hello")
	s.tcp(alice, bob, "FA", 106, 501, "")
	s.tcp(alice, bob, "A", 107, 501, "")
	s.tcp(alice, bob, "A", 101, 501, "hello")
	at := func(frame int) int64 { return s.packets[frame-1].Time }
	f := s.one(t, Config{Cuts: []int64{at(4), at(5), at(6), at(7)}})
	want := []bool{true, true, true, true, false}
	for i, tally := range f.Tallies {
		if tally.Sides[0].Closed != want[i] {
			t.Errorf("segment %d: closed %v", tally.Segment, tally.Sides[0].Closed)
		}
	}
}

// TestTallyPartial: a datagram of which fragments are missing counts once.
func TestTallyPartial(t *testing.T) {
	s := &script{}
	p := s.add(alice, bob, packet.Packet{Proto: packet.UDP, Payload: []byte("head"), PayloadLen: 3000, Partial: true})
	p.Frames, p.Duplicates = 3, 1
	f := s.one(t, Config{Cuts: []int64{0}})
	if side := f.Tallies[0].Sides[0]; side.Packets != 2 || side.Openings != 1 || side.PayloadBytes != 3000 || !f.HeadGap || f.HeadCut {
		t.Errorf("%+v, gap %v, cut %v", side, f.HeadGap, f.HeadCut)
	}
}
