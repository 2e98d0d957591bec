package suite

import (
	"reflect"
	"testing"

	"github.com/onsi/ginkgo/v2/types"

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

// TestParallel: JUnit says the same of a spec whichever process has run it: a
// fail is a failure.
func TestParallel(t *testing.T) {
	spec := func(result policy.Result, state types.SpecState) types.SpecReport {
		e := entry{Claim: "LDM-1", Window: "ldm/idle", Result: result, Because: "one flow", Evidence: []policy.Evidence{{Flow: 7, Frames: []uint64{7, 9}}}}
		return types.SpecReport{LeafNodeType: types.NodeTypeIt, LeafNodeText: string(result), State: state,
			ReportEntries: types.ReportEntries{{Name: entryName, Value: types.WrapEntryValue(e)}, {Name: "a lab's own", Value: types.WrapEntryValue("x")}}}
	}
	r := types.Report{SpecReports: types.SpecReports{spec(policy.Pass, types.SpecStatePassed),
		spec(policy.Inconclusive, types.SpecStateFailed), spec(policy.Fail, types.SpecStateFailed)}}
	here, there := suiteOf("specs", r), suiteOf("specs", parallel(t, r))
	if here.Failures != 1 || here.Errors != 1 || !reflect.DeepEqual(here, there) {
		t.Errorf("here  %+v\nthere %+v", here, there)
	}
}
