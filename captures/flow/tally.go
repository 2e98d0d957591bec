package flow

import (
	"slices"
	"sync/atomic"

	"github.com/spanrig/spanrig/captures"
	"github.com/spanrig/spanrig/captures/dissect"
	"github.com/spanrig/spanrig/captures/packet"
)

// Tally is what a flow did in one segment between two cuts.
type Tally struct {
	Segment int
	Sides   [2]Side // what each end sent
}

// MaxFrames bounds Side.Frames.
const MaxFrames = 8

// Side is what one end sent in a segment. Mirror duplicates are left out.
type Side struct {
	Packets  uint64
	Openings uint64 // SYN without ACK; the first datagram of a flow; ICMP and ICMPv6 requests (echo, timestamp, mask, information)
	Payloads uint64 // packets with transport payload, retransmissions included, TCP keepalives and ICMP excepted

	PayloadBytes uint64 // in these packets
	Keepalives   uint64 // TCP segments of 0 or 1 byte just below what was acknowledged (RFC 9293 section 3.8.4)
	Resets       uint64
	Fins         uint64

	FirstOpening, FirstPayload, LastPayload dissect.Mark       // zero where none
	Frames                                  []captures.FrameID // the first MaxFrames of openings and payloads

	// ClosingAlert: all payload of the side in this segment is one TLS alert
	// of at most 31 bytes (type 21, or type 23 of 19 bytes), sent once.
	ClosingAlert bool
	// Closed: after its last payload in this segment or later, this end sent
	// FIN or RST. Where it has no payload here: it had closed by the end of
	// this segment, or did so later.
	Closed bool
}

// act is what one packet does for the tallies.
type act struct{ opening, payload, keepalive bool }

// actOf judges a packet of e; first tells that it is the first of the flow.
// Call it before the packet changes what is known of the connection.
func (e *entry) actOf(p *packet.Packet, d captures.Dir, first bool) act {
	switch p.Proto {
	case packet.TCP:
		if e.keepalive(p, d) {
			return act{keepalive: true}
		}
		return act{opening: p.Flags&(packet.SYN|packet.ACK) == packet.SYN, payload: p.PayloadLen > 0}
	case packet.ICMP, packet.ICMPv6:
		return act{opening: icmpOpening(p)}
	}
	return act{opening: first, payload: p.PayloadLen > 0}
}

// tally adds a packet that is no mirror duplicate.
func (a *assembler) tally(e *entry, p *packet.Packet, d captures.Dir, what act) {
	c := e.depth()
	s := &c.tallyOf(a.cuts.segment(p.Time)).Sides[d]
	s.Packets += uint64(p.Frames - p.Duplicates)
	at := markOf(p)
	if what.keepalive {
		s.Keepalives++
	}
	if what.opening {
		if s.Openings++; s.Openings == 1 {
			s.FirstOpening = at
		}
	}
	if what.payload {
		if s.Payloads++; s.Payloads == 1 {
			s.FirstPayload = at
		}
		s.LastPayload = at
		s.PayloadBytes += uint64(p.PayloadLen)
		s.ClosingAlert = s.Payloads == 1 && p.Proto == packet.TCP && closingAlert(p)
		s.Closed, c.shut[d] = false, false
	}
	if (what.opening || what.payload) && len(s.Frames) < MaxFrames {
		s.Frames = append(s.Frames, p.Frame)
	}
	if p.Proto == packet.TCP && p.Flags&(packet.FIN|packet.RST) != 0 {
		if p.Flags&packet.RST != 0 {
			s.Resets++
		}
		if p.Flags&packet.FIN != 0 {
			s.Fins++
		}
		c.close(d)
	}
}

// close marks d as closed, in this segment and those before it.
func (c *cold) close(d captures.Dir) {
	c.shut[d] = true
	for i := range c.tallies {
		c.tallies[i].Sides[d].Closed = true
	}
}

// tallyOf finds the tally of a segment; nearly always the last.
func (c *cold) tallyOf(segment int) *Tally {
	i := len(c.tallies)
	for i > 0 && c.tallies[i-1].Segment > segment {
		i--
	}
	if i > 0 && c.tallies[i-1].Segment == segment {
		return &c.tallies[i-1]
	}
	t := Tally{Segment: segment}
	t.Sides[captures.Orig].Closed, t.Sides[captures.Resp].Closed = c.shut[captures.Orig], c.shut[captures.Resp]
	c.tallies = slices.Insert(c.tallies, i, t)
	return &c.tallies[i]
}

// closingAlert reports whether the payload of p is one TLS record that is an
// alert (RFC 8446 section 6, RFC 5246 section 7.2): of type 21, or, in TLS 1.3,
// of type 23 and the 19 bytes that an encrypted alert has.
func closingAlert(p *packet.Packet) bool {
	b := p.Payload
	if p.PayloadLen > 31 || len(b) != int(p.PayloadLen) || len(b) < 7 || b[1] != 3 {
		return false
	}
	n := int(b[3])<<8 | int(b[4])
	return n == len(b)-5 && (b[0] == 21 || b[0] == 23 && n == 19)
}

// Timeline are cuts that become known while the capture is still being made.
// The zero value has none.
type Timeline struct{ at atomic.Pointer[[]int64] }

// Cut adds a cut, in ns since the Unix epoch. It is later than every frame that
// the source has delivered so far; one that is not later than the last cut
// changes nothing. For one goroutine at a time.
func (t *Timeline) Cut(at int64) {
	known := t.Cuts()
	if n := len(known); n > 0 && known[n-1] >= at {
		return
	}
	grown := append(slices.Clone(known), at)
	t.at.Store(&grown)
}

// Cuts lists the cuts so far.
func (t *Timeline) Cuts() []int64 {
	if p := t.at.Load(); p != nil {
		return *p
	}
	return nil
}

// cuts finds the segment of a time.
type cuts struct {
	live     *Timeline // where at grows
	at       []int64
	from, to int64 // of the segment found last: times go forward, mostly
	index    int
}

func (c *cuts) segment(t int64) int {
	if c.live != nil {
		if now := c.live.Cuts(); len(now) != len(c.at) {
			c.at, c.from, c.to = now, maxTime, minTime
		}
	}
	if c.from <= t && t < c.to {
		return c.index
	}
	i, found := slices.BinarySearch(c.at, t)
	if found {
		for i++; i < len(c.at) && c.at[i] == t; i++ { // cuts may coincide
		}
	}
	c.index, c.from, c.to = i, minTime, maxTime
	if i > 0 {
		c.from = c.at[i-1]
	}
	if i < len(c.at) {
		c.to = c.at[i]
	}
	return i
}
