package controller

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spanrig/spanrig/drivers/adb/android"
)

// steps does steps, each of which gets a line in the journal.
func (h *hand) steps(ctx context.Context, list []Step) error {
	for i := range list {
		if err := h.step(ctx, &list[i]); err != nil {
			return err
		}
	}
	return nil
}

func (h *hand) step(ctx context.Context, s *Step) error {
	began := time.Now()
	h.answered = 0
	keys := map[string]any{"step": s.String(), "what": h.what}
	err := h.do(ctx, s, keys)
	if s.Optional && errors.Is(err, errAbsent) && !hopeless(ctx, err) {
		keys["absent"] = true
		err = nil
	}
	keys["ms"] = time.Since(began).Milliseconds()
	if err != nil {
		err = h.clean(fmt.Errorf("%s: %s: %w", h.what, s, err))
		keys["error"] = err.Error()
	}
	h.note("step", keys)
	return err
}

// do does one step. What it adds to keys is for the journal.
func (h *hand) do(ctx context.Context, s *Step, keys map[string]any) error {
	switch {
	case s.Tap != nil:
		return h.doTap(ctx, s)
	case s.Switch != nil:
		return h.doSwitch(ctx, s)
	case s.Type != nil:
		return h.doType(ctx, s)
	case s.Wait != nil && h.homeward:
		return h.goBackTo(ctx, s)
	case s.Wait != nil:
		_, _, err := h.find(ctx, s.Wait, h.patience(s))
		return err
	case s.Gone != nil:
		return h.doGone(ctx, s)
	case s.Scroll != nil:
		return h.doScroll(ctx, s)
	case s.If != nil:
		return h.doIf(ctx, s, keys)
	}
	return h.doDevice(ctx, s, keys)
}

// patience is how long a step waits for what it is about. Nobody waits for what
// may well be absent at the full length on a bench that is simulated.
func (h *hand) patience(s *Step) time.Duration {
	switch {
	case s.Within == 0:
		return h.config.Patience
	case s.Optional:
		return h.paced(s.Within)
	}
	return s.Within
}

func (h *hand) doTap(ctx context.Context, s *Step) error {
	n, _, err := h.find(ctx, s.Tap, h.patience(s))
	if err != nil {
		return err
	}
	return h.tap(ctx, n)
}

// doSwitch taps unless the switch is as it should be, and believes only what
// the screen shows afterwards.
func (h *hand) doSwitch(ctx context.Context, s *Step) error {
	var label, box *node
	_, err := h.until(ctx, h.patience(s), func(screen *node) (bool, error) {
		if label = screen.find(s.Switch); label != nil {
			box = label.box()
		}
		return box != nil, nil
	})
	switch {
	case err != nil && label != nil && box == nil && errors.Is(err, errAbsent):
		return fmt.Errorf("%s is on the screen, but no switch beside it", s.Switch)
	case err != nil:
		return err
	case box.Checked == s.On:
		return nil
	case box.button() == nil:
		box = label
	}
	if err := h.tap(ctx, box); err != nil {
		return err
	}
	_, err = h.until(ctx, h.patience(s), func(screen *node) (bool, error) {
		label := screen.find(s.Switch)
		return label != nil && label.box() != nil && label.box().Checked == s.On, nil
	})
	if errors.Is(err, errAbsent) && !hopeless(ctx, err) {
		return fmt.Errorf("it was tapped, but the screen does not show it %s", onOff(s.On, "on", "off"))
	}
	return err
}

func (h *hand) doGone(ctx context.Context, s *Step) error {
	_, err := h.until(ctx, h.patience(s), func(screen *node) (bool, error) { return screen.find(s.Gone) == nil, nil })
	if errors.Is(err, errAbsent) && !hopeless(ctx, err) {
		return fmt.Errorf("it is still on the screen after %v", h.patience(s))
	}
	return err
}

func (h *hand) doIf(ctx context.Context, s *Step, keys map[string]any) error {
	var found bool
	if _, err := h.until(ctx, h.config.Patience, func(screen *node) (bool, error) {
		found = screen.find(s.If) != nil
		return true, nil
	}); err != nil {
		return err
	}
	keys["found"] = found
	if !found {
		return nil
	}
	return h.steps(ctx, s.Then)
}

// clearing is how many characters are taken out of a field before something is typed.
const clearing = 80

func (h *hand) doType(ctx context.Context, s *Step) error {
	text := s.Type.Text
	if name := s.Type.Env; name != "" {
		var there bool
		if text, there = h.config.Env(name); !there || text == "" {
			return fmt.Errorf("%w: the environment variable %s is not set; export it before the run", errSetup, name)
		}
		h.secret(text)
	}
	field, _, err := h.find(ctx, &s.Type.Into, h.patience(s))
	if err != nil {
		return err
	}
	if err := h.tap(ctx, field); err != nil {
		return err
	}
	if err := h.clear(ctx, field); err != nil {
		return err
	}
	return android.Text(ctx, h.config.Bridge, text)
}

// clear takes out what the field holds, or seems to hold: a hint reads like a text.
func (h *hand) clear(ctx context.Context, field *node) error {
	n := min(len([]rune(field.Text)), clearing)
	if n == 0 && !field.Password { // the text of a password field cannot be read
		return nil
	}
	if field.Password {
		n = clearing
	}
	_, err := h.run(ctx, append([]string{"input", "keyevent", "KEYCODE_MOVE_END"}, slices.Repeat([]string{"KEYCODE_DEL"}, n)...)...)
	return err
}
