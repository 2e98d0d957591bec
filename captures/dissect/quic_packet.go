package dissect

import "encoding/binary"

// quicKind is what a long header announces, the same for all versions.
type quicKind uint8

const (
	quicInitial quicKind = iota
	quicZeroRTT
	quicHandshake
	quicRetry
	quicOther // of a version whose packets cannot be told apart, and Version Negotiation
)

// connectionIDLimit is the length of connection IDs in all known versions (RFC 9000 section 17.2).
const connectionIDLimit = 20

// quicLong is a packet with a long header (RFC 8999 section 5.1, RFC 9000 section 17.2).
type quicLong struct {
	kind       quicKind
	version    uint32
	dcid, scid []byte
	number     int    // offset of the packet number in raw; Initial only
	raw        []byte // the whole packet; shorter than announced where the frame was cut
	cut        bool
}

// parseLong cuts the first packet off a datagram; rest is what was coalesced behind it.
func parseLong(b []byte) (p quicLong, rest []byte, ok bool) {
	c := cursor{b: b}
	first := c.u8()
	p.version = c.u32()
	if c.bad || first&0x80 == 0 {
		return p, nil, false
	}
	p.kind, p.raw = kindOf(p.version, first), b
	if p.version != quicNegotiation && !isQUICVersion(p.version) && !isReservedQUIC(p.version) {
		return p, nil, false
	}
	if p.hasNibbles() {
		lengths := c.u8()
		p.dcid, p.scid = c.bytes(nibbleLength(lengths>>4)), c.bytes(nibbleLength(lengths&15))
		p.number = len(b) - len(c.b)
		return p, nil, !c.bad
	}
	p.dcid, p.scid = c.vector8(), c.vector8()
	if c.bad || len(p.dcid) > connectionIDLimit || len(p.scid) > connectionIDLimit {
		return p, nil, false
	}
	switch p.kind {
	case quicRetry, quicOther:
		return p, nil, true // they fill the datagram
	case quicInitial:
		token := c.varint()
		if token > uint64(len(c.b)) {
			return p, nil, false
		}
		c.bytes(int(token))
	}
	length := c.varint()
	p.number = len(b) - len(c.b)
	p.cut = length > uint64(len(c.b))
	if c.bad {
		return p, nil, false
	}
	if !p.cut {
		p.raw, rest = b[:p.number+int(length)], c.b[length:]
	}
	return p, rest, true
}

// kindOf reads the packet type. Version 2 numbers the types anew (RFC 9369 section 3.2).
func kindOf(version uint32, first byte) quicKind {
	kind := quicKind(first >> 4 & 3)
	switch {
	case version == quicNegotiation || isReservedQUIC(version):
		return quicOther
	case version == quic2 || version == quic2Draft:
		return (kind + 3) & 3
	}
	return kind
}

// hasNibbles reports that the lengths of both connection IDs share a byte, as
// in Google's versions between Q043 and Q050 and drafts before 22.
func (p *quicLong) hasNibbles() bool {
	return p.version == 'Q'<<24|'0'<<16|'4'<<8|'6' || p.version == 'Q'<<24|'0'<<16|'4'<<8|'4'
}

func nibbleLength(n byte) int {
	if n == 0 {
		return 0
	}
	return int(n) + 3
}

// looksLikeQUIC recognises the first datagram of a QUIC flow by its long
// header, or by the header of Google's first versions. A short header says
// nothing.
func looksLikeQUIC(b []byte) bool {
	if len(b) < 7 {
		return false
	}
	if b[0]&0x80 == 0 {
		_, ok := parseGoogle(b)
		return ok || isRejection(b)
	}
	p, _, ok := parseLong(b)
	switch {
	case !ok:
		return false
	case p.version == quicNegotiation:
		return p.negotiates()
	case isReservedQUIC(p.version):
		return len(b) >= 1200
	}
	return true
}

// negotiates reports whether a packet of version 0 lists versions that exist (RFC 8999 section 6).
func (p *quicLong) negotiates() bool {
	list := p.raw[1+4+1+len(p.dcid)+1+len(p.scid):]
	if len(list) == 0 || len(list)%4 != 0 {
		return false
	}
	for ; len(list) > 0; list = list[4:] {
		if v := binary.BigEndian.Uint32(list); isQUICVersion(v) {
			return true
		}
	}
	return false
}
