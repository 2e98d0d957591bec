package evidence

import (
	"bufio"
	"errors"
	"io"
	"os"
)

// spool is a lineSink that gathers lines in a file of its own until those that
// come later are known, and then writes flows.jsonl to the bundle.
type spool struct {
	sink sink
	file *os.File
	out  *bufio.Writer
	at   int64
	room []int64 // where the lines belong that come later, in the file
}

const (
	spoolBytes = 1 << 17 // of each buffer
	spoolName  = ".flows."
)

func newSpool(s sink, dir string) (*spool, error) {
	f, err := os.CreateTemp(dir, spoolName+"*") // of mode 0600
	if err != nil {
		return nil, err
	}
	return &spool{sink: s, file: f, out: bufio.NewWriterSize(f, spoolBytes)}, nil
}

func (s *spool) line(b []byte) error {
	s.at += int64(len(b))
	_, err := s.out.Write(b)
	return err
}

func (s *spool) later() error {
	s.room = append(s.room, s.at)
	return nil
}

func (s *spool) restart() error {
	_, err := s.file.Seek(0, io.SeekStart)
	s.out.Reset(s.file)
	s.at, s.room = 0, nil
	return errors.Join(err, s.file.Truncate(0))
}

func (s *spool) finish(next func() []byte) (digest, error) {
	if err := s.out.Flush(); err != nil {
		return digest{}, err
	}
	w, err := s.sink.reserve(FlowsName, -1)
	if err != nil {
		return digest{}, err
	}
	sum := newWhole(false)
	err = s.merge(bufio.NewWriterSize(io.MultiWriter(w, sum), spoolBytes), next)
	return sum.take(), ended(w, err)
}

// merge writes all lines in their order.
func (s *spool) merge(out *bufio.Writer, next func() []byte) error {
	in := bufio.NewReaderSize(io.NewSectionReader(s.file, 0, s.at), spoolBytes)
	at := int64(0)
	for _, room := range s.room {
		if _, err := io.CopyN(out, in, room-at); err != nil {
			return err
		}
		at = room
		if _, err := out.Write(next()); err != nil {
			return err
		}
	}
	if _, err := io.CopyN(out, in, s.at-at); err != nil {
		return err
	}
	return out.Flush()
}

func (s *spool) close() {
	_ = s.file.Close()
	_ = os.Remove(s.file.Name())
}
