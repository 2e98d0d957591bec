package record

import (
	"context"
	"fmt"
	"slices"

	"github.com/spanrig/spanrig/captures/span"
	"github.com/spanrig/spanrig/rig"
	"github.com/spanrig/spanrig/rig/policy"
	"github.com/spanrig/spanrig/rig/replay"
)

// Close puts back what was changed, ends the recorder, finishes the files and
// judges the recording. It always leaves a whole recording; the error says
// what the rig could not do.
func (s *Session) Close(ctx context.Context) (*Result, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), max(grace, s.patience()))
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
	s.watching.end()
	s.listening.end() // with the recorder's events, why it ended among them
	s.noteSteps()
	s.noteStats()
	s.noteFiles(summary)
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
	r := &Result{Dir: s.config.Dir, Capture: summary, Problems: s.problems, Skipped: s.skipped}
	if s.config.Policy != nil {
		if err := s.judge(ctx, r); err != nil {
			return r, fmt.Errorf("judge %s: %w", s.config.Dir, err)
		}
	}
	return r, nil
}

// judge evaluates the facts that were computed while the capture was made.
// Where these were cut elsewhere than the rules want it, or may have been, for
// the host's clock was set, they are read again.
func (s *Session) judge(ctx context.Context, r *Result) error {
	rec, err := rig.OpenWritten(s.config.Dir, digests(r.Capture))
	if err != nil {
		return err
	}
	if s.facts.err != nil || s.journal.stepped || !slices.Equal(s.journal.timeline.Cuts(), policy.Cuts(rec, s.config.Judge)) {
		r.Report, err = replay.Judge(context.WithoutCancel(ctx), rec, replay.Options{Policy: s.config.Policy, Judge: s.config.Judge})
		return err
	}
	r.Facts = s.facts.set
	r.Report, err = policy.Evaluate(s.config.Policy, rec, s.facts.set, s.config.Judge)
	return err
}

// noteFiles puts the digests of the captures, which were computed while these
// were written, into the hash chain of the journal.
func (s *Session) noteFiles(summary *span.Summary) {
	var files []rig.CaptureFile
	for _, f := range summary.Files {
		if f.SHA256 != "" {
			files = append(files, rig.CaptureFile{Name: f.Name, Bytes: f.Bytes, SHA256: f.SHA256, Leaves: f.Leaves})
		}
	}
	if len(files) > 0 {
		s.journal.note(rig.KindFiles, map[string]any{"leaf_bytes": rig.LeafBytes, "files": files})
	}
}

// The recorder's leaves are those of the journal, or this does not compile.
var _ = [1]struct{}{}[rig.LeafBytes-span.LeafSize]

// digests are those of the captures by name.
func digests(summary *span.Summary) map[string]string {
	known := map[string]string{}
	for _, f := range summary.Files {
		if f.SHA256 != "" {
			known[f.Name] = f.SHA256
		}
	}
	return known
}
