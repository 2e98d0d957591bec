package flow

import (
	"github.com/spanrig/spanrig/captures"
	"github.com/spanrig/spanrig/captures/packet"
)

// reordered is how far a SYN may be behind the bytes that came before it in
// the capture and still belong to them.
const reordered = 1 << 16

// reopens reports whether p, a SYN or SYN-ACK of direction d, opens another
// connection than that of e.
func (e *entry) reopens(p *packet.Packet, d captures.Dir) bool {
	own, peer := &e.ends[d], &e.ends[d.Reverse()]
	if p.Flags&packet.RST != 0 || own.hasISN && own.isn == p.Seq {
		return false
	}
	if p.Flags&packet.ACK != 0 {
		// Servers that answer with SYN cookies change their number from one
		// answer to the next: it proves something only after an end.
		return own.state.ended() || peer.state.ended()
	}
	if own.hasISN {
		return true
	}
	begin := p.Seq + 1
	near := func(seq uint32) bool { return seq-begin < reordered }
	switch {
	case own.hasEdge && !near(own.edge):
		return true
	case peer.hasISN:
		return false
	}
	return peer.hasEdge && !(peer.hasAcked && near(peer.acked))
}

// tcp follows the connection by one segment that is no mirror duplicate.
func (a *assembler) tcp(e *entry, p *packet.Packet, d captures.Dir) {
	if e.guessed && p.Flags&packet.SYN != 0 {
		d = e.prove(d, p.Flags&packet.ACK != 0)
	}
	if e.guessed && len(p.Payload) > 0 {
		if server, known := speaker(p.Payload); known {
			d = e.prove(d, server)
		} else if own := &e.ends[d]; p.PayloadLen > 1 || own.hasEdge && own.edge == p.Seq {
			e.guessed = false // no keepalive: the stream is read from here on, and its ends stay
		}
	}
	e.shake(p, d)
	fresh := e.sequence(p, d)
	advance(&e.ends, d, p.Flags)
	if p.PayloadLen > 0 {
		e.payload[d] += uint64(p.PayloadLen)
		a.segment(e, p, d, fresh)
	}
	if p.Flags&packet.ACK != 0 {
		a.pass(e, d.Reverse())
	}
	if p.Flags&packet.FIN != 0 && e.complete() {
		a.finish(e)
	}
}

// complete reports whether both ends closed and nothing before that is missing.
func (e *entry) complete() bool {
	if e.ends[captures.Orig].state != closed || e.ends[captures.Resp].state != closed {
		return false
	}
	c := e.cold
	return c == nil || len(c.spans[0])+len(c.spans[1])+len(c.ways[0].pending)+len(c.ways[1].pending) == 0
}

// prove settles who opened e: server tells that direction d is the
// responder's. It returns the new direction of what was d.
func (e *entry) prove(d captures.Dir, server bool) captures.Dir {
	e.guessed = false
	if server == (d == captures.Resp) {
		return d
	}
	e.flip()
	return d.Reverse()
}

// shake notes what a handshake segment says: where the numbers begin, and the
// time from SYN to SYN-ACK, if neither was sent twice (Karn's rule, RFC 6298).
func (e *entry) shake(p *packet.Packet, d captures.Dir) {
	if p.Flags&(packet.SYN|packet.RST) != packet.SYN {
		return
	}
	own, peer := &e.ends[d], &e.ends[d.Reverse()]
	switch {
	case own.hasISN:
		e.rtt, e.rttVoid = 0, true
	case d == captures.Orig:
		e.synAt = p.Time
	case peer.hasISN && p.Ack == peer.isn+1 && !e.rttVoid:
		e.rtt = p.Time - e.synAt
	}
	own.isn, own.hasISN = p.Seq, true
	if !peer.hasAcked {
		peer.acked, peer.hasAcked = p.Seq+1, true
	}
}

// keepalive reports whether p repeats the last byte that the peer
// acknowledged, or none, to see whether the peer is still there.
func (e *entry) keepalive(p *packet.Packet, d captures.Dir) bool {
	peer := &e.ends[d.Reverse()]
	return p.PayloadLen <= 1 && p.Flags&(packet.SYN|packet.FIN|packet.RST) == 0 && peer.hasAcked && p.Seq+1 == peer.acked
}

// sequence follows the sequence numbers of both directions and estimates loss
// as Zeek's capture-loss does: of the acknowledgements of new bytes, how many
// cover bytes that the capture does not hold. It reports whether p brings
// bytes that were not seen before.
func (e *entry) sequence(p *packet.Packet, d captures.Dir) (fresh bool) {
	if p.Flags == 0 || p.Flags&packet.RST != 0 {
		return p.PayloadLen > 0 // the header was cut, or promises nothing
	}
	n := p.PayloadLen
	if p.Flags&packet.SYN != 0 {
		n++
	}
	if p.Flags&packet.FIN != 0 {
		n++
	}
	if n > 0 {
		fresh = e.sent(d, p.Seq, n)
	}
	if p.Flags&packet.ACK != 0 {
		e.acknowledged(d, p.Ack)
	}
	return fresh
}

// sent notes n sequence numbers from seq on.
func (e *entry) sent(d captures.Dir, seq, n uint32) (fresh bool) {
	own, to := &e.ends[d], seq+n
	switch {
	case !own.hasEdge:
		own.edge, own.hasEdge = to, true
		return true
	case after(seq, own.edge) > 0:
		e.depth().spans[d].add(span{seq, to})
		return true
	case after(to, own.edge) > 0:
		e.advanceEdge(d, to)
		return true
	}
	return false
}

func (e *entry) advanceEdge(d captures.Dir, edge uint32) {
	if e.cold != nil && len(e.cold.spans[d]) > 0 {
		edge = e.cold.spans[d].reach(edge)
	}
	e.ends[d].edge = edge
}

// maxWindow is the largest window of RFC 7323: what is beyond acknowledges nothing.
const maxWindow = 1 << 30

// acknowledged notes that d acknowledged what its peer sent up to ack.
func (e *entry) acknowledged(d captures.Dir, ack uint32) {
	own, peer := &e.ends[d], &e.ends[d.Reverse()]
	if !own.hasAcked { // the capture began in the middle: nothing is missed yet
		own.acked, own.hasAcked = ack, true
		if peer.hasEdge && after(ack, peer.edge) > 0 {
			e.advanceEdge(d.Reverse(), ack)
		}
		return
	}
	if n := after(ack, own.acked); n <= 0 || n > maxWindow {
		return
	}
	own.acked = ack
	if !peer.hasEdge {
		return // one direction only was captured: nothing to compare with
	}
	e.acks++
	if after(ack, peer.edge) > 0 {
		e.gaps++
		e.advanceEdge(d.Reverse(), ack)
	}
}
