package transcript

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"sync"
	"time"

	"github.com/spanrig/spanrig/drivers"
)

// keep is how many bytes of a stream, a file or an output are kept.
const keep = 4 << 20

// Recorder is a bridge that writes down what another bridge answers.
type Recorder struct {
	bridge drivers.Bridge
	mask   mask

	mu  sync.Mutex
	w   io.Writer
	err error
}

var _ drivers.Bridge = (*Recorder)(nil)

// NewRecorder writes the header, whose schema and, where it has none, time are
// filled in.
func NewRecorder(b drivers.Bridge, w io.Writer, h Header, secrets ...string) (*Recorder, error) {
	h.Schema = Schema
	if h.Recorded.IsZero() {
		h.Recorded = time.Now().UTC().Truncate(time.Second)
	}
	r := &Recorder{bridge: b, mask: newMask(secrets), w: w}
	r.write(h)
	return r, r.Err()
}

// Err is why the transcript could not be written, if so. The bridge's calls go
// on all the same.
func (r *Recorder) Err() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.err
}

func (r *Recorder) write(v any) {
	b, err := json.Marshal(v)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err != nil {
		return
	}
	if err == nil {
		_, err = r.w.Write(append(b, '\n'))
	}
	if err != nil {
		r.err = fmt.Errorf("transcript: %w", err)
	}
}

// end writes the line of a call that began at a time.
func (r *Recorder) end(l line, begin time.Time, err error) {
	l.Millis = time.Since(begin).Milliseconds()
	if err != nil {
		l.Error, l.Kind = err.Error(), kind(err)
	}
	if len(l.Stdout) > keep || len(l.Stderr) > keep {
		l.Stdout, l.Stderr, l.Cut = l.Stdout[:min(len(l.Stdout), keep)], l.Stderr[:min(len(l.Stderr), keep)], true
	}
	r.mask.hideAll(&l)
	r.write(l)
}

// kind names what errors.Is has to find again.
func kind(err error) string {
	switch {
	case errors.Is(err, drivers.ErrLost):
		return "lost"
	case errors.Is(err, fs.ErrNotExist):
		return "missing"
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return "cancelled"
	}
	return ""
}

// Run implements [drivers.Bridge].
func (r *Recorder) Run(ctx context.Context, argv ...string) (drivers.Output, error) {
	begin := time.Now()
	out, err := r.bridge.Run(ctx, argv...)
	r.end(line{Do: doRun, Argv: texts(argv), Stdout: out.Stdout, Stderr: out.Stderr, Code: out.Code}, begin, err)
	return out, err
}

// Stream implements [drivers.Bridge]; its line is written when it is closed.
func (r *Recorder) Stream(ctx context.Context, argv ...string) (io.ReadCloser, error) {
	begin := time.Now()
	l := line{Do: doStream, Argv: texts(argv)}
	stream, err := r.bridge.Stream(ctx, argv...)
	if err != nil {
		r.end(l, begin, err)
		return nil, err
	}
	return &recordedStream{ReadCloser: stream, r: r, line: l, begin: begin}, nil
}

type recordedStream struct {
	io.ReadCloser
	r     *Recorder
	begin time.Time
	once  sync.Once

	mu   sync.Mutex
	line line
	err  error
}

func (s *recordedStream) Read(p []byte) (int, error) {
	n, err := s.ReadCloser.Read(p)
	s.mu.Lock()
	defer s.mu.Unlock()
	if room := keep + 1 - len(s.line.Stdout); room > 0 {
		s.line.Stdout = append(s.line.Stdout, p[:min(n, room)]...)
	}
	if err != nil && s.err == nil {
		s.err = err
	}
	return n, err
}

func (s *recordedStream) Close() error {
	err := s.ReadCloser.Close()
	s.once.Do(func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		var exit *drivers.ExitError
		if errors.As(s.err, &exit) {
			s.line.Code, s.line.Stderr, s.err = exit.Code, exit.Stderr, nil
		}
		if errors.Is(s.err, io.EOF) {
			s.err = nil
		}
		s.r.end(s.line, s.begin, s.err)
	})
	return err
}

// Pull implements [drivers.Bridge].
func (r *Recorder) Pull(ctx context.Context, path string, w io.Writer) error {
	begin, copied := time.Now(), new(beginning)
	err := r.bridge.Pull(ctx, path, io.MultiWriter(w, copied))
	r.end(line{Do: doPull, Path: text(path), Stdout: copied.Bytes()}, begin, err)
	return err
}

// beginning keeps the beginning of what is written.
type beginning struct{ bytes.Buffer }

func (b *beginning) Write(p []byte) (int, error) {
	if room := keep + 1 - b.Len(); room > 0 {
		b.Buffer.Write(p[:min(len(p), room)])
	}
	return len(p), nil
}

// Push implements [drivers.Bridge]; what was pushed is not kept.
func (r *Recorder) Push(ctx context.Context, path string, perm fs.FileMode, content io.Reader) error {
	begin := time.Now()
	err := r.bridge.Push(ctx, path, perm, content)
	r.end(line{Do: doPush, Path: text(path)}, begin, err)
	return err
}

// Reboot implements [drivers.Bridge].
func (r *Recorder) Reboot(ctx context.Context) error {
	begin := time.Now()
	err := r.bridge.Reboot(ctx)
	r.end(line{Do: doReboot}, begin, err)
	return err
}

// Ready implements [drivers.Bridge].
func (r *Recorder) Ready(ctx context.Context) error {
	begin := time.Now()
	err := r.bridge.Ready(ctx)
	r.end(line{Do: doReady}, begin, err)
	return err
}
