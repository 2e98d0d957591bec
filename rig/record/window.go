package record

import (
	"context"
	"errors"
	"fmt"
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
	if w.Name == "" || w.Length <= 0 || w.Every <= 0 {
		return s.problem(w.Name, errors.New("a window needs a name, a length and a time between controls"))
	}
	s.tell(func(st *Status) {
		st.Window, st.Asked, st.Length, st.Step = w.Name, w.Mode, w.Length, "entering "+string(w.Mode)
		st.Number++
	})
	if err := s.recording(); err != nil {
		s.leaveOut(w, err.Error())
		return s.problem(w.Name, err)
	}
	entry, err := s.enter(ctx, w)
	switch {
	case ctx.Err() != nil:
		s.leaveOut(w, interrupted)
		return context.Cause(ctx)
	case err != nil:
		s.failed(w, entry)
		return s.problem(w.Name, err)
	}
	return s.window(ctx, w, entry, func(ctx context.Context) error { return s.stimulate(ctx, w, stimulus) })
}

// window records one window from the read-back of its mode on, while do is done
// to the device.
func (s *Session) window(ctx context.Context, w plan.Window, entry drivers.ModeReading, do func(context.Context) error) error {
	s.held = nil
	port := s.count()
	from := s.journal.enter(rig.KindMode, modeKeys(w.Name, w.Mode, entry, "entry"), w.Guard)
	s.open(w, from, from.Add(w.Length+spare))
	s.tell(func(st *Status) { s.entered, st.Mode, st.Step = from, entry.Mode, w.Stimulus })
	s.controls.slot(ctx, w.Name, w.Every) // before the stimulus, which may keep the device busy
	proving := begin(ctx, func(ctx context.Context) { s.controls.keep(ctx, w.Name, w.Every) })
	s.readApp(ctx, w.Name) // before the stimulus, which may stop the app
	reading := begin(ctx, func(ctx context.Context) { s.keepReading(ctx, w) })
	s.photograph(ctx, w.Name, "entry")
	err := do(ctx)
	if err == nil || !lost(err) {
		err = errors.Join(err, s.await(ctx, from.Add(w.Length)))
	}
	reading.end()
	last, cancel := s.ending(ctx, w.Name)
	defer cancel()
	err = s.readBack(last, w, err)
	proving.end()
	s.controls.last(last, w.Name, w.Every)
	s.close(s.journal.leave())
	err = errors.Join(err, s.seen(port))
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case err != nil:
		s.held = nil
		return s.problem(w.Name, err)
	}
	return nil
}

// stimulate gives the stimulus. Where that failed the journal says so, for such
// a window must not pass for one that had it.
func (s *Session) stimulate(ctx context.Context, w plan.Window, given func(context.Context) error) error {
	s.journal.note(rig.KindStimulus, map[string]any{"window": w.Name, "stimulus": w.Stimulus})
	err := s.act(ctx, w.Length, func(ctx context.Context) error {
		if given == nil && w.Stimulus != idle {
			return s.hands.Stimulate(ctx, w.Stimulus)
		}
		if err := s.hands.Home(ctx); err != nil || given == nil {
			return err
		}
		return given(ctx)
	})
	if err == nil {
		return nil
	}
	s.journal.note(rig.KindStimulus, map[string]any{"window": w.Name, "stimulus": w.Stimulus, "error": err.Error()})
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

// keepReading reads app, counters and sockets until ctx ends: the app several
// times in each third of the window; a person is asked in the middle alone.
// Start and end are the caller's.
func (s *Session) keepReading(ctx context.Context, w plan.Window) {
	var beside sync.WaitGroup
	beside.Go(func() { s.readCounters(ctx, w.Name, "entry") })
	beside.Go(func() { s.sockets(ctx) })
	defer beside.Wait()
	every := max(w.Length/8, time.Second/2)
	if s.byPerson() {
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

// ending is ctx, or where the run was interrupted a moment to finish the window.
func (s *Session) ending(ctx context.Context, window string) (context.Context, context.CancelFunc) {
	if ctx.Err() == nil {
		return ctx, func() {}
	}
	s.journal.note(rig.KindStep, map[string]any{"window": window, "step": interrupted})
	return context.WithTimeout(context.WithoutCancel(ctx), grace)
}

// readBack reads at the end of a window all that is read there, the mode last;
// a device that was lost in it is recovered before. err is what went wrong so
// far.
func (s *Session) readBack(ctx context.Context, w plan.Window, err error) error {
	s.tell(func(st *Status) { st.Step = "reading back" })
	if lost(err) {
		err = s.recover(ctx, err)
	}
	s.readApp(ctx, w.Name)
	s.readCounters(ctx, w.Name, "end")
	s.readAround(ctx)
	r, unread := s.readMode(ctx)
	if unread != nil {
		s.unread("mode", unread)
		return err
	}
	s.journal.note(rig.KindMode, modeKeys(w.Name, w.Mode, r, "end"))
	s.tell(func(st *Status) { st.Mode = r.Mode })
	s.photograph(ctx, w.Name, "end")
	s.held = &held{r, w.Services}
	return err
}

// open writes down that a window is open.
func (s *Session) open(w plan.Window, from, to time.Time) {
	one := newWindow(w, from)
	one.To, one.Repeat = to.UTC(), 1
	for _, before := range s.windows {
		if before.Name == w.Name {
			one.Repeat++
		}
	}
	s.windows = append(s.windows, one)
	s.file.set(s.windows)
}

// close ends the open window at t.
func (s *Session) close(t time.Time) {
	s.windows[len(s.windows)-1].To = t.UTC()
	s.file.set(s.windows)
	s.tell(func(st *Status) { s.entered, st.Window, st.Step = time.Time{}, "", "" })
}

// failed leaves a window of the mode that was asked for and not reached.
func (s *Session) failed(w plan.Window, r drivers.ModeReading) {
	s.nothing(w, rig.KindMode, modeKeys(w.Name, w.Mode, r, "entry"))
	s.photograph(s.background, w.Name, "failed")
}

// leaveOut leaves a window that was not recorded, and says why.
func (s *Session) leaveOut(w plan.Window, reason string) {
	s.nothing(w, rig.KindSkipped, map[string]any{"window": w.Name, "reason": reason})
}

// nothing leaves a window that proves nothing, so that whoever judges the
// recording later knows of it too.
func (s *Session) nothing(w plan.Window, kind string, keys map[string]any) {
	from := s.journal.enter(kind, keys, w.Guard)
	s.open(w, from, from.Add(time.Nanosecond))
	s.close(s.journal.leave())
}
