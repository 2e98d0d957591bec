package manual

import (
	"context"
	"errors"
	"fmt"

	"github.com/spanrig/spanrig/drivers"
	"github.com/spanrig/spanrig/drivers/controller"
)

var modes = []drivers.Mode{drivers.Standard, drivers.Restricted, drivers.LocalData}

// ReadMode implements [drivers.Controller].
func (c *Controller) ReadMode(ctx context.Context) (drivers.ModeReading, error) {
	if err := c.begin(ctx); err != nil {
		return drivers.ModeReading{}, err
	}
	defer c.end()
	if err := c.perform(ctx, "read mode", c.home(), c.config.Script.Read.Go); err != nil {
		return drivers.ModeReading{}, err
	}
	return c.readMode(ctx)
}

// readMode asks what the screen shows.
func (c *Controller) readMode(ctx context.Context) (drivers.ModeReading, error) {
	r := drivers.ModeReading{Witness: drivers.ByOperator}
	var options []string
	for _, m := range modes {
		options = append(options, c.label(m))
	}
	i, err := c.operator.choose(ctx, "Which mode does the screen show?", append(options, "none of these, or cannot tell")...)
	if err != nil {
		return drivers.ModeReading{}, err
	}
	r.Saw = "the operator could not tell"
	if i < len(modes) {
		r.Mode, r.Saw = modes[i], "the operator saw "+options[i]
	}
	c.mu.Lock()
	c.now = r.Mode
	c.mu.Unlock()
	return r, nil
}

// label says how the screen shows a mode.
func (c *Controller) label(m drivers.Mode) string {
	for _, s := range c.config.Script.Read.Shows {
		if s.Mode == string(m) {
			return fmt.Sprintf("%s: %s", m, s.When)
		}
	}
	return string(m)
}

// Home implements [drivers.Controller].
func (c *Controller) Home(ctx context.Context) error {
	if err := c.begin(ctx); err != nil {
		return err
	}
	defer c.end()
	return c.perform(ctx, "go home", c.home(), nil)
}

// tries that a transition gets before the controller is broken.
const tries = 2

// SetMode implements [drivers.Controller]. A mode that the operator cannot tell
// is an answer and no error.
func (c *Controller) SetMode(ctx context.Context, m drivers.Mode) (drivers.ModeReading, error) {
	entry, there := c.config.Script.Modes[string(m)]
	if !there {
		return drivers.ModeReading{}, fmt.Errorf("mode %q is not in script %s", m, c.config.Script.Name)
	}
	if err := c.begin(ctx); err != nil {
		return drivers.ModeReading{}, err
	}
	defer c.end()
	r, err := c.enter(ctx, m, entry)
	if err != nil {
		return r, c.standing.Fail(err)
	}
	return r, nil
}

func (c *Controller) enter(ctx context.Context, m drivers.Mode, entry controller.ModeEntry) (r drivers.ModeReading, err error) {
	if c.lastRead() == m { // it may be so still: the operator looks first
		if r, err = c.lookAgain(ctx); err != nil || r.Mode == m {
			return r, err
		}
	}
	for range tries {
		if err = c.perform(ctx, "enter "+string(m), c.home(), entry.Enter); err == nil {
			r, err = c.lookAgain(ctx)
		}
		if err == nil && r.Mode == m {
			return r, nil
		}
		if err == nil && r.Mode != drivers.Unknown {
			err = fmt.Errorf("asked for mode %s, but the operator read %s after %d tries", m, r.Mode, tries)
		}
		if errors.Is(err, drivers.ErrLost) || ctx.Err() != nil {
			return r, err
		}
	}
	return r, err
}

func (c *Controller) lastRead() drivers.Mode {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// lookAgain goes where the mode can be read, and asks.
func (c *Controller) lookAgain(ctx context.Context) (drivers.ModeReading, error) {
	if err := c.perform(ctx, "read mode", c.home(), c.config.Script.Read.Go); err != nil {
		return drivers.ModeReading{}, err
	}
	return c.readMode(ctx)
}
