package suite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/spanrig/spanrig/drivers"
	"github.com/spanrig/spanrig/rig"
	"github.com/spanrig/spanrig/rig/benchfile"
	"github.com/spanrig/spanrig/rig/policy"
	"github.com/spanrig/spanrig/rig/replay"
	"github.com/spanrig/spanrig/rig/sim"
)

// Config says what to judge, and by what. The zero value takes the environment
// and its defaults.
type Config struct {
	Recording string         // recording folder or bare capture, unless $SPANRIG_REPLAY names one; default: the repository's clean trace
	Policy    string         // built-in name or file, unless $SPANRIG_POLICY names one; default: dji-pilot2
	Overlays  []string       // a lab's own endpoints and waivers
	Out       string         // verdicts and JUnit, unless $SPANRIG_OUT names a folder; default: out/ beside go.mod
	Judge     policy.Options // as the flags of spanrig judge

	// Bench is the bench file to drive, unless $SPANRIG_BENCH names one; empty:
	// the recording is replayed. A list (separated as in $PATH) gives each
	// parallel process of Ginkgo a bench of its own.
	Bench   string
	Drivers benchfile.Drivers // a lab's own; the zero value has the simulator's
}

// Suite judges one recording for all specs that share it. It reads the
// recording at the first question, once.
type Suite struct {
	config Config
	once   sync.Once
	live   *live // nil in replay
	rec    *rig.Recording
	report *policy.Report
	err    error
}

// cleanTrace is the recording that is judged where none is named.
const cleanTrace = "fixtures/traces/clean-ldm"

// New returns a Suite. It touches nothing yet: it may be called in a package
// variable.
func New(c Config) *Suite {
	c.Bench = first(os.Getenv("SPANRIG_BENCH"), c.Bench)
	if c.Drivers.Powers == nil && c.Drivers.Controllers == nil {
		c.Drivers = sim.Drivers
	}
	c.Recording = first(os.Getenv("SPANRIG_REPLAY"), c.Recording, cleanTrace)
	c.Policy = first(os.Getenv("SPANRIG_POLICY"), c.Policy, "dji-pilot2")
	c.Out = first(os.Getenv("SPANRIG_OUT"), c.Out, "out")
	return &Suite{config: c}
}

func first(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

// StaleError says that a recording lacks a window that a spec asks for. It is
// neither pass nor fail: the recording is older than the spec.
type StaleError struct {
	Recording, Window string
}

func (e *StaleError) Error() string {
	return fmt.Sprintf("stale recording: %s has no window %q; record it again", e.Recording, e.Window)
}

// Report judges the recording, at the first call.
func (s *Suite) Report(ctx context.Context) (*policy.Report, error) {
	s.once.Do(func() { s.err = s.load(ctx) })
	return s.report, s.err
}

func (s *Suite) load(ctx context.Context) error {
	if s.config.Bench != "" && os.Getenv("SPANRIG_REPLAY") == "" {
		return s.drive(ctx)
	}
	path := locate(s.config.Recording)
	rec, err := rig.Open(path)
	if err != nil {
		return err
	}
	p, err := policy.Load(s.config.Policy, s.config.Overlays...)
	if err != nil {
		return err
	}
	s.rec = rec
	s.report, err = replay.Run(ctx, path, replay.Options{Policy: p, Judge: s.config.Judge})
	return err
}

// drive records the bench's plan, or takes the recording that another process of
// this run has made of it.
func (s *Suite) drive(ctx context.Context) error {
	var err error
	path := locate(chosenBench(s.config.Bench, process()))
	if s.live, err = newLive(path, s.out(), s.config.Drivers); err != nil {
		return err
	}
	if name := os.Getenv("SPANRIG_POLICY"); name != "" {
		if s.live.judge.Policy, err = policy.Load(name, s.config.Overlays...); err != nil {
			return err
		}
	}
	s.rec, s.report, err = s.live.plan(ctx)
	return err
}

// Record returns the window of that name. In replay the recording must have it,
// in that mode. Live, a window that the bench's plan lacks is recorded now: the
// device is brought into the mode, the stimulus is given, and a standard window
// before and after shows that the app would talk. That happens once in a run:
// name and mode say which window is meant, as they do in replay.
func (s *Suite) Record(ctx context.Context, name string, mode drivers.Mode, st rig.Stimulus) (*Window, error) {
	windows, err := s.Windows(ctx, mode)
	var stale *StaleError
	switch {
	case err != nil && !errors.As(err, &stale):
		return nil, err
	case err != nil && s.live == nil:
		return nil, err
	}
	for _, w := range windows {
		if w.Name == name {
			return w, nil
		}
	}
	if s.live != nil {
		return s.live.one(ctx, name, mode, st)
	}
	return nil, &StaleError{s.report.Recording.Name, name}
}

// Windows returns the windows of a mode in their order, at least one: a
// recording without any is stale.
func (s *Suite) Windows(ctx context.Context, mode drivers.Mode) ([]*Window, error) {
	report, err := s.Report(ctx)
	if err != nil {
		return nil, err
	}
	var windows []*Window
	for _, w := range report.Windows {
		if drivers.Mode(w.Mode) == mode {
			windows = append(windows, &Window{Name: w.Name, Mode: mode, report: report})
		}
	}
	if len(windows) == 0 {
		return nil, &StaleError{report.Recording.Name, string(mode)}
	}
	return windows, nil
}

// locate takes a relative path from the working folder or, because go test
// runs in the package's folder, from that of go.mod.
func locate(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	if _, err := os.Stat(path); err == nil {
		return path
	}
	return filepath.Join(root(), path)
}

// root is the folder of go.mod at or above the working folder, else the
// working folder.
func root() string {
	dir, err := os.Getwd()
	if err != nil {
		return "."
	}
	for d := dir; ; d = filepath.Dir(d) {
		if _, err := os.Stat(filepath.Join(d, "go.mod")); err == nil {
			return d
		}
		if d == filepath.Dir(d) {
			return dir
		}
	}
}
