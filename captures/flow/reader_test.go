package flow

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/spanrig/spanrig/captures"
	"github.com/spanrig/spanrig/captures/dissect"
)

// recorded is a sink that remembers. A lost byte is a zero.
type recorded struct {
	got   []byte
	lost  uint64
	marks map[int]captures.FrameID
}

func (r *recorded) bytes(b []byte, at dissect.Mark) {
	if r.marks == nil {
		r.marks = map[int]captures.FrameID{}
	}
	r.marks[len(r.got)] = at.Frame
	r.got = append(r.got, b...)
}

func (r *recorded) gap(n uint64) {
	r.lost += n
	r.got = append(r.got, make([]byte, n)...)
}

// TestReaderShuffled cuts a stream at random into overlapping segments, sends
// some twice, shuffles them within what may be held back, and expects the
// stream, wherever in the sequence space it begins.
func TestReaderShuffled(t *testing.T) {
	for seed := range uint64(2000) {
		rng := rand.New(rand.NewPCG(seed, 1))
		stream := make([]byte, 1+rng.IntN(4000))
		for i := range stream {
			stream[i] = byte(1 + rng.IntN(255))
		}
		isn := rng.Uint32()
		if seed%2 == 0 {
			isn = -uint32(rng.IntN(len(stream) + 1)) // wraps within the stream
		}
		var segments []segment
		for at := 0; at < len(stream); {
			from := max(0, at-rng.IntN(50))
			to := min(len(stream), at+1+rng.IntN(300))
			segments = append(segments, segment{seq: isn + uint32(from), payload: stream[from:to]})
			if rng.IntN(5) == 0 {
				segments = append(segments, segments[rng.IntN(len(segments))])
			}
			at = to
		}
		for i := range segments {
			j := i + rng.IntN(min(20, len(segments)-i))
			segments[i], segments[j] = segments[j], segments[i]
		}
		r, out := reader{}, &recorded{}
		r.begin(isn)
		for _, s := range segments {
			r.add(s, maxHeld, out)
		}
		if !bytes.Equal(out.got, stream) || out.lost != 0 || len(r.pending) != 0 || r.held != 0 {
			t.Fatalf("seed %d: %d of %d bytes, %d lost, %d pending", seed, len(out.got), len(stream), out.lost, r.held)
		}
	}
}

// TestReaderFirstCopyWins sends other bytes for what is known already.
func TestReaderFirstCopyWins(t *testing.T) {
	r, out := reader{}, &recorded{}
	r.begin(10)
	for i, s := range []segment{
		{seq: 14, payload: []byte("EF")},       // beyond a hole
		{seq: 12, payload: []byte("CDxxGH")},   // around it
		{seq: 10, payload: []byte("AByyzz")},   // fills the hole, and repeats
		{seq: 8, payload: []byte("????????I")}, // old bytes, nothing new but nothing lost
		{seq: 18, payload: []byte("I")},
	} {
		s.at.Frame = captures.FrameID(i)
		r.add(s, maxHeld, out)
	}
	if string(out.got) != "ABCDEFGHI" || out.lost != 0 {
		t.Errorf("%q, %d lost", out.got, out.lost)
	}
	for at, frame := range map[int]captures.FrameID{0: 2, 2: 1, 4: 0, 6: 1} {
		if out.marks[at] != frame {
			t.Errorf("byte %d is of frame %d, want %d", at, out.marks[at], frame)
		}
	}
}

func TestReaderGivesUp(t *testing.T) {
	segments := func(r *reader, out *recorded, n, size int) {
		for i := range n {
			r.add(segment{seq: uint32(100 + i*2*size), payload: bytes.Repeat([]byte{'x'}, size)}, maxHeld, out)
		}
	}
	for name, size := range map[string]int{"segments": 1, "bytes": 1400} {
		r, out := reader{}, &recorded{}
		r.begin(99)
		segments(&r, out, 1000, size)
		if len(r.pending) > maxSegments || r.held > maxHeld {
			t.Errorf("%s: %d segments and %d bytes held", name, len(r.pending), r.held)
		}
		r.finish(out)
		if want := uint64(1 + 999*size); out.lost != want || len(out.got) != 1+1999*size || r.held != 0 {
			t.Errorf("%s: %d lost, want %d, of %d", name, out.lost, want, len(out.got))
		}
	}
}

func TestReaderAcknowledged(t *testing.T) {
	r, out := reader{}, &recorded{}
	r.begin(0)
	r.add(segment{seq: 10, payload: []byte("klm")}, maxHeld, out)
	r.acknowledged(0, out)
	if len(out.got) != 0 {
		t.Error("gave up what may still come")
	}
	r.acknowledged(4, out) // a part of the hole
	r.add(segment{seq: 4, payload: []byte("efgh")}, maxHeld, out)
	r.acknowledged(13, out)
	if string(out.got) != "\x00\x00\x00\x00efgh\x00\x00klm" || out.lost != 6 {
		t.Errorf("%q, %d lost", out.got, out.lost)
	}
	r.cut(20, out)
	if out.lost != 13 || r.next != 20 {
		t.Errorf("%d lost, next is %d", out.lost, r.next)
	}
}
