package casebook_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/spanrig/spanrig/captures/synth/casebook"
)

var update = flag.Bool("update", false, "write the traces of the repository anew")

const (
	traceDir  = "../../../fixtures/traces"
	traceMost = 200 << 10 // bytes a trace
)

// TestTraces builds the traces of the repository again: same bytes.
func TestTraces(t *testing.T) {
	list := casebook.Traces()
	if len(list) < 8 {
		t.Fatalf("only %d traces", len(list))
	}
	for i := range list {
		dir, size := filepath.Join(traceDir, list[i].Name), 0
		for name, b := range list[i].Trace() {
			size += len(b)
			if *update {
				write(t, filepath.Join(dir, name), b)
			}
			stored, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(stored, b) {
				t.Errorf("%s/%s: the generator gives other bytes; run it with -update", list[i].Name, name)
			}
		}
		if size > traceMost {
			t.Errorf("%s has %d bytes", list[i].Name, size)
		}
	}
}

func write(t *testing.T, path string, b []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
}
