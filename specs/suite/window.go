package suite

import (
	"github.com/spanrig/spanrig/drivers"
	"github.com/spanrig/spanrig/rig/policy"
)

// Window is one judged window of the recording, what matchers of specs/match
// take.
type Window struct {
	Name   string
	Mode   drivers.Mode
	report *policy.Report
}

// Verdict returns the verdict of a claim in this window. ok is false where it
// was not judged; because says why.
func (w *Window) Verdict(claim string) (v policy.Verdict, because string, ok bool) {
	for _, v := range w.report.Verdicts {
		if v.Claim == claim && (v.Window == w.Name || v.Window == "") {
			return v, "", true
		}
	}
	for _, n := range w.report.NotJudged {
		if n.Claim == claim {
			return policy.Verdict{}, n.Reason, false
		}
	}
	return policy.Verdict{}, "the policy does not make this claim", false
}

// String is the window's name, for failure messages.
func (w *Window) String() string { return w.Name }
