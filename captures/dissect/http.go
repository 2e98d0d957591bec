package dissect

import (
	"strings"

	"github.com/spanrig/spanrig/captures"
)

// httpStream reads HTTP/1 (RFC 9112): each message of a connection that stays
// open, requests and responses, whichever side sends them.
type httpStream struct {
	c       *Conversation
	facts   *HTTP
	sides   [2]httpSide
	waiting methodQueue
	tunnel  bool // a CONNECT was granted
	inner   *Conversation
}

type httpSide struct {
	state   httpState
	left    uint64 // bytes of the body or chunk
	lines   lineBuffer
	head    httpHead
	index   int  // of the last request in the facts; -1 beyond Limit
	connect bool // the last request was a CONNECT
}

type httpState uint8

const (
	atStart   httpState = iota // of a message
	inHead                     // header lines
	inBody                     // of known length
	atChunk                    // the line with its size
	inChunk                    // its bytes
	pastChunk                  // the line end behind them
	inTrailer                  // header lines behind the last chunk
	toClose                    // a body that only the end of the connection ends
	inJunk                     // a line that belongs to no message
	adrift                     // bytes were lost: not known where lines begin
	tunnelled                  // another protocol took over
)

func newHTTPStream(c *Conversation) *httpStream {
	if c.facts.HTTP == nil {
		c.facts.HTTP = &HTTP{}
	}
	h := &httpStream{c: c, facts: c.facts.HTTP}
	h.sides[0].index, h.sides[1].index = -1, -1
	return h
}

func (h *httpStream) feed(dir captures.Dir, b []byte, at Mark) {
	side := &h.sides[dir]
	for fresh := true; len(b) > 0; fresh = false {
		switch side.state {
		case atStart:
			b = h.start(side, b, at)
		case inHead, inTrailer, atChunk, pastChunk:
			line, _, rest, ok := side.lines.next(b, at)
			if !ok {
				return
			}
			b = rest
			h.line(side, line)
		case inBody, inChunk:
			n := min(side.left, uint64(len(b)))
			b = b[n:]
			if side.left -= n; side.left == 0 {
				side.bodyEnds()
			}
		case toClose:
			return
		case inJunk:
			b = h.junk(side, b)
		case adrift:
			b = h.drift(side, b, fresh)
		case tunnelled:
			h.inner.Feed(dir, b, at)
			return
		}
	}
}

// start reads the first line of a message, or sees that none comes.
func (h *httpStream) start(side *httpSide, b []byte, at Mark) []byte {
	if side.lines.empty() {
		if b[0] == '\r' || b[0] == '\n' { // RFC 9112 section 2.2 lets them be
			return b[1:]
		}
		if h.tunnel && side.connect || b[0] == tlsHandshake {
			h.enter(side)
			return b
		}
	}
	line, from, rest, ok := side.lines.next(b, at)
	if !ok {
		if _, verdict := matchStartLine(side.lines.part); verdict == no {
			h.stray(side)
			side.state = inJunk
		}
		return nil
	}
	if s, ok := readStartLine(line); ok && s.protocol == HTTPProtocol {
		h.begin(side, s, from)
	} else {
		h.stray(side)
	}
	return rest
}

// enter leaves the rest of the direction to the protocol inside a tunnel.
func (h *httpStream) enter(side *httpSide) {
	if h.inner == nil {
		h.inner = h.c.within()
	}
	side.state = tunnelled
}

// line takes a line of a head or of the framing of chunks.
func (h *httpStream) line(side *httpSide, line []byte) {
	switch side.state {
	case inHead:
		if len(line) > 0 {
			h.field(side, line)
			return
		}
		h.headEnds(side)
	case atChunk:
		h.chunk(side, line)
	case pastChunk:
		if side.state = atChunk; len(line) > 0 {
			h.stray(side)
		}
	case inTrailer:
		if len(line) == 0 {
			side.state = atStart
		}
	}
}

func (h *httpStream) headEnds(side *httpSide) {
	head := &side.head
	if head.request {
		h.waiting.push(head.method)
		if side.connect = head.method == connectMethod; side.connect {
			side.state = atStart
		} else {
			h.body(side)
		}
		return
	}
	if head.status < 200 && head.status != 101 { // RFC 9110 section 15.2: another response follows
		side.state = atStart
		return
	}
	method := h.waiting.pop()
	switch {
	case head.status == 101 && head.upgrade != "":
		h.switchTo(head.upgrade)
	case method == connectMethod && head.status/100 == 2:
		h.tunnel = true
		h.enter(side)
	case method == headMethod, head.status == 204, head.status == 304, head.status == 101:
		side.state = atStart
	default:
		h.body(side)
	}
}

// switchTo ends HTTP: a 101 response named another protocol.
func (h *httpStream) switchTo(upgrade string) {
	h.facts.Upgrade = upgrade
	h.sides[0].state, h.sides[1].state = toClose, toClose
	switch {
	case upgrade == "websocket":
		h.c.rename(WebSocketProtocol)
	case strings.HasPrefix(upgrade, "h2c"):
		h.c.rename(HTTP2Protocol)
	default:
		h.tunnel = true
		for dir := range h.sides {
			h.enter(&h.sides[dir])
		}
	}
}
