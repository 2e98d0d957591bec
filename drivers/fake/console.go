package fake

import (
	"bytes"
	"context"
	"fmt"
	"regexp"
	"sync"
	"time"

	"github.com/spanrig/spanrig/drivers"
)

// Step is a turn of a dialogue: once When has been sent, Reply comes in. An
// empty When comes in at once after the step before.
type Step struct {
	When  string
	Reply string
}

// Console plays a device that holds to a script.
type Console struct {
	mu    sync.Mutex
	steps []Step
	sent  []byte // what no step has taken yet
	in    []byte
	more  chan struct{} // closed when something comes in or the console closes
	end   bool
}

var _ drivers.Console = (*Console)(nil)

// NewConsole makes a console with a script.
func NewConsole(steps ...Step) *Console {
	c := &Console{steps: steps, more: make(chan struct{})}
	c.play()
	return c
}

// play takes as many steps as what was sent allows; c is locked or not yet shared.
func (c *Console) play() {
	for len(c.steps) > 0 {
		i := bytes.Index(c.sent, []byte(c.steps[0].When))
		if i < 0 {
			return
		}
		c.sent = c.sent[i+len(c.steps[0].When):]
		c.arrive([]byte(c.steps[0].Reply))
		c.steps = c.steps[1:]
	}
}

func (c *Console) arrive(p []byte) {
	c.in = append(c.in, p...)
	close(c.more)
	c.more = make(chan struct{})
}

// Arrive lets bytes come in that nobody asked for.
func (c *Console) Arrive(p []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.arrive(p)
}

// Left lists the steps that were not reached.
func (c *Console) Left() []Step {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.steps
}

// Send implements [drivers.Console].
func (c *Console) Send(ctx context.Context, p []byte) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.end {
		return fmt.Errorf("fake console: %w: it is closed", drivers.ErrLost)
	}
	c.sent = append(c.sent, p...)
	c.play()
	return nil
}

// Cursor implements [drivers.Console].
func (c *Console) Cursor() drivers.Cursor {
	c.mu.Lock()
	defer c.mu.Unlock()
	return &cursor{c: c, at: len(c.in)}
}

// Close implements [drivers.Console].
func (c *Console) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.end {
		c.end = true
		c.arrive(nil)
	}
	return nil
}

type cursor struct {
	c  *Console
	at int
}

// Expect implements [drivers.Cursor].
func (u *cursor) Expect(ctx context.Context, patterns ...*regexp.Regexp) (drivers.Match, error) {
	for {
		u.c.mu.Lock()
		in, more, end := u.c.in[u.at:], u.c.more, u.c.end
		u.c.mu.Unlock()
		if err := ctx.Err(); err != nil {
			return drivers.Match{}, err
		}
		if m, size, ok := match(in, patterns); ok {
			u.at += size
			return m, nil
		}
		if end {
			return drivers.Match{}, fmt.Errorf("fake console: %w: it is closed", drivers.ErrLost)
		}
		select {
		case <-more:
		case <-ctx.Done():
			return drivers.Match{}, ctx.Err()
		}
	}
}

// match finds the match that ends first.
func match(in []byte, patterns []*regexp.Regexp) (m drivers.Match, end int, ok bool) {
	for i, p := range patterns {
		at := p.FindSubmatchIndex(in)
		if at == nil || ok && at[1] >= end {
			continue
		}
		ok, end = true, at[1]
		m = drivers.Match{Pattern: i, Text: string(in[at[0]:at[1]]), Before: string(in[:at[0]]), At: time.Now()}
		for g := 2; g < len(at); g += 2 {
			text := ""
			if at[g] >= 0 {
				text = string(in[at[g]:at[g+1]])
			}
			m.Groups = append(m.Groups, text)
		}
	}
	return m, end, ok
}
