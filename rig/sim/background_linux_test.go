package sim_test

import (
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spanrig/spanrig/rig/sim"
)

// TestNames: what is no name of a bench leads to no folder, least of all to one
// that is removed.
func TestNames(t *testing.T) {
	const again = "SPANRIG_TEST_AGAIN"
	if os.Getenv(again) != "" {
		t.Skip("this is what Up started")
	}
	t.Setenv(again, "yes")
	victim := t.TempDir()
	name, err := filepath.Rel("/run/spanrig/sim", victim)
	if err != nil {
		t.Fatal(err)
	}
	c := sim.Config{Name: name}
	_, up := sim.Up(t.Context(), c)
	_, start := sim.Start(t.Context(), sim.Config{Name: name, Dir: victim})
	for what, err := range map[string]error{"Up": up, "Start": start, "Serve": sim.Serve(t.Context(), c, io.Discard), "Down": sim.Down(t.Context(), name)} {
		if err == nil || !strings.Contains(err.Error(), "bench name") {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := os.Stat(victim); err != nil {
		t.Error(err)
	}
}

// TestList: what else is in the folder of the benches is none of them.
func TestList(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("not run: the folder of benches needs root")
	}
	if err := os.MkdirAll("/run/spanrig/sim", 0o700); err != nil {
		t.Fatal(err)
	}
	other, err := os.MkdirTemp("/run/spanrig/sim", "Other.")
	if err != nil {
		t.Fatal(err)
	}
	defer os.Remove(other)
	if list, err := sim.List(); err != nil || slices.Contains(list, filepath.Base(other)) {
		t.Errorf("%v, %v", list, err)
	}
}
