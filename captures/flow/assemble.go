package flow

import (
	"cmp"
	"context"
	"errors"
	"io"
	"math"
	"time"

	"github.com/spanrig/spanrig/captures"
	"github.com/spanrig/spanrig/captures/dissect"
	"github.com/spanrig/spanrig/captures/packet"
)

// DefaultIdle ends a flow: Zeek's tcp_inactivity_timeout and the default that
// RFC 4787 (REQ-5) recommends for UDP.
const DefaultIdle = 5 * time.Minute

// maxFlows bounds the flows that are held: beyond it the one that was silent
// the longest is handed over as if it were idle.
const maxFlows = 1 << 19

const (
	minTime = math.MinInt64
	maxTime = math.MaxInt64
)

// Assemble reads src to its end and hands what it finds to obs, in this
// goroutine; frames are read and decoded in another. The result does not
// depend on the number of cores.
//
// Damage that ends the capture (*captures.Fault) is no error: it is in the
// Summary, and every flow before it is delivered. Errors are those of reading,
// after the flows read so far, and that of ctx: then Assemble returns at once,
// flows are missing, and src may be in use until its Next returns.
func Assemble(ctx context.Context, src captures.Source, cfg Config, obs Observer) (Summary, error) {
	a := newAssembler(cfg, obs)
	d := decode(src)
	defer d.stop()
	var frames, bytes uint64
	for {
		select {
		case <-ctx.Done():
			return a.summary, ctx.Err()
		case l := <-d.full:
			a.load(l)
			frames, bytes = frames+l.frames, bytes+l.bytes
			if cfg.Progress != nil {
				cfg.Progress(frames, bytes)
			}
			if l.err != nil {
				a.end()
				return a.finished(d, l.err)
			}
			d.free <- l
		}
	}
}

// finished completes the summary when the source gave all it had.
func (a *assembler) finished(d *decoding, err error) (Summary, error) {
	s := &a.summary
	s.First, s.Last = d.first, d.last
	s.Packets, s.Source = d.decoder.Counts(), d.src.Stats()
	if errors.As(err, &s.Fault) || errors.Is(err, io.EOF) {
		err = nil
	}
	return *s, err
}

// assembler is the second half of Assemble: packets to flows.
type assembler struct {
	cfg     Config
	obs     Observer
	idle    int64
	limit   int // flows held
	table   *table
	memory  memory
	cuts    cuts
	summary Summary

	lastKey key // of the packet before: most packets come in runs
	lastHit *entry

	current *entry   // the flow that is being dissected, for callbacks
	scratch Flow     // what Observer.DNS sees of it
	sink    delivery // of current
	held    int      // bytes that all readers hold back
	budget  int64    // bytes that all streams may still keep
	onDNS   func(*dissect.DNSMessage, captures.Dir, dissect.Mark)
	onLease func(dissect.DHCPLease, dissect.Mark)

	certificates *dissect.Certificates
}

func newAssembler(cfg Config, obs Observer) *assembler {
	a := &assembler{
		cfg: cfg, obs: obs, idle: int64(cmp.Or(cfg.Idle, DefaultIdle)), limit: maxFlows,
		budget: cmp.Or(cfg.StreamBudget, DefaultBudget),
		table:  newTable(), certificates: dissect.NewCertificates(),
		cuts: cuts{live: cfg.Timeline, at: cfg.Cuts, from: maxTime, to: minTime},
	}
	if obs.DNS != nil {
		a.onDNS = a.dns
	}
	if obs.Lease != nil || obs.Binding != nil {
		a.onLease = a.lease
	}
	return a
}

func markOf(p *packet.Packet) dissect.Mark { return dissect.Mark{Frame: p.Frame, Time: p.Time} }

// load takes a batch of packets, with the bindings between them.
func (a *assembler) load(l *load) {
	bindings := l.bindings
	for i := range l.packets {
		for len(bindings) > 0 && bindings[0].before == i {
			a.bind(bindings[0].Binding)
			bindings = bindings[1:]
		}
		a.packet(&l.packets[i])
	}
	for _, b := range bindings {
		a.bind(b.Binding)
	}
}

// packet adds one packet to its flow.
func (a *assembler) packet(p *packet.Packet) {
	if !p.Partial { // those come late
		a.expire(p.Time)
	}
	e, d, first := a.flowOf(p)
	if e.key.proto() == packet.UDP && d == captures.Resp && e.packets[captures.Resp] == 0 && !first {
		e.rtt = p.Time - e.start
	}
	e.count(p, d)
	if p.Partial {
		a.table.settle(e)
	} else {
		a.table.touch(e)
	}
	if p.Duplicate() {
		return
	}
	if a.cfg.Cuts != nil || a.cfg.Timeline != nil {
		a.tally(e, p, d, e.actOf(p, d, first))
	}
	switch p.Proto {
	case packet.TCP:
		a.tcp(e, p, d)
		return
	case packet.UDP:
		if p.PayloadLen > 0 {
			a.datagram(e, p, d)
		}
	case packet.ICMP, packet.ICMPv6:
		a.icmp(e, p, d)
	}
	e.payload[d] += uint64(p.PayloadLen)
}

// flowOf finds the flow of p, or opens it, and the direction of p in it.
func (a *assembler) flowOf(p *packet.Packet) (e *entry, d captures.Dir, first bool) {
	k, s := keyOf(p)
	var hash uint32
	if a.lastHit != nil && a.lastKey == k {
		e = a.lastHit
	} else {
		hash = a.table.hash.sum(&k)
		e = a.table.find(&k, hash)
	}
	if e != nil && !p.Duplicate() {
		switch {
		case apart(p.Time, e.end, a.idle) && !p.Partial:
			hash = e.hash
			a.remember(e, p.Time)
			a.retire(e) // not handed over yet, for the clocks of older ones differ
			e = nil
		case p.Proto == packet.TCP && p.Flags&packet.SYN != 0 && e.reopens(p, e.dir(s)):
			hash = e.hash
			a.retire(e)
			e = nil
		}
	}
	if first = e == nil; first {
		e = a.table.add(&k, hash)
		e.open(p, s)
		a.resume(e, p)
	}
	a.lastKey, a.lastHit = k, e
	return e, e.dir(s), first
}

// apart reports whether two times are more than limit from each other.
func apart(t, u, limit int64) bool { return t-u > limit || u-t > limit }

// expire hands over the flows that were silent for too long. They do so in
// order of their last frame: one that waits holds up those behind it.
func (a *assembler) expire(now int64) {
	for a.table.oldest != none {
		e := a.table.at(a.table.oldest)
		if !apart(now, e.end, a.idle) && a.table.held <= a.limit {
			return
		}
		a.remember(e, now)
		a.emit(e)
	}
}

// retire ends a flow whose key another takes. It waits for its turn.
func (a *assembler) retire(e *entry) {
	a.finish(e)
	a.table.hide(e)
	a.forget(e)
}

// end hands over all flows.
func (a *assembler) end() {
	for a.table.oldest != none {
		a.emit(a.table.at(a.table.oldest))
	}
}

// emit hands over the oldest flow.
func (a *assembler) emit(e *entry) {
	a.finish(e)
	a.summary.Flows++
	a.summary.ACKs += e.acks
	a.summary.Gaps += e.gaps
	if a.obs.Flow != nil {
		a.obs.Flow(e.flow())
	}
	a.forget(e)
	a.table.remove(e)
}

// forget drops e from the cache of the flow that was seen last.
func (a *assembler) forget(e *entry) {
	if a.lastHit == e {
		a.lastHit = nil
	}
}
