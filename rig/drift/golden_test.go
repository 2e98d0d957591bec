package drift_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"github.com/spanrig/spanrig/captures/synth/casebook"
	"github.com/spanrig/spanrig/rig"
	"github.com/spanrig/spanrig/rig/drift"
	"github.com/spanrig/spanrig/rig/policy"
	"github.com/spanrig/spanrig/rig/replay"
)

var update = flag.Bool("update", false, "write the goldens anew")

const (
	traces  = "../../fixtures/traces"
	goldens = "../../fixtures/goldens"
)

// goldenPairs are pairs whose JSON is kept whole.
var goldenPairs = []string{"new-third", "new-moved-operator", "nameless-rotates", "volume-ten", "window-new-unfit"}

// reports are the comparisons whose JSON is kept, by name.
func reports(t *testing.T) map[string]*drift.Report {
	t.Helper()
	all := map[string]*drift.Report{"clean-ldm..ldm1-tls": compareTraces(t, "clean-ldm", "ldm1-tls"), "ldm1-tls..clean-ldm": compareTraces(t, "ldm1-tls", "clean-ldm")}
	for _, p := range casebook.Pairs() {
		if slices.Contains(goldenPairs, p.Name) {
			all[p.Name] = compare(t, &p)
		}
	}
	if len(all) != 2+len(goldenPairs) {
		t.Fatalf("%d comparisons", len(all))
	}
	return all
}

func compareTraces(t *testing.T, old, new string) *drift.Report {
	t.Helper()
	p, err := policy.Load("dji-pilot2")
	if err != nil {
		t.Fatal(err)
	}
	var sides [2]drift.Side
	for i, name := range [...]string{old, new} {
		rec, err := rig.Open(filepath.Join(traces, name))
		if err != nil {
			t.Fatal(err)
		}
		sides[i] = surveyed(t, rec, replay.Options{Policy: p})
	}
	return drift.Compare(p, sides[0], sides[1], drift.Options{})
}

func encode(t *testing.T, r *drift.Report) []byte {
	t.Helper()
	r.Policy.SHA256, r.Claims = "", nil // a word in the policy is no change of a comparison
	content, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return append(content, '\n')
}

// TestGolden holds comparisons byte by byte. It runs on every machine that the
// binary is built for.
func TestGolden(t *testing.T) {
	for name, r := range reports(t) {
		golden, got := filepath.Join(goldens, name+".drift.json"), encode(t, r)
		if *update {
			if err := os.WriteFile(golden, got, 0o600); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s differs from its golden; look, then go test ./rig/drift -run Golden -update\n%s", name, got)
		}
	}
}

// TestGoldenCores: the same bytes with one core and with several.
func TestGoldenCores(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	runtime.GOMAXPROCS(1)
	one := reports(t)
	runtime.GOMAXPROCS(4)
	for name, r := range reports(t) {
		if !bytes.Equal(encode(t, r), encode(t, one[name])) {
			t.Errorf("%s depends on the number of cores", name)
		}
	}
}
