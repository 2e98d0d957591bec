//go:build live

package report

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spanrig/spanrig/rig/benchfile"
	"github.com/spanrig/spanrig/rig/plan"
	"github.com/spanrig/spanrig/rig/policy"
	"github.com/spanrig/spanrig/rig/record"
	"github.com/spanrig/spanrig/rig/sim"
	"github.com/spanrig/spanrig/rig/sim/wiring"
)

// TestMain lets this program be the processes of a simulated bench.
func TestMain(m *testing.M) {
	if len(os.Args) == 4 && os.Args[1] == "sim" && os.Args[2] == "child" {
		if err := sim.Child(context.Background(), os.Args[3], os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// simulated records the plan of a fault on a simulated bench.
func simulated(t *testing.T, fault string) (recording string, judge policy.Options) {
	t.Helper()
	const name = "page"
	_ = wiring.Down(name) // of a run that was killed
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	b, err := sim.Start(ctx, sim.Config{Name: name, Dir: filepath.Join(t.TempDir(), "bench"), Fault: fault})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	bench, err := benchfile.Load(b.File)
	if err != nil {
		t.Fatal(err)
	}
	p, err := plan.Load(bench.PlanName())
	if err != nil {
		t.Fatal(err)
	}
	windows, err := record.Windows(bench, p)
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := record.Of(bench, sim.Drivers, benchfile.Tools{Reason: "test"}, filepath.Join(t.TempDir(), "recording"), "spanrig test")
	if err != nil {
		t.Fatal(err)
	}
	cfg.Begin = p.Begin
	if _, err := record.Run(t.Context(), cfg, windows); err != nil {
		t.Fatal(err)
	}
	return cfg.Dir, cfg.Judge
}

// TestLivePage makes the page of a recording of the simulated bench, screens
// and all, and opens it.
func TestLivePage(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root: network namespaces")
	}
	recording, judge := simulated(t, "leak-tls")
	text := pageOf(t, seal(t, recording, judge))
	sound(t, text)
	for _, want := range []string{"Simulated.", "At entry", "The screen says: &#34;Local Data Mode&#34; checked", "data:image/", "Breaks a promise"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page does not show %s", want)
		}
	}
	t.Logf("page of the simulated bench: %d kB", len(text)/1000)
	opens(t, text)
	for _, scheme := range []string{"light", "dark"} {
		b := newBrowser(t, 1280, 900)
		b.media(t, "screen", "prefers-color-scheme="+scheme, "prefers-reduced-motion=reduce")
		b.open(t, text)
		b.keep(t, "simulated-"+scheme)
		b.quiet(t)
		b.accessible(t, scheme)
	}
}
