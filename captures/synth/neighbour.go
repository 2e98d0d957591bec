package synth

import (
	"encoding/binary"
	"net/netip"

	"github.com/spanrig/spanrig/captures"
)

// Multicast groups of a LAN.
var (
	allNodes   = netip.MustParseAddr("ff02::1")
	allRouters = netip.MustParseAddr("ff02::2")
	mldRouters = netip.MustParseAddr("ff02::16")
	mdns4      = netip.MustParseAddr("224.0.0.251")
	broadcast  = netip.MustParseAddr("255.255.255.255")
)

var broadcastMAC = captures.MAC{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}

// ARP returns a request, or a reply where reply is set (RFC 826).
func ARP(reply bool, sender captures.MAC, from netip.Addr, target captures.MAC, to netip.Addr) []byte {
	operation := uint16(1)
	if reply {
		operation = 2
	}
	return concat(be16(1, etherIPv4), []byte{6, 4}, be16(operation), sender[:], from.AsSlice(), target[:], to.AsSlice())
}

// multicastMAC maps a group to its Ethernet address (RFC 1112 section 6.4, RFC 2464 section 7).
func multicastMAC(group netip.Addr) captures.MAC {
	if group.Is4() {
		a := group.As4()
		return captures.MAC{0x01, 0x00, 0x5e, a[1] & 0x7f, a[2], a[3]}
	}
	a := group.As16()
	return captures.MAC{0x33, 0x33, a[12], a[13], a[14], a[15]}
}

// linkLocal is the address that a MAC makes (RFC 4291 appendix A).
func linkLocal(m captures.MAC) netip.Addr {
	return netip.AddrFrom16([16]byte{0xfe, 0x80, 8: m[0] ^ 2, 9: m[1], 10: m[2], 11: 0xff, 12: 0xfe, 13: m[3], 14: m[4], 15: m[5]})
}

// linkOption is the source (1) or target (2) link-layer address option of RFC 4861 section 4.6.1.
func linkOption(kind uint8, m captures.MAC) []byte { return append([]byte{kind, 1}, m[:]...) }

// routerAdvert is the body of a router advertisement (RFC 4861 section 4.2)
// with one prefix and one resolver (RFC 8106).
func routerAdvert(router captures.MAC, prefix netip.Prefix, resolver netip.Addr) []byte {
	info := concat([]byte{3, 4, uint8(prefix.Bits()), 0xc0}, binary.BigEndian.AppendUint32(nil, 86400),
		binary.BigEndian.AppendUint32(nil, 14400), make([]byte, 4), prefix.Addr().AsSlice())
	servers := concat([]byte{25, 3, 0, 0}, binary.BigEndian.AppendUint32(nil, 1800), resolver.AsSlice())
	return concat(make([]byte, 8), linkOption(1, router), info, servers)
}

// mldReport is an MLDv2 report that joins one group (RFC 3810 section 5.2).
func mldReport(group netip.Addr) []byte {
	return concat([]byte{4, 0, 0, 0}, group.AsSlice())
}
