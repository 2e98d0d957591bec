package packet

// Protocol numbers that only this package tells apart.
const (
	protoHopByHop    = 0
	protoIPv4        = 4
	protoDCCP        = 33
	protoIPv6        = 41
	protoRouting     = 43
	protoFragment    = 44
	protoGRE         = 47
	protoAH          = 51
	protoNone        = 59
	protoDestination = 60
	protoEtherIP     = 97
	protoMobility    = 135
	protoUDPLite     = 136
	protoMPLS        = 137
	protoHIP         = 139
	protoShim6       = 140
)

// network decodes an IP packet by its version nibble, whatever the layer
// below called it.
func (d *Decoder) network(p *Packet, v view) Result {
	if len(v.b) == 0 {
		return Malformed
	}
	switch v.b[0] >> 4 {
	case 4:
		return d.ipv4(p, v)
	case 6:
		return d.ipv6(p, v)
	}
	return Malformed
}

// ipv4 decodes an IPv4 packet (RFC 791). A total length of 0 was left by
// segmentation offload: the frame's length holds. Checksums are not looked at.
func (d *Decoder) ipv4(p *Packet, v view) Result {
	b := v.b
	if len(b) < 20 {
		return Malformed
	}
	head, total := int(b[0]&0x0f)*4, int(be16(b[2:]))
	if total == 0 {
		total = v.wire
	}
	if head < 20 || total < head || len(b) < head || d.strict && total > v.wire {
		return Malformed
	}
	p.V6 = false
	p.TTL = b[8]
	p.Src = mapped(b[12:16])
	p.Dst = mapped(b[16:20])
	v = v.to(total)
	d.ip = v
	v = v.from(head)
	if offset := be16(b[6:]); offset&0x3fff != 0 {
		key := datagramKey{src: p.Src, dst: p.Dst, id: uint32(be16(b[4:])), proto: b[9]}
		return d.hold(p, key, b[9], piece{at: int(offset&0x1fff) * 8, data: v, more: offset&0x2000 != 0})
	}
	return d.payload(p, b[9], v)
}

func mapped(b []byte) [16]byte {
	return [16]byte{10: 0xff, 11: 0xff, 12: b[0], 13: b[1], 14: b[2], 15: b[3]}
}

// ipv6 decodes an IPv6 packet (RFC 8200). A payload length of 0 is that of a
// jumbogram (RFC 2675) or was left by segmentation offload: the frame's length
// holds.
func (d *Decoder) ipv6(p *Packet, v view) Result {
	b := v.b
	if len(b) < 40 {
		return Malformed
	}
	total := 40 + int(be16(b[4:]))
	if total == 40 {
		total = max(v.wire, 40)
	}
	if d.strict && total > v.wire {
		return Malformed
	}
	p.V6 = true
	p.TTL = b[7]
	p.Src = [16]byte(b[8:24])
	p.Dst = [16]byte(b[24:40])
	d.ip = v.to(total)
	return d.payload(p, b[6], d.ip.from(40))
}

// payload decodes what an IP header, or the last of its extension headers,
// carries. A transport header that was cut leaves ports and flags 0 from
// there on; the packet stands.
func (d *Decoder) payload(p *Packet, proto uint8, v view) Result {
	for {
		switch proto {
		case TCP:
			p.tcp(v)
			return OK
		case UDP:
			return d.udp(p, v)
		case protoFragment:
			if p.V6 && !p.Partial && len(v.b) >= 8 {
				offset := be16(v.b[2:])
				if offset&^6 != 0 {
					key := datagramKey{src: p.Src, dst: p.Dst, id: be32(v.b[4:]), v6: true}
					return d.hold(p, key, v.b[0], piece{at: int(offset &^ 7), data: v.from(8), more: offset&1 == 1})
				}
			}
		}
		next, size := p.extension(proto, v)
		if size == 0 {
			return d.rarePayload(p, proto, v)
		}
		proto, v = next, v.from(size)
	}
}

// extension reads the extension header proto: the number of the header after
// it, and its size in bytes. 0 means that proto is no extension header, or
// one whose next cannot be read. AH (RFC 4302) occurs in IPv4 too; ESP hides
// what follows.
func (p *Packet) extension(proto uint8, v view) (next uint8, size int) {
	if len(v.b) < 8 || !p.V6 && proto != protoAH {
		return 0, 0
	}
	next = v.b[0]
	switch proto {
	case protoHopByHop, protoRouting, protoDestination, protoHIP, protoShim6:
		size = (int(v.b[1]) + 1) * 8
	case protoMobility:
		if next != protoNone { // else the message itself is the payload (RFC 6275 section 6.1)
			size = (int(v.b[1]) + 1) * 8
		}
	case protoFragment: // an atomic one (RFC 6946); others were held
		size = 8
	case protoAH:
		size = (int(v.b[1]) + 2) * 4
	}
	if size > len(v.b) {
		return 0, 0
	}
	return next, size
}

// rarePayload decodes tunnels and the transports other than TCP and UDP.
func (d *Decoder) rarePayload(p *Packet, proto uint8, v view) Result {
	switch proto {
	case protoIPv4, protoIPv6, protoGRE, protoEtherIP, protoMPLS:
		if r, ok := d.tunnel(p, proto, v); ok {
			return r
		}
	}
	p.Proto = proto
	switch {
	case proto == ICMP && !p.V6, proto == ICMPv6 && p.V6:
		p.icmp(v)
	case proto == SCTP:
		p.ports(v)
		p.body(v.beyond(12))
	case proto == protoUDPLite:
		p.ports(v)
		p.body(v.beyond(8))
	case proto == protoDCCP:
		p.ports(v)
		p.dccp(v)
	default:
		p.body(v)
	}
	return OK
}
