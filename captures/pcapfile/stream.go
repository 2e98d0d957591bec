package pcapfile

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// maxWindow bounds the memory of a zstd decoder, bytes; it is the limit of the
// zstd command (--long=27).
const maxWindow = 128 << 20

// A stream gives the decompressed bytes of a file.
type stream struct {
	io.Reader
	close func()
}

// streamDamage is a compressed stream that is cut or corrupt.
type streamDamage struct {
	format string
	err    error
}

func (d *streamDamage) Error() string {
	if errors.Is(d.err, io.ErrUnexpectedEOF) {
		return d.format + " stream cut"
	}
	return fmt.Sprintf("%s stream damaged (%v)", d.format, d.err)
}

// decompress undoes gzip and zstd, told by their magic numbers, and leaves
// every other stream as it is. A reader of large blocks reads straight from r.
func decompress(r io.Reader) (*stream, error) {
	magic := make([]byte, 4)
	n, err := io.ReadFull(r, magic)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, err
	}
	all := io.MultiReader(bytes.NewReader(magic[:n]), r)
	switch {
	case bytes.HasPrefix(magic, []byte{0x1f, 0x8b}):
		return gunzip(all)
	case bytes.Equal(magic, []byte{0x28, 0xb5, 0x2f, 0xfd}),
		magic[0]&0xf0 == 0x50 && bytes.Equal(magic[1:], []byte{0x2a, 0x4d, 0x18}): // a skippable frame first
		return unzstd(all)
	}
	return &stream{all, func() {}}, nil
}

func gunzip(r io.Reader) (*stream, error) {
	in := &watched{r: r}
	z, err := gzip.NewReader(bufio.NewReaderSize(in, 1<<18))
	if err != nil {
		return nil, in.blame("gzip", err)
	}
	return &stream{&filled{r: z, in: in, format: "gzip"}, func() { _ = z.Close() }}, nil
}

func unzstd(r io.Reader) (*stream, error) {
	in := &watched{r: r}
	z, err := zstd.NewReader(in, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow))
	if err != nil {
		return nil, in.blame("zstd", err)
	}
	return &stream{&filled{r: z, in: in, format: "zstd"}, z.Close}, nil
}

// watched keeps the error of the reader below a decompressor, so that a disk
// that cannot be read is told from a stream that is damaged.
type watched struct {
	r   io.Reader
	err error
}

func (w *watched) Read(b []byte) (int, error) {
	n, err := w.r.Read(b)
	if err != nil && !errors.Is(err, io.EOF) {
		w.err = err
	}
	return n, err
}

// blame is the cause of an error of the decompressor above.
func (w *watched) blame(format string, err error) error {
	if w.err != nil {
		return w.err
	}
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return &streamDamage{format, err}
}

// filled fills every read, for decompressors return a few kilobytes at a time.
type filled struct {
	r      io.Reader
	in     *watched
	format string
	err    error
}

func (f *filled) Read(b []byte) (n int, err error) {
	for n < len(b) && f.err == nil {
		m, err := f.r.Read(b[n:])
		n += m
		switch {
		case errors.Is(err, io.EOF):
			f.err = io.EOF
		case err != nil:
			f.err = f.in.blame(f.format, err)
		}
	}
	return n, f.err
}
