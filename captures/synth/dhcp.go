package synth

import (
	"encoding/binary"
	"net/netip"

	"github.com/spanrig/spanrig/captures"
)

// DHCP message types (RFC 2132 section 9.6).
const (
	dhcpDiscover = 1
	dhcpOffer    = 2
	dhcpRequest  = 3
	dhcpAck      = 5
)

// Lease is what a DHCP server hands out.
type Lease struct {
	Client    captures.MAC
	Addr      netip.Addr
	Mask      [4]byte
	Router    netip.Addr
	Resolvers []netip.Addr
	Search    []string // domain search list (RFC 3397)
	Domain    string   // domain name
}

// message returns one DHCP message of the exchange (RFC 2131 section 2).
func (l Lease) message(kind uint8, id uint32) []byte {
	answer := kind == dhcpOffer || kind == dhcpAck
	b := make([]byte, 236)
	b[0], b[1], b[2] = 1, 1, 6
	if answer {
		b[0] = 2
		copy(b[16:], l.Addr.AsSlice())
	}
	binary.BigEndian.PutUint32(b[4:], id)
	copy(b[28:], l.Client[:])
	b = append(b, 0x63, 0x82, 0x53, 0x63)
	option := func(code uint8, data []byte) { b = append(append(b, code), prefixed(1, data)...) }
	option(53, []byte{kind})
	if kind == dhcpRequest {
		option(50, l.Addr.AsSlice())
	}
	if kind != dhcpDiscover {
		option(54, l.Router.AsSlice())
	}
	if answer {
		option(51, []byte{0, 0, 0x0e, 0x10})
		option(1, l.Mask[:])
		option(3, l.Router.AsSlice())
		option(6, addresses(l.Resolvers))
		if l.Domain != "" {
			option(15, []byte(l.Domain))
		}
		if len(l.Search) > 0 {
			option(119, names(l.Search))
		}
	} else {
		option(55, []byte{1, 3, 6, 119})
	}
	return append(b, 255)
}

func addresses(list []netip.Addr) []byte {
	var b []byte
	for _, a := range list {
		b = append(b, a.AsSlice()...)
	}
	return b
}

func names(list []string) []byte {
	var b []byte
	for _, n := range list {
		b = append(b, encodeName(n)...)
	}
	return b
}
