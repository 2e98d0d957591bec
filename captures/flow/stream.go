package flow

import (
	"github.com/spanrig/spanrig/captures"
	"github.com/spanrig/spanrig/captures/dissect"
	"github.com/spanrig/spanrig/captures/packet"
)

const (
	// maxHeldAll bounds what all readers together hold back, in bytes.
	maxHeldAll = 32 << 20
	// maxUnknown is how much of a direction is kept before its protocol is
	// recognised, in bytes. Recognition gives up there.
	maxUnknown = 64 << 10
)

// way is what one direction of a stream needs.
type way struct {
	reader
	kept *Stream
}

// delivery is the sink of a direction: it hands its bytes to the conversation
// and keeps those in the clear.
type delivery struct {
	cold   *cold
	dir    captures.Dir
	limit  int    // of Stream.Data, bytes
	budget *int64 // what all streams together may still keep, bytes
}

func (s *delivery) bytes(b []byte, at dissect.Mark) {
	if conv := s.cold.conv; conv.Wants(s.dir) {
		conv.Feed(s.dir, b, at)
	}
	if s.limit > 0 {
		s.keep(b, at)
	}
}

func (s *delivery) gap(n uint64) {
	if conv := s.cold.conv; conv.Wants(s.dir) {
		conv.Gap(s.dir, n)
		s.cold.headGap = true
	}
	if k := s.cold.ways[s.dir].kept; k != nil {
		k.Gap = true
	}
}

// keeps reports whether further bytes of the direction are to be kept.
func (s *delivery) keeps() bool {
	if s.limit == 0 || s.cold.secret {
		return false
	}
	k := s.cold.ways[s.dir].kept
	return k == nil || !k.Cut
}

// keep adds b to what is kept, until it shows that the flow is not in the clear.
func (s *delivery) keep(b []byte, at dissect.Mark) {
	if !s.keeps() {
		return
	}
	limit := s.limit
	switch facts := s.cold.conv.Facts(); {
	case facts.Protocol.Cleartext():
	case facts.Protocol == "" && (s.cold.conv.Wants(captures.Orig) || s.cold.conv.Wants(captures.Resp)):
		limit = min(limit, maxUnknown)
	case facts.Protocol == "":
		s.cold.stop()
		return
	default:
		s.cold.secret = true
		for _, w := range s.cold.ways {
			if w.kept != nil {
				*s.budget += int64(len(w.kept.Data))
			}
		}
		s.cold.ways[0].kept, s.cold.ways[1].kept = nil, nil
		return
	}
	k := s.cold.ways[s.dir].kept
	if k == nil {
		k = &Stream{}
		s.cold.ways[s.dir].kept = k
	}
	n := int(min(int64(len(b)), int64(limit-len(k.Data)), *s.budget))
	k.Cut = n < len(b)
	if n > 0 {
		*s.budget -= int64(n)
		k.Marks = append(k.Marks, StreamMark{len(k.Data), at.Frame})
		k.Data = append(k.Data, b[:n]...)
	}
}

// stop keeps what there is of a flow that nothing recognises, and no more.
func (c *cold) stop() {
	for d := range c.ways {
		if c.ways[d].kept == nil {
			c.ways[d].kept = &Stream{}
		}
		c.ways[d].kept.Cut = true
	}
}

// deliver returns the sink of a direction of e. There is one at a time.
func (a *assembler) deliver(e *entry, d captures.Dir) *delivery {
	a.current = e
	a.sink = delivery{e.cold, d, a.cfg.StreamLimit, &a.budget}
	return &a.sink
}

// converse returns the conversation of e, begun with its first payload.
func (a *assembler) converse(e *entry) *dissect.Conversation {
	c := e.depth()
	if c.conv == nil {
		c.conv = dissect.NewConversation(dissect.Transport{
			TCP:      e.key.proto() == packet.TCP,
			OrigPort: e.key.port(e.origin), RespPort: e.key.port(e.origin ^ 1),
			OnDNS: a.onDNS, OnBinding: a.onLease, Certificates: a.certificates,
		})
	}
	return c.conv
}

// segment reads the payload of a TCP segment; fresh tells that it brings bytes
// that were not seen before.
func (a *assembler) segment(e *entry, p *packet.Packet, d captures.Dir, fresh bool) {
	if e.guessed || e.cold != nil && e.cold.over {
		return
	}
	conv := a.converse(e)
	w, out := &e.cold.ways[d], a.deliver(e, d)
	wants := conv.Wants(d)
	if !wants && fresh {
		conv.Peek(d, p.Payload, markOf(p))
	}
	if !wants && !out.keeps() {
		a.held -= w.held
		w.drop()
		return
	}
	seq := p.Seq
	if p.Flags&packet.SYN != 0 {
		seq++
	}
	if own := &e.ends[d]; own.hasISN {
		w.begin(own.isn + 1)
	}
	a.held -= w.held
	w.add(segment{seq, p.Payload, markOf(p)}, min(maxHeld, maxHeldAll-a.held), out)
	if uint32(len(p.Payload)) < p.PayloadLen {
		e.cold.headCut = e.cold.headCut || wants
		w.cut(seq+p.PayloadLen, out)
	}
	a.held += w.held
}

// pass gives up what the peer of d acknowledged and the capture lacks.
func (a *assembler) pass(e *entry, d captures.Dir) {
	c := e.cold
	if c == nil || c.conv == nil || len(c.ways[d].pending) == 0 || !e.ends[d.Reverse()].hasAcked {
		return
	}
	w := &c.ways[d]
	a.held -= w.held
	w.acknowledged(e.ends[d.Reverse()].acked, a.deliver(e, d))
	a.held += w.held
}

// finish reads what is still held back of a flow that does not go on, and
// keeps nothing but facts.
func (a *assembler) finish(e *entry) {
	c := e.cold
	if c == nil || c.conv == nil {
		return
	}
	for d := captures.Orig; d <= captures.Resp; d++ {
		w := &c.ways[d]
		a.held -= w.held
		w.finish(a.deliver(e, d))
		peer := &e.ends[d.Reverse()]
		if w.started && peer.hasAcked && after(peer.acked, w.next) > 1 { // acknowledged up to there, the FIN apart
			c.headGap = c.headGap || c.conv.Wants(d)
			if w.kept != nil && !w.kept.Cut {
				w.kept.Gap = true
			}
		}
	}
	c.facts = *c.conv.Facts()
	c.conv, c.over = nil, true
}

// datagram reads the payload of a UDP datagram.
func (a *assembler) datagram(e *entry, p *packet.Packet, d captures.Dir) {
	conv, out := a.converse(e), a.deliver(e, d)
	at := markOf(p)
	if conv.Wants(d) {
		missing := uint32(len(p.Payload)) < p.PayloadLen
		e.cold.headCut = e.cold.headCut || missing && !p.Partial
		e.cold.headGap = e.cold.headGap || p.Partial
		conv.Datagram(d, p.Payload, int(p.PayloadLen), at)
	}
	if out.limit > 0 {
		out.keep(p.Payload, at)
	}
}
