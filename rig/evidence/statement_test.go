package evidence

import (
	"slices"
	"testing"

	"github.com/spanrig/spanrig/rig/policy"
)

// TestResults: how verdicts become one of the three results of the predicate.
func TestResults(t *testing.T) {
	one := func(r policy.Result, waived bool) policy.Verdict {
		v := policy.Verdict{Claim: "X-" + string(r), Window: "w", Result: r}
		if waived {
			v.Waiver = &policy.Waiver{}
		}
		return v
	}
	pass, fail, waived := one(policy.Pass, false), one(policy.Fail, false), one(policy.Fail, true)
	for name, c := range map[string]struct {
		verdicts       []policy.Verdict
		accept         bool
		want           string
		passed, failed int
		warned         int
	}{
		"pass":                         {[]policy.Verdict{pass, pass}, false, Passed, 2, 0, 0},
		"fail":                         {[]policy.Verdict{pass, fail}, false, Failed, 1, 1, 0},
		"inconclusive":                 {[]policy.Verdict{pass, one(policy.Inconclusive, false)}, true, Failed, 1, 1, 0},
		"error":                        {[]policy.Verdict{pass, one(policy.Errored, false)}, true, Failed, 1, 1, 0},
		"nothing judged":               {nil, true, Failed, 0, 0, 0},
		"waived, not accepted":         {[]policy.Verdict{pass, waived}, false, Failed, 1, 1, 0},
		"waived, accepted":             {[]policy.Verdict{pass, waived}, true, Warned, 1, 0, 1},
		"waived, accepted, and a fail": {[]policy.Verdict{waived, fail}, true, Failed, 0, 1, 1},
		"waived, and inconclusive":     {[]policy.Verdict{waived, one(policy.Inconclusive, false)}, true, Failed, 0, 1, 1},
	} {
		m := &Manifest{Judged: Judged{AcceptWaivers: c.accept}}
		r := &policy.Report{Verdicts: c.verdicts, NotJudged: []policy.NotJudged{{Claim: "PIN-1"}}, Result: policy.Fail}
		p := attest(m, "sum", r, nil).Predicate
		if p.Result != c.want || len(p.PassedTests) != c.passed || len(p.FailedTests) != c.failed || len(p.WarnedTests) != c.warned {
			t.Errorf("%s: %+v", name, p)
		}
		if p.Exact.Exit != r.Exit(c.accept) || p.Exact.Result != r.Result || !slices.Equal(p.Exact.NotJudged, []string{"PIN-1"}) || len(p.Exact.Verdicts) != len(c.verdicts) {
			t.Errorf("%s: %+v", name, p.Exact)
		}
	}
}
