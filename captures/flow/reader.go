package flow

import (
	"bytes"
	"slices"

	"github.com/spanrig/spanrig/captures/dissect"
)

// Bounds of what a direction holds back while bytes before it are missing.
const (
	maxSegments = 64
	maxHeld     = 64 << 10 // bytes
)

// sink takes a stream in order: bytes, or that n bytes never came.
type sink interface {
	bytes(b []byte, at dissect.Mark)
	gap(n uint64)
}

// reader puts the segments of one direction in order. Of bytes that came more
// than once, the first copy counts.
type reader struct {
	next    uint32 // sequence number of the next byte for the sink
	started bool
	held    int       // bytes in pending
	pending []segment // ascending, apart, all beyond next
}

type segment struct {
	seq     uint32
	payload []byte
	at      dissect.Mark
}

func (s *segment) end() uint32 { return s.seq + uint32(len(s.payload)) }

// begin sets where the stream begins, if nothing was read yet.
func (r *reader) begin(seq uint32) {
	if !r.started {
		r.next, r.started = seq, true
	}
}

// add takes a segment and hands over what is now in order. room is how many
// bytes may be held back.
func (r *reader) add(s segment, room int, out sink) {
	r.begin(s.seq)
	if len(r.pending) == 0 && s.seq == r.next { // nearly always
		r.next = s.end()
		out.bytes(s.payload, s.at)
		return
	}
	if old := after(r.next, s.seq); old > 0 {
		if int(old) >= len(s.payload) {
			return
		}
		s.seq, s.payload = r.next, s.payload[old:]
	}
	if len(r.pending) == 0 && s.seq == r.next {
		r.next = s.end()
		out.bytes(s.payload, s.at)
		return
	}
	r.hold(s)
	r.drain(out)
	for r.held > room || len(r.pending) > maxSegments {
		r.skip(r.pending[0].seq, out)
	}
}

// cut says that of a segment that ends at end only the first bytes, which were
// added, were captured.
func (r *reader) cut(end uint32, out sink) {
	if n := after(end, r.next); n > 0 && len(r.pending) == 0 {
		r.skip(end, out)
	}
}

// hold keeps a copy of what pending does not have of s.
func (r *reader) hold(s segment) {
	for i := 0; len(s.payload) > 0; i++ {
		n := len(s.payload)
		if i < len(r.pending) {
			n = min(n, max(0, int(after(r.pending[i].seq, s.seq))))
		}
		if n > 0 {
			r.pending = slices.Insert(r.pending, i, segment{s.seq, bytes.Clone(s.payload[:n]), s.at})
			r.held += n
			s.seq, s.payload = s.seq+uint32(n), s.payload[n:]
			continue
		}
		if known := after(r.pending[i].end(), s.seq); known > 0 {
			known = min(known, int32(len(s.payload)))
			s.seq, s.payload = s.seq+uint32(known), s.payload[known:]
		}
	}
}

// drain hands over what follows next without a hole.
func (r *reader) drain(out sink) {
	n := 0
	for ; n < len(r.pending) && r.pending[n].seq == r.next; n++ {
		s := &r.pending[n]
		r.next = s.end()
		r.held -= len(s.payload)
		out.bytes(s.payload, s.at)
	}
	if n == len(r.pending) {
		r.pending = nil
	} else {
		r.pending = slices.Delete(r.pending, 0, n)
	}
}

// acknowledged gives up the bytes before ack that are missing, if the stream
// went on beyond them: the peer has them, the capture has not.
func (r *reader) acknowledged(ack uint32, out sink) {
	for len(r.pending) > 0 && after(ack, r.next) > 0 {
		to := r.pending[0].seq
		if after(to, ack) > 0 {
			to = ack
		}
		r.skip(to, out)
	}
}

// skip goes on at seq.
func (r *reader) skip(seq uint32, out sink) {
	n := after(seq, r.next)
	r.next = seq
	out.gap(uint64(n))
	r.drain(out)
}

// finish hands over all that is pending.
func (r *reader) finish(out sink) {
	for len(r.pending) > 0 {
		r.skip(r.pending[0].seq, out)
	}
}

// drop forgets what is pending.
func (r *reader) drop() { r.pending, r.held = nil, 0 }
