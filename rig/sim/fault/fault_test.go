package fault

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spanrig/spanrig/rig/plan"
	"github.com/spanrig/spanrig/rig/policy"
	"github.com/spanrig/spanrig/rig/sim/device"
)

// TestList holds the list against what it promises.
func TestList(t *testing.T) {
	seen := map[string]bool{}
	name := regexp.MustCompile(`^[a-z0-9-]+$`)
	for _, f := range All() {
		if !name.MatchString(f.Name) || seen[f.Name] {
			t.Errorf("name %q", f.Name)
		}
		seen[f.Name] = true
		if !strings.HasSuffix(f.About, ".") || strings.Count(f.About, ".") > 2 {
			t.Errorf("%s: %q is no sentence", f.Name, f.About)
		}
		if len(f.Want) == 0 || judged[f.Plan] == "" {
			t.Errorf("%s: plan %q wants nothing", f.Name, f.Plan)
		}
		for claim, result := range f.Want {
			if result.Weight() == 0 || !slices.Contains(strings.Fields(judged[f.Plan]), claim) {
				t.Errorf("%s: %s %s", f.Name, claim, result)
			}
		}
		for _, s := range f.Knobs.Signals {
			if f.Acts[s.Name] == nil {
				t.Errorf("%s: nobody acts on signal %s", f.Name, s.Name)
			}
		}
	}
}

// TestKnobsAreJSON: they are handed to another process.
func TestKnobsAreJSON(t *testing.T) {
	for _, f := range All() {
		b, err := json.Marshal(f.Knobs)
		if err != nil {
			t.Fatal(err)
		}
		var back device.Knobs
		if err := json.Unmarshal(b, &back); err != nil {
			t.Fatal(err)
		}
		again, err := json.Marshal(back)
		if err != nil || string(again) != string(b) {
			t.Errorf("%s: %s became %s, %v", f.Name, b, again, err)
		}
	}
}

// TestPlans loads every plan that a fault names.
func TestPlans(t *testing.T) {
	for _, f := range All() {
		source := f.Plan
		if text, own := Plan(f.Plan); own {
			source = filepath.Join(t.TempDir(), f.Plan+".yaml")
			if err := os.WriteFile(source, text, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		p, err := plan.Load(source)
		if err != nil {
			t.Fatalf("%s: %v", f.Name, err)
		}
		if list := p.Expand([]string{"maps"}, plan.Timing{Scale: 0.1}); len(list) < 3 {
			t.Errorf("%s: plan %s has %d windows", f.Name, f.Plan, len(list))
		}
	}
}

func TestDifferences(t *testing.T) {
	f := Fault{Want: map[string]policy.Result{"LDM-1": policy.Fail, "LDM-2": policy.Pass}}
	report := &policy.Report{Verdicts: []policy.Verdict{{Claim: "LDM-1", Result: policy.Pass}, {Claim: "LDM-1", Result: policy.Fail}, {Claim: "LDM-2", Result: policy.Pass}}}
	if list := f.Differences(report); len(list) != 0 {
		t.Errorf("%q", list)
	}
	report.Verdicts = append(report.Verdicts, policy.Verdict{Claim: "LDM-2", Window: "w", Result: policy.Inconclusive, Because: "x"}, policy.Verdict{Claim: "TLS-1", Result: policy.Pass})
	list := f.Differences(report)
	if len(list) != 2 || list[0] != "LDM-2: wanted pass, got inconclusive (w: x)" || !strings.HasPrefix(list[1], "TLS-1: wanted not judged, got pass") {
		t.Errorf("%q", list)
	}
	delete(f.Want, "LDM-1")
	f.Want["GEO-1"] = policy.Pass
	if list := f.Differences(report); !slices.Contains(list, "GEO-1: wanted pass, got not judged ()") {
		t.Errorf("%q", list)
	}
}

func TestFind(t *testing.T) {
	if f, err := Find("leak-tls"); err != nil || f.Name != "leak-tls" {
		t.Errorf("%v, %v", f, err)
	}
	if _, err := Find("leak"); err == nil || !strings.Contains(err.Error(), "leak-tls") {
		t.Errorf("%v", err)
	}
}
