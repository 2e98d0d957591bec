//go:build live

package sim_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/spanrig/spanrig/rig/benchfile"
	"github.com/spanrig/spanrig/rig/plan"
	"github.com/spanrig/spanrig/rig/policy"
	"github.com/spanrig/spanrig/rig/record"
	"github.com/spanrig/spanrig/rig/sim"
	"github.com/spanrig/spanrig/rig/sim/wiring"
)

type report = policy.Report

func text(r *report) []byte {
	b, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		panic(err) // a report is made of texts and numbers
	}
	return b
}

// up builds a bench that ends with the test.
func up(t *testing.T, name, fault string) *sim.Bench {
	t.Helper()
	_ = wiring.Down(name) // of a run that was killed
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	b, err := sim.Start(ctx, sim.Config{Name: name, Dir: filepath.Join(t.TempDir(), "bench"), Fault: fault})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

// configure makes the session of a bench, as the command line does.
func configure(t *testing.T, b *sim.Bench) (cfg record.Config, begin string, windows []plan.Window) {
	t.Helper()
	bench, err := benchfile.Load(b.File)
	if err != nil {
		t.Fatal(err)
	}
	p, err := plan.Load(bench.PlanName())
	if err != nil {
		t.Fatal(err)
	}
	if windows, err = record.Windows(bench, p); err != nil {
		t.Fatal(err)
	}
	if cfg, err = record.Of(bench, sim.Drivers, benchfile.Tools{Reason: "test"}, filepath.Join(keepIn(t), "recording"), "spanrig test"); err != nil {
		t.Fatal(err)
	}
	return cfg, p.Begin, windows
}

// keepIn is the folder for a recording; SPANRIG_KEEP names one whose recordings
// outlive the test, to look at.
func keepIn(t *testing.T) string {
	t.Helper()
	keep := os.Getenv("SPANRIG_KEEP")
	if keep == "" {
		return t.TempDir()
	}
	dir, err := os.MkdirTemp(keep, filepath.Base(t.Name())+"-")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}
