package synth

import (
	"encoding/binary"
	"net/netip"

	"github.com/spanrig/spanrig/captures"
)

// ERSPAN wraps a frame in GRE with a sequence number and an ERSPAN type II
// header (draft-foschiano-erspan-03 section 4.2), from one switch address to another.
func ERSPAN(sequence uint32, frame []byte) []byte {
	gre := binary.BigEndian.AppendUint32(be16(0x1000, 0x88be), sequence)
	erspan := binary.BigEndian.AppendUint32(be16(1<<12, 1), 0)
	from, to := netip.MustParseAddr("10.20.255.1"), netip.MustParseAddr("10.20.255.2")
	packet := IP(IPHeader{Src: from, Dst: to, Proto: protoGRE, TTL: 255, ID: uint16(sequence)}, concat(gre, erspan, frame))
	return Ethernet(captures.MAC{0x02, 0, 0x5e, 0, 0xff, 2}, captures.MAC{0x02, 0, 0x5e, 0, 0xff, 1}, etherIPv4, packet)
}

// hop is the frame one hop on: TTL or hop limit one less, checksum right.
func hop(frame []byte) []byte {
	b := append([]byte{}, frame...)
	switch binary.BigEndian.Uint16(b[12:]) {
	case etherIPv4:
		b[22]--
		b[24], b[25] = 0, 0
		binary.BigEndian.PutUint16(b[24:], checksum(0, b[14:34]))
	case etherIPv6:
		b[21]--
	}
	return b
}
