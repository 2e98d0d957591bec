package dissect

import "github.com/spanrig/spanrig/captures"

// Transport tells a Conversation what carries it.
type Transport struct {
	TCP       bool
	OrigPort  uint16
	RespPort  uint16
	OnDNS     func(m *DNSMessage, dir captures.Dir, at Mark) // each DNS message whole, in order; may be nil
	OnBinding func(b DHCPLease, at Mark)                     // each DHCP acknowledgement; may be nil
}

// DHCPLease is what a DHCP ACK (RFC 2131) hands to a client.
type DHCPLease struct {
	MAC       captures.MAC
	Addr      [4]byte
	Mask      [4]byte
	Routers   [][4]byte
	Resolvers [][4]byte
	Search    []string // options 15 and 119
}

// Conversation reads both directions of one flow. TCP: give it the stream in
// order with Feed, and what never came with Gap. UDP: give it each datagram.
// It holds bounded memory whatever it is fed, and never fails: what it cannot
// read it leaves out of its Facts.
type Conversation struct {
	transport Transport
	facts     Facts
}

// NewConversation returns a Conversation that nothing was fed to.
func NewConversation(t Transport) *Conversation { return &Conversation{transport: t} }

// Feed hands over the next in-order bytes of a TCP direction. at is the frame
// that carried the first of them. data is not kept.
func (c *Conversation) Feed(dir captures.Dir, data []byte, at Mark) {}

// Gap says that n bytes of the direction were never captured.
func (c *Conversation) Gap(dir captures.Dir, n uint64) {}

// Wants reports whether more bytes of that direction can still change the
// facts. Once false it stays false; the flow may then stop reassembling and
// hand segments to Peek.
func (c *Conversation) Wants(dir captures.Dir) bool { return false }

// Peek looks at a TCP segment after Wants became false, at its first bytes
// only: closing alerts, further application data.
func (c *Conversation) Peek(dir captures.Dir, segment []byte, at Mark) {}

// Datagram hands over the payload of one UDP datagram. wire is its length on
// the wire; len(data) < wire where the frame was cut.
func (c *Conversation) Datagram(dir captures.Dir, data []byte, wire int, at Mark) {}

// Cleartext reports whether the flow was recognised as a protocol whose
// payload is in the clear, so that its whole stream is worth keeping.
func (c *Conversation) Cleartext() bool { return false }

// Facts returns what is known so far. The pointer stays valid and is filled further.
func (c *Conversation) Facts() *Facts { return &c.facts }
