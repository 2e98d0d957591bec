package packet

import "encoding/binary"

// body sets the transport payload.
func (p *Packet) body(v view) { p.Payload, p.PayloadLen = v.b, uint32(v.wire) }

// ports reads the pair that TCP, UDP, UDP-Lite, SCTP and DCCP begin with.
func (p *Packet) ports(v view) {
	if len(v.b) >= 4 {
		p.SrcPort, p.DstPort = be16(v.b), be16(v.b[2:])
	}
}

// tcp reads a TCP header (RFC 9293 section 3.1).
func (p *Packet) tcp(v view) {
	p.Proto = TCP
	b := v.b
	if len(b) < 20 {
		p.cutTCP(v)
		return
	}
	p.SrcPort, p.DstPort = be16(b), be16(b[2:])
	p.Seq, p.Ack = be32(b[4:]), be32(b[8:])
	p.Flags = b[13]
	p.Window = be16(b[14:])
	p.body(v.beyond(max(int(b[12]>>4)*4, 20)))
}

// cutTCP reads what the snap length left of a TCP header.
func (p *Packet) cutTCP(v view) {
	var header [20]byte
	n := copy(header[:], v.b)
	p.ports(v)
	p.Seq, p.Ack = whole(header[:], 4, n), whole(header[:], 8, n)
	if n >= 14 {
		p.Flags = header[13]
	}
	if n >= 16 {
		p.Window = be16(header[14:])
	}
	p.body(v.beyond(max(int(header[12]>>4)*4, 20)))
}

// whole returns the 32-bit field at offset at, 0 unless all of it is among
// the first n bytes.
func whole(b []byte, at, n int) uint32 {
	if at+4 > n {
		return 0
	}
	return binary.BigEndian.Uint32(b[at:])
}

// udp reads a UDP header (RFC 768) and peels the tunnels that run over UDP.
// Bytes beyond the UDP length are not payload; a length of 0 was left by
// segmentation offload.
func (d *Decoder) udp(p *Packet, v view) Result {
	if len(v.b) >= 8 {
		if n := int(be16(v.b[4:])); n >= 8 && n < v.wire {
			v = v.to(n)
		}
		if r, ok := d.udpTunnel(p, be16(v.b), be16(v.b[2:]), v.from(8)); ok {
			return r
		}
	}
	p.Proto = UDP
	p.ports(v)
	p.body(v.beyond(8))
	return OK
}

// dccp steps over a DCCP header (RFC 4340 section 5.1).
func (p *Packet) dccp(v view) {
	size := 12
	if len(v.b) > 4 {
		size = max(int(v.b[4])*4, size)
	}
	p.body(v.beyond(size))
}

// icmp reads an ICMP (RFC 792) or ICMPv6 (RFC 4443) header. What follows its 8
// bytes is the payload, a quoted packet included.
func (p *Packet) icmp(v view) {
	if len(v.b) >= 2 {
		p.ICMPType, p.ICMPCode = v.b[0], v.b[1]
	}
	if len(v.b) >= 8 && p.echo() {
		p.EchoID, p.EchoSeq = be16(v.b[4:]), be16(v.b[6:])
	}
	p.body(v.beyond(8))
}

// echo tells echo requests and replies.
func (p *Packet) echo() bool {
	if p.V6 {
		return p.ICMPType == 128 || p.ICMPType == 129
	}
	return p.ICMPType == 8 || p.ICMPType == 0
}
