package suite

import (
	"context"
	"errors"
	"fmt"
	"io"
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
	bench  *benchfile.Bench
	own    benchfile.Drivers
	out    string // folder of this run's recordings
	judge  replay.Options
	window map[string]*Window // recorded for one spec alone, by name

	mu     sync.Mutex
	status record.Status
	rig    error // what went wrong with the rig, the first
	told   bool  // a spec has failed with it
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
	l := &live{bench: b, own: own, window: map[string]*Window{}}
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

// recorded returns the folder of the run's recording of the bench's plan. The
// first process that asks records it, the others wait for it.
func (l *live) recorded(ctx context.Context) (string, error) {
	turn, err := lock.Wait(ctx, "specs", "recording "+l.out)
	if err != nil {
		return "", fmt.Errorf("wait for another process to record: %w", err)
	}
	defer turn.Release()
	dir := filepath.Join(l.out, "plan")
	if rec, err := rig.Open(dir); err == nil && rec.Journal != nil && rec.Journal.Ended {
		return dir, nil
	}
	p, err := plan.Load(l.bench.PlanName())
	if err != nil {
		return "", err
	}
	windows, err := record.Windows(l.bench, p)
	if err != nil {
		return "", err
	}
	_, err = l.record(ctx, dir, p.Begin, windows)
	return dir, err
}

// record drives the bench through windows. What goes wrong with the rig is kept.
func (l *live) record(ctx context.Context, dir, begin string, windows []plan.Window) (*record.Result, error) {
	cfg, err := record.Of(l.bench, l.own, benchfile.Tools{Reason: "specs", In: operator(l.bench), Out: os.Stderr}, dir, "spanrig specs")
	if err != nil {
		return nil, err
	}
	cfg.Begin, cfg.View = begin, l.show
	result, err := record.Run(ctx, cfg, windows)
	if result == nil {
		l.failed(err)
		return nil, err
	}
	for _, p := range result.Problems {
		l.failed(p)
	}
	return result, err
}

// operator is who answers on a bench without adb; nil: there is nobody.
func operator(b *benchfile.Bench) io.Reader {
	if b.Device.Operator {
		return os.Stdin
	}
	return nil
}

func (l *live) failed(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.rig == nil && err != nil {
		l.rig = err
	}
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

// lost is the error of the rig, and whether this call is the first to ask: one
// spec fails with it, the rest is skipped with that reason.
func (l *live) lost() (err error, first bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	first = !l.told
	l.told = true
	return l.rig, first
}

// one records a window that the plan lacks, between two standard ones under the
// same stimulus, and judges it.
func (l *live) one(ctx context.Context, name string, mode drivers.Mode, st rig.Stimulus) (*Window, error) {
	if w := l.window[name]; w != nil {
		return w, nil
	}
	p, err := plan.Around(name, mode, st.Name)
	if err != nil {
		return nil, err
	}
	windows := p.Expand(nil, l.bench.Timing.Plan())
	dir := filepath.Join(l.out, strings.ReplaceAll(name, "/", "-"))
	cfg, err := record.Of(l.bench, l.own, benchfile.Tools{Reason: "specs", In: operator(l.bench), Out: os.Stderr}, dir, "spanrig specs")
	if err != nil {
		return nil, err
	}
	cfg.View = l.show
	s, err := record.Start(ctx, cfg)
	if err != nil {
		l.failed(err)
		return nil, err
	}
	var failed error
	for _, w := range windows {
		if failed = s.RecordWith(ctx, w, st.Run); failed != nil {
			break
		}
	}
	result, err := s.Close(ctx)
	if err := errors.Join(failed, err); err != nil {
		l.failed(err)
		return nil, err
	}
	w := &Window{Name: name, Mode: mode, report: result.Report}
	l.window[name] = w
	return w, nil
}

// report judges the run's recording.
func (l *live) report(ctx context.Context, dir string) (*rig.Recording, *policy.Report, error) {
	rec, err := rig.Open(dir)
	if err != nil {
		return nil, nil, err
	}
	r, err := replay.Judge(ctx, rec, l.judge)
	return rec, r, err
}
