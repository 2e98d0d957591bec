package flow

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/spanrig/spanrig/captures"
	"github.com/spanrig/spanrig/captures/dissect"
)

const request = "POST /upload HTTP/1.1\r\nHost: a.example\r\nContent-Length: 20\r\n\r\n"

// say sends text in segments of size bytes from alice, the first of which has
// sequence number 101.
func (s *script) say(text string, size int) {
	for at := 0; at < len(text); at += size {
		s.tcp(alice, bob, "A", 101+uint32(at), 501, text[at:min(at+size, len(text))])
	}
}

func TestStreamsKept(t *testing.T) {
	const body = "01234567890123456789"
	s := &script{}
	s.open()
	s.say(request+body, 25)
	f := s.one(t, Config{StreamLimit: 1000})
	kept := f.Streams[captures.Orig]
	if kept == nil || string(kept.Data) != request+body || kept.Gap || kept.Cut {
		t.Fatalf("kept %+v", kept)
	}
	var want []StreamMark
	for i := 0; i*25 < len(kept.Data); i++ {
		want = append(want, StreamMark{i * 25, captures.FrameID(4 + i)})
	}
	if !slices.Equal(kept.Marks, want) {
		t.Errorf("marks %v, want %v", kept.Marks, want)
	}
	if f.Streams[captures.Resp] != nil {
		t.Errorf("a stream where nothing was sent: %+v", f.Streams[captures.Resp])
	}

	f = s.one(t, Config{StreamLimit: 70})
	if kept := f.Streams[captures.Orig]; len(kept.Data) != 70 || !kept.Cut {
		t.Errorf("kept %d bytes of 70, cut %v", len(kept.Data), kept.Cut)
	}
	if f = s.one(t, Config{}); f.Streams[captures.Orig] != nil {
		t.Error("kept without a limit")
	}
}

// TestStreamGap: what was acknowledged and never captured is a gap, in what is
// kept and in the head.
func TestStreamGap(t *testing.T) {
	s := &script{}
	s.open()
	s.tcp(alice, bob, "A", 101, 501, request[:30])
	s.tcp(alice, bob, "A", 141, 501, request[40:])
	s.tcp(bob, alice, "A", 501, 101+uint32(len(request)), "")
	f := s.one(t, Config{StreamLimit: 1000})
	kept := f.Streams[captures.Orig]
	if kept == nil || string(kept.Data) != request[:30]+request[40:] || !kept.Gap || !f.HeadGap || f.Gaps != 1 {
		t.Errorf("%+v, head gap %v, gaps %d", kept, f.HeadGap, f.Gaps)
	}
}

// TestTailGap: the end of the head is missing, and nothing follows it.
func TestTailGap(t *testing.T) {
	s := &script{}
	s.open()
	s.tcp(alice, bob, "A", 101, 501, request[:30])
	s.tcp(bob, alice, "A", 501, 160, "")
	if f := s.one(t, Config{}); !f.HeadGap {
		t.Error("no gap, though more was acknowledged than captured")
	}
}

// TestSecretsNotKept: of what is encrypted nothing is kept, of what is unknown
// no more than recognition read.
func TestSecretsNotKept(t *testing.T) {
	for name, head := range map[string]string{"ssh": "SSH-2.0-OpenSSH_9.7\r\n", "unknown": "\x8f\xa1\x00\x7f"} {
		s := &script{}
		s.open()
		s.say(head, 10)
		for range 100 {
			s.tcp(alice, bob, "A", 101+uint32(len(head)), 501, strings.Repeat("\x8f", 1000))
			head += strings.Repeat("\x8f", 1000)
		}
		f := s.one(t, Config{StreamLimit: 1 << 20})
		if name == "unknown" {
			if k := f.Streams[captures.Orig]; k == nil || !k.Cut || !strings.HasPrefix(string(k.Data), "\x8f\xa1\x00\x7f") || len(k.Data) > maxUnknown {
				t.Errorf("unknown: kept %v", k)
			}
		} else if f.Streams != [2]*Stream{} {
			t.Errorf("%s: kept %v", name, f.Streams)
		}
	}
}

// TestHeadCut: of each frame only a part was captured.
func TestHeadCut(t *testing.T) {
	s := &script{}
	s.open()
	for at := uint32(0); at < 3000; at += 1000 {
		s.tcp(alice, bob, "A", 101+at, 501, "GET / HT").PayloadLen = 1000
	}
	f := s.one(t, Config{StreamLimit: 1000})
	if !f.HeadCut || f.Payload[captures.Orig] != 3000 {
		t.Errorf("cut %v, payload %v", f.HeadCut, f.Payload)
	}
	s = &script{}
	s.udp(alice, bob, "x").PayloadLen = 100
	if f := s.one(t, Config{}); !f.HeadCut || f.HeadGap {
		t.Errorf("UDP: cut %v, gap %v", f.HeadCut, f.HeadGap)
	}
}

// TestHeldBounded: what all flows together hold back is bounded.
func TestHeldBounded(t *testing.T) {
	a := newAssembler(Config{}, Observer{})
	s := &script{}
	most := 0
	for port := range uint16(2000) {
		s.packets = s.packets[:0]
		from := netip.AddrPortFrom(alice.Addr(), port+1000)
		s.tcp(from, bob, "S", 0, 0, "")
		for i := range 30 {
			s.tcp(from, bob, "A", uint32(i*2000+2), 1, strings.Repeat("x", 1400))
		}
		for i := range s.packets {
			s.packets[i].Frame += captures.FrameID(port) * 100
			s.packets[i].First = s.packets[i].Frame
			a.packet(&s.packets[i])
		}
		most = max(most, a.held)
	}
	if most > maxHeldAll || most < maxHeldAll/2 {
		t.Errorf("%d bytes were held back", most)
	}
	a.end()
	if a.held != 0 {
		t.Errorf("%d bytes left", a.held)
	}
}

// TestSegmentationDoesNotMatter reads the same requests in segments of every size.
func TestSegmentationDoesNotMatter(t *testing.T) {
	text := ""
	for i := range 5 {
		text += fmt.Sprintf("GET /%d HTTP/1.1\r\nHost: h%d.example\r\nUser-Agent: test\r\n\r\n", i, i)
	}
	for size := 1; size < len(text); size += 7 {
		s := &script{}
		s.open()
		s.say(text, size)
		f := s.one(t, Config{})
		if f.App.Protocol != dissect.HTTPProtocol || len(f.App.HTTP.Requests) != 5 || f.HeadGap {
			t.Errorf("segments of %d: %+v", size, f.App.HTTP)
		}
	}
}

// TestFastOpen: a SYN may carry payload (RFC 7413).
func TestFastOpen(t *testing.T) {
	s := &script{}
	s.tcp(alice, bob, "S", 100, 0, request)
	s.tcp(bob, alice, "SA", 500, 101+uint32(len(request)), "")
	f := s.one(t, Config{Cuts: []int64{0}})
	if f.App.HTTP == nil || f.ACKs != 0 && f.Gaps != 0 {
		t.Errorf("%+v", f.App)
	}
	if side := f.Tallies[0].Sides[0]; side.Openings != 1 || side.Payloads != 1 || len(side.Frames) != 1 {
		t.Errorf("%+v", side)
	}
}

// TestClosedFlowsAreSmall: a flow that both ends closed keeps facts only.
func TestClosedFlowsAreSmall(t *testing.T) {
	s := &script{}
	s.open()
	s.say(request, 1000)
	end := 101 + uint32(len(request))
	s.tcp(alice, bob, "FA", end, 501, "")
	s.tcp(bob, alice, "FA", 501, end+1, "")
	a := newAssembler(Config{}, Observer{})
	for i := range s.packets {
		a.packet(&s.packets[i])
	}
	e := a.table.at(a.table.oldest)
	if e.cold.conv != nil || e.cold.facts.HTTP == nil {
		t.Errorf("kept %+v", e.cold)
	}
	s.tcp(alice, bob, "A", 101, 501, request) // again, late
	if f := s.one(t, Config{}); len(f.App.HTTP.Requests) != 1 || f.Payload[0] != 2*uint64(len(request)) {
		t.Errorf("%+v, payload %v", f.App.HTTP, f.Payload)
	}
}

// TestStreamBudget: all streams together keep no more than the budget, and
// what is beyond it is cut and says so.
func TestStreamBudget(t *testing.T) {
	s := &script{}
	s.open()
	s.say(request+"01234567890123456789", 25)
	f := s.one(t, Config{StreamLimit: 1000, StreamBudget: 60})
	if k := f.Streams[captures.Orig]; k == nil || len(k.Data) != 60 || !k.Cut {
		t.Errorf("kept %+v", k)
	}
}
