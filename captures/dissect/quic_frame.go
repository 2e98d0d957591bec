package dissect

import (
	"bytes"

	"github.com/spanrig/spanrig/captures"
)

// Frame types that Initial packets may hold (RFC 9000 section 12.4).
const (
	framePadding = 0x00
	framePing    = 0x01
	frameACK     = 0x02
	frameACKECN  = 0x03
	frameCrypto  = 0x06
	frameClose   = 0x1c
)

const cryptoLimit = 64 << 10 // bytes of a CRYPTO stream

// frames walks the frames of an Initial packet.
func (q *quicFlow) frames(dir captures.Dir, version uint32, b []byte, at Mark) {
	c := cursor{b: b}
	for len(c.b) > 0 && !c.bad {
		switch kind := c.varint(); kind {
		case framePadding: // many bytes of it
			c.b = bytes.TrimLeft(c.b, "\x00")
		case framePing:
		case frameACK, frameACKECN:
			skipACK(&c, kind == frameACKECN)
		case frameCrypto:
			offset, length := c.varint(), c.varint()
			if length > uint64(len(c.b)) || offset > cryptoLimit {
				return
			}
			q.crypto(dir, version, int(offset), c.bytes(int(length)), at)
		case frameClose:
			if code := c.varint(); !c.bad && code>>8 == 1 { // CRYPTO_ERROR (RFC 9001 section 4.8)
				q.tls.alert(Alert{From: dir, Level: 2, Code: uint8(code), At: at})
			}
			return
		default:
			if isGoogleQUIC(version) {
				q.chlo(dir, version, b, at)
			}
			return
		}
	}
}

// skipACK passes over an ACK frame (RFC 9000 section 19.3).
func skipACK(c *cursor, ecn bool) {
	c.varint()
	c.varint()
	ranges := c.varint()
	c.varint()
	for ; ranges > 0 && len(c.b) > 0; ranges-- {
		c.varint()
		c.varint()
	}
	if ecn {
		c.varint()
		c.varint()
		c.varint()
	}
}

// cryptoStream is the handshake of one direction, out of CRYPTO frames.
type cryptoStream struct {
	pieces
	read int  // bytes that were taken as messages
	at   Mark // of the first piece of the message that is not whole yet
}

// between reports that no part of a further message is there.
func (s *cryptoStream) between() bool {
	return len(s.spans) == 0 || s.spans[len(s.spans)-1].to <= s.read
}

// crypto takes in a part of the handshake.
func (q *quicFlow) crypto(dir captures.Dir, version uint32, offset int, b []byte, at Mark) {
	s := &q.streams[dir]
	if s.between() {
		s.at = at
	}
	head := b
	if offset != s.read || len(s.spans) > 0 { // most come whole and in order
		s.add(offset, b, cryptoLimit)
		head = s.head(s.read)
	}
	for len(head) >= handshakeHeading {
		n := handshakeHeading + u24(head[1:])
		if len(head) < n {
			break
		}
		q.tls.message(dir, CarrierQUIC, head[0], head[handshakeHeading:n], s.at)
		q.learn(version)
		head = head[n:]
		s.read += n
	}
	if len(s.spans) == 0 && len(head) > 0 {
		s.add(s.read, head, cryptoLimit)
	}
}

// learn copies what the handshake said to the facts of the connection.
func (q *quicFlow) learn(version uint32) {
	t := q.tls.facts()
	if t == nil || !t.Hello && !t.ServerHello {
		return
	}
	if q.quic.TLS == nil {
		q.quic.TLS = t
	}
	if t.ServerHello && !q.chosen {
		q.quic.Version, q.chosen = version, true
	}
	if t.Hello && q.quic.JA4 == "" {
		q.quic.SNI, q.quic.ALPN, q.quic.JA4, q.quic.HelloAt = t.SNI, t.ALPN, t.JA4, t.HelloAt
	}
}
