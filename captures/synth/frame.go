package synth

import (
	"encoding/binary"
	"net/netip"

	"github.com/spanrig/spanrig/captures"
)

// EtherTypes (IEEE registry).
const (
	etherIPv4 = 0x0800
	etherARP  = 0x0806
	etherVLAN = 0x8100
	etherIPv6 = 0x86dd
)

// IANA protocol numbers.
const (
	protoICMP   = 1
	protoTCP    = 6
	protoUDP    = 17
	protoGRE    = 47
	protoICMPv6 = 58
)

// Ethernet returns an Ethernet II frame, padded to 60 bytes as a card would.
func Ethernet(dst, src captures.MAC, etherType uint16, payload []byte) []byte {
	b := make([]byte, 0, 14+len(payload))
	b = append(b, dst[:]...)
	b = append(b, src[:]...)
	b = binary.BigEndian.AppendUint16(b, etherType)
	b = append(b, payload...)
	for len(b) < 60 {
		b = append(b, 0)
	}
	return b
}

// VLAN inserts an 802.1Q tag with the given identifier behind the addresses.
func VLAN(id uint16, frame []byte) []byte {
	b := append([]byte{}, frame[:12]...)
	b = binary.BigEndian.AppendUint16(b, etherVLAN)
	b = binary.BigEndian.AppendUint16(b, id)
	return append(b, frame[12:]...)
}

// IPHeader is what varies in an IPv4 or IPv6 header; the family is that of Src.
type IPHeader struct {
	Src, Dst netip.Addr
	Proto    uint8
	TTL      uint8  // hop limit
	ID       uint16 // IPv4 only
}

// IP returns a packet: the header, with its checksum where it has one, and payload.
func IP(h IPHeader, payload []byte) []byte {
	if h.Src.Is6() {
		return ip6(h, payload)
	}
	b := make([]byte, 20, 20+len(payload))
	b[0] = 0x45
	binary.BigEndian.PutUint16(b[2:], uint16(20+len(payload)))
	binary.BigEndian.PutUint16(b[4:], h.ID)
	b[6] = 0x40 // don't fragment
	b[8], b[9] = h.TTL, h.Proto
	copy(b[12:], h.Src.AsSlice())
	copy(b[16:], h.Dst.AsSlice())
	binary.BigEndian.PutUint16(b[10:], checksum(0, b))
	return append(b, payload...)
}

func ip6(h IPHeader, payload []byte) []byte {
	b := make([]byte, 40, 40+len(payload))
	b[0] = 0x60
	binary.BigEndian.PutUint16(b[4:], uint16(len(payload)))
	b[6], b[7] = h.Proto, h.TTL
	copy(b[8:], h.Src.AsSlice())
	copy(b[24:], h.Dst.AsSlice())
	return append(b, payload...)
}

// UDP returns a datagram with its checksum (RFC 768).
func UDP(src, dst netip.AddrPort, payload []byte) []byte {
	b := make([]byte, 8, 8+len(payload))
	binary.BigEndian.PutUint16(b[0:], src.Port())
	binary.BigEndian.PutUint16(b[2:], dst.Port())
	binary.BigEndian.PutUint16(b[4:], uint16(8+len(payload)))
	b = append(b, payload...)
	sum := checksum(pseudo(src.Addr(), dst.Addr(), protoUDP, len(b)), b)
	if sum == 0 {
		sum = 0xffff
	}
	binary.BigEndian.PutUint16(b[6:], sum)
	return b
}

// TCP header flags (RFC 9293 section 3.1).
const (
	FIN = 0x01
	SYN = 0x02
	RST = 0x04
	PSH = 0x08
	ACK = 0x10
)

// Segment is one TCP segment.
type Segment struct {
	Src, Dst netip.AddrPort
	Seq, Ack uint32
	Flags    uint8
	Payload  []byte
}

// TCP returns a segment with its checksum. A SYN announces an MSS of 1460.
func TCP(s Segment) []byte {
	var options []byte
	if s.Flags&SYN != 0 {
		options = []byte{2, 4, 0x05, 0xb4}
	}
	head := 20 + len(options)
	b := make([]byte, 20, head+len(s.Payload))
	binary.BigEndian.PutUint16(b[0:], s.Src.Port())
	binary.BigEndian.PutUint16(b[2:], s.Dst.Port())
	binary.BigEndian.PutUint32(b[4:], s.Seq)
	binary.BigEndian.PutUint32(b[8:], s.Ack)
	b[12], b[13] = uint8(head/4)<<4, s.Flags
	binary.BigEndian.PutUint16(b[14:], 65160)
	b = append(append(b, options...), s.Payload...)
	binary.BigEndian.PutUint16(b[16:], checksum(pseudo(s.Src.Addr(), s.Dst.Addr(), protoTCP, len(b)), b))
	return b
}

// ICMP returns an ICMP or, where src is IPv6, an ICMPv6 message with its
// checksum: type, code, the four bytes of rest and body.
func ICMP(src, dst netip.Addr, kind, code uint8, rest uint32, body []byte) []byte {
	b := make([]byte, 8, 8+len(body))
	b[0], b[1] = kind, code
	binary.BigEndian.PutUint32(b[4:], rest)
	b = append(b, body...)
	var sum uint32
	if src.Is6() {
		sum = pseudo(src, dst, protoICMPv6, len(b))
	}
	binary.BigEndian.PutUint16(b[2:], checksum(sum, b))
	return b
}

// pseudo is the running sum over the pseudo header (RFC 9293 section 3.1, RFC 8200 section 8.1).
func pseudo(src, dst netip.Addr, proto uint8, length int) uint32 {
	var sum uint32
	for _, a := range [][]byte{src.AsSlice(), dst.AsSlice()} {
		for i := 0; i < len(a); i += 2 {
			sum += uint32(binary.BigEndian.Uint16(a[i:]))
		}
	}
	return sum + uint32(proto) + uint32(length)
}

// checksum is the Internet checksum (RFC 1071) that goes on from sum.
func checksum(sum uint32, b []byte) uint16 {
	for i := 0; i+1 < len(b); i += 2 {
		sum += uint32(binary.BigEndian.Uint16(b[i:]))
	}
	if len(b)%2 == 1 {
		sum += uint32(b[len(b)-1]) << 8
	}
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	return ^uint16(sum)
}
