package dissect

import (
	"bytes"

	"github.com/spanrig/spanrig/captures"
)

// sessionLimit is how far a session is watched for a change to TLS.
const sessionLimit = 16 << 10 // bytes a direction

// tlsHandshake is the first byte of a TLS connection; no line of text begins so.
const tlsHandshake = 0x16

// mysqlRequest is the length of the packet that asks a MySQL server for TLS.
// The handshake follows it at once, in the same turn.
const mysqlRequest = 36

// session watches a protocol that may change to TLS on the same connection:
// STARTTLS (RFC 3207, RFC 9051, RFC 2595, RFC 4217, RFC 6120, RFC 4511),
// PostgreSQL, MySQL, RDP, Gnutella. It does so by bytes alone, so that it also works
// where one direction is missing: a TLS record can only follow a whole line,
// or begin the turn of its sender.
type session struct {
	c     *Conversation
	inner *Conversation // the TLS after the change
	sides [2]sessionSide
	last  captures.Dir
	begun bool
}

type sessionSide struct {
	tls      bool
	boundary bool   // the next byte follows a line
	part     []byte // may become a TLS record
	at       Mark   // of part
	read     int
}

func (s *session) feed(dir captures.Dir, b []byte, at Mark) {
	side := &s.sides[dir]
	if side.tls {
		s.inner.Feed(dir, b, at)
		return
	}
	boundary := side.boundary || !s.begun || s.last != dir
	s.begun, s.last, side.boundary = true, dir, false
	side.read += len(b)
	if len(side.part) > 0 {
		b, at, boundary = append(side.part, b...), side.at, true
		side.part = nil
	}
	if i := mysqlRequest - (side.read - len(b)); s.c.facts.Protocol == MySQLProtocol && 0 <= i && i < len(b) {
		b, boundary = b[i:], true
	}
	for {
		if boundary && b[0] == tlsHandshake {
			switch looksLikeTLS(b) {
			case yes:
				s.change(dir, b, at)
				return
			case more:
				side.part, side.at = bytes.Clone(b), at
				return
			}
		}
		i := bytes.IndexByte(b, '\n')
		if i < 0 {
			return
		}
		if b, boundary = b[i+1:], true; len(b) == 0 {
			side.boundary = true
			return
		}
	}
}

// change hands the direction over to TLS from b on.
func (s *session) change(dir captures.Dir, b []byte, at Mark) {
	if s.inner == nil {
		s.inner = s.c.within()
	}
	s.sides[dir].tls = true
	s.inner.Feed(dir, b, at)
}

func (s *session) gap(dir captures.Dir, n uint64) {
	side := &s.sides[dir]
	if side.tls {
		s.inner.Gap(dir, n)
		return
	}
	side.part, side.boundary = nil, true
}

func (s *session) wants(dir captures.Dir) bool {
	if s.sides[dir].tls {
		return s.inner.Wants(dir)
	}
	return s.sides[dir].read < sessionLimit
}

func (s *session) peek(dir captures.Dir, segment []byte, at Mark) {
	if s.sides[dir].tls {
		s.inner.Peek(dir, segment, at)
	}
}
