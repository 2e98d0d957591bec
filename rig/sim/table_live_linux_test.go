//go:build live

package sim_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/spanrig/spanrig/rig/policy"
	"github.com/spanrig/spanrig/rig/record"
	"github.com/spanrig/spanrig/rig/replay"
	"github.com/spanrig/spanrig/rig/sim/fault"
	"github.com/spanrig/spanrig/rig/sim/simtest"
)

// TestMain lets this program be the processes of its benches.
func TestMain(m *testing.M) { simtest.Main(m) }

// inCI are the faults that every run of CI takes: one of each kind.
var inCI = []string{"none", "leak-tls", "leak-quic", "leak-dns", "leak-ipv6", "leak-toggle", "leak-restart", "rnm-deaf", "geo-operator",
	"cleartext-mqtt", "mode-pretended", "app-crash", "span-one-way", "adb-drops"}

// TestLiveTable records each fault live and holds the verdicts against those that
// it must give, and against those of a replay. SPANRIG_SIM says how much of the
// table: all (make sim), ci, or names; the clean device and one leak by default.
func TestLiveTable(t *testing.T) {
	for i, name := range chosen(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			begun := time.Now()
			f, report := run(t, fmt.Sprintf("t%d", i), strings.TrimRight(name, "+"))
			for _, d := range f.Differences(report) {
				t.Error(d)
			}
			as := "as promised, live and replay the same bytes"
			if t.Failed() {
				as = "NOT as promised"
			}
			t.Logf("%-18s %-12s %d verdicts %s, %.0f s", f.Name, report.Result, len(report.Verdicts), as, time.Since(begun).Seconds())
		})
	}
}

// cleanRuns is how often the clean device has to pass in the whole table.
const cleanRuns = 5

func chosen(t *testing.T) []string {
	switch what := os.Getenv("SPANRIG_SIM"); what {
	case "":
		return []string{"none", "leak-tls"}
	case "ci":
		return inCI
	case "all":
		var names []string
		for _, f := range fault.All() {
			names = append(names, f.Name)
		}
		for i := 1; i < cleanRuns; i++ {
			names = append(names, "none"+strings.Repeat("+", i)) // again
		}
		return names
	default:
		return strings.Split(what, ",")
	}
}

// run records a fault's plan on a bench of its own.
func run(t *testing.T, bench, name string) (*fault.Fault, *report) {
	t.Helper()
	b := simtest.Up(t, bench, name)
	cfg, windows := simtest.Configure(t, b)
	result, err := record.Run(context.Background(), cfg, windows)
	if err != nil {
		t.Fatal(errors.Join(err, b.Err()))
	}
	if err := b.Err(); err != nil {
		t.Fatal(err)
	}
	for _, p := range result.Problems {
		t.Logf("problem: %v", p)
	}
	for _, s := range result.Skipped {
		t.Error(s.String())
	}
	again, err := replay.Run(context.Background(), cfg.Dir, replay.Options{Policy: cfg.Policy, Judge: cfg.Judge})
	if err != nil {
		t.Fatal(err)
	}
	if live, replayed := text(result.Report), text(again); !bytes.Equal(live, replayed) {
		t.Errorf("live and replayed verdicts differ:\n%s\n%s", live, replayed)
	}
	return b.Fault(), again
}

type report = policy.Report

func text(r *report) []byte {
	b, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		panic(err) // a report is made of texts and numbers
	}
	return b
}
