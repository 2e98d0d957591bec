package suite

import (
	"testing"

	"github.com/spanrig/spanrig/drivers"
	"github.com/spanrig/spanrig/rig/policy"
)

// TestOf: the verdicts of a mode, also where a window of another mode has the
// same name.
func TestOf(t *testing.T) {
	r := &policy.Report{
		Windows: []policy.WindowFit{{Name: "idle", Mode: "ldm"}, {Name: "idle", Mode: "standard"}, {Name: "tour", Mode: "standard"}},
		Verdicts: []policy.Verdict{{Claim: "LDM-1", Window: "idle"}, {Claim: "LDM-2", Window: "idle"},
			{Claim: "CAP-1", Window: "idle"}, {Claim: "CAP-1", Window: "tour"}, {Claim: "DRIFT-1"}},
	}
	for _, c := range []struct {
		claim string
		mode  drivers.Mode
		want  int
	}{
		{"LDM-1", drivers.LocalData, 1},
		{"LDM-1", drivers.Restricted, 0},
		{"CAP-1", "", 2},
		{"CAP-1", drivers.LocalData, 1},
		{"DRIFT-1", drivers.LocalData, 1}, // of the whole recording
	} {
		if got := of(r, c.claim, c.mode); len(got) != c.want {
			t.Errorf("%s in %q: %v, want %d verdicts", c.claim, c.mode, got, c.want)
		}
	}
}
