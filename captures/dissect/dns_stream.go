package dissect

import (
	"encoding/binary"

	"github.com/spanrig/spanrig/captures"
)

// dnsStream reads DNS over TCP: messages behind a length of two bytes
// (RFC 1035 section 4.2.2).
type dnsStream struct {
	c     *Conversation
	sides [2]dnsSide
}

type dnsSide struct {
	buf  []byte // of a message that is not whole
	at   Mark
	skip uint64 // bytes of a message that is spoilt by a gap
	lost bool   // no longer known where messages begin
}

func (d *dnsStream) feed(dir captures.Dir, b []byte, at Mark) {
	side := &d.sides[dir]
	for len(b) > 0 && !side.lost {
		if side.skip > 0 {
			n := min(side.skip, uint64(len(b)))
			side.skip -= n
			b = b[n:]
			continue
		}
		if len(side.buf) == 0 {
			side.at = at
			if n, ok := framed(b); ok {
				d.c.dns(dir, b[2:n], at)
				b = b[n:]
				continue
			}
		}
		b = side.hold(b)
		if n, ok := framed(side.buf); ok {
			d.c.dns(dir, side.buf[2:n], side.at)
			side.buf = side.buf[:0]
		}
	}
}

// hold keeps what belongs to the message that began, and returns the rest.
func (s *dnsSide) hold(b []byte) []byte {
	want := 2
	if len(s.buf) >= 2 {
		want += int(binary.BigEndian.Uint16(s.buf))
	}
	n := min(want-len(s.buf), len(b))
	s.buf = append(s.buf, b[:n]...)
	return b[n:]
}

// framed returns the length of the first message with its prefix, where it is whole.
func framed(b []byte) (int, bool) {
	if len(b) < 2 {
		return 0, false
	}
	n := 2 + int(binary.BigEndian.Uint16(b))
	return n, len(b) >= n
}

// gap spoils the message that it falls into; beyond that message, the stream.
func (d *dnsStream) gap(dir captures.Dir, n uint64) {
	side := &d.sides[dir]
	if len(side.buf) >= 2 {
		side.skip = uint64(2 + int(binary.BigEndian.Uint16(side.buf)) - len(side.buf))
		side.buf = side.buf[:0]
	}
	if n > side.skip || len(side.buf) > 0 {
		side.buf, side.lost = nil, true
		return
	}
	side.skip -= n
}

func (d *dnsStream) wants(dir captures.Dir) bool           { return !d.sides[dir].lost }
func (d *dnsStream) peek(_ captures.Dir, _ []byte, _ Mark) {}

// matchStreamDNS recognises DNS over TCP.
func matchStreamDNS(c *Conversation, _ captures.Dir, b []byte) (Protocol, int8) {
	return DNSProtocol, looksLikeStreamDNS(b, c.transport.has(53))
}

// looksLikeStreamDNS judges the first message of a TCP direction: on port 53
// by its header and first question, elsewhere whole.
func looksLikeStreamDNS(b []byte, known bool) int8 {
	if len(b) < 2 {
		return more
	}
	n := 2 + int(binary.BigEndian.Uint16(b))
	switch {
	case n < 2+12 || !known && n > headLimit:
		return no
	case len(b) < 2+12:
		return more
	case !known && len(b) < n:
		if b[4]&0x78 != 0 || binary.BigEndian.Uint16(b[6:]) != 1 { // opcode, questions
			return no
		}
		return more
	case known && plausibleCounts(b[2:]):
		return yes
	case !known && strictDNS(b[2:n]):
		return yes
	}
	return no
}
