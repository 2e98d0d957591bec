package pcapfile

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spanrig/spanrig/captures"
)

const maxFiles = 1 << 16 // of a recording, for a FrameID holds the index in 16 bits

// A Series is the files of one recording, read one after the other as one
// captures.Source. Frames are numbered anew in each file, and their IDs hold
// its index. Interfaces are those of all files in order; a frame's Interface
// counts in its file.
//
// A damaged file, even one without a header such as a recorder leaves when it
// is killed, does not hide those after it: they are read, and the first fault
// takes the place of io.EOF.
type Series struct {
	files []Opener
	file  *member // being read; nil after the end
	next  int     // index of the file after it
	stats []captures.Stats
	err   error // ends the series
	fault error // the first
	turn  turn
}

// An Opener opens one file of a recording, wherever it is.
type Opener struct {
	Name string // base name, for faults
	Open func() (io.ReadCloser, error)
}

// member is a file of a series that is open.
type member struct {
	*Reader
	in io.Closer
}

// Close closes the file.
func (m *member) Close() error { return errors.Join(m.Reader.Close(), m.in.Close()) }

// OpenAll opens the files at paths, which are in the order of the recording,
// and reads the header of each, so that what is no capture is known now. The
// errors are those of Open; a *captures.Fault only where no file has a header.
func OpenAll(paths []string) (*Series, error) {
	if len(paths) == 0 {
		return nil, errors.New("no capture file to read")
	}
	if len(paths) > maxFiles {
		return nil, fmt.Errorf("%d capture files where a recording has at most %d", len(paths), maxFiles)
	}
	files := make([]Opener, len(paths))
	for i, path := range paths {
		files[i] = Opener{filepath.Base(path), func() (io.ReadCloser, error) { return source(path) }}
		if i == 0 {
			continue
		}
		if path == "-" || paths[0] == "-" {
			return nil, errors.New("standard input cannot be one of several capture files")
		}
		f, err := Open(path)
		if err == nil {
			_ = f.Close()
		} else if !isFault(err) {
			return nil, err
		}
	}
	return OpenEach(files)
}

// OpenEach is OpenAll for files that are not on their own in a file system. Each
// is opened once, when its turn comes, and closed after it was read or found
// not to be readable.
func OpenEach(files []Opener) (*Series, error) {
	if len(files) == 0 || len(files) > maxFiles {
		return nil, fmt.Errorf("%d capture files where a recording has 1 to %d", len(files), maxFiles)
	}
	s := &Series{files: files}
	if err := s.advance(); err != nil {
		return nil, err
	}
	return s, nil
}

// advance opens the next file that has a header.
func (s *Series) advance() error {
	for s.next < len(s.files) {
		f, err := s.files[s.next].member(s.next)
		s.next++
		if err == nil {
			s.turn.change(func() { s.file = f })
			return nil
		}
		if !isFault(err) {
			return err
		}
		s.fault = cmp.Or(s.fault, err)
		s.stats = append(s.stats, captures.Stats{})
	}
	return cmp.Or(s.fault, io.EOF)
}

func (o *Opener) member(index int) (*member, error) {
	in, err := o.Open()
	if err != nil {
		return nil, err
	}
	r, err := NewReader(in, Options{File: index, Name: o.Name})
	if errors.Is(err, ErrFormat) {
		err = fmt.Errorf("%s is %w", o.Name, err)
	}
	if err != nil {
		return nil, errors.Join(err, in.Close())
	}
	return &member{r, in}, nil
}

func isFault(err error) bool {
	var fault *captures.Fault
	return errors.As(err, &fault)
}

// Next fills b with the next frames. See captures.Source.
func (s *Series) Next(b *captures.Batch) error {
	if !s.turn.begin() {
		b.Frames = b.Frames[:0]
		return os.ErrClosed
	}
	err := s.read(b)
	if s.turn.end() {
		_ = s.free() // Close has returned
	}
	return err
}

func (s *Series) read(b *captures.Batch) error {
	for s.err == nil {
		err := s.file.Next(b)
		if err == nil {
			return nil
		}
		s.stats = append(s.stats, s.file.Stats())
		done := s.file
		s.turn.change(func() { s.file = nil })
		_ = done.Close()
		switch {
		case isFault(err):
			s.fault = cmp.Or(s.fault, err)
		case !errors.Is(err, io.EOF):
			s.err = err
			continue
		}
		s.err = s.advance()
	}
	b.Frames = b.Frames[:0]
	return s.err
}

// Stats returns the sums over all files so far.
func (s *Series) Stats() captures.Stats {
	var sum captures.Stats
	for _, one := range s.FileStats() {
		sum.Frames += one.Frames
		sum.Bytes += one.Bytes
		sum.Cut += one.Cut
		sum.Interfaces = append(sum.Interfaces, one.Interfaces...)
	}
	return sum
}

// FileStats returns the statistics of each file that has been begun.
func (s *Series) FileStats() []captures.Stats {
	all := s.stats[:len(s.stats):len(s.stats)]
	if s.file != nil {
		all = append(all, s.file.Stats())
	}
	return all
}

// Close closes the file that is being read. It may be called while Next reads,
// which then ends early where that file is one of the operating system's.
func (s *Series) Close() error {
	if s.turn.close(s.interrupt) {
		return s.free()
	}
	return nil
}

func (s *Series) interrupt() {
	if s.file == nil {
		return
	}
	if in, ok := s.file.in.(*os.File); ok { // others may not be closed while they are read
		_ = in.Close()
	}
}

func (s *Series) free() error {
	if s.file == nil {
		return nil
	}
	return s.file.Close()
}
