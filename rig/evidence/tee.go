package evidence

import (
	"errors"
	"io"
	"sync"
	"sync/atomic"
)

const (
	chunkBytes = 1 << 20
	chunks     = 8 // in flight between the reader of a capture and those who digest it
)

// tee reads a capture once, for who parses it and for writers that see every
// byte of it, each in its own goroutine: the digests, and the copy while a
// bundle is sealed. Close reads what the parser left, so that they do.
type tee struct {
	in    io.Reader
	size  int // of a chunk, bytes
	made  int // chunks so far
	free  chan *chunk
	outs  []chan *chunk
	ended sync.WaitGroup

	now *chunk // being read
	at  int
	err error // ends the reading

	mu    sync.Mutex
	wrong error // the first error of a writer
}

type chunk struct {
	b    []byte
	refs atomic.Int32
}

// newTee reads in, which has about size bytes.
func newTee(in io.Reader, size int64, outs ...io.Writer) *tee {
	t := &tee{in: in, size: int(min(size+1, chunkBytes)), free: make(chan *chunk, chunks)}
	for _, w := range outs {
		c := make(chan *chunk, chunks)
		t.outs = append(t.outs, c)
		t.ended.Go(func() { t.serve(w, c) })
	}
	return t
}

// serve hands chunks to a writer; after an error it only lets them go.
func (t *tee) serve(w io.Writer, in <-chan *chunk) {
	failed := false
	for c := range in {
		if !failed {
			if _, err := w.Write(c.b); err != nil {
				failed = true
				t.blame(err)
			}
		}
		t.release(c)
	}
}

func (t *tee) blame(err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.wrong == nil {
		t.wrong = err
	}
}

func (t *tee) release(c *chunk) {
	if c.refs.Add(-1) == 0 {
		t.free <- c
	}
}

// take returns a chunk that nobody uses.
func (t *tee) take() *chunk {
	select {
	case c := <-t.free:
		return c
	default:
	}
	if t.made < chunks {
		t.made++
		return &chunk{b: make([]byte, t.size)}
	}
	return <-t.free
}

// next fetches the next chunk and passes it on.
func (t *tee) next() error {
	if t.now != nil {
		t.release(t.now)
		t.now = nil
	}
	if t.err != nil {
		return t.err
	}
	c := t.take()
	n, err := io.ReadFull(t.in, c.b[:t.size])
	c.b = c.b[:n]
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = io.EOF
	}
	t.err = err
	if n == 0 {
		t.free <- c
		return err
	}
	c.refs.Store(int32(len(t.outs) + 1))
	for _, out := range t.outs {
		out <- c
	}
	t.now, t.at = c, 0
	return nil
}

// Read is the parser's.
func (t *tee) Read(b []byte) (int, error) {
	for t.now == nil || t.at == len(t.now.b) {
		if err := t.next(); err != nil {
			return 0, err
		}
	}
	n := copy(b, t.now.b[t.at:])
	t.at += n
	return n, nil
}

// Close reads to the end and waits for the writers. The error is that of
// reading or the first of writing.
func (t *tee) Close() error {
	err := t.err
	for err == nil {
		err = t.next()
	}
	if t.now != nil {
		t.release(t.now)
		t.now = nil
	}
	for _, out := range t.outs {
		close(out)
	}
	t.ended.Wait()
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return errors.Join(err, t.wrong)
}
