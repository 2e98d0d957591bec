package pcapfile

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"

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
	scratch    []byte // the block being built, its data apart
	interfaces int
	err        error
}

// NewWriter writes a section header to w.
func NewWriter(w io.Writer, o WriterOptions) (*Writer, error) {
	out := &Writer{w: bufio.NewWriterSize(w, 1<<18)}
	b := out.begin(SectionHeader)
	b = binary.LittleEndian.AppendUint32(b, byteOrderMagic)
	b = binary.LittleEndian.AppendUint16(b, 1)              // major version
	b = binary.LittleEndian.AppendUint16(b, 0)              // minor version
	b = binary.LittleEndian.AppendUint64(b, math.MaxUint64) // length of the section: unknown
	head := len(b)
	b = appendText(b, optComment, o.Comment)
	b = appendText(b, shbHardware, o.Hardware)
	b = appendText(b, shbOS, o.OS)
	b = appendText(b, shbApplication, o.Application)
	return out, out.end(b, head, nil)
}

// AddInterface writes an interface description and returns the index to which
// frames and statistics refer.
func (w *Writer) AddInterface(i Interface) (int, error) {
	b := w.begin(InterfaceDescription)
	b = binary.LittleEndian.AppendUint16(b, uint16(i.Link))
	b = binary.LittleEndian.AppendUint16(b, 0) // reserved
	b = binary.LittleEndian.AppendUint32(b, i.Snaplen)
	head := len(b)
	b = appendText(b, ifName, i.Name)
	b = appendText(b, ifDescription, i.Description)
	if i.Filter != "" {
		b = appendText(b, ifFilter, "\x00"+i.Filter) // 0: a libpcap filter string
	}
	b = appendOption(b, binary.LittleEndian, Option{ifResolution, []byte{9}})
	if err := w.end(b, head, nil); err != nil {
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
	b := w.begin(EnhancedPacket)
	b = binary.LittleEndian.AppendUint32(b, f.Interface)
	b = appendTime(b, f.Time)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(f.Data)))
	b = binary.LittleEndian.AppendUint32(b, f.Length)
	head := len(b)
	for _, c := range comments {
		b = appendText(b, optComment, c)
	}
	return w.end(b, head, f.Data)
}

// WriteStats writes what was received and dropped on an interface up to the
// time t, in ns since the epoch. Dropped is written as isb_ifdrop, as dumpcap
// does.
func (w *Writer) WriteStats(iface int, t int64, s captures.InterfaceStats) error {
	if err := w.check(uint32(iface), t); err != nil {
		return err
	}
	b := w.begin(InterfaceStatistics)
	b = binary.LittleEndian.AppendUint32(b, uint32(iface))
	b = appendTime(b, t)
	head := len(b)
	b = appendCount(b, isbReceived, s.Received)
	b = appendCount(b, isbDropped, s.Dropped)
	return w.end(b, head, nil)
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
	w.write(raw)
	return w.err
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

// begin starts a block; its length is set by end.
func (w *Writer) begin(t BlockType) []byte {
	b := binary.LittleEndian.AppendUint32(w.scratch[:0], uint32(t))
	return binary.LittleEndian.AppendUint32(b, 0)
}

// end completes the block b and writes it. Its fixed fields end at head; there
// follow the data, padded, and then what stands in b, the options.
func (w *Writer) end(b []byte, head int, data []byte) error {
	if len(b) > head {
		b = appendOption(b, binary.LittleEndian, Option{Code: optEnd})
	}
	w.scratch = b
	size := len(b) + padded(len(data)) + 4
	if size > MaxRecord {
		return fmt.Errorf("block of %d bytes where a capture holds at most %d", size, MaxRecord)
	}
	binary.LittleEndian.PutUint32(b[4:], uint32(size))
	b = binary.LittleEndian.AppendUint32(b, uint32(size))
	w.write(b[:head])
	w.write(data)
	w.write(zeros[:padded(len(data))-len(data)])
	w.write(b[head:])
	return w.err
}

func (w *Writer) write(b []byte) {
	if w.err == nil {
		_, w.err = w.w.Write(b)
	}
}

var zeros [4]byte

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
