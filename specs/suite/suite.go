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
	"github.com/spanrig/spanrig/rig/policy"
	"github.com/spanrig/spanrig/rig/replay"
)

// Config says what to judge, and by what. The zero value takes the environment
// and its defaults.
type Config struct {
	Recording string         // recording folder or bare capture, unless $SPANRIG_REPLAY names one; default: the repository's clean trace
	Policy    string         // built-in name or file, unless $SPANRIG_POLICY names one; default: dji-pilot2
	Overlays  []string       // a lab's own endpoints and waivers
	Out       string         // verdicts and JUnit, unless $SPANRIG_OUT names a folder; default: out/ beside go.mod
	Judge     policy.Options // as the flags of spanrig judge
}

// Suite judges one recording for all specs that share it. It reads the
// recording at the first question, once.
type Suite struct {
	config Config
	once   sync.Once
	rec    *rig.Recording
	report *policy.Report
	err    error
}

// cleanTrace is the recording that is judged where none is named.
const cleanTrace = "fixtures/traces/clean-ldm"

// New returns a Suite. It touches nothing yet: it may be called in a package
// variable.
func New(c Config) *Suite {
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

// errLive is the answer to SPANRIG_BENCH.
var errLive = errors.New("SPANRIG_BENCH is set, but this build replays recordings only; unset it and set SPANRIG_REPLAY")

// Report judges the recording, at the first call.
func (s *Suite) Report(ctx context.Context) (*policy.Report, error) {
	s.once.Do(func() { s.err = s.load(ctx) })
	return s.report, s.err
}

func (s *Suite) load(ctx context.Context) error {
	if os.Getenv("SPANRIG_BENCH") != "" {
		return errLive
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

// Record returns the window of that name. Live it would put the device into
// mode, run the stimulus and cut the window; in replay the recording must have
// it, in that mode.
func (s *Suite) Record(ctx context.Context, name string, mode drivers.Mode, _ rig.Stimulus) (*Window, error) {
	windows, err := s.Windows(ctx, mode)
	if err != nil {
		return nil, err
	}
	for _, w := range windows {
		if w.Name == name {
			return w, nil
		}
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
