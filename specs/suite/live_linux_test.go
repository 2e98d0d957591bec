package suite

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spanrig/spanrig/drivers"
	"github.com/spanrig/spanrig/rig"
	"github.com/spanrig/spanrig/rig/benchfile"
)

// gone are the drivers of a device that is never there; the count is how often
// it was looked for.
func gone() (own benchfile.Drivers, looked *int) {
	looked = new(int)
	open := func(context.Context, *benchfile.Bench, benchfile.Tools) (drivers.Controller, error) {
		*looked++
		return nil, errors.New("the device is gone")
	}
	return benchfile.Drivers{Controllers: map[string]func(context.Context, *benchfile.Bench, benchfile.Tools) (drivers.Controller, error){"desk": open}}, looked
}

// TestFailedRecordingIsRemembered: a window that could not be recorded is not
// tried again, neither by the next spec nor by the next process, and both say
// that the rig failed.
func TestFailedRecordingIsRemembered(t *testing.T) {
	own, looked := gone()
	out, bench := t.TempDir(), benchFile(t, "driver: desk")
	first, second := open(t, bench, out, own), open(t, bench, out, own)
	second.out = first.out // another process of the run
	for _, l := range []*live{first, first, second} {
		w, err := l.one(t.Context(), "menu", drivers.LocalData, rig.Idle(0))
		if w != nil || err == nil || strings.Contains(err.Error(), "not empty") {
			t.Errorf("%v, %v", w, err)
		}
		if l == first && (err == nil || !strings.Contains(err.Error(), "the device is gone")) {
			t.Errorf("the next spec does not hear why: %v", err)
		}
		if got := l.untold(); l == first && len(got) > 1 || l.trouble() == "" {
			t.Errorf("troubles %q, first %q", got, l.trouble())
		}
	}
	if *looked != 1 {
		t.Errorf("the device was looked for %d times", *looked)
	}
}

func open(t *testing.T, bench, out string, own benchfile.Drivers) *live {
	t.Helper()
	l, err := newLive(bench, out, own)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// TestFolder: every window has a folder of its own, in the run's.
func TestFolder(t *testing.T) {
	seen := map[string]string{"plan": "the plan"}
	for _, name := range []string{"a/b", "a-b", "a b", "a%2Fb", "..", ".", "../../x", "plan", ""} {
		for _, mode := range []drivers.Mode{drivers.LocalData, drivers.Restricted} {
			f := folder(name, mode)
			if seen[f] != "" {
				t.Errorf("%s in %s shares %s with %s", name, mode, f, seen[f])
			}
			if filepath.Base(f) != f || f == ".." || f == "." {
				t.Errorf("%s in %s is in %q", name, mode, f)
			}
			seen[f] = name + " in " + string(mode)
		}
	}
}
