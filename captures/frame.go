package captures

import (
	"fmt"
	"io"
)

// FrameID names one frame of a recording: the number of the file in the
// recording (0 for the first) in the upper 16 bits, the 1-based number of the
// frame in that file, as Wireshark shows it, in the lower 48. The zero value
// names no frame. IDs grow with the order of reading.
type FrameID uint64

// NewFrameID returns the ID of frame number (1-based) of file (0-based).
func NewFrameID(file int, number uint64) FrameID {
	return FrameID(uint64(file)<<48 | number&(1<<48-1))
}

// File is the 0-based index of the file in the recording.
func (id FrameID) File() int { return int(id >> 48) }

// Number is the 1-based number of the frame in its file.
func (id FrameID) Number() uint64 { return uint64(id) & (1<<48 - 1) }

// LinkType is a number of the tcpdump.org LINKTYPE_ registry (16 bits: SLL2 is 276).
type LinkType uint16

// Link types that package packet decodes; all others are skipped and counted.
const (
	LinkNull       LinkType = 0
	LinkEthernet   LinkType = 1
	LinkPPP        LinkType = 9
	LinkPPPHDLC    LinkType = 50
	LinkPPPoE      LinkType = 51
	LinkRaw        LinkType = 101
	LinkIEEE80211  LinkType = 105
	LinkLoop       LinkType = 108
	LinkLinuxSLL   LinkType = 113
	LinkPrism      LinkType = 119
	LinkRadiotap   LinkType = 127
	LinkIPv4       LinkType = 228
	LinkIPv6       LinkType = 229
	LinkLinuxSLL2  LinkType = 276
	LinkRawOpenBSD LinkType = 14
	LinkRawBSD     LinkType = 12
)

// Frame is one captured link-layer unit.
type Frame struct {
	ID        FrameID
	Time      int64    // ns since the Unix epoch; 0 where the file gives none
	Offset    int64    // of the record in the (decompressed) file, bytes
	Length    uint32   // on the wire, bytes
	Interface uint32   // index of the interface in its file
	Link      LinkType // of the interface
	Data      []byte   // the captured bytes; len(Data) < Length where the frame was cut
}

// Cut reports whether the capture holds less of the frame than was on the wire.
func (f *Frame) Cut() bool { return uint64(len(f.Data)) < uint64(f.Length) }

// A Batch carries frames from a Source to its reader. A Source fills Frames,
// whose Data point into Buf; both are valid until the batch is given to Next again.
type Batch struct {
	Frames []Frame
	Buf    []byte
}

// Source yields the frames of one capture in their order.
type Source interface {
	// Next replaces the contents of b by at least one frame, or returns an
	// error: io.EOF at the clean end, *Fault where the capture is damaged
	// (every frame before the damage has been delivered), else the error of
	// the reader below. After an error Next returns the same error.
	Next(b *Batch) error
	// Stats returns what is known so far; final after Next returned an error.
	Stats() Stats
}

// Stats are what a capture says about itself.
type Stats struct {
	Frames     uint64
	Bytes      uint64 // captured bytes
	Cut        uint64 // frames with less captured than was on the wire
	Interfaces []InterfaceStats
}

// InterfaceStats are the last statistics of one interface (pcapng interface
// statistics block). Reported tells whether the file has any.
type InterfaceStats struct {
	Name     string
	Link     LinkType
	Snaplen  uint32 // 0: no limit
	Reported bool
	Received uint64 // isb_ifrecv
	Dropped  uint64 // isb_ifdrop + isb_osdrop
}

// Fault is damage in a capture file: what is before Offset was read, nothing after.
type Fault struct {
	File   string // base name, may be empty
	Offset int64  // in the (decompressed) file, bytes
	What   string // one clause, lower case
}

func (f *Fault) Error() string {
	if f.File != "" {
		return fmt.Sprintf("%s: %s at byte %d", f.File, f.What, f.Offset)
	}
	return fmt.Sprintf("%s at byte %d", f.What, f.Offset)
}

// Unwrap makes errors.Is(err, io.ErrUnexpectedEOF) true for every fault, so
// that damage can never be taken for a clean end.
func (f *Fault) Unwrap() error { return io.ErrUnexpectedEOF }
