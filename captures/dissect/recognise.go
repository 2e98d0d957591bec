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
	turn    int    // where in buf the last turn begins
	turnAt  Mark   // its frame
	late    bool   // not the first bytes of the direction
	dead    bool   // nothing begins like this
	deaf    bool   // given up
	tries   uint8  // later beginnings so far
	ignored uint64 // bytes that belong to nothing known
}

func (c *Conversation) searching() *search {
	if c.search == nil {
		c.search = &search{}
	}
	return c.search
}

// recognise looks for a protocol in the first bytes of a direction and, where
// they were taken up in the middle of a stream, in the first bytes of a turn.
func (c *Conversation) recognise(dir captures.Dir, b []byte, at Mark) {
	if c.search == nil { // most flows are known by their first bytes, with nothing to hold
		if p, verdict := c.match(dir, b[:min(len(b), headLimit)], false); verdict == yes {
			c.begin(p)
			c.Feed(dir, b, at)
			return
		}
	}
	s := c.searching()
	h := s.speak(dir, at)
	if h.dead || h.deaf {
		h.ignore(len(b))
		c.done = h.deaf && s.heads[dir.Reverse()].deaf
		return
	}
	if len(h.buf) == 0 { // nor is there anything to hold where nothing begins like this
		if _, verdict := c.match(dir, b[:min(len(b), headLimit)], h.late); verdict == no {
			h.dead = true
			h.ignore(len(b))
			return
		}
	}
	rest := h.hold(b, at)
	for {
		p, verdict := c.match(dir, h.buf, h.late)
		switch {
		case verdict == yes:
			c.begin(p)
			c.facts.Unread += s.heads[captures.Orig].ignored + s.heads[captures.Resp].ignored
			s.release(c)
			c.Feed(dir, rest, at)
			return
		case verdict == more && len(h.buf) < headLimit:
			return
		case !h.later():
			h.ignore(len(rest))
			return
		}
		rest = h.hold(rest, at)
	}
}

// speak notes who speaks, and gives a direction in which nothing began another
// beginning with each of its turns.
func (s *search) speak(dir captures.Dir, at Mark) *head {
	h := &s.heads[dir]
	if !s.spoken {
		s.first, s.spoken = dir, true
	} else if s.last != dir {
		if h.turn, h.turnAt = len(h.buf), at; h.dead {
			h.again()
		}
	}
	s.last = dir
	return h
}

// gap begins anew behind bytes that were lost.
func (s *search) gap(dir captures.Dir) {
	h := &s.heads[dir]
	h.ignore(len(h.buf))
	h.buf, h.turn = nil, 0
	h.again()
}

// again makes the next bytes a later beginning.
func (h *head) again() {
	h.late, h.dead = true, false
	if h.tries++; h.tries > turnLimit {
		h.deaf = true
	}
}

// later drops what was held but for its last turn, if there were several, and
// reports whether it is worth another look.
func (h *head) later() bool {
	if h.turn == 0 {
		h.ignore(len(h.buf))
		h.buf, h.dead = nil, true
		return false
	}
	h.ignore(h.turn)
	h.buf, h.at, h.turn = h.buf[h.turn:], h.turnAt, 0
	h.again()
	return !h.deaf && len(h.buf) > 0
}

// hold keeps data up to the limit and returns the rest.
func (h *head) hold(b []byte, at Mark) []byte {
	if len(h.buf) == 0 {
		h.at = at
	}
	n := min(len(b), headLimit-len(h.buf))
	h.buf = append(h.buf, b[:n]...)
	return b[n:]
}

func (h *head) ignore(n int) {
	if h.ignored += uint64(n); h.ignored >= deafAfter {
		h.deaf = true
	}
}

// release gives the reader what was held back: first the words of who spoke first.
func (s *search) release(c *Conversation) {
	for _, d := range []captures.Dir{s.first, s.first.Reverse()} {
		if h := &s.heads[d]; !h.dead {
			c.Feed(d, h.buf, h.at)
		}
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

// begin names the flow and sets the reader of p. What has none is known by its head.
func (c *Conversation) begin(p Protocol) {
	c.name(p)
	c.search = nil
	switch p {
	case TLSProtocol:
		tls := newTLSStream()
		tls.known = c.transport.Certificates
		c.stream = &tlsReader{tlsStream: tls, facts: c.facts}
	case HTTPProtocol:
		c.stream = newHTTPStream(c)
	case DNSProtocol:
		c.stream = &dnsStream{c: c}
	case SOCKSProtocol:
		c.stream = &socksStream{c: c}
	case SIPProtocol:
		c.stream = &sipStream{facts: c.facts}
	case SMTPProtocol, IMAPProtocol, POP3Protocol, FTPProtocol, IRCProtocol,
		XMPPProtocol, LDAPProtocol, PostgresProtocol, MySQLProtocol, TPKTProtocol, RDPProtocol, ProxyProtocol, GnutellaProtocol:
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
	{true, only(TLSProtocol, looksLikeTLS)},
	{false, matchSignature},
	{true, func(_ *Conversation, _ captures.Dir, b []byte) (Protocol, int8) { return matchStartLine(b) }},
	{false, only(MQTTProtocol, looksLikeMQTT)},
	{false, only(TelnetProtocol, looksLikeTelnet)},
	{false, only(STUNProtocol, looksLikeStreamSTUN)},
	{false, only(RTPProtocol, looksLikeFramedPS)},
	{false, matchTPKT},
	{false, matchBER},
	{false, matchSOCKS},
	{false, matchBanner},
	{false, matchBinary},
	{false, matchStreamDNS},
	{false, matchRTMP},
}

// only makes a recogniser of one that knows a single protocol.
func only(p Protocol, looks func([]byte) int8) func(*Conversation, captures.Dir, []byte) (Protocol, int8) {
	return func(_ *Conversation, _ captures.Dir, b []byte) (Protocol, int8) { return p, looks(b) }
}
