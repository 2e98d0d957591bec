package record

import (
	"errors"
	"io"
	"os"
	"sync"
)

// spool writes to a file from a goroutine of its own, so that who writes into
// it never waits for the disk: a control must not be late because another
// program syncs. After a failed write it takes nothing more, and what was torn
// is cut off.
type spool struct {
	file *os.File
	done chan struct{}

	mu     sync.Mutex
	wake   *sync.Cond
	buf    []byte
	closed bool
	err    error
}

func newSpool(f *os.File) *spool {
	s := &spool{file: f, done: make(chan struct{})}
	s.wake = sync.NewCond(&s.mu)
	go s.drain()
	return s
}

// Write takes b; the error is that of an earlier one.
func (s *spool) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return 0, s.err
	}
	s.buf = append(s.buf, b...)
	s.wake.Signal()
	return len(b), nil
}

// failed is the error of the write after which nothing more was taken.
func (s *spool) failed() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// drain writes what has come in, whole lines at once.
func (s *spool) drain() {
	defer close(s.done)
	var out []byte
	var whole int64 // bytes of the file
	for {
		s.mu.Lock()
		for len(s.buf) == 0 && !s.closed {
			s.wake.Wait()
		}
		out, s.buf = s.buf, out[:0]
		end := s.closed && len(out) == 0
		s.mu.Unlock()
		if end {
			return
		}
		n, err := s.file.Write(out)
		if err != nil {
			s.fail(errors.Join(err, s.file.Truncate(whole)))
			return
		}
		whole += int64(n)
	}
}

func (s *spool) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err, s.buf = err, nil
}

// Close writes and syncs what is left.
func (s *spool) Close() error {
	s.mu.Lock()
	s.closed = true
	s.wake.Signal()
	s.mu.Unlock()
	<-s.done
	err := s.file.Sync()
	if shut := s.file.Close(); err == nil {
		err = shut
	}
	if failed := s.failed(); failed != nil {
		return failed
	}
	return err
}

var _ io.WriteCloser = (*spool)(nil)
