package junit

import (
	"fmt"
	"strings"

	"github.com/spanrig/spanrig/rig/policy"
)

// FromReport makes a suite of a judged recording, one case a verdict. A waived
// fail is a pass only with acceptWaivers. What was not judged is in the
// properties.
func FromReport(r *policy.Report, acceptWaivers bool) Suite {
	s := Suite{Name: Valid(r.Recording.Name), Properties: []Property{
		{"recording.sha256", r.Recording.SHA256},
		{"policy", r.Policy.Name},
		{"policy.sha256", r.Policy.SHA256},
		{"result", string(r.Result)},
	}}
	for _, db := range r.Databases {
		s.Properties = append(s.Properties, Property{"database." + Valid(db.Name) + ".sha256", db.SHA256})
	}
	for _, n := range r.NotJudged {
		s.Properties = append(s.Properties, Property{"not_judged." + n.Claim, Valid(n.Reason)})
	}
	for _, v := range r.Verdicts {
		s.Add(fromVerdict(s.Name, v, acceptWaivers))
	}
	return s
}

func fromVerdict(recording string, v policy.Verdict, acceptWaivers bool) Case {
	c := Case{Name: v.Claim, Class: recording, Properties: []Property{{"claim", v.Claim}, {"result", string(v.Result)}}}
	if v.Window != "" {
		c.Name += " " + Valid(v.Window)
		c.Properties = append(c.Properties, Property{"window", Valid(v.Window)})
	}
	result := v.Result
	if w := v.Waiver; w != nil {
		c.Properties = append(c.Properties, Property{"waiver", Valid(fmt.Sprintf("%s (%s)", w.Reason, w.Owner))})
		if acceptWaivers {
			result = policy.Pass
		}
	}
	c.Settle(result, Valid(v.Because), evidence(v))
	return c
}

func evidence(v policy.Verdict) string {
	var b strings.Builder
	for _, line := range policy.Lines(v.Evidence) {
		b.WriteString(Valid(line) + "\n")
	}
	return b.String()
}
