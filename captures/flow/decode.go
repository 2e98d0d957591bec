package flow

import (
	"bytes"
	"math"
	"time"

	"github.com/spanrig/spanrig/captures"
	"github.com/spanrig/spanrig/captures/packet"
)

// loads is how many loads go round between the two goroutines.
const loads = 3

// The decoder gives up old fragments after so many frames, and when the clock
// has moved so far (ns): before flows that are younger are handed over. Not
// with each load, so that the size of reads changes nothing.
const (
	flushFrames = 512
	flushClock  = int64(10 * time.Second)
)

// load is what one batch of frames decodes to.
type load struct {
	batch    captures.Batch
	packets  []packet.Packet // they point into batch
	bindings []binding
	frames   uint64
	bytes    uint64 // captured
	err      error  // why there is no more
}

// binding is one that ARP showed before packet number before of its load.
type binding struct {
	packet.Binding
	before int
}

// decoding is the first half of Assemble: frames to packets. full gives loads
// in order; each goes back by free. After the load with an error no more come.
type decoding struct {
	src     captures.Source
	decoder *packet.Decoder
	free    chan *load
	full    chan *load
	quit    chan struct{}

	clock       int64 // time of the last frame that has one
	flushed     int64 // the clock at the last flush
	frames      uint64
	first, last int64 // earliest and latest time
}

func decode(src captures.Source) *decoding {
	d := &decoding{
		src: src, decoder: packet.NewDecoder(),
		free: make(chan *load, loads), full: make(chan *load, loads), quit: make(chan struct{}),
	}
	for range loads {
		d.free <- &load{}
	}
	go d.run()
	return d
}

// stop ends the goroutine, as soon as the source returns.
func (d *decoding) stop() { close(d.quit) }

func (d *decoding) run() {
	for {
		select {
		case <-d.quit:
			return
		case l := <-d.free:
			d.fill(l)
			d.full <- l // has room for all loads
			if l.err != nil {
				return
			}
		}
	}
}

// fill decodes the next batch into l.
func (d *decoding) fill(l *load) {
	l.packets, l.bindings, l.frames, l.bytes = l.packets[:0], l.bindings[:0], 0, 0
	if l.err = d.src.Next(&l.batch); l.err != nil {
		d.flush(l, math.MaxInt64)
		return
	}
	for i := range l.batch.Frames {
		f := &l.batch.Frames[i]
		l.frames++
		l.bytes += uint64(len(f.Data))
		d.frame(l, f)
	}
}

func (d *decoding) frame(l *load, f *captures.Frame) {
	d.tick(f.Time)
	if d.frames++; d.frames%flushFrames == 0 || apart(d.clock, d.flushed, flushClock) {
		d.flush(l, d.clock)
	}
	n := len(l.packets)
	if n == cap(l.packets) {
		l.packets = append(l.packets, packet.Packet{})
	}
	p := &l.packets[:n+1][n]
	switch d.decoder.Decode(f, p) {
	case packet.OK:
		if p.Time == 0 { // the file gives none: that of the frame before
			p.Time = d.clock
			p.Begin = min(p.Begin, d.clock)
		}
		l.packets = l.packets[:n+1]
	case packet.ARP:
		l.packets = l.packets[:n]
		if b := d.decoder.Binding(); b.Addr.IsValid() {
			l.bindings = append(l.bindings, binding{b, n})
		}
	default:
		l.packets = l.packets[:n]
	}
}

// tick notes the time of a frame.
func (d *decoding) tick(t int64) {
	if t == 0 {
		return
	}
	if d.clock == 0 {
		d.first, d.last = t, t
	}
	d.clock = t
	d.first, d.last = min(d.first, t), max(d.last, t)
}

// flush adds the datagrams that never were complete.
func (d *decoding) flush(l *load, now int64) {
	d.flushed = now
	d.decoder.Flush(now, func(p *packet.Packet) {
		l.packets = append(l.packets, *p)
		last := &l.packets[len(l.packets)-1]
		last.Payload = bytes.Clone(p.Payload)
	})
}
