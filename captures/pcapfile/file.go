package pcapfile

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync/atomic"

	"github.com/spanrig/spanrig/captures"
)

// A File is a capture file that is open for reading.
type File struct {
	*Reader
	name string
	size int64 // of the file as it is stored, 0 where it has none
	in   *counted
	turn turn
}

// Open opens the capture file at path; "-" is standard input. The error is one
// line that says what to do. It wraps ErrFormat where the file is no capture,
// and is a *captures.Fault where its header is cut or damaged: then nothing of
// it can be read.
func Open(path string) (*File, error) {
	in, err := source(path)
	if err != nil {
		return nil, err
	}
	f, err := newFile(in, filepath.Base(path))
	if err != nil {
		_ = in.Close()
	}
	return f, err
}

// source opens what is no directory.
func source(path string) (*os.File, error) {
	if path == "-" {
		return os.Stdin, nil
	}
	in, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	stat, err := in.Stat()
	if err == nil && stat.IsDir() {
		err = fmt.Errorf("%s is a directory: name a capture file in it", filepath.Base(path))
	}
	if err != nil {
		_ = in.Close()
		return nil, err
	}
	return in, nil
}

func newFile(in *os.File, name string) (*File, error) {
	stat, err := in.Stat()
	if err != nil {
		return nil, err
	}
	f := &File{name: name, in: &counted{file: in}}
	if stat.Mode().IsRegular() {
		f.size = stat.Size()
	}
	f.Reader, err = NewReader(f.in, Options{Name: name})
	if errors.Is(err, ErrFormat) {
		return nil, fmt.Errorf("%s is %w", name, err)
	}
	if err != nil {
		return nil, err
	}
	return f, nil
}

// Name is the base name of the file; "-" for standard input.
func (f *File) Name() string { return f.name }

// Progress returns how much of the file as it is stored has been read and its
// size, in bytes; the size is 0 where it is not known. Any goroutine may call it.
func (f *File) Progress() (read, size int64) { return f.in.read.Load(), f.size }

// Next fills b with the next frames. See captures.Source.
func (f *File) Next(b *captures.Batch) error {
	if !f.turn.begin() {
		b.Frames = b.Frames[:0]
		return os.ErrClosed
	}
	err := f.Reader.Next(b)
	if f.turn.end() {
		_ = f.free() // Close has returned
	}
	return err
}

// Close closes the file. It may be called while Next reads, which then ends early.
func (f *File) Close() error {
	if f.turn.close(func() { _ = f.in.file.Close() }) {
		return f.free()
	}
	return nil
}

func (f *File) free() error { return errors.Join(f.Reader.Close(), f.in.file.Close()) }

// counted counts what has been read of a file.
type counted struct {
	file *os.File
	read atomic.Int64
}

func (c *counted) Read(b []byte) (int, error) {
	n, err := c.file.Read(b)
	c.read.Add(int64(n))
	return n, err
}

var (
	_ captures.Source = (*Reader)(nil)
	_ captures.Source = (*File)(nil)
	_ io.Closer       = (*File)(nil)
)
