package record

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/spanrig/spanrig/drivers"
	"github.com/spanrig/spanrig/rig"
	"github.com/spanrig/spanrig/rig/plan"
)

// held is how the device was read at the end of the window before; nothing has
// touched it since.
type held struct {
	drivers.ModeReading
	services map[string]string
}

// enter brings the device into the mode of a window, its services as the window
// says; a controller that failed gets one recovery and one more try. Where the
// window before ended in that state, nothing is touched, and the two windows
// leave no moment between them.
func (s *Session) enter(ctx context.Context, w plan.Window) (drivers.ModeReading, error) {
	if h := s.held; h != nil && h.Mode == w.Mode && maps.Equal(h.services, w.Services) {
		return h.ModeReading, nil
	}
	s.held = nil
	reading, err := s.transit(ctx, w)
	if err == nil || ctx.Err() != nil {
		return reading, err
	}
	s.journal.note("problem", map[string]any{"window": w.Name, "error": err.Error(), "then": "recover"})
	s.tell(func(st *Status) { st.Step, st.Event = "recovering", "recovering: "+err.Error() })
	if err := s.recover(ctx, err); hopeless(err) {
		return reading, err
	}
	return s.transit(ctx, w)
}

// transit sets mode and services and reads the mode back. From its first step on
// no window of another mode goes on.
func (s *Session) transit(ctx context.Context, w plan.Window) (r drivers.ModeReading, err error) {
	s.journal.note(rig.KindStep, map[string]any{"window": w.Name, "step": "set mode", "mode": w.Mode})
	err = s.act(ctx, 0, func(ctx context.Context) error {
		r, err = s.hands.SetMode(ctx, w.Mode)
		return err
	})
	if err != nil || len(w.Services) == 0 {
		return r, err
	}
	for _, id := range slices.Sorted(maps.Keys(w.Services)) {
		err := s.act(ctx, 0, func(ctx context.Context) error { return s.hands.SetService(ctx, id, w.Services[id] == "on") })
		if err != nil {
			return r, err
		}
	}
	return s.readMode(ctx)
}

func (s *Session) readMode(ctx context.Context) (r drivers.ModeReading, err error) {
	err = s.act(ctx, 0, func(ctx context.Context) error {
		r, err = s.hands.ReadMode(ctx)
		return err
	})
	return r, err
}

// unrecovered says that the device failed and could not be recovered.
type unrecovered struct{ error }

func (u unrecovered) Unwrap() error { return u.error }

// recover recovers the device after err and returns it; it is hopeless where
// that failed too.
func (s *Session) recover(ctx context.Context, err error) error {
	if failed := s.act(ctx, 0, s.hands.Recover); failed != nil {
		return unrecovered{errors.Join(err, fmt.Errorf("recovery: %w", failed))}
	}
	return err
}

// hopeless reports whether a device is gone for good: its recovery failed.
func hopeless(err error) bool {
	var u unrecovered
	return errors.As(err, &u)
}

// lost reports whether the device or its link went away.
func lost(err error) bool { return errors.Is(err, drivers.ErrLost) }
