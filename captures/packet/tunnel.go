package packet

// maxPeels bounds the tunnels that are tried in one frame.
const maxPeels = 8

// layer decodes one layer of a frame.
type layer func(*Decoder, *Packet, view) Result

// peel tries to read v as the inside of a tunnel. Where that gives no packet,
// ok is false and p and d are as before: the outer packet stands.
func (d *Decoder) peel(p *Packet, v view, inside layer) (r Result, ok bool) {
	return d.try(p, v, inside, false)
}

// guess is peel where only a port or a nibble hints at the tunnel: lengths
// inside must fit.
func (d *Decoder) guess(p *Packet, v view, inside layer) (r Result, ok bool) {
	return d.try(p, v, inside, true)
}

func (d *Decoder) try(p *Packet, v view, inside layer, strict bool) (r Result, ok bool) {
	if d.peels == maxPeels || p.Partial {
		return NotIP, false
	}
	d.peels++
	outer, ip, wasStrict := *p, d.ip, d.strict
	d.strict = strict
	p.Tunnelled = true
	switch r = inside(d, p, v); r {
	case OK, ARP, Held:
		return r, true
	}
	*p, d.ip, d.strict = outer, ip, wasStrict
	return r, false
}

// tunnel peels the tunnels that have an IP protocol number.
func (d *Decoder) tunnel(p *Packet, proto uint8, v view) (Result, bool) {
	switch proto {
	case protoIPv4, protoIPv6: // RFC 2003, RFC 2473, RFC 4213; 6to4 looks the same
		return d.peel(p, v, (*Decoder).network)
	case protoEtherIP: // RFC 3378
		return d.peel(p, v.beyond(2), (*Decoder).ethernet)
	case protoMPLS: // RFC 4023
		return d.peel(p, v, (*Decoder).mpls)
	}
	return d.gre(p, v)
}

// GRE header bits (RFC 2784, RFC 2890, RFC 1701, RFC 2637) and protocol types
// that are no EtherType of the wire.
const (
	greChecksum = 0x8000
	greRouting  = 0x4000
	greKey      = 0x2000
	greSequence = 0x1000
	greAck      = 0x0080 // version 1 only
	greVersion  = 0x0007

	greERSPAN3   = 0x22eb
	greERSPAN    = 0x88be // types I and II
	greWCCP      = 0x883e
	greArubaLow  = 0x8200 // 802.11 frames of Aruba access points
	greArubaHigh = 0x82ff
)

// gre peels GRE: IP, NVGRE and other bridged Ethernet, PPTP's PPP, MPLS, ERSPAN.
func (d *Decoder) gre(p *Packet, v view) (Result, bool) {
	if len(v.b) < 4 {
		return NotIP, false
	}
	flags, t := be16(v.b), be16(v.b[2:])
	size := 4
	for _, option := range [...]uint16{greChecksum | greRouting, greKey, greSequence} {
		if flags&option != 0 {
			size += 4
		}
	}
	switch flags & greVersion {
	case 0:
		if flags&greRouting != 0 {
			size = routed(v.b, size)
		}
	case 1:
		if flags&greAck != 0 {
			size += 4
		}
	default:
		return NotIP, false
	}
	if size > len(v.b) {
		return NotIP, false
	}
	v = v.from(size)
	switch {
	case t == greERSPAN || t == greERSPAN3:
		return d.erspan(p, v, flags&greSequence != 0)
	case t == greWCCP:
		if len(v.b) > 4 && v.b[0]>>4 != 4 { // version 2 puts a redirect header first
			v = v.from(4)
		}
		return d.peel(p, v, (*Decoder).network)
	case t >= greArubaLow && t <= greArubaHigh:
		return d.peel(p, v, (*Decoder).wlan)
	}
	return d.peel(p, v, func(d *Decoder, p *Packet, v view) Result { return d.ether(p, t, v) })
}

// routed returns the size of a GRE header whose source route entries (RFC 1701)
// begin at the given offset.
func routed(b []byte, at int) int {
	for at+4 <= len(b) {
		family, length := be16(b[at:]), int(b[at+3])
		at += 4 + length
		if family == 0 && length == 0 {
			return at
		}
	}
	return len(b) + 1
}

// erspan peels a mirrored frame (draft-foschiano-erspan-03). Type I has no
// header of its own, and no GRE sequence number.
func (d *Decoder) erspan(p *Packet, v view, sequenced bool) (Result, bool) {
	const mirroredIP = 2 // frame type of version 2
	inside, size := layer((*Decoder).ethernet), 0
	if sequenced {
		if len(v.b) < 12 {
			return NotIP, false
		}
		size = 8
		if v.b[0]>>4 == 2 { // type III is version 2
			size = 12
			if v.b[11]&1 == 1 { // a platform-specific subheader
				size += 8
			}
			if v.b[10]>>2&0x1f == mirroredIP {
				inside = (*Decoder).network
			}
		}
	}
	if size > len(v.b) {
		return NotIP, false
	}
	return d.peel(p, v.from(size), inside)
}
