package dissect

import (
	"bytes"
	"strconv"

	"github.com/spanrig/spanrig/captures"
)

// body decides how the body behind a head is framed (RFC 9112 section 6.3).
func (h *httpStream) body(side *httpSide) {
	head := &side.head
	switch {
	case head.chunked:
		side.state = atChunk
		h.announce(side, 1)
	case head.lengthKnown && head.length == 0, head.request && !head.lengthKnown:
		side.state = atStart
	case head.lengthKnown:
		side.state, side.left = inBody, head.length
		h.announce(side, head.length)
	default:
		side.state = toClose
	}
}

// announce sets the length of the last request's body.
func (h *httpStream) announce(side *httpSide, n uint64) {
	if side.head.request && side.index >= 0 {
		h.facts.Requests[side.index].Body = n
	}
}

// grow adds to the length of the last request's body.
func (h *httpStream) grow(side *httpSide, n uint64) {
	if side.head.request && side.index >= 0 {
		h.facts.Requests[side.index].Body += n
	}
}

// chunk reads the line before a chunk (RFC 9112 section 7.1).
func (h *httpStream) chunk(side *httpSide, line []byte) {
	size, _, _ := bytes.Cut(line, []byte(";"))
	n, err := strconv.ParseUint(string(bytes.TrimSpace(size)), 16, 63)
	if err != nil {
		h.stray(side)
		return
	}
	if !side.head.chunked { // not the first one: the length is no longer a guess
		h.grow(side, n)
	} else {
		side.head.chunked = false
		h.announce(side, n)
	}
	side.left, side.state = n, inChunk
	if n == 0 {
		side.state = inTrailer
	}
}

func (s *httpSide) bodyEnds() {
	if s.state == inChunk {
		s.state = pastChunk
	} else {
		s.state = atStart
	}
}

// stray says that the line just read is no part of a message. It counts as
// body of the request before it, so that no body hides.
func (h *httpStream) stray(side *httpSide) {
	h.grow(side, uint64(side.lines.size))
	side.lines.reset()
	side.state = atStart
}

// junk skips the rest of such a line.
func (h *httpStream) junk(side *httpSide, b []byte) []byte {
	i := bytes.IndexByte(b, '\n')
	if i < 0 {
		h.grow(side, uint64(len(b)))
		return nil
	}
	h.grow(side, uint64(i+1))
	side.state = atStart
	return b[i+1:]
}

// drift looks for the next message behind a gap: at the first byte of a
// segment, or behind a line. It returns what begins with it.
func (h *httpStream) drift(side *httpSide, b []byte, fresh bool) []byte {
	for ; len(b) > 0; fresh = true {
		if fresh && plausibleStart(b) {
			side.state = atStart
			return b
		}
		i := bytes.IndexByte(b, '\n')
		if i < 0 {
			return nil
		}
		b = b[i+1:]
	}
	return nil
}

// plausibleStart reports whether b begins, as far as it goes, like a message.
func plausibleStart(b []byte) bool {
	n := methodLength(b)
	if !(n > 0 && httpMethod(b[:n])) && !bytes.HasPrefix(b, []byte("HTTP/1.")) {
		return false
	}
	protocol, verdict := matchStartLine(b)
	return verdict == more || verdict == yes && protocol == HTTPProtocol
}

func (h *httpStream) gap(dir captures.Dir, n uint64) {
	side := &h.sides[dir]
	switch side.state {
	case tunnelled:
		h.inner.Gap(dir, n)
	case toClose:
	case inBody, inChunk:
		if n <= side.left {
			if side.left -= n; side.left == 0 {
				side.bodyEnds()
			}
			return
		}
		fallthrough
	default:
		side.lines.reset()
		side.state = adrift
	}
}

func (h *httpStream) wants(dir captures.Dir) bool {
	return h.sides[dir].state != tunnelled || h.inner.Wants(dir)
}

func (h *httpStream) peek(dir captures.Dir, segment []byte, at Mark) {
	if h.sides[dir].state == tunnelled {
		h.inner.Peek(dir, segment, at)
	}
}

// methodQueue holds the methods of requests that wait for their response. It
// forgets the oldest where too many wait.
type methodQueue struct {
	kinds [32]methodKind
	next  uint8 // to be answered
	count uint8
}

func (q *methodQueue) push(m methodKind) {
	if int(q.count) == len(q.kinds) {
		q.pop()
	}
	q.kinds[(int(q.next)+int(q.count))%len(q.kinds)] = m
	q.count++
}

func (q *methodQueue) pop() methodKind {
	if q.count == 0 {
		return otherMethod
	}
	m := q.kinds[q.next]
	q.next = uint8((int(q.next) + 1) % len(q.kinds))
	q.count--
	return m
}
