package packet

import (
	"net/netip"

	"github.com/spanrig/spanrig/captures"
)

// EtherTypes (https://www.iana.org/assignments/ieee-802-numbers).
const (
	maxLength = 1500 // up to here the field is a length, and LLC follows

	typeIPv4        = 0x0800
	typeARP         = 0x0806
	typeTEB         = 0x6558 // transparent Ethernet bridging
	typeVLAN        = 0x8100
	typePPP         = 0x880b
	typeMPLS        = 0x8847
	typeMPLSUp      = 0x8848 // upstream-assigned label
	typePPPoE       = 0x8864
	typeProvider    = 0x88a8 // 802.1ad
	typeIPv6        = 0x86dd
	typeBackbone    = 0x88e7 // 802.1ah
	typeFabricPath  = 0x8903
	typeVNTag       = 0x8926
	typeETag        = 0x893f // 802.1BR
	typeOldQinQ     = 0x9100
	typeOldQinQ2    = 0x9200
	typeOldQinQ3    = 0x9300
	sizeVLANTag     = 4
	sizeVNTag       = 6
	sizeETag        = 8
	sizeBackboneTag = 4
	sizeFabricTag   = 2
)

// ethernet decodes an Ethernet II or 802.3 frame. Its addresses and tags take
// the place of those of an Ethernet header further out: in mirrored traffic
// the inner ones are the device's.
func (d *Decoder) ethernet(p *Packet, v view) Result {
	if len(v.b) < 14 {
		return Malformed
	}
	p.DstMAC = captures.MAC(v.b[:6])
	p.SrcMAC = captures.MAC(v.b[6:12])
	p.VLANs, p.NVLAN = [4]uint16{}, 0
	return d.ether(p, be16(v.b[12:]), v.from(14))
}

// ether decodes what follows an EtherType.
func (d *Decoder) ether(p *Packet, t uint16, v view) Result {
	for {
		tag := 0
		switch t {
		case typeIPv4, typeIPv6:
			return d.network(p, v)
		case typeVLAN, typeProvider, typeOldQinQ, typeOldQinQ2, typeOldQinQ3:
			tag = sizeVLANTag
			p.tag(v.b)
		case typeVNTag:
			tag = sizeVNTag
		case typeETag:
			tag = sizeETag
		case typeARP:
			return d.arp(p, v)
		default:
			return d.rareEther(p, t, v)
		}
		if len(v.b) < tag {
			return Malformed
		}
		t, v = be16(v.b[tag-2:]), v.from(tag)
	}
}

// tag records the VLAN ID of an 802.1Q tag; a fifth one is walked over.
func (p *Packet) tag(b []byte) {
	if len(b) >= 2 && int(p.NVLAN) < len(p.VLANs) {
		p.VLANs[p.NVLAN] = be16(b) & 0x0fff
		p.NVLAN++
	}
}

func (d *Decoder) rareEther(p *Packet, t uint16, v view) Result {
	switch t {
	case typeMPLS, typeMPLSUp:
		return d.mpls(p, v)
	case typePPPoE:
		return d.pppoe(p, v)
	case typePPP:
		return d.ppp(p, v)
	case typeTEB:
		return d.ethernet(p, v)
	case typeBackbone:
		return d.ethernet(p, v.beyond(sizeBackboneTag))
	case typeFabricPath:
		return d.ethernet(p, v.beyond(sizeFabricTag))
	}
	if t <= maxLength {
		return d.llc(p, v)
	}
	return NotIP
}

// llc decodes 802.2 LLC, with SNAP (RFC 1042) or with the SAP of IP.
func (d *Decoder) llc(p *Packet, v view) Result {
	if len(v.b) < 3 {
		return Malformed
	}
	switch {
	case v.b[0] == 0xaa && v.b[1] == 0xaa && v.b[2] == 0x03 && len(v.b) >= 8:
		// 00-00-F8 marks a tunnelled Ethernet frame (802.1H).
		if v.b[3] == 0 && v.b[4] == 0 && (v.b[5] == 0 || v.b[5] == 0xf8) {
			return d.ether(p, be16(v.b[6:]), v.from(8))
		}
	case v.b[0] == 0x06 && v.b[1] == 0x06 && v.b[2] == 0x03:
		return d.network(p, v.from(3))
	}
	return NotIP
}

// mpls walks a label stack (RFC 3032) and guesses what is below it, which no
// field says, from the first nibble as routers do (RFC 4385 section 3): IP,
// or an Ethernet pseudowire with or without control word.
func (d *Decoder) mpls(p *Packet, v view) Result {
	for bottom := false; !bottom; v = v.from(4) {
		if len(v.b) < 4 {
			return Malformed
		}
		bottom = v.b[2]&1 == 1
	}
	if len(v.b) < 4 {
		return Malformed
	}
	nibble := v.b[0] >> 4
	if nibble == 1 { // associated channel: operation and maintenance
		return NotIP
	}
	if nibble == 4 || nibble == 6 {
		if r, ok := d.guess(p, v, (*Decoder).network); ok {
			return r
		}
	}
	if nibble == 0 {
		if r, ok := d.guess(p, v.from(4), (*Decoder).ethernet); ok {
			return r
		}
	}
	if r, ok := d.guess(p, v, (*Decoder).ethernet); ok {
		return r
	}
	return NotIP
}

// arp decodes an Ethernet and IPv4 ARP message (RFC 826) and keeps the binding
// of its sender. A probe (RFC 5227) has no sender address and binds nothing.
func (d *Decoder) arp(p *Packet, v view) Result {
	d.binding = Binding{}
	if len(v.b) < 8 {
		return Malformed
	}
	if be16(v.b[2:]) != typeIPv4 || v.b[4] != 6 || v.b[5] != 4 {
		return NotIP
	}
	if len(v.b) < 28 {
		return Malformed
	}
	mac, addr := captures.MAC(v.b[8:14]), netip.AddrFrom4([4]byte(v.b[14:18]))
	operation := be16(v.b[6:])
	if (operation == 1 || operation == 2) && mac[0]&1 == 0 && mac != (captures.MAC{}) && !addr.IsUnspecified() {
		d.binding = Binding{Frame: p.Frame, Time: p.Time, MAC: mac, Addr: addr}
	}
	return ARP
}

// Binding returns what the sender of the last frame said, after Decode
// returned ARP. Its Addr is not valid where the message binds nothing.
func (d *Decoder) Binding() Binding { return d.binding }
