package packet

// UDP ports of tunnels.
const (
	portL2TP     = 1701
	portGTP      = 2152
	portTeredo   = 3544
	portVXLAN    = 4789
	portVXLANGPE = 4790
	portAYIYA    = 5072
	portGeneve   = 6081
	portVXLANOld = 8472 // Linux before the port was assigned
)

// udpTunnel peels the tunnels that run over UDP, hinted at by port and
// confirmed by their header and by what is inside.
func (d *Decoder) udpTunnel(p *Packet, src, dst uint16, v view) (Result, bool) {
	if len(v.b) < 8 {
		return NotIP, false
	}
	switch dst {
	case portVXLAN, portVXLANOld:
		return d.vxlan(p, v)
	case portVXLANGPE:
		return d.vxlanGPE(p, v)
	case portGeneve:
		return d.geneve(p, v)
	}
	switch {
	case dst == portGTP || src == portGTP:
		return d.gtp(p, v)
	case dst == portTeredo || src == portTeredo:
		return d.teredo(p, v)
	case dst == portL2TP || src == portL2TP:
		return d.l2tp(p, v)
	case dst == portAYIYA || src == portAYIYA:
		return d.ayiya(p, v)
	}
	return NotIP, false
}

// vxlan peels VXLAN (RFC 7348 section 5): the flag of the network identifier is
// set, reserved ones are ignored.
func (d *Decoder) vxlan(p *Packet, v view) (Result, bool) {
	const identifier = 0x08
	if v.b[0]&identifier == 0 {
		return NotIP, false
	}
	return d.guess(p, v.from(8), (*Decoder).ethernet)
}

// vxlanGPE peels VXLAN-GPE (draft-ietf-nvo3-vxlan-gpe).
func (d *Decoder) vxlanGPE(p *Packet, v view) (Result, bool) {
	const nextProtocol = 0x04
	inside := layer((*Decoder).ethernet)
	if v.b[0]&nextProtocol != 0 {
		switch v.b[3] {
		case 1, 2:
			inside = (*Decoder).network
		case 3:
		default:
			return NotIP, false
		}
	}
	return d.guess(p, v.from(8), inside)
}

// geneve peels Geneve (RFC 8926), whatever its options.
func (d *Decoder) geneve(p *Packet, v view) (Result, bool) {
	size := 8 + int(v.b[0]&0x3f)*4
	if v.b[0]>>6 != 0 || size > len(v.b) {
		return NotIP, false
	}
	t := be16(v.b[2:])
	return d.guess(p, v.from(size), func(d *Decoder, p *Packet, v view) Result { return d.ether(p, t, v) })
}

// gtp peels the user plane of GTP version 1 (3GPP TS 29.281 section 5).
func (d *Decoder) gtp(p *Packet, v view) (Result, bool) {
	const (
		version1  = 0x30 // with the protocol type bit
		extension = 0x04
		optional  = 0x07 // any of these adds all of the optional fields
		userData  = 255
	)
	if v.b[0]&0xf0 != version1 || v.b[1] != userData {
		return NotIP, false
	}
	size := 8
	if v.b[0]&optional != 0 {
		size += 4
		next := v.b[0]&extension != 0
		for next && size < len(v.b) && v.b[size-1] != 0 {
			if v.b[size] == 0 {
				return NotIP, false
			}
			size += int(v.b[size]) * 4
			next = size <= len(v.b)
		}
	}
	if size > len(v.b) {
		return NotIP, false
	}
	return d.guess(p, v.from(size), (*Decoder).network)
}

// teredo peels Teredo (RFC 4380 section 5.1.1): an authentication header and an
// origin indication may precede the IPv6 packet.
func (d *Decoder) teredo(p *Packet, v view) (Result, bool) {
	if v.b[0] == 0 && v.b[1] == 1 {
		v = v.beyond(4 + int(v.b[2]) + int(v.b[3]) + 9)
	}
	if len(v.b) >= 8 && v.b[0] == 0 && v.b[1] == 0 {
		v = v.from(8)
	}
	if len(v.b) == 0 || v.b[0]>>4 != 6 {
		return NotIP, false
	}
	return d.guess(p, v, (*Decoder).network)
}

// l2tp peels data messages of L2TP version 2 (RFC 2661 section 3.1).
func (d *Decoder) l2tp(p *Packet, v view) (Result, bool) {
	const control, length, sequence, offset = 0x8000, 0x4000, 0x0800, 0x0200
	flags := be16(v.b)
	if flags&control != 0 || flags&0x0f != 2 {
		return NotIP, false
	}
	size := 6
	if flags&length != 0 {
		size += 2
	}
	if flags&sequence != 0 {
		size += 4
	}
	if flags&offset != 0 {
		if size+2 > len(v.b) {
			return NotIP, false
		}
		size += 2 + int(be16(v.b[size:]))
	}
	return d.guess(p, v.beyond(size), (*Decoder).ppp)
}

// ayiya peels AYIYA (draft-massar-v6ops-ayiya-02): an identity of 2^n bytes and
// a signature precede the IPv6 packet.
func (d *Decoder) ayiya(p *Packet, v view) (Result, bool) {
	const forward = 1
	if v.b[2]&0x0f != forward || v.b[3] != protoIPv6 {
		return NotIP, false
	}
	size := 8 + 1<<(v.b[0]>>4) + int(v.b[1]>>4)*4
	return d.guess(p, v.beyond(size), (*Decoder).network)
}
