package dissect

import "github.com/spanrig/spanrig/captures"

// The answers of a recogniser, as looksLikeTLS gives them. Whatever it says of
// the first bytes it must also say of more of them, so that the segments in
// which a stream arrives do not matter.
const (
	no   int8 = -1
	more int8 = 0
	yes  int8 = 1
)

const (
	headLimit = 4 << 10  // bytes a direction that recognition looks at
	deafAfter = 64 << 10 // bytes of a direction after which it gives up
	turnLimit = 4        // later beginnings that it tries
)

// search is what recognition of a TCP flow holds between two calls.
type search struct {
	heads  [2]head
	first  captures.Dir // spoke first
	last   captures.Dir // spoke last
	spoken bool
}

// head is the beginning of one direction, or of a turn in it.
type head struct {
	buf     []byte
	at      Mark
	late    bool // not the first bytes of the direction
	dead    bool // nothing begins like this
	deaf    bool // given up
	turns   uint8
	skipped int
}

func (c *Conversation) searching() *search {
	if c.search == nil {
		c.search = &search{}
	}
	return c.search
}

// gap begins anew behind bytes that were lost.
func (s *search) gap(dir captures.Dir) {
	s.heads[dir].again()
}

// again makes the next bytes a later beginning.
func (h *head) again() {
	if h.turns++; h.turns > turnLimit {
		h.buf, h.deaf = nil, true
		return
	}
	h.buf, h.late, h.dead = h.buf[:0], true, false
}

// recognise looks for a protocol in the first bytes of a direction and, where
// they were taken up in the middle of a stream, in the first bytes of a turn.
func (c *Conversation) recognise(dir captures.Dir, data []byte, at Mark) {
	s := c.searching()
	h := &s.heads[dir]
	if !s.spoken {
		s.first, s.spoken = dir, true
	} else if s.last != dir && h.dead && !h.deaf {
		h.again()
	}
	s.last = dir
	if h.deaf {
		return
	}
	if h.dead {
		if h.skipped += len(data); h.skipped > deafAfter {
			h.deaf = true
			c.done = s.heads[dir.Reverse()].deaf
		}
		return
	}
	view, rest := data, []byte(nil)
	if len(h.buf) > 0 {
		n := min(len(data), headLimit-len(h.buf))
		h.buf = append(h.buf, data[:n]...)
		view, rest = h.buf, data[n:]
	} else {
		h.at = at
	}
	protocol, verdict := c.match(dir, view[:min(len(view), headLimit)], h.late)
	switch {
	case verdict == yes:
		c.begin(protocol, dir, view, h.at)
		c.Feed(dir, rest, at)
	case verdict == no || len(view) >= headLimit:
		h.buf, h.dead = nil, true
	case len(h.buf) == 0:
		h.buf = append(h.buf, data...)
	}
}

// match asks the recognisers in their order. One that needs more bytes stops
// the round: those below it have their turn when it has said no.
func (c *Conversation) match(dir captures.Dir, b []byte, late bool) (Protocol, int8) {
	for i := range recognisers {
		r := &recognisers[i]
		if late && !r.late {
			continue
		}
		switch protocol, verdict := r.match(c, dir, b); verdict {
		case yes, more:
			return protocol, verdict
		}
	}
	return "", no
}

// begin opens the reader of a recognised protocol and gives it what was held
// back: first the words of who spoke first.
func (c *Conversation) begin(p Protocol, dir captures.Dir, b []byte, at Mark) {
	s := c.search
	c.search = nil
	c.name(p)
	c.open(p)
	other := dir.Reverse()
	held := s.heads[other]
	if len(held.buf) > 0 && s.first == other {
		c.Feed(other, held.buf, held.at)
	}
	c.Feed(dir, b, at)
	if len(held.buf) > 0 && s.first == dir {
		c.Feed(other, held.buf, held.at)
	}
}

// open sets the reader of p. What has none is known by its head.
func (c *Conversation) open(p Protocol) {
	switch p {
	case TLSProtocol:
		c.stream = &tlsReader{tlsStream: newTLSStream(), facts: c.facts}
	case HTTPProtocol:
		c.stream = newHTTPStream(c)
	case DNSProtocol:
		c.stream = &dnsStream{c: c}
	case SOCKSProtocol:
		c.stream = &socksStream{c: c}
	case SIPProtocol:
		c.stream = &sipStream{facts: c.facts}
	case SMTPProtocol, IMAPProtocol, POP3Protocol, FTPProtocol, IRCProtocol,
		XMPPProtocol, LDAPProtocol, PostgresProtocol, MySQLProtocol, TPKTProtocol, RDPProtocol:
		c.stream = &session{c: c}
	default:
		c.done = true
	}
}

// tlsReader keeps the facts of a TLS stream within reach.
type tlsReader struct {
	*tlsStream
	facts *Facts
}

func (r *tlsReader) feed(dir captures.Dir, b []byte, at Mark) {
	r.tlsStream.feed(dir, b, at)
	r.facts.TLS = r.tlsStream.facts()
}

func (r *tlsReader) peek(dir captures.Dir, segment []byte, at Mark) {
	r.tlsStream.peek(dir, segment, at)
	r.facts.TLS = r.tlsStream.facts()
}

// recogniser knows one family of protocols by its first bytes in a direction.
type recogniser struct {
	late  bool // sure enough to be believed in the middle of a stream
	match func(c *Conversation, dir captures.Dir, b []byte) (Protocol, int8)
}

// Sure and quick ones first; those that wait for many bytes last.
var recognisers = [...]recogniser{
	{true, func(_ *Conversation, _ captures.Dir, b []byte) (Protocol, int8) { return TLSProtocol, looksLikeTLS(b) }},
	{false, matchSignature},
	{true, func(_ *Conversation, _ captures.Dir, b []byte) (Protocol, int8) { return matchStartLine(b) }},
	{false, func(_ *Conversation, _ captures.Dir, b []byte) (Protocol, int8) {
		return MQTTProtocol, looksLikeMQTT(b)
	}},
	{false, func(_ *Conversation, _ captures.Dir, b []byte) (Protocol, int8) {
		return TelnetProtocol, looksLikeTelnet(b)
	}},
	{false, func(_ *Conversation, _ captures.Dir, b []byte) (Protocol, int8) {
		return STUNProtocol, looksLikeStreamSTUN(b)
	}},
	{false, func(_ *Conversation, _ captures.Dir, b []byte) (Protocol, int8) {
		return RTPProtocol, looksLikeFramedPS(b)
	}},
	{false, matchTPKT},
	{false, matchBER},
	{false, func(_ *Conversation, _ captures.Dir, b []byte) (Protocol, int8) {
		return SOCKSProtocol, looksLikeSOCKS(b)
	}},
	{false, matchBanner},
	{false, matchBinary},
	{false, func(c *Conversation, dir captures.Dir, b []byte) (Protocol, int8) {
		return DNSProtocol, looksLikeStreamDNS(b, c.transport.has(53))
	}},
	{false, matchRTMP},
}
