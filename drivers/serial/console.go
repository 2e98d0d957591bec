package serial

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/spanrig/spanrig/drivers"
)

var _ drivers.Console = (*Console)(nil)

// Console is a drivers.Console over a serial port. Its methods may be called
// from every goroutine.
type Console struct {
	cfg     Config
	want    want
	window  *window
	log     journal
	locks   locks
	stop    context.CancelFunc
	done    chan struct{} // closed when the goroutine has gone
	sending chan struct{} // holds a token while somebody sends

	mu   sync.Mutex
	line *line // nil in a gap
	port Port  // where it is, or last was
	up   chan struct{}
	gaps []Gap
	err  error // why it is over
}

// Open finds the port, locks it, opens it and reads from then on. The error is
// a *drivers.BusyError where another run has the port, an *AmbiguousError where
// the identity fits several, and fs.ErrNotExist where it fits none.
func Open(cfg Config) (*Console, error) {
	cfg, err := cfg.filled()
	if err != nil {
		return nil, err
	}
	c := &Console{
		cfg: cfg, want: want{usb: cfg.USB, path: cfg.Path}, window: newWindow(cfg.Window), log: journal{w: cfg.Log},
		locks: locks{reason: cfg.Reason}, done: make(chan struct{}), sending: make(chan struct{}, 1), up: make(chan struct{}),
	}
	l, port, err := c.attach()
	if err != nil {
		return nil, errors.Join(err, c.locks.release())
	}
	c.want.pin(port)
	c.raise(l, port)
	c.event("open", "opened "+port.Path, nil)
	ctx, stop := context.WithCancel(context.Background())
	c.stop = stop
	go c.run(ctx, l)
	return c, nil
}

// run reads from one line after the other until the console is over.
func (c *Console) run(ctx context.Context, l *line) {
	defer close(c.done)
	defer context.AfterFunc(ctx, func() { c.hangUp() })()
	for {
		opened := time.Now()
		if ctx.Err() != nil { // it was closed while the port came back
			l.closing.Store(true)
		}
		because := c.pump(l)
		if ctx.Err() != nil {
			return
		}
		c.lose(l, because)
		var err error
		if l, err = c.regain(ctx, time.Since(opened)); err != nil {
			if ctx.Err() == nil {
				c.over(err)
			}
			return
		}
	}
}

// pump reads from a line until it breaks.
func (c *Console) pump(l *line) error {
	defer close(l.unread)
	p := make([]byte, 4096)
	for {
		n, err := l.read(p)
		if n > 0 {
			now := time.Now()
			c.write(now, In, p[:n])
			c.window.add(p[:n], now)
		}
		if err != nil {
			return err
		}
	}
}

// hangUp lets the reader of the line return, where there is one.
func (c *Console) hangUp() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.line != nil {
		c.line.closing.Store(true)
	}
}

// Cursor implements drivers.Console.
func (c *Console) Cursor() drivers.Cursor {
	c.window.mu.Lock()
	defer c.window.mu.Unlock()
	return &cursor{w: c.window, away: c.away, pos: c.window.end()}
}

// Settle waits until the port is there and nothing has come for as long as quiet.
func (c *Console) Settle(ctx context.Context, quiet time.Duration) error {
	return c.window.settle(ctx, quiet, func() bool { return c.away() == nil })
}

// Port returns where the console is, or last was.
func (c *Console) Port() Port {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.port
}

// Gaps lists when the port was away.
func (c *Console) Gaps() []Gap {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.gaps)
}

// Close ends the reading, closes the port and gives it free. The error says so
// where the log lacks something.
func (c *Console) Close() error {
	c.stop()
	<-c.done
	c.mu.Lock()
	l, first := c.line, !errors.Is(c.err, errOver)
	c.line, c.err = nil, fmt.Errorf("console %s: %w", c.port.Identity(), errOver)
	c.mu.Unlock()
	if !first {
		return nil
	}
	var errs []error
	if l != nil {
		errs = append(errs, l.close())
	}
	c.event("closed", "closed "+c.Port().Path, nil)
	c.window.fail(c.ended())
	return errors.Join(append(errs, c.locks.release(), c.log.err())...)
}

var errOver = errors.New("it was closed")

// ended is why the console is over; nil where it is not.
func (c *Console) ended() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// write logs bytes; the journal hears it where that fails for the first time.
func (c *Console) write(at time.Time, direction byte, p []byte) {
	if err := c.log.write(at, direction, p); err != nil {
		c.note("log failed", map[string]any{"because": err.Error()})
	}
}

// event tells log and journal what became of the port.
func (c *Console) event(name, sentence string, keys map[string]any) {
	c.write(time.Now(), Event, []byte(sentence))
	c.note(name, keys)
}

func (c *Console) note(name string, keys map[string]any) {
	port := c.Port()
	all := map[string]any{"event": name, "identity": port.Identity(), "path": port.Path}
	for k, v := range keys {
		all[k] = v
	}
	c.cfg.Note("serial", all)
}
