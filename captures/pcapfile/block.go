package pcapfile

import "fmt"

// BlockType is the type of a pcapng block.
type BlockType uint32

// Block types of draft-ietf-opsawg-pcapng section 4, and those of its registry
// that captures in the field hold.
const (
	InterfaceDescription BlockType = 1
	ObsoletePacket       BlockType = 2
	SimplePacket         BlockType = 3
	NameResolution       BlockType = 4
	InterfaceStatistics  BlockType = 5
	EnhancedPacket       BlockType = 6
	JournalExport        BlockType = 9
	DecryptionSecrets    BlockType = 10
	Custom               BlockType = 0x00000bad
	CustomNoCopy         BlockType = 0x40000bad
	SectionHeader        BlockType = 0x0a0d0d0a
)

var blockNames = map[BlockType]string{
	InterfaceDescription: "IDB", ObsoletePacket: "PB", SimplePacket: "SPB", NameResolution: "NRB",
	InterfaceStatistics: "ISB", EnhancedPacket: "EPB", JournalExport: "JEB", DecryptionSecrets: "DSB",
	Custom: "CB", CustomNoCopy: "DCB", SectionHeader: "SHB",
}

// String is the usual abbreviation (EPB), or the number.
func (t BlockType) String() string {
	if name := blockNames[t]; name != "" {
		return name
	}
	return fmt.Sprintf("0x%08x", uint32(t))
}

// numbered reports whether Wireshark gives the block a frame number. It does
// so for custom and journal blocks too, although they hold no frame.
func (t BlockType) numbered() bool {
	switch t {
	case EnhancedPacket, SimplePacket, ObsoletePacket, Custom, CustomNoCopy, JournalExport:
		return true
	}
	return false
}

// A Block is one block of a pcapng file.
type Block struct {
	Type   BlockType
	Offset int64  // in the (decompressed) file, bytes
	Raw    []byte // all of it, both total lengths included

	order byteOrder
}

const (
	blockHeaderLen = 8  // type and total length
	blockOverhead  = 12 // and the total length again

	byteOrderMagic uint32 = 0x1a2b3c4d
)

// blockHeader reads type and total length at the start of b, which holds 12
// bytes or more. A section header sets the order of what follows. fault is a
// clause where no block can start so.
func blockHeader(b []byte, order *byteOrder) (t BlockType, size int, fault string) {
	t = BlockType(order.u32(b)) // that of a section header is a palindrome
	if t == SectionHeader {
		switch byteOrderMagic {
		case littleEndian.u32(b[8:]):
			*order = littleEndian
		case bigEndian.u32(b[8:]):
			*order = bigEndian
		default:
			return t, 0, fmt.Sprintf("section header with byte-order magic %x", b[8:12])
		}
	}
	total := order.u32(b[4:])
	switch {
	case total > MaxRecord:
		return t, 0, fmt.Sprintf("%v of %d bytes where at most %d are read", t, total, MaxRecord)
	case total < blockOverhead, total%4 != 0:
		return t, 0, fmt.Sprintf("%v with an impossible length of %d bytes", t, total)
	}
	return t, int(total), ""
}

// blockTrailer compares the two lengths of a whole block.
func blockTrailer(raw []byte, t BlockType, order byteOrder) (fault string) {
	if got := order.u32(raw[len(raw)-4:]); got != uint32(len(raw)) {
		return fmt.Sprintf("%v of %d bytes that ends with the length %d", t, len(raw), got)
	}
	return ""
}

// fixedLen is the length of the fields of a block before its options, data and
// overhead apart; -1 for a type whose body is not read.
func fixedLen(t BlockType) int {
	switch t {
	case SectionHeader:
		return 16
	case InterfaceDescription:
		return 8
	case InterfaceStatistics:
		return 12
	case EnhancedPacket, ObsoletePacket:
		return 20
	case SimplePacket:
		return 4
	}
	return -1
}

// Body is what stands between the two total lengths.
func (b *Block) Body() []byte { return b.Raw[blockHeaderLen : len(b.Raw)-4] }

// capturedLen is the length of the data of an enhanced or obsolete packet
// block, as the block says it; 0 for other types or a block too short to say.
func (b *Block) capturedLen() uint32 {
	body := b.Body()
	if b.Type != EnhancedPacket && b.Type != ObsoletePacket || len(body) < 20 {
		return 0
	}
	return b.order.u32(body[12:])
}
