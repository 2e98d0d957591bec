package serial

import (
	"context"
	"fmt"
	"time"

	"github.com/spanrig/spanrig/drivers"
)

// Send implements drivers.Console: it writes p in chunks with pauses, waits
// until the line has all of it, and waits before that where the port is away.
// The error is drivers.ErrLost where the port vanished before, while or after p
// went out, and says how much did.
func (c *Console) Send(ctx context.Context, p []byte) error {
	select {
	case c.sending <- struct{}{}:
		defer func() { <-c.sending }()
	case <-ctx.Done():
		return c.unsent(0, len(p), ended(ctx))
	}
	var broken *line
	for {
		l, err := c.ready(ctx, broken)
		if err != nil {
			return c.unsent(0, len(p), err)
		}
		n, err := c.send(ctx, l, p)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil || n > 0 {
			return c.unsent(n, len(p), err)
		}
		broken = l // nothing went out: try again when the port is back
	}
}

// send writes p to one line; n counts what the kernel took.
func (c *Console) send(ctx context.Context, l *line, p []byte) (n int, err error) {
	for n < len(p) {
		k, err := l.write(ctx, p[n:min(n+c.cfg.Chunk, len(p))])
		if k > 0 {
			c.write(time.Now(), Out, p[n:n+k])
			n += k
		}
		if err != nil {
			return n, lost(ctx, err)
		}
		if c.cfg.Pause > 0 && n < len(p) {
			if err := sleep(ctx, c.cfg.Pause); err != nil {
				return n, err
			}
		}
	}
	if _, err := l.write(ctx, nil); err != nil {
		return n, lost(ctx, err)
	}
	return n, nil
}

// lost marks an error of writing: the context's, or else the port's end.
func lost(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return err
	}
	return fmt.Errorf("%w: %w", drivers.ErrLost, err)
}

func (c *Console) unsent(n, of int, err error) error {
	return fmt.Errorf("console %s: sent %d of %d bytes: %w", c.Port().Identity(), n, of, err)
}

// ready waits for an open line other than the one that broke.
func (c *Console) ready(ctx context.Context, broken *line) (*line, error) {
	for {
		c.mu.Lock()
		l, up, err := c.line, c.up, c.err
		c.mu.Unlock()
		if err != nil {
			return nil, err
		}
		if l != nil && l != broken {
			return l, nil
		}
		select {
		case <-up:
		case <-ctx.Done():
			return nil, fmt.Errorf("%w: the port is away: %w", drivers.ErrLost, ended(ctx))
		}
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ended(ctx)
	}
}
