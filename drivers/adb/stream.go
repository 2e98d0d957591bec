package adb

import (
	"context"
	"errors"
	"io"

	"github.com/spanrig/spanrig/drivers"
)

// Stream implements [drivers.Bridge]. The program lives until ctx ends or
// Close is called; whether it hears of that is up to the device, which sends
// it SIGHUP or closes its output.
func (d *Device) Stream(ctx context.Context, argv ...string) (io.ReadCloser, error) {
	var stderr tail
	p, err := d.start(ctx, nil, &stderr, argv)
	if err != nil {
		return nil, err
	}
	return &stream{p, &stderr}, nil
}

// stream ends with the exit code where that is not 0.
type stream struct {
	process
	stderr *tail
}

func (s *stream) Read(p []byte) (int, error) {
	n, err := s.process.Read(p)
	if errors.Is(err, io.EOF) && s.exitCode() != 0 {
		err = &drivers.ExitError{Code: s.exitCode(), Stderr: s.stderr.b}
	}
	return n, err
}

// tail keeps the end of what is written.
type tail struct{ b []byte }

func (t *tail) Write(p []byte) (int, error) {
	t.b = append(t.b, p...)
	if over := len(t.b) - stderrEnd; over > 0 {
		t.b = append(t.b[:0], t.b[over:]...)
	}
	return len(p), nil
}
