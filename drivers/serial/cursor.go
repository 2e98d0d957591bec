package serial

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"time"

	"github.com/spanrig/spanrig/drivers"
)

// cursor is one caller's place in a window; it is for one goroutine at a time.
type cursor struct {
	w    *window
	away func() error // why nothing comes at the moment, or nil
	pos  int64
}

// Expect implements drivers.Cursor.
func (c *cursor) Expect(ctx context.Context, patterns ...*regexp.Regexp) (drivers.Match, error) {
	if len(patterns) == 0 {
		return drivers.Match{}, errors.New("console: expect without a pattern")
	}
	wt, r := c.begin(patterns)
	if wt == nil {
		c.pos = r.pos
		return r.match, r.err
	}
	select {
	case r = <-wt.result:
	case <-ctx.Done():
		r = c.giveUp(ctx, wt)
	}
	c.pos = r.pos
	return r.match, r.err
}

// begin looks at what is there, and where that does not decide puts a waiter in.
func (c *cursor) begin(patterns []*regexp.Regexp) (*waiter, result) {
	w := c.w
	w.mu.Lock()
	defer w.mu.Unlock()
	if missed := w.start - c.pos; missed > 0 {
		return nil, result{pos: w.start, err: &OvertakenError{missed}}
	}
	if m, pos, ok := w.match(c.pos, patterns); ok {
		return nil, result{match: m, pos: pos}
	}
	if w.err != nil {
		return nil, result{pos: c.pos, err: w.err}
	}
	wt := &waiter{pos: c.pos, scanned: w.end(), patterns: patterns, result: make(chan result, 1)}
	w.waiters[wt] = struct{}{}
	return wt, result{}
}

// giveUp takes a waiter out whose time is up; what came in the meantime counts.
func (c *cursor) giveUp(ctx context.Context, wt *waiter) result {
	c.w.mu.Lock()
	defer c.w.mu.Unlock()
	if _, waiting := c.w.waiters[wt]; waiting {
		c.w.scan(wt)
	}
	if _, waiting := c.w.waiters[wt]; !waiting {
		return <-wt.result
	}
	delete(c.w.waiters, wt)
	err := fmt.Errorf("console: %s did not come; %s: %w", alternatives(wt.patterns), c.w.tail(wt.pos), ended(ctx))
	if away := c.away(); away != nil {
		err = fmt.Errorf("%w; %w", err, away)
	}
	return result{pos: wt.pos, err: err}
}

// tail quotes the end of what came behind pos, for messages.
func (w *window) tail(pos int64) string {
	text := w.buf[pos-w.start:]
	if len(text) == 0 {
		return "nothing came"
	}
	if len(text) > 80 {
		return fmt.Sprintf("of %d bytes the last were %q", len(text), text[len(text)-80:])
	}
	return fmt.Sprintf("what came was %q", text)
}

func alternatives(patterns []*regexp.Regexp) string {
	text := ""
	for i, p := range patterns {
		if i > 0 {
			text += " or "
		}
		text += fmt.Sprintf("%q", p)
	}
	return text
}

// ended is why a context ended: its error, with the cause where it has its own.
func ended(ctx context.Context) error {
	err, cause := ctx.Err(), context.Cause(ctx)
	if cause == nil || errors.Is(cause, err) {
		return err
	}
	return fmt.Errorf("%w: %w", err, cause)
}

// settle waits until nothing has come for as long as quiet.
func (w *window) settle(ctx context.Context, quiet time.Duration, present func() bool) error {
	for {
		w.mu.Lock()
		rest, changed, err := quiet-time.Since(w.last), w.changed, w.err
		w.mu.Unlock()
		if err != nil {
			return err
		}
		if rest <= 0 {
			if present() {
				return nil
			}
			rest = quiet // silence of a port that is away says nothing
		}
		select {
		case <-changed:
		case <-time.After(rest):
		case <-ctx.Done():
			return fmt.Errorf("console: not silent for %v: %w", quiet, ended(ctx))
		}
	}
}
