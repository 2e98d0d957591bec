package drift

import (
	"slices"

	"github.com/spanrig/spanrig/rig/policy"
)

// promises lists every claim in every window of either recording, in the order
// of NEW's verdicts; what only OLD has follows its claim.
func (c *comparison) promises() []Promise {
	old, new := c.old().Report, c.new().Report
	list := []Promise{}
	claims := claimsOf(new, nil)
	for _, claim := range claimsOf(old, claims) {
		for i := range new.Verdicts {
			if v := &new.Verdicts[i]; v.Claim == claim {
				list = append(list, c.promise(v))
			}
		}
		for i := range old.Verdicts {
			if v := &old.Verdicts[i]; v.Claim == claim && find(new, claim, v.Window) == nil {
				list = append(list, c.unjudged(v))
			}
		}
	}
	return list
}

// claimsOf lists the claims of the verdicts that list lacks, after it.
func claimsOf(r *policy.Report, list []string) []string {
	for i := range r.Verdicts {
		if !slices.Contains(list, r.Verdicts[i].Claim) {
			list = append(list, r.Verdicts[i].Claim)
		}
	}
	return list
}

func find(r *policy.Report, claim, window string) *policy.Verdict {
	i := slices.IndexFunc(r.Verdicts, func(v policy.Verdict) bool { return v.Claim == claim && v.Window == window })
	if i < 0 {
		return nil
	}
	return &r.Verdicts[i]
}

// worstOf is the result of a claim over all windows; empty where it was not judged.
func worstOf(r *policy.Report, claim string) policy.Result {
	var worst policy.Result
	for i := range r.Verdicts {
		if v := &r.Verdicts[i]; v.Claim == claim && v.Result.Weight() > worst.Weight() {
			worst = v.Result
		}
	}
	return worst
}

// promise compares a verdict of NEW. What OLD did not judge in that window is
// held against what it says of the claim at all.
func (c *comparison) promise(v *policy.Verdict) Promise {
	p := Promise{Claim: v.Claim, Window: v.Window, New: v.Result, Because: v.Because, Waiver: v.Waiver, Change: Judged}
	before := worstOf(c.old().Report, v.Claim)
	if o := find(c.old().Report, v.Claim, v.Window); o != nil {
		p.Old, before = o.Result, o.Result
		p.Change = changed(o.Result, v.Result)
	}
	p.Result = v.Result
	if before == policy.Fail && v.Result != policy.Errored { // it cannot be worse than a fail
		p.Result = policy.Pass
	}
	if p.Change != Same {
		p.Evidence = v.Evidence
	}
	return p
}

func changed(old, new policy.Result) string {
	switch {
	case old == new:
		return Same
	case new == policy.Pass:
		return Better
	case new == policy.Fail:
		return Worse
	}
	return Unproven
}

// unjudged is a promise that only OLD has. Where NEW lacks the window, or the
// means to judge what it has, nobody knows whether it is kept; else the promise
// has no subject there. What OLD broke cannot be worse.
func (c *comparison) unjudged(v *policy.Verdict) Promise {
	p := Promise{Claim: v.Claim, Window: v.Window, Old: v.Result, Change: Unjudged, Result: policy.Pass}
	new, unknown := c.new(), true
	switch i := slices.IndexFunc(new.Report.NotJudged, func(n policy.NotJudged) bool { return n.Claim == v.Claim }); {
	case v.Window != "" && !c.hasWindow(v.Window):
		p.Because = "NEW has no such window"
	case i >= 0:
		p.Because = new.Report.NotJudged[i].Reason
		unknown = new.Report.NotJudged[i].Kind == policy.NoMeans
	case find(new.Report, v.Claim, "") != nil: // it was required
		p.Because = find(new.Report, v.Claim, "").Because
	default:
		p.Because, unknown = "it has no subject in that window of NEW", false
	}
	if unknown && v.Result != policy.Fail {
		p.Result = policy.Inconclusive
	}
	return p
}

// hasWindow reports whether NEW has a window of OLD's by name and mode, or
// another of its situation.
func (c *comparison) hasWindow(name string) bool {
	for i := range c.old().Survey.Windows {
		old := &c.old().Survey.Windows[i]
		if old.Name == name && slices.ContainsFunc(c.new().Survey.Windows, func(w policy.SurveyWindow) bool { return w.Name == name && w.Mode == old.Mode }) {
			return true
		}
	}
	return slices.ContainsFunc(c.situations, func(o situation) bool { return slices.Contains(o.Old.Windows, name) && len(o.new) > 0 })
}
