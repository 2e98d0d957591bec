package replay_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/spanrig/spanrig/captures/fact"
	"github.com/spanrig/spanrig/captures/flow"
	"github.com/spanrig/spanrig/captures/pcapfile"
	"github.com/spanrig/spanrig/rig"
	"github.com/spanrig/spanrig/rig/policy"
	"github.com/spanrig/spanrig/rig/replay"
)

var update = flag.Bool("update", false, "write the goldens anew")

const (
	traces  = "../../fixtures/traces"
	goldens = "../../fixtures/goldens"
)

// recordings lists the committed traces.
func recordings(t *testing.T) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(traces, "*", "windows.json"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no traces: %v", err)
	}
	for i, p := range paths {
		paths[i] = filepath.Dir(p)
	}
	return paths
}

// stages returns what each station prints for one recording.
func stages(t *testing.T, path string) map[string][]byte {
	t.Helper()
	rec, err := rig.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	src, err := pcapfile.OpenAll(rec.Captures)
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	var flows []byte
	e := fact.Encoder{Files: rec.Files}
	if _, err := fact.Stream(context.Background(), src, flow.Config{}, func(f *fact.Fact) { flows = e.Append(flows, f, fact.Attribution{}) }); err != nil {
		t.Fatal(err)
	}
	p, err := policy.Load("dji-pilot2")
	if err != nil {
		t.Fatal(err)
	}
	report, err := replay.Run(context.Background(), path, replay.Options{Policy: p})
	if err != nil {
		t.Fatal(err)
	}
	report.Policy.SHA256 = "" // a word in the policy is no change of a verdict
	verdicts, err := json.MarshalIndent(report, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return map[string][]byte{"flows.jsonl": flows, "verdicts.json": append(verdicts, '\n')}
}

// TestGolden holds flows and verdicts of the committed traces byte by byte. It
// runs on every machine that the binary is built for.
func TestGolden(t *testing.T) {
	for _, path := range recordings(t) {
		name := filepath.Base(path)
		t.Run(name, func(t *testing.T) {
			for stage, got := range stages(t, path) {
				golden := filepath.Join(goldens, name+"."+stage)
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
					t.Errorf("%s differs from its golden at byte %d; look, then go test ./rig/replay -run Golden -update", stage, common(got, want))
				}
			}
		})
	}
}

func common(a, b []byte) int {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return n
}

// TestGoldenCores: the same bytes with one core and with several.
func TestGoldenCores(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for _, path := range recordings(t) {
		runtime.GOMAXPROCS(1)
		one := stages(t, path)
		runtime.GOMAXPROCS(4)
		for stage, got := range stages(t, path) {
			if !bytes.Equal(got, one[stage]) {
				t.Errorf("%s of %s depends on the number of cores", stage, filepath.Base(path))
			}
		}
	}
}
