package serial

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spanrig/spanrig/drivers"
	"github.com/spanrig/spanrig/drivers/lock"
)

// Gap is a time in which the port was away. Bytes that the device sent in it
// are not in the log.
type Gap struct {
	From, To time.Time // To is zero while the port is still away
	Because  string    // what the reader saw
	Path     string    // device node after it
}

const retry = 250 * time.Millisecond // between two looks, where no hint comes

// raise puts an opened line in place and wakes senders.
func (c *Console) raise(l *line, port Port) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.line, c.port = l, port
	close(c.up)
	c.up = make(chan struct{})
}

// lose begins a gap.
func (c *Console) lose(l *line, because error) {
	c.mu.Lock()
	c.line = nil
	c.gaps = append(c.gaps, Gap{From: time.Now(), Because: because.Error()})
	n := len(c.gaps)
	c.mu.Unlock()
	_ = l.close() // of a port that is gone
	c.event("lost", "lost "+l.path+": "+because.Error(), map[string]any{"gap": n, "because": because.Error()})
}

// regain waits for the port and opens it again. A port that lasted only a
// moment is not opened again at once, lest it be opened all the time.
func (c *Console) regain(ctx context.Context, lasted time.Duration) (*line, error) {
	if c.cfg.Return < 0 {
		return nil, fmt.Errorf("console %s: %w", c.Port().Identity(), drivers.ErrLost)
	}
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Return)
	defer cancel()
	hints := watch()
	defer hints.close()
	if lasted < retry {
		_ = sleep(ctx, retry)
	}
	for {
		l, port, err := c.attach()
		if err == nil {
			c.back(l, port)
			return l, nil
		}
		if hints.wait(ctx, retry) != nil {
			return nil, fmt.Errorf("console %s: %w: it did not come back within %v: %w", c.Port().Identity(), drivers.ErrLost, c.cfg.Return, err)
		}
	}
}

// back ends a gap.
func (c *Console) back(l *line, port Port) {
	now := time.Now()
	c.raise(l, port)
	c.mu.Lock()
	n := len(c.gaps)
	g := &c.gaps[n-1]
	g.To, g.Path = now, port.Path
	away := now.Sub(g.From)
	c.mu.Unlock()
	c.window.mu.Lock()
	c.window.touch(now)
	c.window.mu.Unlock()
	c.event("back", fmt.Sprintf("back as %s after %v", port.Path, away), map[string]any{"gap": n, "away_s": away.Seconds()})
}

// over ends the console: the port did not come back.
func (c *Console) over(err error) {
	c.mu.Lock()
	c.err = err
	close(c.up)
	c.up = make(chan struct{})
	c.mu.Unlock()
	c.event("gone", err.Error(), map[string]any{"gap": len(c.Gaps())})
	c.window.fail(err)
}

// away is drivers.ErrLost while the port is not there.
func (c *Console) away() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.line != nil || c.err != nil {
		return c.err
	}
	return fmt.Errorf("%w: %s is away since %s", drivers.ErrLost, c.port.Identity(), c.gaps[len(c.gaps)-1].From.UTC().Format(time.RFC3339))
}

// attach finds the port, locks it and opens it.
func (c *Console) attach() (*line, Port, error) {
	port, err := c.want.find(c.cfg.Root)
	if err != nil {
		return nil, port, err
	}
	if err := c.locks.add(c.want.claim(port)); err != nil {
		return nil, port, err
	}
	l, err := openLine(c.cfg, port.Path)
	if err != nil {
		return nil, port, err
	}
	c.want.opened()
	return l, port, nil
}

// locks are what one console holds: the port, and where it was before.
type locks struct {
	reason string
	held   map[string]*lock.Lock
}

func (s *locks) add(identity string) error {
	if s.held[identity] != nil {
		return nil
	}
	l, err := lock.Take(s.reason, identity)
	if err != nil {
		return err
	}
	if s.held == nil {
		s.held = map[string]*lock.Lock{}
	}
	s.held[identity] = l
	return nil
}

func (s *locks) release() error {
	var errs []error
	for _, l := range s.held {
		errs = append(errs, l.Release())
	}
	s.held = nil
	return errors.Join(errs...)
}
