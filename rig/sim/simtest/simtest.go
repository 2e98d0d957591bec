package simtest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/spanrig/spanrig/rig/benchfile"
	"github.com/spanrig/spanrig/rig/plan"
	"github.com/spanrig/spanrig/rig/record"
	"github.com/spanrig/spanrig/rig/sim"
	"github.com/spanrig/spanrig/rig/sim/fault"
)

// Main is the whole of a TestMain: tests, or a process of a bench. The secrets
// that faults ask for are in the environment.
func Main(m *testing.M) {
	if len(os.Args) == 4 && os.Args[1] == "sim" && os.Args[2] == "child" {
		if err := sim.Child(context.Background(), os.Args[3], os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	for _, f := range fault.All() {
		for key, value := range f.Env {
			_ = os.Setenv(key, value)
		}
	}
	os.Exit(m.Run())
}

// Up builds a bench of that name that ends with the test; an empty fault is none.
func Up(t *testing.T, name, fault string) *sim.Bench {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root: network namespaces")
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := sim.Down(ctx, name); err != nil { // what is left of a run that was killed
		t.Fatal(err)
	}
	b, err := sim.Start(ctx, sim.Config{Name: name, Dir: filepath.Join(t.TempDir(), "bench"), Fault: fault})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Errorf("take the bench down: %v", err)
		}
	})
	return b
}

// Configure makes the session that records a bench's plan, as the command line
// does. SPANRIG_KEEP names a folder whose recordings outlive the test.
func Configure(t *testing.T, b *sim.Bench) (cfg record.Config, windows []plan.Window) {
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
	cfg.Begin = p.Begin
	return cfg, windows
}

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
