package dissect

import (
	"bytes"

	"github.com/spanrig/spanrig/captures"
)

// sipLimit is how far a SIP connection is read for signs of GB/T 28181.
const sipLimit = 16 << 10 // bytes a direction

// sipStream reads SIP (RFC 3261) over TCP to tell GB/T 28181 from it.
type sipStream struct {
	facts *Facts
	lines [2]lineBuffer
	read  [2]int
}

func (s *sipStream) feed(dir captures.Dir, b []byte, at Mark) {
	s.read[dir] += len(b)
	for {
		line, _, rest, ok := s.lines[dir].next(b, at)
		if !ok {
			return
		}
		if gb28181(line) {
			s.facts.Protocol = GB28181Protocol
		}
		b = rest
	}
}

func (s *sipStream) gap(dir captures.Dir, _ uint64) { s.lines[dir].reset() }

func (s *sipStream) wants(dir captures.Dir) bool {
	return s.facts.Protocol == SIPProtocol && s.read[dir] < sipLimit
}

func (s *sipStream) peek(captures.Dir, []byte, Mark) {}

// sipDatagrams reads SIP over UDP, where each datagram is a message.
type sipDatagrams struct{ facts *Facts }

func (s *sipDatagrams) datagram(_ captures.Dir, b []byte, _ int, _ Mark) bool {
	if s.facts.Protocol == SIPProtocol && gb28181(b) {
		s.facts.Protocol = GB28181Protocol
	}
	return s.facts.Protocol == SIPProtocol
}

// gb28181 reports whether SIP text names what only GB/T 28181 has: an address
// of 20 digits (annex E), or a body of its control protocols.
func gb28181(text []byte) bool {
	if bytes.Contains(text, []byte("MANSCDP")) || bytes.Contains(text, []byte("MANSRTSP")) {
		return true
	}
	for {
		_, rest, ok := bytes.Cut(text, []byte("sip:"))
		if !ok {
			return false
		}
		digits := 0
		for digits < len(rest) && rest[digits] >= '0' && rest[digits] <= '9' {
			digits++
		}
		if digits == 20 && len(rest) > 20 && rest[20] == '@' {
			return true
		}
		text = rest
	}
}
