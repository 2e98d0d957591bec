package suite

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/spanrig/spanrig/drivers"
	"github.com/spanrig/spanrig/drivers/lock"
	"github.com/spanrig/spanrig/rig"
	"github.com/spanrig/spanrig/rig/benchfile"
	"github.com/spanrig/spanrig/rig/plan"
	"github.com/spanrig/spanrig/rig/policy"
	"github.com/spanrig/spanrig/rig/record"
	"github.com/spanrig/spanrig/rig/replay"
)

// live is a suite that drives a bench.
type live struct {
	bench *benchfile.Bench
	own   benchfile.Drivers
	out   string // folder of this run's recordings
	judge replay.Options

	mu       sync.Mutex
	asked    map[string]*outcome // recordings that specs have asked for, by folder
	status   record.Status
	troubles []string // of the rig, as recordings tell them
	told     int      // of these, to Ginkgo
}

// outcome is a recording of the run and its judgement, or why there is none.
type outcome struct {
	once   sync.Once
	rec    *rig.Recording
	report *policy.Report
	err    error
}

// chosenBench picks the bench of this process from a list: parallel processes
// of one run take turns.
func chosenBench(list string, process int) string {
	names := strings.Split(list, string(os.PathListSeparator))
	return names[(process-1)%len(names)]
}

// newLive reads the bench. Recordings go below out, into a folder that all
// processes of one run of go test or ginkgo share.
func newLive(path, out string, own benchfile.Drivers) (*live, error) {
	b, err := benchfile.Load(path)
	if err != nil {
		return nil, err
	}
	l := &live{bench: b, own: own, asked: map[string]*outcome{}}
	if l.judge, err = b.JudgeOptions(); err != nil {
		return nil, err
	}
	run, err := thisRun()
	if err != nil {
		return nil, err
	}
	l.out = filepath.Join(out, "live", b.Name+"-"+run)
	return l, os.MkdirAll(l.out, 0o700)
}

// plan judges the run's recording of the bench's plan.
func (l *live) plan(ctx context.Context) (*rig.Recording, *policy.Report, error) {
	p, err := plan.Load(l.bench.PlanName())
	if err != nil {
		return nil, nil, err
	}
	windows, err := record.Windows(l.bench, p)
	if err != nil {
		return nil, nil, err
	}
	o := l.recording(ctx, "plan", func(cfg record.Config) error {
		cfg.Begin = p.Begin
		_, err := record.Run(ctx, cfg, windows)
		return err
	})
	return o.rec, o.report, o.err
}

// one judges a window that the plan lacks, recorded between two standard ones
// under the same stimulus.
func (l *live) one(ctx context.Context, name string, mode drivers.Mode, st rig.Stimulus) (*Window, error) {
	p, err := plan.Around(name, mode, st.Name)
	if err != nil {
		return nil, err
	}
	windows := p.Expand(nil, l.bench.Timing.Plan())
	o := l.recording(ctx, folder(name, mode), func(cfg record.Config) error {
		s, err := record.Start(ctx, cfg)
		if err != nil {
			return err
		}
		for _, w := range windows {
			if s.RecordWith(ctx, w, st.Run) != nil {
				break // the journal says why
			}
		}
		_, err = s.Close(ctx)
		return errors.Join(context.Cause(ctx), err)
	})
	if o.err != nil {
		return nil, o.err
	}
	for _, w := range o.report.Windows {
		if w.Name == name && drivers.Mode(w.Mode) == mode {
			return &Window{Name: name, Mode: mode, report: o.report}, nil
		}
	}
	return nil, fmt.Errorf("window %s was not recorded: %v", name, troubles(o.rec.Journal))
}

// folder is where a window that the plan lacks is recorded: its own, for every
// name and mode.
func folder(name string, mode drivers.Mode) string { return url.PathEscape(string(mode) + "/" + name) }

// recording judges the run's recording in a folder. The first process that asks
// makes it with run, the others wait for it; what failed is not tried again.
// What it says of the rig is kept, whoever made it.
func (l *live) recording(ctx context.Context, name string, run func(record.Config) error) *outcome {
	l.mu.Lock()
	o := l.asked[name]
	if o == nil {
		o = new(outcome)
		l.asked[name] = o
	}
	l.mu.Unlock()
	o.once.Do(func() {
		if o.rec, o.err = l.made(ctx, filepath.Join(l.out, name), run); o.err != nil {
			l.note(o.err.Error())
			return
		}
		for _, t := range troubles(o.rec.Journal) {
			l.note("recording " + name + ": " + t.String())
		}
		o.report, o.err = replay.Judge(ctx, o.rec, l.judge)
	})
	return o
}

// made opens a recording of this run, after making it where there is none.
func (l *live) made(ctx context.Context, dir string, run func(record.Config) error) (*rig.Recording, error) {
	turn, err := lock.Wait(ctx, "specs", "recording "+l.out)
	if err != nil {
		return nil, fmt.Errorf("wait for another process to record: %w", err)
	}
	defer turn.Release()
	if _, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) {
		tools := benchfile.Tools{Reason: "specs", Out: os.Stderr}
		if l.bench.Device.Operator {
			var leave func()
			tools.In, tools.Out, leave = operator()
			defer leave()
		}
		cfg, err := record.Of(l.bench, l.own, tools, dir, "spanrig specs")
		if err != nil {
			return nil, err
		}
		cfg.View, cfg.Policy = l.show, nil // judged here, by every process alike
		if err := run(cfg); err != nil {
			return nil, err
		}
	}
	rec, err := rig.Open(dir)
	if err != nil {
		return nil, fmt.Errorf("this run has begun a recording that cannot be judged: %w", err)
	}
	return rec, nil
}

// operator is where somebody answers on a bench without adb: standard input where
// it is a pipe or a file, else the terminal of this process, for go test and
// ginkgo pass no input on. Each recording opens the terminal anew, so that no
// reader of one that is over takes the answers of the next.
func operator() (in io.Reader, out io.Writer, leave func()) {
	none := func() {}
	if info, err := os.Stdin.Stat(); err == nil && info.Mode()&os.ModeDevice == 0 {
		return os.Stdin, os.Stderr, none
	}
	tty, err := os.OpenFile("/dev/tty", os.O_RDWR, 0)
	if err != nil {
		return os.Stdin, os.Stderr, none
	}
	return tty, tty, func() { _ = tty.Close() }
}

func (l *live) show(s record.Status) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.status = s
}

// progress says how far a recording is, for Ginkgo's progress reports.
func (l *live) progress() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.status
	return fmt.Sprintf("recording %s: window %d of %d %s, %s, %.0f s of %.0f s; %d packets, controls %d of %d",
		l.bench.Name, s.Number, s.Total, s.Window, s.Step, s.Into.Seconds(), s.Length.Seconds(), s.Packets, s.Controls, s.Slots)
}
