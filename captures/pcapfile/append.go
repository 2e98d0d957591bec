package pcapfile

import (
	"encoding/binary"
	"math"
	"slices"
)

// The functions of this file append whole blocks of a little-endian section
// with times in nanoseconds to b, for a recorder that keeps its own buffer.
// They check nothing: [Writer] does.

// PacketOverhead is what an enhanced packet block without options has beside
// the data and at most 3 bytes of padding, bytes.
const PacketOverhead = blockHeaderLen + 20 + 4

// AppendSection appends a section header of unknown length.
func AppendSection(b []byte, o WriterOptions) []byte {
	b, start := beginBlock(b, SectionHeader)
	b = binary.LittleEndian.AppendUint32(b, byteOrderMagic)
	b = binary.LittleEndian.AppendUint16(b, 1)              // major version
	b = binary.LittleEndian.AppendUint16(b, 0)              // minor version
	b = binary.LittleEndian.AppendUint64(b, math.MaxUint64) // length of the section: unknown
	options := len(b)
	b = appendText(b, optComment, o.Comment)
	b = appendText(b, shbHardware, o.Hardware)
	b = appendText(b, shbOS, o.OS)
	b = appendText(b, shbApplication, o.Application)
	return endBlock(b, start, options)
}

// AppendInterface appends an interface description.
func AppendInterface(b []byte, i Interface) []byte {
	b, start := beginBlock(b, InterfaceDescription)
	b = binary.LittleEndian.AppendUint16(b, uint16(i.Link))
	b = binary.LittleEndian.AppendUint16(b, 0) // reserved
	b = binary.LittleEndian.AppendUint32(b, i.Snaplen)
	options := len(b)
	b = appendText(b, ifName, i.Name)
	b = appendText(b, ifDescription, i.Description)
	if i.Filter != "" {
		b = appendText(b, ifFilter, "\x00"+i.Filter) // 0: a libpcap filter string
	}
	b = appendOption(b, binary.LittleEndian, Option{ifResolution, []byte{9}})
	return endBlock(b, start, options)
}

// AppendFrame appends an enhanced packet block without options: a frame of
// length bytes on the wire, captured on an interface at t, in ns since the
// epoch and not before it. The captured bytes are the parts, one after the other.
func AppendFrame(b []byte, iface uint32, t int64, length uint32, parts ...[]byte) []byte {
	captured := 0
	for _, part := range parts {
		captured += len(part)
	}
	const head = blockHeaderLen + 20
	size, start := PacketOverhead+padded(captured), len(b)
	b = slices.Grow(b, size)[:start+head]
	h := b[start:]
	binary.LittleEndian.PutUint32(h, uint32(EnhancedPacket))
	binary.LittleEndian.PutUint32(h[4:], uint32(size))
	binary.LittleEndian.PutUint32(h[8:], iface)
	binary.LittleEndian.PutUint32(h[12:], uint32(uint64(t)>>32))
	binary.LittleEndian.PutUint32(h[16:], uint32(t))
	binary.LittleEndian.PutUint32(h[20:], uint32(captured))
	binary.LittleEndian.PutUint32(h[24:], length)
	for _, part := range parts {
		b = append(b, part...)
	}
	b = append(b, zeros[:padded(captured)-captured]...)
	return binary.LittleEndian.AppendUint32(b, uint32(size))
}

// Statistics are the counts of one interface statistics block.
type Statistics struct {
	Begin     int64  // isb_starttime, ns since the epoch; 0: left out
	Received  uint64 // isb_ifrecv
	Dropped   uint64 // isb_ifdrop, where dumpcap has all drops
	Delivered uint64 // isb_usrdeliv; 0: left out
	Comment   string // opt_comment
}

// AppendStatistics appends what was counted on an interface up to the time t,
// in ns since the epoch.
func AppendStatistics(b []byte, iface uint32, t int64, s Statistics) []byte {
	b, start := beginBlock(b, InterfaceStatistics)
	b = binary.LittleEndian.AppendUint32(b, iface)
	b = appendTime(b, t)
	options := len(b)
	b = appendText(b, optComment, s.Comment)
	if s.Begin != 0 {
		b = appendOption(b, binary.LittleEndian, Option{isbStart, appendTime(nil, s.Begin)})
	}
	b = appendCount(b, isbReceived, s.Received)
	b = appendCount(b, isbDropped, s.Dropped)
	if s.Delivered != 0 {
		b = appendCount(b, isbDelivered, s.Delivered)
	}
	return endBlock(b, start, options)
}

// beginBlock starts a block at the end of b; its lengths are set by endBlock.
func beginBlock(b []byte, t BlockType) (out []byte, start int) {
	start = len(b)
	b = binary.LittleEndian.AppendUint32(b, uint32(t))
	return binary.LittleEndian.AppendUint32(b, 0), start
}

// endBlock completes the block that began at start, whose options, if it has
// any, began at options.
func endBlock(b []byte, start, options int) []byte {
	if len(b) > options {
		b = appendOption(b, binary.LittleEndian, Option{Code: optEnd})
	}
	size := uint32(len(b) - start + 4)
	binary.LittleEndian.PutUint32(b[start+4:], size)
	return binary.LittleEndian.AppendUint32(b, size)
}

// appendTime appends a timestamp: the upper half first.
func appendTime(b []byte, t int64) []byte {
	b = binary.LittleEndian.AppendUint32(b, uint32(uint64(t)>>32))
	return binary.LittleEndian.AppendUint32(b, uint32(t))
}

func appendCount(b []byte, code uint16, n uint64) []byte {
	return appendOption(b, binary.LittleEndian, Option{code, binary.LittleEndian.AppendUint64(nil, n)})
}

func appendText(b []byte, code uint16, text string) []byte {
	if text == "" {
		return b
	}
	return appendOption(b, binary.LittleEndian, Option{code, []byte(text)})
}

// appendOption appends an option, its value cut to the 65535 bytes that it holds.
func appendOption(b []byte, order binary.AppendByteOrder, o Option) []byte {
	value := o.Value[:min(len(o.Value), math.MaxUint16)]
	b = order.AppendUint16(b, o.Code)
	b = order.AppendUint16(b, uint16(len(value)))
	b = append(b, value...)
	return append(b, zeros[:padded(len(value))-len(value)]...)
}

var zeros [4]byte
