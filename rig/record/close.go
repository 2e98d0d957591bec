package record

import (
	"context"
	"fmt"
	"os"
	"slices"

	"github.com/spanrig/spanrig/rig"
	"github.com/spanrig/spanrig/rig/policy"
	"github.com/spanrig/spanrig/rig/replay"
)

// Close puts back what was changed, ends the recorder, finishes the files and
// judges the recording. It always leaves a whole recording; the error says
// what the rig could not do.
func (s *Session) Close(ctx context.Context) (*Result, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	s.log.end()
	if err := s.hands.Close(ctx); err != nil {
		s.problem("", fmt.Errorf("put the device back: %w", err))
	}
	s.readAround(ctx)
	if err := s.release(); err != nil {
		s.problem("", fmt.Errorf("let go of the bench: %w", err))
	}
	summary, err := s.recorder.Stop()
	if err != nil {
		s.problem("", fmt.Errorf("recorder: %w", err))
	}
	if err := s.file.close(); err != nil {
		s.problem("", err)
	}
	s.noteStats()
	for _, p := range summary.Ports {
		if len(p.Offloads) > 0 {
			s.journal.note("restored", map[string]any{"what": "offloads of " + p.Name, "port": p})
		}
	}
	if err := s.journal.close(map[string]any{"complete": len(s.problems)+len(s.skipped) == 0}); err != nil {
		s.problems = append(s.problems, &Problem{"", err})
	}
	<-s.facts.done
	s.stop()
	s.ended.Wait()
	r := &Result{Dir: s.config.Dir, Capture: summary, Problems: s.problems, Skipped: s.skipped}
	if s.config.Policy != nil {
		if r.Report, err = s.judge(ctx); err != nil {
			return r, fmt.Errorf("judge %s: %w", s.config.Dir, err)
		}
	}
	return r, nil
}

// judge evaluates the facts that were computed while the capture was made.
// Where these were cut elsewhere than the rules want it, which a step of the
// host's clock can do, they are read again.
func (s *Session) judge(ctx context.Context) (*policy.Report, error) {
	rec, err := rig.Open(s.config.Dir)
	if err != nil {
		return nil, err
	}
	if s.facts.err != nil || !slices.Equal(s.journal.timeline.Cuts(), policy.Cuts(rec, s.config.Judge)) {
		return replay.Judge(context.WithoutCancel(ctx), rec, replay.Options{Policy: s.config.Policy, Judge: s.config.Judge})
	}
	return policy.Evaluate(s.config.Policy, rec, s.facts.set, s.config.Judge)
}

func makeDir(dir string) error { return os.MkdirAll(dir, 0o700) }
