package packet

import (
	"container/list"
	"slices"

	"github.com/spanrig/spanrig/captures"
)

// datagramKey tells the datagrams of fragments apart (RFC 791 section 2.3,
// RFC 8200 section 4.5; proto is 0 for IPv6).
type datagramKey struct {
	src, dst [16]byte
	id       uint32
	proto    uint8
	v6       bool
}

// piece is a part of a datagram's payload.
type piece struct {
	at   int  // offset
	data view // captured bytes may be fewer than those on the wire
	more bool // it is not the last
}

func (c piece) end() int { return c.at + c.data.wire }

// datagram collects the fragments of one IP datagram.
type datagram struct {
	key   datagramKey
	order *list.Element // in reassembly.order

	head   Packet // IP fields of the fragment at offset 0, else of the first seen
	proto  uint8  // what the payload is, by that fragment
	pieces []piece
	total  int // payload bytes; -1 until the last fragment was seen
	cost   int // bytes of memory

	first, last     captures.FrameID
	begin, lastTime int64

	length     uint64
	frames     uint32
	duplicates uint32

	// done: the datagram was delivered as head, which answers for late copies
	// of its fragments.
	done bool
}

const (
	maxDatagram = 65535 // bytes of payload, in both versions of IP
	pieceCost   = 64    // bytes beside the payload
)

// saw tallies a frame that carries a fragment of g.
func (g *datagram) saw(p *Packet) {
	g.last, g.lastTime = p.Frame, p.Time
	g.length += p.Length
	g.frames += p.Frames
	g.duplicates += p.Duplicates
}

// add keeps the parts of c that no earlier fragment covers: the first copy of
// a byte wins. It returns the memory taken.
func (g *datagram) add(p *Packet, proto uint8, c piece) int {
	if c.more {
		c.data = c.data.to(c.data.wire &^ 7) // what a receiver keeps of it
	} else if g.total < 0 {
		g.total = c.end()
	}
	if c.end() > maxDatagram {
		return 0
	}
	if c.at == 0 && (len(g.pieces) == 0 || g.pieces[0].at > 0) {
		g.head, g.proto = *p, proto
	}
	before := g.cost
	at, i := c.at, 0
	for ; at < c.end() && i < len(g.pieces); i++ {
		held := g.pieces[i]
		if held.end() <= at {
			continue
		}
		if at < held.at {
			g.insert(i, c, at, min(held.at, c.end()))
			i++
		}
		at = held.end()
	}
	if at < c.end() {
		g.insert(len(g.pieces), c, at, c.end())
	}
	return g.cost - before
}

// insert keeps the bytes of c from offset from to offset to.
func (g *datagram) insert(i int, c piece, from, to int) {
	part := c.data.beyond(from - c.at).to(to - from)
	part.b = slices.Clone(part.b)
	g.pieces = slices.Insert(g.pieces, i, piece{at: from, data: part})
	g.cost += len(part.b) + pieceCost
}

// complete reports whether no byte is missing on the wire.
func (g *datagram) complete() bool {
	if g.total < 0 {
		return false
	}
	return g.covered() >= g.total
}

// covered is how many bytes on the wire there are from the start on.
func (g *datagram) covered() int {
	n := 0
	for _, c := range g.pieces {
		if c.at != n {
			break
		}
		n = c.end()
	}
	return n
}

// payload joins what was captured from the start on, up to limit bytes.
func (g *datagram) payload(limit int) []byte {
	var joined []byte
	for _, c := range g.pieces {
		if c.at != len(joined) || len(joined) >= limit {
			break // a gap, or the piece before was cut
		}
		joined = append(joined, c.data.b...)
	}
	return joined[:min(limit, len(joined))]
}

// wire is how many bytes of payload were seen on the wire.
func (g *datagram) wire() int {
	n := 0
	for _, c := range g.pieces {
		n += c.data.wire
	}
	return n
}

// finish fills in what p, the packet of the frame that completed g, owes to
// the frames before it.
func (g *datagram) finish(p *Packet) {
	p.First, p.Begin = g.first, g.begin
	p.Frame, p.Time = g.last, g.lastTime
	p.Length, p.Frames, p.Duplicates = g.length, g.frames, g.duplicates
}
