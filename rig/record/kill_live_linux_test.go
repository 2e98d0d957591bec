//go:build live

package record

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spanrig/spanrig/captures/span"
	"github.com/spanrig/spanrig/drivers"
	"github.com/spanrig/spanrig/rig"
	"github.com/spanrig/spanrig/rig/policy"
	"github.com/spanrig/spanrig/rig/replay"
	"github.com/spanrig/spanrig/rig/sim/wiring"
)

// TestMain lets this program be a session that is killed.
func TestMain(m *testing.M) {
	if dir := os.Getenv("SPANRIG_TEST_SESSION"); dir != "" {
		endless(dir, os.Getenv("SPANRIG_TEST_BENCH"), os.Getenv("SPANRIG_TEST_POLICY"))
		return
	}
	os.Exit(m.Run())
}

// endless records one window after the other.
func endless(dir, bench, file string) {
	w, err := wiring.Open(bench)
	if err != nil {
		panic(err)
	}
	h := &hands{wire: w, mode: drivers.Standard}
	p, err := policy.Load(file)
	if err != nil {
		panic(err)
	}
	h.slow = 200 * time.Millisecond
	cfg := Config{Dir: dir, Tool: "spanrig test", Name: "test", Bench: map[string]string{"name": "test"},
		Open: func(_ context.Context, note drivers.Note) (drivers.Controller, func() error, error) {
			h.note = note
			return h, func() error { return nil }, nil
		},
		Capture: span.Config{Interfaces: []string{w.SPAN()}}, Control: Control{Target: responder, Zone: "control.test"}, Place: Place{LAN: []string{"10.20.0.0/24"}}, Policy: p}
	s, err := Start(context.Background(), cfg)
	if err != nil {
		panic(err)
	}
	fmt.Println("ready")
	for {
		for _, w := range windows("standard/talk", "ldm/talk") {
			w.Length = 700 * time.Millisecond
			if err := s.Record(context.Background(), w); err != nil {
				panic(err)
			}
		}
	}
}

// TestLiveKilled: a recording that is killed at any moment opens, says that it
// was interrupted, and is unfit after that.
func TestLiveKilled(t *testing.T) {
	t.Parallel()
	h := newBench(t, "rec-kill")
	cfg := session(t, h)
	file := filepath.Join(t.TempDir(), "p.yaml")
	if err := os.WriteFile(file, []byte(testPolicy), 0o600); err != nil {
		t.Fatal(err)
	}
	for i := range 12 {
		dir := filepath.Join(t.TempDir(), fmt.Sprint(i))
		self, err := os.Executable()
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(self)
		cmd.Env = append(os.Environ(), "SPANRIG_TEST_SESSION="+dir, "SPANRIG_TEST_BENCH="+h.wire.Name(), "SPANRIG_TEST_POLICY="+file)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if _, err := out.Read(make([]byte, 16)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(rand.IntN(3000)) * time.Millisecond)
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		killed(t, dir, cfg)
	}
}

func killed(t *testing.T, dir string, cfg Config) {
	t.Helper()
	rec, err := rig.Open(dir)
	if err != nil {
		t.Fatalf("it does not open: %v", err)
	}
	if rec.Journal == nil || rec.Journal.Ended || len(rec.Inventory.Device.MACs) == 0 {
		t.Fatalf("journal %+v, inventory %+v", rec.Journal, rec.Inventory)
	}
	report, err := replay.Run(context.Background(), dir, replay.Options{Policy: cfg.Policy})
	if err != nil {
		t.Fatal(err)
	}
	if len(rec.Windows) == 0 {
		return // killed before the first
	}
	last := report.Windows[len(report.Windows)-1]
	open := rec.Windows[len(rec.Windows)-1].To > rec.Journal.Last()
	for _, f := range last.Fitness {
		if f.Check == "CAP-2" && open && (f.OK || !strings.Contains(f.Saw, "interrupted")) {
			t.Errorf("the window that was open is fit: %+v", f)
		}
	}
	for _, v := range report.Verdicts {
		if v.Result == policy.Fail {
			t.Errorf("a killed rig gave a fail: %+v", v)
		}
	}
}
