package span

import (
	"encoding/binary"
	"fmt"
)

// Offsets in a block of a TPACKET_V3 ring, which are the same on every machine
// (include/uapi/linux/if_packet.h); numbers are in the order of the host.
const (
	// struct tpacket_block_desc
	blockStatus = 8
	blockCount  = 12 // frames in the block
	blockFirst  = 16 // offset of the first
	blockHead   = 48

	// struct tpacket3_hdr, and struct sockaddr_ll behind it
	frameNext    = 0 // offset of the next from this one
	frameSeconds = 4
	frameNanos   = 8
	frameCapture = 12 // captured bytes
	frameLength  = 16
	frameStatus  = 20
	frameMAC     = 24 // offset of the data
	frameTCI     = 32
	frameTPID    = 36
	frameKind    = 48 + 10 // sll_pkttype
	frameHead    = 48 + 20
)

// Bits of the status of blocks and frames.
const (
	statusUser      = 1 << 0 // the block is ours
	statusVLAN      = 1 << 4 // a tag was taken off; TCI holds it
	statusVLANProto = 1 << 6 // TPID is valid
)

const (
	macs       = 12 // bytes before the first tag
	tagBytes   = 4
	tpidCTag   = 0x8100 // IEEE 802.1Q
	kindOurs   = 4      // PACKET_OUTGOING
	nanosecond = 1e9
)

// ringFrame is a frame in a ring block.
type ringFrame struct {
	time   int64  // ns since the epoch
	length uint32 // on the wire, the tag included
	kind   uint8  // PACKET_HOST, PACKET_OUTGOING, ...
	tagged bool   // the tag belongs behind the addresses
	tag    [tagBytes]byte
	data   []byte // in the block, without the tag
}

// parts returns what was captured, the tag where it was on the wire.
func (f *ringFrame) parts() (head, tag, rest []byte) {
	if !f.tagged {
		return f.data, nil, nil
	}
	return f.data[:macs], f.tag[:], f.data[macs:]
}

// size is how many bytes the parts have.
func (f *ringFrame) size() int {
	if f.tagged {
		return len(f.data) + tagBytes
	}
	return len(f.data)
}

// limit cuts the frame to n bytes, or, where it has a tag, to no less than that.
func (f *ringFrame) limit(n uint32) {
	if f.tagged {
		n = max(n, macs+tagBytes) - tagBytes
	}
	f.data = f.data[:min(uint32(len(f.data)), n)]
}

// walk goes over the frames of a block.
type walk struct {
	block []byte
	at    uint32 // of the next frame
	left  uint32 // frames to come
}

// newWalk begins at the first frame of a block that is ours.
func newWalk(block []byte) (walk, error) {
	if len(block) < blockHead {
		return walk{}, fmt.Errorf("ring block of %d bytes", len(block))
	}
	return walk{
		block: block,
		at:    binary.NativeEndian.Uint32(block[blockFirst:]),
		left:  binary.NativeEndian.Uint32(block[blockCount:]),
	}, nil
}

// next fills f with the next frame and reports whether there was one. After an
// error the rest of the block cannot be read.
func (w *walk) next(f *ringFrame) (bool, error) {
	if w.left == 0 {
		return false, nil
	}
	if uint64(w.at)+frameHead > uint64(len(w.block)) {
		return false, fmt.Errorf("ring frame at %d of a block of %d bytes", w.at, len(w.block))
	}
	h := w.block[w.at:]
	captured, at := binary.NativeEndian.Uint32(h[frameCapture:]), uint32(binary.NativeEndian.Uint16(h[frameMAC:]))
	if at < frameHead || uint64(at)+uint64(captured) > uint64(len(h)) {
		return false, fmt.Errorf("ring frame of %d bytes at %d+%d of a block of %d", captured, w.at, at, len(w.block))
	}
	w.fill(f, h, h[at:at+captured:at+captured])
	w.left--
	step := binary.NativeEndian.Uint32(h[frameNext:])
	if w.left > 0 && (step < at+captured || uint64(w.at)+uint64(step) > uint64(len(w.block))) {
		return false, fmt.Errorf("ring frame at %d says that the next is %d behind it", w.at, step)
	}
	w.at += step
	return true, nil
}

// fill takes the fields of the header h.
func (w *walk) fill(f *ringFrame, h, data []byte) {
	f.time = int64(binary.NativeEndian.Uint32(h[frameSeconds:]))*nanosecond + int64(binary.NativeEndian.Uint32(h[frameNanos:]))
	f.length = binary.NativeEndian.Uint32(h[frameLength:])
	f.kind = h[frameKind]
	f.data, f.tagged = data, false
	if status := binary.NativeEndian.Uint32(h[frameStatus:]); status&statusVLAN != 0 && len(data) >= macs {
		tpid := uint16(tpidCTag)
		if status&statusVLANProto != 0 {
			tpid = binary.NativeEndian.Uint16(h[frameTPID:])
		}
		binary.BigEndian.PutUint16(f.tag[:], tpid)
		binary.BigEndian.PutUint16(f.tag[2:], uint16(binary.NativeEndian.Uint32(h[frameTCI:])))
		f.tagged = true
		f.length += tagBytes
	}
}
