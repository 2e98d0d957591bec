package controller

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spanrig/spanrig/drivers"
	"github.com/spanrig/spanrig/drivers/adb/android"
)

// errAbsent is what errors.Is finds where something did not come on the screen.
var errAbsent = errors.New("it did not come on the screen")

// poll is the time between looks at the screen. The dump itself takes a second
// or two on a real device.
const poll = 400 * time.Millisecond

// leastLooks are taken however short the patience is.
const leastLooks = 2

// hand does steps on the screen, of one part of the work.
type hand struct {
	*Controller
	what     string // the part: "enter ldm", "stimulus tour: maps"
	shown    *node  // last looked at
	answered int    // dialogs, in this step
	inside   bool   // a dialog is being answered: others wait
	homeward bool   // what is waited for may lie behind: go back to it
}

func (c *Controller) hand(what string) *hand { return &hand{Controller: c, what: what} }

// mostDialogs that a step answers before it gives up.
const mostDialogs = 5

// until looks at the screen until done says so, answers dialogs that stand in
// the way, and runs out of patience with errAbsent.
func (h *hand) until(ctx context.Context, within time.Duration, done func(*node) (bool, error)) (*node, error) {
	deadline := time.Now().Add(within)
	var last *node
	var unseen error
	for looks := 1; ; looks++ {
		screen, err := h.look(ctx)
		switch {
		case err != nil && hopeless(ctx, err):
			return nil, err
		case err != nil:
			unseen = err // it moves, or the app is starting
		default:
			last, unseen = screen, nil
			if answered, err := h.answerDialog(ctx, screen); err != nil {
				return screen, err
			} else if answered {
				continue
			}
			if ok, err := done(screen); ok || err != nil {
				return screen, err
			}
		}
		if looks >= leastLooks && !time.Now().Before(deadline) {
			return last, absent(within, last, unseen)
		}
		if err := sleep(ctx, h.paced(poll)); err != nil {
			return last, err
		}
	}
}

// absent says what was on the screen instead.
func absent(within time.Duration, last *node, unseen error) error {
	switch {
	case unseen != nil:
		return fmt.Errorf("%w: the screen could not be read: %w", errAbsent, unseen)
	case last == nil:
		return errAbsent
	}
	return fmt.Errorf("%w within %v: %s", errAbsent, within.Round(time.Millisecond), last.summary())
}

// answerDialog answers the first dialog of the script that is on the screen.
func (h *hand) answerDialog(ctx context.Context, screen *node) (bool, error) {
	if h.inside {
		return false, nil
	}
	for i := range h.config.Script.Dialogs {
		d := &h.config.Script.Dialogs[i]
		if screen.find(&d.When) == nil {
			continue
		}
		if h.answered++; h.answered > mostDialogs {
			return false, fmt.Errorf("dialog %s: it keeps coming back", d.Name)
		}
		return true, h.answer(ctx, d)
	}
	return false, nil
}

func (h *hand) answer(ctx context.Context, d *Dialog) error {
	began := time.Now()
	inner := &hand{Controller: h.Controller, what: "dialog " + d.Name, inside: true}
	err := inner.steps(ctx, d.Do)
	keys := map[string]any{"step": fmt.Sprintf("answer dialog %q", d.Name), "dialog": d.Name, "what": h.what, "ms": time.Since(began).Milliseconds()}
	if err != nil {
		keys["error"] = h.scrub(err.Error())
	}
	h.note("step", keys)
	if err != nil {
		return err
	}
	return sleep(ctx, h.paced(poll)) // it takes a moment to go
}

// settle waits for what the last step brings about, and answers its dialogs.
func (h *hand) settle(ctx context.Context) error {
	if err := sleep(ctx, h.paced(settleTime)); err != nil {
		return err
	}
	h.answered = 0
	_, err := h.until(ctx, h.config.Patience, func(*node) (bool, error) { return true, nil })
	return err
}

// settleTime is how long an app may take to come out with a dialog.
const settleTime = time.Second

// find waits for what a selector means.
func (h *hand) find(ctx context.Context, s *Selector, within time.Duration) (*node, *node, error) {
	var found *node
	screen, err := h.until(ctx, within, func(screen *node) (bool, error) {
		found = screen.find(s)
		return found != nil, nil
	})
	return found, screen, err
}

// look reads the screen.
func (h *hand) look(ctx context.Context) (*node, error) {
	screen, _, err := android.Dump(ctx, h.config.Bridge)
	if err != nil {
		return nil, err
	}
	h.shown = tree(screen)
	return h.shown, nil
}

// tap touches a node.
func (h *hand) tap(ctx context.Context, n *node) error {
	return android.Tap(ctx, h.config.Bridge, n.spot())
}

// press presses a key of Android.
func (h *hand) press(ctx context.Context, key string) error {
	return android.Key(ctx, h.config.Bridge, key)
}

// lost reports whether the device went away.
func lost(err error) bool { return errors.Is(err, drivers.ErrLost) }
