package record

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/spanrig/spanrig/drivers"
	"github.com/spanrig/spanrig/rig"
	"github.com/spanrig/spanrig/rig/plan"
)

// idle is the stimulus that does nothing.
const idle = "idle"

// spare is how far beyond its planned end an open window says that it goes, in
// case the rig is killed in it.
const spare = 10 * time.Minute

// grace is how long a run that was interrupted may take to put things back.
const grace = 30 * time.Second

// Record brings the device into the window's mode and records the window. The
// error is a *Problem where the rig or the device failed: the window is then in
// the recording as far as it came, and the session can go on; or it is that of
// ctx.
func (s *Session) Record(ctx context.Context, w plan.Window) error {
	return s.RecordWith(ctx, w, nil)
}

// RecordWith is Record with a stimulus that the caller gives; nil: the one that
// the window names is the controller's to give.
func (s *Session) RecordWith(ctx context.Context, w plan.Window, stimulus func(context.Context) error) error {
	if err := s.recording(); err != nil {
		return s.problem(w.Name, err)
	}
	s.tell(func(st *Status) {
		st.Window, st.Asked, st.Length, st.Step = w.Name, w.Mode, w.Length, "entering "+string(w.Mode)
		st.Number++
	})
	entry, err := s.enter(ctx, w)
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case err != nil:
		s.failed(w, entry)
		return s.problem(w.Name, err)
	}
	return s.window(ctx, w, entry, func(ctx context.Context) error { return s.stimulate(ctx, w, stimulus) })
}

// enter sets mode and services and reads the mode back; a controller that
// failed gets one recovery and one more try.
func (s *Session) enter(ctx context.Context, w plan.Window) (drivers.ModeReading, error) {
	reading, err := s.transit(ctx, w)
	if err == nil || ctx.Err() != nil {
		return reading, err
	}
	s.journal.note("problem", map[string]any{"window": w.Name, "error": err.Error(), "then": "recover"})
	s.tell(func(st *Status) { st.Step, st.Event = "recovering", "recovering: "+err.Error() })
	if failed := s.hands.Recover(ctx); failed != nil {
		return reading, errors.Join(err, fmt.Errorf("recovery: %w", failed))
	}
	return s.transit(ctx, w)
}

func (s *Session) transit(ctx context.Context, w plan.Window) (drivers.ModeReading, error) {
	reading, err := s.hands.SetMode(ctx, w.Mode)
	if err != nil {
		return reading, err
	}
	if len(w.Services) == 0 {
		return reading, nil
	}
	for _, id := range slices.Sorted(maps.Keys(w.Services)) {
		if err := s.hands.SetService(ctx, id, w.Services[id] == "on"); err != nil {
			return reading, err
		}
	}
	return s.hands.ReadMode(ctx)
}

// failed leaves a window of the mode that was asked for and not reached: it
// says so in a replay too.
func (s *Session) failed(w plan.Window, r drivers.ModeReading) {
	if r.Mode == w.Mode || r.Mode == drivers.Unknown {
		return // reached, or nobody knows: there is nothing to hold against it
	}
	from := s.journal.enter(modeKeys(w.Name, w.Mode, r, "entry"), w.Guard)
	s.windows = append(s.windows, newWindow(w, from))
	s.close(s.journal.leave())
}

// window records one window from the read-back of its mode on, while do is done
// to the device.
func (s *Session) window(ctx context.Context, w plan.Window, entry drivers.ModeReading, do func(context.Context) error) error {
	from := s.journal.enter(modeKeys(w.Name, w.Mode, entry, "entry"), w.Guard)
	s.begun(w, from)
	inner, stop := context.WithCancel(ctx)
	var beside sync.WaitGroup
	// Before the stimulus, which may keep the device busy or stop the app.
	s.controls.slot(ctx, w.Name, w.Every)
	witness := s.readApp(ctx, w.Name)
	beside.Go(func() { s.controls.keep(inner, w.Name, w.Every) })
	beside.Go(func() { s.keepReading(inner, w, witness) })
	beside.Go(func() { s.readCounters(ctx, w.Name, "entry") })
	beside.Go(func() { s.sockets(inner) })
	err := do(ctx)
	if err == nil {
		err = s.await(ctx, from.Add(w.Length))
	}
	stop()
	beside.Wait()
	return s.finish(ctx, w, err)
}

// begun writes down that a window is open.
func (s *Session) begun(w plan.Window, from time.Time) {
	one := newWindow(w, from)
	one.To = from.Add(w.Length + spare).UTC()
	one.Repeat = 1
	for _, before := range s.windows {
		if before.Name == w.Name {
			one.Repeat++
		}
	}
	s.windows = append(s.windows, one)
	s.file.set(s.windows)
	s.tell(func(st *Status) { s.entered, st.Mode, st.Step = from, w.Mode, w.Stimulus })
}

// stimulate gives the stimulus. A window in which that failed must not pass for
// one that had it.
func (s *Session) stimulate(ctx context.Context, w plan.Window, given func(context.Context) error) error {
	s.journal.note(rig.KindStimulus, map[string]any{"window": w.Name, "stimulus": w.Stimulus})
	var err error
	switch {
	case given != nil:
		err = given(ctx)
	case w.Stimulus != idle:
		err = s.hands.Stimulate(ctx, w.Stimulus)
	}
	if err == nil {
		return nil
	}
	s.windows[len(s.windows)-1].Stimulus += " (failed)"
	return fmt.Errorf("stimulus %s: %w", w.Stimulus, err)
}

// await waits for the end of a window, or for the recorder's.
func (s *Session) await(ctx context.Context, until time.Time) error {
	s.tell(func(st *Status) { st.Step = "listening" })
	timer := time.NewTimer(time.Until(until))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-s.recorder.Done():
		return s.recording()
	case <-timer.C:
		return nil
	}
}

// keepReading reads the app several times in each third of the window; a person
// is asked in the middle alone. Start and end are the caller's.
func (s *Session) keepReading(ctx context.Context, w plan.Window, witness string) {
	every := max(w.Length/8, time.Second/2)
	if witness == drivers.ByOperator {
		every = w.Length / 2
	}
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			s.readApp(ctx, w.Name)
		}
	}
}

// finish reads mode and app once more, proves the sensor a last time and closes
// the window. A run that was interrupted gets a moment for it.
func (s *Session) finish(ctx context.Context, w plan.Window, err error) error {
	last := ctx
	if ctx.Err() != nil {
		s.journal.note(rig.KindStep, map[string]any{"window": w.Name, "step": "interrupted"})
		var cancel context.CancelFunc
		last, cancel = context.WithTimeout(context.WithoutCancel(ctx), grace)
		defer cancel()
	}
	s.tell(func(st *Status) { st.Step = "reading back" })
	if err != nil && lost(err) {
		if failed := s.hands.Recover(last); failed != nil {
			err = errors.Join(err, fmt.Errorf("recovery: %w", failed))
		}
	}
	if r, unread := s.hands.ReadMode(last); unread == nil {
		s.journal.note(rig.KindMode, modeKeys(w.Name, w.Mode, r, "end"))
		s.tell(func(st *Status) { st.Mode = r.Mode })
	} else {
		s.unread("mode", unread)
	}
	s.readApp(last, w.Name)
	s.readCounters(last, w.Name, "end")
	s.controls.slot(last, w.Name, w.Every)
	s.close(s.journal.leave())
	s.readAround(last)
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case err != nil:
		return s.problem(w.Name, err)
	}
	return nil
}

// close ends the open window at t.
func (s *Session) close(t time.Time) {
	s.windows[len(s.windows)-1].To = t.UTC()
	s.file.set(s.windows)
	s.tell(func(st *Status) { s.entered, st.Window, st.Step = time.Time{}, "", "" })
}
