package controller

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spanrig/spanrig/drivers"
)

// ReadMode implements [drivers.Controller]: it goes where the mode is shown and
// looks. Where the way there is barred or nothing of the script is shown, the
// mode is unknown, and Saw says why.
func (c *Controller) ReadMode(ctx context.Context) (drivers.ModeReading, error) {
	if err := c.use(ctx); err != nil {
		return drivers.ModeReading{}, err
	}
	defer c.leave()
	r, err := c.hand("read mode").readMode(ctx)
	if err == nil || hopeless(ctx, err) {
		return r, err
	}
	r.Witness, r.Saw = drivers.ByScreen, err.Error()
	return r, nil
}

// Home implements [drivers.Controller].
func (c *Controller) Home(ctx context.Context) error {
	if err := c.use(ctx); err != nil {
		return err
	}
	defer c.leave()
	c.forget()
	return c.hand("go home").goHome(ctx)
}

// readMode reads the mode; an error says that the screen which shows it was not reached.
func (h *hand) readMode(ctx context.Context) (r drivers.ModeReading, err error) {
	h.forget()
	if err := h.home(ctx); err != nil {
		return r, err
	}
	read := &h.config.Script.Read
	if err := h.steps(ctx, read.Go); err != nil {
		return r, err
	}
	r.Witness = drivers.ByScreen
	screen, err := h.until(ctx, h.paced(showTime), func(screen *node) (bool, error) { return h.marks(screen, &r), nil })
	switch {
	case err != nil && (hopeless(ctx, err) || !errors.Is(err, errAbsent)):
		return r, err
	case err != nil && screen != nil:
		r.Saw = "no mode: " + h.scrub(screen.summary())
	case err != nil:
		r.Saw = h.scrub(err.Error())
	}
	return r, nil
}

// marks fills in which mode a screen shows, and reports whether it shows one.
func (h *hand) marks(screen *node, r *drivers.ModeReading) bool {
	for _, s := range h.config.Script.Read.Shows {
		if screen.find(&s.When) != nil {
			r.Mode, r.Saw = drivers.Mode(s.Mode), s.When.String()
			return true
		}
	}
	return false
}

// readHere reads the mode from the screen that is there, where it shows m: the
// window begins at this moment, and not after a way home and back.
func (h *hand) readHere(ctx context.Context, m drivers.Mode) (r drivers.ModeReading, ok bool) {
	_, err := h.until(ctx, h.config.Patience, func(screen *node) (bool, error) {
		h.marks(screen, &r)
		return true, nil
	})
	if err != nil || r.Mode != m {
		return drivers.ModeReading{}, false
	}
	r.Witness = drivers.ByScreen
	return r, true
}

// showTime is how long a screen that was reached may take to show the mode.
const showTime = 2 * time.Second

// tries that a transition gets before the controller is broken.
const tries = 2

// SetMode implements [drivers.Controller]. Where the way went as it should and
// the screen shows no mode, the reading is Unknown, which is an answer and no
// error. After an error the controller is broken, except where m is in no script.
func (c *Controller) SetMode(ctx context.Context, m drivers.Mode) (drivers.ModeReading, error) {
	entry, there := c.config.Script.Modes[string(m)]
	if !there {
		return drivers.ModeReading{}, fmt.Errorf("mode %q is not in script %s", m, c.config.Script.Name)
	}
	if err := c.use(ctx); err != nil {
		return drivers.ModeReading{}, err
	}
	defer c.leave()
	r, err := c.transit(ctx, m, entry.Enter)
	if err != nil {
		return r, c.standing.Fail(fmt.Errorf("mode %s was not reached: %w", m, err))
	}
	return r, nil
}

// transit detects, enters and reads back.
func (c *Controller) transit(ctx context.Context, m drivers.Mode, enter []Step) (drivers.ModeReading, error) {
	r, err := c.hand("detect mode").readMode(ctx)
	if err != nil && hopeless(ctx, err) || err == nil && r.Mode == m {
		return r, err
	}
	for try := 1; ; try++ {
		r, err = c.enter(ctx, m, enter)
		if err == nil && r.Mode == m || err != nil && hopeless(ctx, err) {
			return r, err
		}
		why := "the mode cannot be read"
		if err != nil {
			why = err.Error()
		}
		c.note("step", map[string]any{"step": fmt.Sprintf("try %d of %d failed", try, tries), "what": "enter " + string(m), "error": why})
		if try == tries {
			return r, err
		}
	}
}

// enter goes into a mode once and says what came of it. An unknown mode is no error.
func (c *Controller) enter(ctx context.Context, m drivers.Mode, steps []Step) (r drivers.ModeReading, err error) {
	h := c.hand("enter " + string(m))
	h.forget()
	if err := h.home(ctx); err != nil {
		return r, err
	}
	before, err := c.pid(ctx)
	if err != nil {
		return r, err
	}
	if err = h.steps(ctx, steps); err == nil {
		err = h.settle(ctx)
	}
	after, unread := c.pid(ctx) // before home starts it again
	if unread != nil {
		return r, unread
	}
	if err == nil {
		reader, ok := c.hand("read mode"), false
		if r, ok = reader.readHere(ctx, m); !ok {
			r, err = reader.readMode(ctx)
		}
	}
	if err == nil && r.Mode != m && r.Mode != drivers.Unknown {
		err = fmt.Errorf("asked for mode %s, but the screen shows %s: %s", m, r.Mode, r.Saw)
	}
	if err != nil && !hopeless(ctx, err) && after != before {
		err = fmt.Errorf("the app crashed or restarted (process %d, then %d): %w", before, after, err)
	}
	return r, err
}
