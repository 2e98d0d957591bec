package dissect

import "github.com/spanrig/spanrig/captures"

// Transport tells a Conversation what carries it.
type Transport struct {
	TCP       bool
	OrigPort  uint16
	RespPort  uint16
	OnDNS     func(m *DNSMessage, dir captures.Dir, at Mark) // each DNS message whole, in order; may be nil
	OnBinding func(b DHCPLease, at Mark)                     // each DHCP acknowledgement; may be nil

	Certificates *Certificates // shared by the conversations of one goroutine; may be nil
}

// has reports whether either end uses port.
func (t *Transport) has(port uint16) bool { return t.OrigPort == port || t.RespPort == port }

// Conversation reads both directions of one flow. TCP: give it the stream in
// order with Feed, and what never came with Gap. UDP: give it each datagram.
// It holds bounded memory whatever it is fed, and never fails: what it cannot
// read it leaves out of its Facts.
type Conversation struct {
	transport Transport
	own       Facts
	facts     *Facts // own, or of the Conversation around it

	stream stream       // TCP, once recognised
	flow   datagramFlow // UDP, once recognised
	search *search      // what recognition holds between two calls; nil where nothing
	done   bool         // nothing more to learn
	depth  uint8        // of tunnels around it
	tried  uint8        // datagrams that nothing recognised
}

// A stream reads both directions of a TCP protocol that was recognised.
type stream interface {
	feed(dir captures.Dir, b []byte, at Mark)
	gap(dir captures.Dir, n uint64)
	wants(dir captures.Dir) bool
	peek(dir captures.Dir, segment []byte, at Mark)
}

// A datagramFlow reads both directions of a UDP protocol that was recognised.
// It reports false where it wants no more.
type datagramFlow interface {
	datagram(dir captures.Dir, b []byte, wire int, at Mark) (more bool)
}

// NewConversation returns a Conversation that nothing was fed to.
func NewConversation(t Transport) *Conversation {
	c := &Conversation{transport: t}
	c.facts = &c.own
	return c
}

// Feed hands over the next in-order bytes of a TCP direction. at is the frame
// that carried the first of them. b is not kept.
func (c *Conversation) Feed(dir captures.Dir, b []byte, at Mark) {
	switch {
	case c.done || len(b) == 0:
	case c.stream != nil:
		c.stream.feed(dir, b, at)
	default:
		c.recognise(dir, b, at)
	}
}

// Gap says that n bytes of the direction were never captured.
func (c *Conversation) Gap(dir captures.Dir, n uint64) {
	switch {
	case c.done || n == 0:
	case c.stream != nil:
		c.stream.gap(dir, n)
	default:
		c.searching().gap(dir)
	}
}

// Wants reports whether more bytes of that direction can still change the
// facts. Once false it stays false; the flow may then stop reassembling and
// hand segments to Peek.
func (c *Conversation) Wants(dir captures.Dir) bool {
	if c.done {
		return false
	}
	if c.stream != nil {
		return c.stream.wants(dir)
	}
	return c.search == nil || !c.search.heads[dir].deaf
}

// Peek looks at a TCP segment after Wants became false, at its first bytes
// only: closing alerts, further application data.
func (c *Conversation) Peek(dir captures.Dir, segment []byte, at Mark) {
	if c.stream != nil && len(segment) > 0 {
		c.stream.peek(dir, segment, at)
	}
}

// Datagram hands over the payload of one UDP datagram. wire is its length on
// the wire; len(b) < wire where the frame was cut.
func (c *Conversation) Datagram(dir captures.Dir, b []byte, wire int, at Mark) {
	switch {
	case c.done || len(b) == 0:
	case c.flow != nil:
		c.done = !c.flow.datagram(dir, b, wire, at)
	default:
		c.recogniseDatagram(dir, b, wire, at)
	}
}

// Cleartext reports whether the flow was recognised as a protocol whose
// payload is in the clear, so that its whole stream is worth keeping.
func (c *Conversation) Cleartext() bool { return c.facts.Protocol.Cleartext() }

// Facts returns what is known so far. The pointer stays valid and is filled further.
func (c *Conversation) Facts() *Facts { return c.facts }

// name sets the protocol of the flow, if none is set: the outermost stands.
func (c *Conversation) name(p Protocol) {
	if c.facts.Protocol == "" {
		c.facts.Protocol = p
	}
}

// rename replaces the name of a protocol that changed to p and ends there.
func (c *Conversation) rename(p Protocol) {
	c.facts.Protocol = p
	c.done = true
}

// nestLimit bounds tunnels in tunnels.
const nestLimit = 4

// within returns a Conversation for what a flow carries inside. It adds to the
// same facts; the protocol's name stays the outer one.
func (c *Conversation) within() *Conversation {
	return &Conversation{transport: c.transport, facts: c.facts, depth: c.depth + 1, done: c.depth >= nestLimit}
}
