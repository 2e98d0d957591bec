package packet

import (
	"container/list"
	"math"
	"time"
)

const (
	// maxAge is how long fragments wait for the rest: 60 s, by RFC 8200
	// section 4.5; RFC 1122 section 3.3.2 has 60 to 120 s for IPv4.
	maxAge = int64(60 * time.Second)

	maxDatagrams = 1024
	maxMemory    = 4 << 20 // bytes
	maxPartials  = 1024
	maxHead      = 2048 // bytes of payload that a partial datagram keeps
)

// reassembly holds incomplete datagrams, and for a while the delivered ones.
type reassembly struct {
	datagrams map[datagramKey]*datagram
	order     *list.List // of *datagram, oldest first
	cost      int        // bytes of memory
	partials  []Packet   // given up, until Flush
}

func newReassembly() reassembly {
	return reassembly{datagrams: make(map[datagramKey]*datagram), order: list.New()}
}

// hold takes a fragment. It fills p and returns OK where c completes its
// datagram, or is the late copy of a fragment of a delivered one.
func (d *Decoder) hold(p *Packet, key datagramKey, proto uint8, c piece) Result {
	d.fragment = true
	duplicate := d.ip.b != nil && d.recent.seen(d.ip, p.Time)
	d.ip = view{}
	if duplicate {
		d.counts.Duplicates += uint64(p.Frames - p.Duplicates)
		p.Duplicates = p.Frames
	}
	g := d.datagram(p, key, proto, duplicate)
	if g.done {
		late := *p
		*p = g.head
		p.Frame, p.First, p.Time, p.Begin = late.Frame, late.First, late.Time, late.Begin
		p.Length, p.Frames, p.Duplicates = late.Length, late.Frames, late.Duplicates
		return OK
	}
	g.saw(p)
	if duplicate {
		return Held
	}
	d.reassembly.cost += g.add(p, proto, c)
	if !g.complete() {
		d.shrink()
		return Held
	}
	return d.deliver(p, g)
}

// datagram finds the datagram of a fragment or begins it. Only a copy can
// belong to a delivered one: anything else reuses its identification.
func (d *Decoder) datagram(p *Packet, key datagramKey, proto uint8, duplicate bool) *datagram {
	g := d.reassembly.datagrams[key]
	if g != nil && (g.done && !duplicate || expired(g, p.Time)) {
		d.forget(g)
		g = nil
	}
	if g == nil {
		g = &datagram{key: key, head: *p, proto: proto, total: -1, first: p.First, begin: p.Begin}
		g.order = d.reassembly.order.PushBack(g)
		d.reassembly.datagrams[key] = g
		d.shrink()
	}
	return g
}

// deliver decodes a complete datagram.
func (d *Decoder) deliver(p *Packet, g *datagram) Result {
	g.finish(p)
	whole := view{g.payload(g.total), g.total}
	d.reassembly.cost -= g.cost
	g.pieces, g.cost, g.done = nil, 0, true
	result := d.payload(p, g.proto, whole)
	g.head = *p
	g.head.Payload, g.head.PayloadLen, g.head.Flags = nil, 0, 0
	return result
}

// shrink gives up the oldest datagrams until the rest is within bounds. The
// newest always is.
func (d *Decoder) shrink() {
	r := &d.reassembly
	for r.order.Len() > maxDatagrams || r.cost > maxMemory {
		d.forget(r.order.Front().Value.(*datagram))
	}
}

// forget drops g, and where it was not delivered keeps its head for Flush.
func (d *Decoder) forget(g *datagram) {
	r := &d.reassembly
	r.order.Remove(g.order)
	delete(r.datagrams, g.key)
	r.cost -= g.cost
	if g.done {
		return
	}
	if len(r.partials) == maxPartials {
		d.counts.Lost += uint64(g.frames)
		return
	}
	r.partials = append(r.partials, d.partial(g))
}

// partial makes a packet of what there is: where the transport header is
// missing, ports are 0.
func (d *Decoder) partial(g *datagram) Packet {
	p := g.head
	g.finish(&p)
	p.Partial = true
	v := view{g.payload(maxHead), g.wire()}
	if len(v.b) == 0 {
		p.Proto = g.proto
		p.body(v)
		return p
	}
	// A partial packet opens no tunnel and holds no fragment: this ends here.
	d.payload(&p, g.proto, v)
	return p
}

func expired(g *datagram, now int64) bool {
	age := now - g.begin
	return age > maxAge || age < -maxAge
}

// Flush hands over, oldest first, the datagrams that were given up for lack of
// memory and those whose first frame is more than 60 s from now (ns since the
// Unix epoch); math.MaxInt64 means all of them. A packet is valid during the
// call of emit. Call Flush at least once in a thousand frames: what is given up
// beyond that is lost and counted.
func (d *Decoder) Flush(now int64, emit func(*Packet)) {
	r := &d.reassembly
	for e := r.order.Front(); e != nil; {
		g := e.Value.(*datagram)
		e = e.Next()
		if now == math.MaxInt64 || expired(g, now) {
			if len(r.partials) == maxPartials {
				d.emitPartials(emit)
			}
			d.forget(g)
		}
	}
	d.emitPartials(emit)
}

func (d *Decoder) emitPartials(emit func(*Packet)) {
	partials := d.reassembly.partials
	for i := range partials {
		emit(&partials[i])
	}
	clear(partials)
	d.reassembly.partials = partials[:0]
}
