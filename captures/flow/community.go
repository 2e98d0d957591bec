package flow

import (
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"

	"github.com/spanrig/spanrig/captures/packet"
)

// CommunityID returns the Community ID (version 1) of the flow, which tells
// the same flow in the output of other tools
// (https://github.com/corelight/community-id-spec). The usual seed is 0.
func (f *Flow) CommunityID(seed uint16) string {
	sum := f.communityHash(seed)
	return "1:" + base64.StdEncoding.EncodeToString(sum[:])
}

func (f *Flow) communityHash(seed uint16) [sha1.Size]byte {
	src, dst := f.Orig, f.Resp
	hasPorts, ordered := true, false
	switch f.Proto {
	case packet.TCP, packet.UDP, packet.SCTP:
	case packet.ICMP, packet.ICMPv6:
		src.Port, dst.Port, ordered = f.communityICMP()
	default:
		hasPorts = false
	}
	if c := src.Addr.Compare(dst.Addr); !ordered && (c > 0 || c == 0 && src.Port > dst.Port) {
		src, dst = dst, src
	}
	var room [2 + 2*16 + 2 + 2*2]byte
	b := binary.BigEndian.AppendUint16(room[:0], seed)
	b = append(b, src.Addr.AsSlice()...)
	b = append(b, dst.Addr.AsSlice()...)
	b = append(b, f.Proto, 0)
	if hasPorts {
		b = binary.BigEndian.AppendUint16(b, src.Port)
		b = binary.BigEndian.AppendUint16(b, dst.Port)
	}
	return sha1.Sum(b)
}

// communityICMP returns what the specification takes for ports. A message
// without an answer has its type and code, and its ends keep their order.
func (f *Flow) communityICMP() (src, dst uint16, ordered bool) {
	if pair := pairOf(f.Proto, f.ICMPType); pair != nil {
		return uint16(pair.request), uint16(pair.answer), false
	}
	return uint16(f.ICMPType), uint16(f.ICMPCode), true
}
