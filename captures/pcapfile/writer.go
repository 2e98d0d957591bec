package pcapfile

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	"github.com/spanrig/spanrig/captures"
)

// WriterOptions describe the section that a Writer writes. Empty strings are
// left out.
type WriterOptions struct {
	Application string // shb_userappl
	Hardware    string // shb_hardware
	OS          string // shb_os
	Comment     string // opt_comment of the section
}

// Interface describes an interface that frames were captured on.
type Interface struct {
	Name        string // if_name
	Description string // if_description
	Filter      string // if_filter, as libpcap spells it
	Link        captures.LinkType
	Snaplen     uint32 // bytes; 0: no limit
}

// A Writer writes one pcapng section, little endian, times in nanoseconds. It
// buffers; call Flush at the end. After an error every method returns it.
type Writer struct {
	w          *bufio.Writer
	scratch    []byte // the block being built
	interfaces int
	err        error
}

// NewWriter writes a section header to w.
func NewWriter(w io.Writer, o WriterOptions) (*Writer, error) {
	out := &Writer{w: bufio.NewWriterSize(w, 1<<18)}
	return out, out.write(AppendSection(nil, o))
}

// AddInterface writes an interface description and returns the index to which
// frames and statistics refer.
func (w *Writer) AddInterface(i Interface) (int, error) {
	if err := w.write(AppendInterface(nil, i)); err != nil {
		return 0, err
	}
	w.interfaces++
	return w.interfaces - 1, nil
}

// WriteFrame writes an enhanced packet block with the time, the length, the
// data and the interface of f; the interface has been added. A time before 1970
// has no form in pcapng and is an error.
func (w *Writer) WriteFrame(f *captures.Frame, comments ...string) error {
	if err := w.check(f.Interface, f.Time); err != nil {
		return err
	}
	if len(f.Data) > MaxRecord-PacketOverhead {
		return fmt.Errorf("frame of %d bytes where a capture holds at most %d", len(f.Data), MaxRecord-PacketOverhead)
	}
	w.scratch = AppendFrame(w.scratch[:0], f.Interface, f.Time, f.Length, f.Data)
	if len(comments) > 0 {
		w.scratch = appendComments(w.scratch, comments)
	}
	if len(w.scratch) > MaxRecord {
		return fmt.Errorf("block of %d bytes where a capture holds at most %d", len(w.scratch), MaxRecord)
	}
	return w.write(w.scratch)
}

// appendComments gives the block b, which has no options, comments.
func appendComments(b []byte, comments []string) []byte {
	b = b[:len(b)-4]
	options := len(b)
	for _, c := range comments {
		b = appendText(b, optComment, c)
	}
	return endBlock(b, 0, options)
}

// WriteStats writes what was received and dropped on an interface up to the
// time t, in ns since the epoch. Dropped is written as isb_ifdrop, as dumpcap
// does.
func (w *Writer) WriteStats(iface int, t int64, s captures.InterfaceStats) error {
	if err := w.check(uint32(iface), t); err != nil {
		return err
	}
	return w.write(AppendStatistics(nil, uint32(iface), t, Statistics{Received: s.Received, Dropped: s.Dropped}))
}

// WriteBlock writes a whole block of another little-endian file as it is, such
// as name resolution, decryption secrets or a custom block. Section headers and
// interface descriptions are refused, for they change what numbers mean.
func (w *Writer) WriteBlock(raw []byte) error {
	order := littleEndian
	if len(raw) < blockOverhead {
		return fmt.Errorf("block of %d bytes is too short", len(raw))
	}
	t, size, fault := blockHeader(raw, &order)
	switch {
	case fault != "":
		return errors.New(fault)
	case size != len(raw):
		return fmt.Errorf("%v of %d bytes says it has %d", t, len(raw), size)
	case t == SectionHeader, t == InterfaceDescription:
		return fmt.Errorf("%v cannot be copied into another section", t)
	}
	if fault := blockTrailer(raw, t, order); fault != "" {
		return errors.New(fault)
	}
	return w.write(raw)
}

// Flush writes what is buffered to the stream below.
func (w *Writer) Flush() error {
	if w.err == nil {
		w.err = w.w.Flush()
	}
	return w.err
}

// check refuses what the file could not say.
func (w *Writer) check(iface uint32, t int64) error {
	switch {
	case w.err != nil:
		return w.err
	case uint64(iface) >= uint64(w.interfaces):
		return fmt.Errorf("interface %d where %d were added", iface, w.interfaces)
	case t < 0:
		return fmt.Errorf("pcapng cannot hold the time %d ns, before 1970", t)
	}
	return nil
}

// write writes a block, unless one before it failed.
func (w *Writer) write(b []byte) error {
	if w.err == nil {
		_, w.err = w.w.Write(b)
	}
	return w.err
}
