package pcapfile

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/spanrig/spanrig/captures"
)

const (
	// MaxRecord is the largest record or block that is read, in bytes.
	MaxRecord = 16 << 20

	// batchSize is the room of a batch, bytes: few calls of read, and what is
	// parsed is still in the cache of the core.
	batchSize = 512 << 10

	maxEmptyReads = 100
)

const formats = "pcap or pcapng (also gzip, zstd)"

// ErrFormat is what errors.Is finds where a file is no capture at all.
var ErrFormat = errors.New("not a capture")

// Options of a Reader. The zero value is right for a single stream.
type Options struct {
	File int    // index in its recording, for the frames' IDs
	Name string // base name, for faults
}

// A Reader is the captures.Source of one pcap or pcapng stream. It is for one
// goroutine at a time.
type Reader struct {
	options Options
	src     *stream
	format  scanner
	tally   tally
	tail    []byte // read, but not in a batch yet
	need    int    // bytes of the record that begins the tail, 0 where unknown
	offset  int64  // of the tail
	err     error  // what Next returns when the tail gives no more frames
}

// A scanner finds the records of a format.
type scanner interface {
	// scan tallies the frames of the whole records at the start of buf, which
	// is at offset of the file. It returns the bytes used and how many the next
	// record needs (more than are left), or what is wrong with it.
	scan(buf []byte, offset int64, out *tally) (used, need int, fault string)
	interfaces() []captures.InterfaceStats
}

// tally numbers and counts frames on their way into a batch.
type tally struct {
	frames []captures.Frame
	id     captures.FrameID // of the last record that Wireshark numbers
	count  uint64
	bytes  uint64
	cut    uint64
}

func (t *tally) add(f captures.Frame) {
	t.id++
	t.count++
	t.bytes += uint64(len(f.Data))
	if f.Cut() {
		t.cut++
	}
	f.ID = t.id
	t.frames = append(t.frames, f)
}

// NewReader reads the header of the capture in r: pcap or pcapng, plain, gzip
// or zstd. The error wraps ErrFormat where r is none of them, and is a
// *captures.Fault where the header is cut or damaged.
func NewReader(r io.Reader, o Options) (*Reader, error) {
	reader := &Reader{options: o, tally: tally{id: captures.NewFrameID(o.File, 0)}}
	var err error
	if reader.src, err = decompress(r); err != nil {
		return nil, reader.damage(err)
	}
	if err := reader.open(); err != nil {
		reader.src.close()
		return nil, err
	}
	return reader, nil
}

func (r *Reader) open() error {
	h := make([]byte, 4, pcapHeaderLen)
	if err := r.header(h, 0); err != nil {
		return err
	}
	if p, ok := pcapVariant(h); ok {
		h = h[:pcapHeaderLen]
		if err := r.header(h, 4); err != nil {
			return err
		}
		if fault := p.open(h); fault != "" {
			return r.fault(fault)
		}
		r.format, r.offset = p, pcapHeaderLen
		return nil
	}
	if BlockType(littleEndian.u32(h)) == SectionHeader {
		return r.openSection(h)
	}
	return fmt.Errorf("%w: starts with %x; expected %s", ErrFormat, h, formats)
}

// openSection reads the first section header of a pcapng file.
func (r *Reader) openSection(h []byte) error {
	h = h[:blockOverhead]
	if err := r.header(h, 4); err != nil {
		return err
	}
	ng := new(pcapng)
	_, size, fault := blockHeader(h, &ng.order)
	if fault != "" {
		return r.fault(fault)
	}
	raw := append(make([]byte, 0, size), h...)[:size]
	if err := r.header(raw, blockOverhead); err != nil {
		return err
	}
	if _, _, fault = ng.scan(raw, 0, &r.tally); fault != "" {
		return r.fault(fault)
	}
	r.format, r.offset = ng, int64(size)
	return nil
}

// header fills b from the stream after the first have bytes.
func (r *Reader) header(b []byte, have int) error {
	n, err := io.ReadFull(r.src, b[have:])
	switch n += have; {
	case err == nil:
		return nil
	case !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF):
		return r.damage(err)
	case n == 0:
		return r.fault("the file is empty: expected " + formats)
	}
	return r.fault(fmt.Sprintf("header cut after %d of %d bytes", n, len(b)))
}

// Next fills b with the frames of the next part of the file, about half a
// megabyte of them where the stream gives that much at once. It never touches
// a batch that it filled before, so a caller may keep several in use. See
// captures.Source.
func (r *Reader) Next(b *captures.Batch) error {
	buf := sized(b.Buf, r.need)
	n, used := copy(buf, r.tail), 0
	r.tally.frames = b.Frames[:0]
	for len(r.tally.frames) == 0 && r.err == nil {
		if n == len(buf) { // no frame in it: make room for what follows
			next := sized(buf, r.need)
			n, used, buf = copy(next, buf[used:n]), 0, next
		}
		m, err := r.read(buf[n:])
		n += m
		step, need, fault := r.format.scan(buf[used:n], r.offset, &r.tally)
		used += step
		r.offset += int64(step)
		r.need = need
		r.err = r.end(fault, err, n-used)
	}
	b.Frames, b.Buf = r.tally.frames, buf[:n]
	r.tail = append(r.tail[:0], buf[used:n]...)
	if len(b.Frames) == 0 {
		return r.err
	}
	return nil
}

// sized returns a buffer for a batch whose first record needs the given bytes,
// in the memory of buf where that is enough.
func sized(buf []byte, need int) []byte {
	need = max(need, batchSize)
	if cap(buf) >= need {
		return buf[:need]
	}
	return make([]byte, need)
}

// read is one Read of the stream that returns bytes or an error.
func (r *Reader) read(b []byte) (int, error) {
	for range maxEmptyReads {
		if n, err := r.src.Read(b); n > 0 || err != nil {
			return n, err
		}
	}
	return 0, io.ErrNoProgress
}

// end is the error that ends the capture after the scanner found a fault or the
// stream an error, with left bytes of a record that is not whole; or nil.
func (r *Reader) end(fault string, err error, left int) error {
	switch {
	case fault != "":
	case err == nil:
		return nil
	case errors.Is(err, io.EOF) && left == 0:
		return io.EOF
	case errors.Is(err, io.EOF):
		fault = fmt.Sprintf("record cut after %d of %d bytes", left, r.need)
	default:
		return r.damage(err)
	}
	return r.fault(fault)
}

// damage turns an error of a compressed stream into a fault.
func (r *Reader) damage(err error) error {
	var d *streamDamage
	if errors.As(err, &d) {
		return r.fault(d.Error())
	}
	return err
}

func (r *Reader) fault(what string) error {
	return &captures.Fault{File: r.options.Name, Offset: r.offset, What: what}
}

// Stats returns the counts so far and what the file says of its interfaces.
func (r *Reader) Stats() captures.Stats {
	return captures.Stats{
		Frames:     r.tally.count,
		Bytes:      r.tally.bytes,
		Cut:        r.tally.cut,
		Interfaces: slices.Clone(r.format.interfaces()),
	}
}

// Close frees what a decompressor holds; it does not close the stream below.
func (r *Reader) Close() error {
	r.src.close()
	return nil
}
