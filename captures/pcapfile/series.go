package pcapfile

import (
	"errors"
	"fmt"
	"io"

	"github.com/spanrig/spanrig/captures"
)

const maxFiles = 1 << 16 // of a recording, for a FrameID holds the index in 16 bits

// A Series is the files of one recording, read one after the other as one
// captures.Source. Frames are numbered anew in each file, and their IDs hold
// its index. Interfaces are those of all files in order; a frame's Interface
// counts in its file.
//
// A damaged file does not hide those after it: they are read, and the first
// fault takes the place of io.EOF.
type Series struct {
	paths []string
	file  *File // being read; nil after the end
	next  int   // index of the file after it
	stats []captures.Stats
	err   error // ends the series
	fault error // the first
}

// OpenAll opens the files at paths, which are in the order of the recording,
// and reads the header of each, so that what is no capture is known now.
func OpenAll(paths []string) (*Series, error) {
	if len(paths) == 0 {
		return nil, errors.New("no capture file to read")
	}
	if len(paths) > maxFiles {
		return nil, fmt.Errorf("%d capture files where a recording has at most %d", len(paths), maxFiles)
	}
	for _, path := range paths[1:] {
		if path == "-" || paths[0] == "-" {
			return nil, errors.New("standard input cannot be one of several capture files")
		}
		f, err := Open(path)
		if err != nil {
			return nil, err
		}
		_ = f.Close()
	}
	s := &Series{paths: paths}
	if err := s.advance(); err != nil {
		return nil, err
	}
	return s, nil
}

// advance opens the next file.
func (s *Series) advance() (err error) {
	if s.next == len(s.paths) {
		if s.fault != nil {
			return s.fault
		}
		return io.EOF
	}
	s.file, err = open(s.paths[s.next], s.next)
	s.next++
	return err
}

// Next fills b with the next frames. See captures.Source.
func (s *Series) Next(b *captures.Batch) error {
	for s.err == nil {
		err := s.file.Next(b)
		if err == nil {
			return nil
		}
		s.stats = append(s.stats, s.file.Stats())
		_ = s.file.Close()
		s.file = nil
		var fault *captures.Fault
		switch {
		case errors.As(err, &fault):
			if s.fault == nil {
				s.fault = err
			}
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

// Close closes the file that is being read.
func (s *Series) Close() error {
	if s.file == nil {
		return nil
	}
	return s.file.Close()
}
