package dissect

import (
	"bytes"
	"sync"

	"github.com/spanrig/spanrig/captures"
)

// failureLimit is how many Initial packets of a flow are tried in vain.
const failureLimit = 8

// quicFlow reads the datagrams of one QUIC connection. The zero value is ready.
type quicFlow struct {
	quic     QUIC
	tls      handshake
	keys     *initialKeys
	streams  [2]cryptoStream
	failures uint8
	seen     bool
	again    bool // a Retry or Version Negotiation was seen
	chosen   bool // the version is the server's choice (RFC 9368)
}

func (q *quicFlow) facts() *QUIC {
	if !q.seen {
		return nil
	}
	return &q.quic
}

// datagram reads one datagram and reports whether it was QUIC. A packet that
// the capture cut shows by its own length.
func (q *quicFlow) datagram(dir captures.Dir, b []byte, _ int, at Mark) bool {
	if !q.seen && !looksLikeQUIC(b) || len(b) == 0 {
		return false
	}
	if b[0]&0x80 == 0 {
		return q.short(dir, b, at)
	}
	found := false
	for len(b) > 0 && b[0]&0x80 != 0 {
		p, rest, ok := parseLong(b)
		if !ok {
			break
		}
		found, q.seen = true, true
		q.long(dir, &p, at)
		b = rest
	}
	if found && len(b) > 0 && isShort(b) {
		q.quic.Packets[dir]++
	}
	return found
}

// isShort recognises a packet with a short header by its fixed bit (RFC 9000 section 17.3).
func isShort(b []byte) bool { return b[0]&0xc0 == 0x40 }

// short reads a datagram without a long header.
func (q *quicFlow) short(dir captures.Dir, b []byte, at Mark) bool {
	if q.seen && isShort(b) {
		q.quic.Packets[dir]++
		return true
	}
	return q.google(dir, b, at)
}

func (q *quicFlow) long(dir captures.Dir, p *quicLong, at Mark) {
	if q.quic.Version == 0 && p.kind != quicOther {
		q.quic.Version = p.version
	}
	switch {
	case p.hasNibbles():
		q.chlo(dir, p.version, p.raw[p.number:], at)
	case p.kind == quicRetry || p.version == quicNegotiation:
		q.again = true // the client begins anew (RFC 9001 section 5.2, RFC 8999 section 6)
	case p.kind == quicInitial && !p.cut && q.needs(dir) && q.failures < failureLimit:
		q.initial(dir, p, at)
	}
}

// needs reports whether an Initial packet of dir can still change the facts.
func (q *quicFlow) needs(dir captures.Dir) bool {
	t := &q.tls.own
	switch {
	case q.quic.SNI != "" && !t.Hello:
		return false // Google QUIC
	case t.Hello && dir == q.tls.client:
		return (t.Retry || q.again) && !t.ServerHello
	}
	return !t.ServerHello
}

// scratch holds decrypted packets for the time of one call.
var scratch = sync.Pool{New: func() any { return new([1 << 11]byte) }}

// initial decrypts an Initial packet.
func (q *quicFlow) initial(dir captures.Dir, p *quicLong, at Mark) {
	room := scratch.Get().(*[1 << 11]byte)
	defer scratch.Put(room)
	if frames := q.decrypt(dir, p, room[:0]); frames != nil {
		q.frames(dir, p.version, frames, at)
		return
	}
	q.failures++
}

// decrypt tries the keys of the connection, then those that the packet would
// have as the first of a client: it is the first, or the first after a Retry,
// or the ports are used anew.
func (q *quicFlow) decrypt(dir captures.Dir, p *quicLong, room []byte) []byte {
	if q.keys != nil {
		side := captures.Orig
		if dir != q.tls.client {
			side = captures.Resp
		}
		keys := q.keys
		if keys.version != p.version { // compatible version negotiation (RFC 9368) keeps the connection ID
			keys = newInitialKeys(p.version, keys.dcid)
		}
		if frames := keys.open(side, p, room); frames != nil {
			q.keys = keys
			return frames
		}
		if side == captures.Resp || bytes.Equal(q.keys.dcid, p.dcid) {
			return nil
		}
	}
	keys := newInitialKeys(p.version, p.dcid)
	frames := keys.open(captures.Orig, p, room)
	if frames != nil {
		q.keys, q.tls.client, q.streams = keys, dir, [2]cryptoStream{}
	}
	return frames
}

// open decrypts p with the keys of one direction, counted from the client.
func (k *initialKeys) open(side captures.Dir, p *quicLong, room []byte) []byte {
	if k == nil {
		return nil
	}
	keys := k.side(side)
	if keys == nil {
		return nil
	}
	return keys.open(room, p.raw, p.number)
}
