package fact

import (
	"net/netip"

	"github.com/spanrig/spanrig/captures"
	"github.com/spanrig/spanrig/captures/dissect"
	"github.com/spanrig/spanrig/captures/flow"
	"github.com/spanrig/spanrig/captures/packet"
)

// NameSource says where a name was read.
type NameSource string

const (
	FromSNI    NameSource = "sni"
	FromQUIC   NameSource = "quic"
	FromHost   NameSource = "host"   // HTTP Host
	FromTarget NameSource = "target" // CONNECT or SOCKS target
	FromCert   NameSource = "cert"
	FromDNS    NameSource = "dns"
)

// Name is a name under which the responder was reached; lower case, no final dot.
type Name struct {
	Name   string
	Source NameSource
	At     dissect.Mark // the frame that showed it
}

// Form is how the payload of a flow went over the wire.
type Form uint8

const (
	NoPayload Form = iota // nothing was sent
	Encrypted             // a recognised encrypting protocol: TLS, DTLS, QUIC, SSH, WireGuard
	Cleartext             // a recognised protocol whose payload is in the clear
	Unknown               // payload that nothing recognises
)

// Fact is what one flow says.
type Fact struct {
	*flow.Flow
	// Names in the order in which contract and verdicts take them: SNI (also
	// QUIC's), HTTP Host and CONNECT or SOCKS target, certificate, DNS.
	// Distinct by name and source. DNS holds every name (queried name and each
	// CNAME) for which the originator's station had got the responder's
	// address before the flow began.
	Names []Name
	Form  Form
}

// Question is a DNS question that a station sent.
type Question struct {
	Name     string // lower case, no final dot
	Type     uint16
	Flow     captures.FrameID
	Proto    uint8
	Protocol dissect.Protocol // dns, mdns or llmnr
	Client   flow.Endpoint
	Server   flow.Endpoint
	MAC      captures.MAC // of the client
	At       dissect.Mark
}

// Answer says that a station got an address for a name.
type Answer struct {
	Client netip.Addr
	MAC    captures.MAC // of the client
	Name   string       // the queried name, or a CNAME on the way
	Addr   netip.Addr
	At     dissect.Mark
}

// Lease is a DHCP acknowledgement with its frame.
type Lease struct {
	dissect.DHCPLease
	At dissect.Mark
}

// Router is a router advertisement with its frame.
type Router struct {
	flow.RouterAdvert
	At dissect.Mark
}

// Set is everything that the traffic of a recording says.
type Set struct {
	Facts     []Fact           // in order of last frame
	Questions []Question       // in order
	Answers   []Answer         // in order
	Bindings  []packet.Binding // distinct by MAC and address, in order
	Leases    []Lease
	Routers   []Router
	Summary   flow.Summary
}
