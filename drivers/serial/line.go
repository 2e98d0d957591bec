package serial

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"sync"
	"sync/atomic"
	"time"

	bugst "go.bug.st/serial"
	"golang.org/x/sys/unix"
)

const (
	tick     = 50 * time.Millisecond // how soon a reader sees that it should stop
	patience = time.Second           // for a stuck line, before it is left to the kernel
)

var errClosed = errors.New("the line was closed")

// line is an open port. The library closes a port by its descriptor while
// others may be about to use it, and descriptors are reused; so here reads end
// on a tick, and the port is closed when nobody is inside.
type line struct {
	port    bugst.Port
	path    string
	closing atomic.Bool
	unread  chan struct{} // closed when the reader has gone
	writing chan struct{} // holds a token while a write or drain is under way
	shut    chan struct{} // closed when nobody may begin to write
	mu      sync.Mutex    // of closed, for who does not hold the token
	closed  bool
}

func openLine(cfg Config, path string) (*line, error) {
	port, err := bugst.Open(path, cfg.mode())
	if err != nil {
		return nil, explain(path, err)
	}
	if err := port.SetReadTimeout(tick); err != nil {
		return nil, errors.Join(err, port.Close())
	}
	return &line{port: port, path: path, unread: make(chan struct{}), writing: make(chan struct{}, 1), shut: make(chan struct{})}, nil
}

// explain makes an error of opening say what to do. The library's own error
// hides the cause.
func explain(path string, err error) error {
	if e, ok := errors.AsType[*bugst.PortError](err); ok {
		switch e.Code() {
		case bugst.PermissionDenied:
			return fmt.Errorf("open %s: no permission; join the group it belongs to, often dialout (%w)", path, fs.ErrPermission)
		case bugst.PortBusy:
			return fmt.Errorf("open %s: another program has it open; end that one, ModemManager for instance", path)
		}
	}
	return fmt.Errorf("open %s: %w", path, err)
}

// read blocks until something comes; an error means that the port is gone or
// that close was called. Only one goroutine reads, and says so when it is done.
func (l *line) read(p []byte) (n int, err error) {
	for !l.closing.Load() {
		if n, err = l.readOnce(p); n > 0 || err != nil { // neither: the library's time ran out
			return n, err
		}
	}
	return 0, errClosed
}

// readOnce shields from the library's panic where the process has more than
// 1024 files open.
func (l *line) readOnce(p []byte) (n int, err error) {
	defer func() {
		if r := recover(); r != nil {
			n, err = 0, fmt.Errorf("read %s: %v; too many files are open", l.path, r)
		}
	}()
	return l.port.Read(p)
}

// write writes p, or waits until the line has all (p nil). It returns when
// ctx ends; what the line then still holds is thrown away.
func (l *line) write(ctx context.Context, p []byte) (int, error) {
	if err := l.begin(ctx); err != nil {
		return 0, err
	}
	type wrote struct {
		n   int
		err error
	}
	done := make(chan wrote, 1)
	go func() {
		n, err := l.writeAll(p)
		done <- wrote{n, err}
		<-l.writing
	}()
	select {
	case r := <-done:
		return r.n, r.err
	case <-ctx.Done():
	}
	l.flush()
	select {
	case r := <-done:
		return r.n, ended(ctx)
	case <-time.After(patience):
		return 0, fmt.Errorf("the line is stuck: %w", ended(ctx))
	}
}

// begin takes the token for a write.
func (l *line) begin(ctx context.Context) error {
	if ctx.Err() != nil {
		return ended(ctx)
	}
	select {
	case l.writing <- struct{}{}:
	case <-l.shut:
		return errClosed
	case <-ctx.Done():
		return fmt.Errorf("an earlier write is still stuck: %w", ended(ctx))
	}
	select {
	case <-l.shut:
		<-l.writing
		return errClosed
	default:
		return nil
	}
}

// flush throws away what waits to go out, so that a stuck write returns. Where
// the driver cannot do that, nothing else would help.
func (l *line) flush() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.closed {
		_ = l.port.ResetOutputBuffer()
	}
}

func (l *line) writeAll(p []byte) (n int, err error) {
	if p == nil {
		return 0, again(l.port.Drain)
	}
	for n < len(p) {
		k, err := l.port.Write(p[n:])
		n += k
		if err != nil && !errors.Is(err, unix.EINTR) {
			return n, err
		}
	}
	return n, nil
}

// again repeats a system call that a signal broke off.
func again(call func() error) error {
	for {
		if err := call(); !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}

// close ends the reader and closes the port. Where a write is stuck in the
// kernel, or the kernel takes long to close the port, close leaves it to the
// kernel and says so.
func (l *line) close() error {
	l.closing.Store(true)
	close(l.shut)
	<-l.unread
	stuck := false
	select {
	case l.writing <- struct{}{}:
	default:
		l.flush()
		select {
		case l.writing <- struct{}{}:
		case <-time.After(patience):
			stuck = true // the write sits in the kernel and uses no descriptor any more
		}
	}
	closed := make(chan error, 1)
	go func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.closed = true
		closed <- l.port.Close()
	}()
	select {
	case err := <-closed:
		switch {
		case err != nil:
			return fmt.Errorf("close %s: %w", l.path, err)
		case stuck:
			return fmt.Errorf("close %s: the line takes no bytes; what was sent stays in the kernel until the device reads or is unplugged", l.path)
		}
		return nil
	case <-time.After(patience):
		return fmt.Errorf("close %s: the line takes no bytes, and the kernel holds it for up to 30 s", l.path)
	}
}
