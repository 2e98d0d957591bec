package record

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/spanrig/spanrig/rig"
	"github.com/spanrig/spanrig/rig/plan"
)

// Run records the windows of a plan, one after the other. A window that failed
// is a problem, and the next is tried; where the device cannot be recovered the
// rest is skipped with that reason. An interrupted run is closed like a whole
// one; its error is that of ctx, beside the result.
func Run(ctx context.Context, c Config, windows []plan.Window) (*Result, error) {
	s, err := Start(ctx, c)
	if err != nil {
		return nil, err
	}
	windows = s.equipped(windows)
	s.tell(func(st *Status) { st.Total = len(windows) })
	s.freshen(ctx)
	interrupted := s.all(ctx, windows)
	result, err := s.Close(ctx)
	return result, errors.Join(interrupted, err)
}

// freshen gives the stimulus before the first window. Where it fails, flows from
// before the recording may be in it, which verdicts then say.
func (s *Session) freshen(ctx context.Context) {
	if s.config.Begin == "" {
		return
	}
	if err := s.equips(s.config.Begin); err != nil {
		s.journal.note(rig.KindStep, map[string]any{"step": s.config.Begin, "error": err.Error()})
		return
	}
	s.tell(func(st *Status) { st.Step = s.config.Begin })
	s.journal.note(rig.KindStimulus, map[string]any{"stimulus": s.config.Begin})
	err := s.act(ctx, 0, func(ctx context.Context) error { return s.hands.Stimulate(ctx, s.config.Begin) })
	if err != nil && ctx.Err() == nil {
		s.problem("", fmt.Errorf("stimulus %s: %w", s.config.Begin, err))
	}
}

// equips says what the bench lacks for a stimulus.
func (s *Session) equips(stimulus string) error {
	if e, ok := s.hands.(interface{ Equipped(stimuli ...string) error }); ok {
		return e.Equipped(stimulus)
	}
	return nil
}

// equipped leaves out the windows whose stimulus the bench cannot give: they
// are skipped with that reason before anything begins.
func (s *Session) equipped(windows []plan.Window) []plan.Window {
	able, lacking := s.split(windows)
	for _, l := range lacking {
		s.skip(l.windows, l.reason)
	}
	return able
}

// Lacking lists the windows that Run would leave out on this bench.
func (s *Session) Lacking(windows []plan.Window) (list []Skipped) {
	_, lacking := s.split(windows)
	for _, l := range lacking {
		list = append(list, skippedFor(l.windows, l.reason))
	}
	return list
}

// lack is what a bench has not, and the windows that need it.
type lack struct {
	reason  string
	windows []plan.Window
}

func (s *Session) split(windows []plan.Window) (able []plan.Window, lacking []lack) {
	for _, w := range windows {
		err := s.equips(w.Stimulus)
		if w.Stimulus == idle || err == nil {
			able = append(able, w)
			continue
		}
		k := slices.IndexFunc(lacking, func(l lack) bool { return l.reason == err.Error() })
		if k < 0 {
			k, lacking = len(lacking), append(lacking, lack{reason: err.Error()})
		}
		lacking[k].windows = append(lacking[k].windows, w)
	}
	return able, lacking
}

// all records windows until one cannot be followed by another.
func (s *Session) all(ctx context.Context, windows []plan.Window) error {
	for i, w := range windows {
		err := s.Record(ctx, w)
		var p *Problem
		switch {
		case err == nil:
		case !errors.As(err, &p):
			s.skip(windows[i+1:], interrupted)
			return err
		case hopeless(err):
			s.skip(windows[i+1:], "the device could not be recovered after "+w.Name)
			return nil
		case s.recording() != nil:
			s.skip(windows[i+1:], s.recording().Error())
			return nil
		}
	}
	return nil
}

// interrupted is the reason where somebody ended the run.
const interrupted = "interrupted"

func (s *Session) skip(windows []plan.Window, reason string) {
	if len(windows) == 0 {
		return
	}
	for _, w := range windows {
		s.leaveOut(w, reason)
	}
	skipped := skippedFor(windows, reason)
	s.skipped = append(s.skipped, skipped)
	s.tell(func(st *Status) { st.Event = skipped.String() })
}
