package packet

import (
	"encoding/binary"
	"slices"

	"github.com/spanrig/spanrig/captures"
)

// Frames of tests are put together from the inside out by these.

var (
	outerMAC = captures.MAC{2, 0, 0, 0, 0, 1}
	innerMAC = captures.MAC{2, 0, 0, 0, 0, 2}
)

func join(parts ...[]byte) []byte { return slices.Concat(parts...) }

func u16(values ...uint16) (b []byte) {
	for _, v := range values {
		b = binary.BigEndian.AppendUint16(b, v)
	}
	return b
}

func etherFrame(source captures.MAC, t uint16, payload []byte) []byte {
	return join([]byte{6, 6, 6, 6, 6, 6}, source[:], u16(t), payload)
}

// ip4Packet goes from 10.0.0.net to 10.0.1.net.
func ip4Packet(proto, net byte, payload []byte) []byte {
	return join([]byte{0x45, 0}, u16(uint16(20+len(payload)), 7, 0x4000), []byte{64, proto, 0, 0, 10, 0, 0, net, 10, 0, 1, net}, payload)
}

// fragment4 makes a fragment of a packet of ip4Packet.
func fragment4(id uint16, offset int, more bool, proto byte, payload []byte) []byte {
	b := ip4Packet(proto, 1, payload)
	binary.BigEndian.PutUint16(b[4:], id)
	word := uint16(offset / 8)
	if more {
		word |= 0x2000
	}
	binary.BigEndian.PutUint16(b[6:], word)
	return b
}

// ip6Packet goes from 2001:db8::net to 2001:db8:1::net.
func ip6Packet(next, net byte, payload []byte) []byte {
	source := [16]byte{0x20, 0x01, 0x0d, 0xb8, 15: net}
	target := [16]byte{0x20, 0x01, 0x0d, 0xb8, 0, 1, 15: net}
	return join([]byte{0x60, 0, 0, 0}, u16(uint16(len(payload))), []byte{next, 64}, source[:], target[:], payload)
}

func fragment6(id uint16, offset int, more bool, next byte, payload []byte) []byte {
	word := uint16(offset)
	if more {
		word |= 1
	}
	return ip6Packet(protoFragment, 1, join([]byte{next, 0}, u16(word, 0, id), payload))
}

func udpSegment(source, target uint16, payload []byte) []byte {
	return join(u16(source, target, uint16(8+len(payload)), 0), payload)
}

func tcpSegment(source, target uint16, payload []byte) []byte {
	return join(u16(source, target, 0, 100, 0, 200), []byte{0x50, PSH | ACK}, u16(512, 0, 0), payload)
}

// inner4 is what the tunnels of tests carry: 10.0.0.9:1111 > 10.0.1.9:443.
func inner4() []byte { return ip4Packet(TCP, 9, tcpSegment(1111, 443, []byte("hello"))) }

func frameOf(link captures.LinkType, number uint64, at int64, b []byte) *captures.Frame {
	return &captures.Frame{ID: captures.NewFrameID(0, number), Time: at, Length: uint32(len(b)), Link: link, Data: b}
}
