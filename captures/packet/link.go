package packet

import (
	"encoding/binary"

	"github.com/spanrig/spanrig/captures"
)

// Link types beyond those of package captures that cost a line each.
const (
	linkCiscoHDLC captures.LinkType = 104
	linkAVS       captures.LinkType = 163
)

// link decodes a frame by the link type of its interface
// (https://www.tcpdump.org/linktypes.html).
func (d *Decoder) link(t captures.LinkType, p *Packet, v view) Result {
	switch t {
	case captures.LinkEthernet:
		return d.ethernet(p, v)
	case captures.LinkRaw, captures.LinkRawBSD, captures.LinkRawOpenBSD, captures.LinkIPv4, captures.LinkIPv6:
		return d.network(p, v)
	case captures.LinkNull, captures.LinkLoop:
		return d.loopback(p, v)
	case captures.LinkLinuxSLL:
		return d.cooked(p, v)
	case captures.LinkLinuxSLL2:
		return d.cooked2(p, v)
	case captures.LinkPPP, captures.LinkPPPHDLC, linkCiscoHDLC:
		return d.hdlc(p, v)
	case captures.LinkPPPoE:
		return d.pppoe(p, v)
	case captures.LinkIEEE80211:
		return d.wlan(p, v)
	case captures.LinkRadiotap:
		return d.radiotap(p, v)
	case captures.LinkPrism, linkAVS:
		return d.prism(p, v)
	}
	return Unlinked
}

// loopback decodes LINKTYPE_NULL and LINKTYPE_LOOP: a 32-bit address family
// in the byte order of the host that captured, whose numbers differ by system.
func (d *Decoder) loopback(p *Packet, v view) Result {
	if len(v.b) < 4 {
		return Malformed
	}
	if v.b[0] == 0xff && v.b[1] == 0x03 { // PPP over a BSD null interface
		return d.ppp(p, v)
	}
	family := binary.LittleEndian.Uint32(v.b)
	if family > 0xffff {
		family = be32(v.b)
	}
	switch family {
	case 2, // everywhere
		10,         // Linux
		23,         // Windows
		24, 28, 30: // NetBSD and OpenBSD, FreeBSD, macOS
		return d.network(p, v.from(4))
	case typeIPv4, typeIPv6:
		return d.network(p, v.from(4))
	}
	return NotIP
}

// ARPHRD values of cooked captures whose protocol field is no EtherType.
const (
	arphrdWLAN     = 801
	arphrdPrism    = 802
	arphrdRadiotap = 803
	arphrdNetlink  = 824
)

// cooked decodes LINKTYPE_LINUX_SLL. The address is the sender's, in
// either direction.
func (d *Decoder) cooked(p *Packet, v view) Result {
	if len(v.b) < 16 {
		return Malformed
	}
	if be16(v.b[4:]) == 6 {
		p.SrcMAC = captures.MAC(v.b[6:12])
	}
	return d.cookedPayload(p, be16(v.b[2:]), be16(v.b[14:]), v.from(16))
}

// cooked2 decodes LINKTYPE_LINUX_SLL2.
func (d *Decoder) cooked2(p *Packet, v view) Result {
	if len(v.b) < 20 {
		return Malformed
	}
	if v.b[11] == 6 {
		p.SrcMAC = captures.MAC(v.b[12:18])
	}
	return d.cookedPayload(p, be16(v.b[8:]), be16(v.b), v.from(20))
}

func (d *Decoder) cookedPayload(p *Packet, hardware, protocol uint16, v view) Result {
	switch hardware {
	case arphrdWLAN:
		return d.wlan(p, v)
	case arphrdPrism:
		return d.prism(p, v)
	case arphrdRadiotap:
		return d.radiotap(p, v)
	case arphrdNetlink:
		return NotIP
	}
	if protocol == 4 { // 802.2 LLC without a length
		return d.llc(p, v)
	}
	if protocol <= maxLength { // other numbers of linux/if_ether.h, such as CAN
		return NotIP
	}
	return d.ether(p, protocol, v)
}

// hdlc decodes PPP in HDLC-like framing (RFC 1662), PPP without the framing,
// and Cisco HDLC, told apart by the address byte.
func (d *Decoder) hdlc(p *Packet, v view) Result {
	if len(v.b) >= 4 && (v.b[0] == 0x0f || v.b[0] == 0x8f) && v.b[1] == 0 {
		return d.ether(p, be16(v.b[2:]), v.from(4))
	}
	return d.ppp(p, v)
}

// ppp decodes a PPP frame (RFC 1661), address, control and the protocol's
// first byte compressed or not.
func (d *Decoder) ppp(p *Packet, v view) Result {
	if len(v.b) >= 2 && v.b[0] == 0xff && v.b[1] == 0x03 {
		v = v.from(2)
	}
	if len(v.b) < 2 {
		return Malformed
	}
	protocol, n := be16(v.b), 2
	if v.b[0]&1 == 1 {
		protocol, n = uint16(v.b[0]), 1
	}
	v = v.from(n)
	switch protocol {
	case 0x0021, 0x0057:
		return d.network(p, v)
	case 0x0281, 0x0283:
		return d.mpls(p, v)
	}
	return NotIP
}

// pppoe decodes a PPPoE session frame (RFC 2516). Discovery carries no IP.
func (d *Decoder) pppoe(p *Packet, v view) Result {
	if len(v.b) < 6 || v.b[0] != 0x11 {
		return Malformed
	}
	if v.b[1] != 0 {
		return NotIP
	}
	p.Tunnelled = true
	return d.ppp(p, v.from(6))
}
