package drift

import (
	"fmt"
	"strings"

	"github.com/spanrig/spanrig/rig/junit"
	"github.com/spanrig/spanrig/rig/policy"
)

// Suite makes a JUnit suite: DRIFT-1 and each promise are a case. One that got
// worse is a failure; one that fails as it did before is none, nor is a waived
// fail where waivers are accepted.
func (r *Report) Suite() junit.Suite {
	s := junit.Suite{Name: junit.Valid(r.Old.Name + " -> " + r.New.Name), Properties: []junit.Property{
		{Name: "old.sha256", Value: r.Old.SHA256}, {Name: "old.firmware", Value: junit.Valid(r.Old.Device.Firmware)},
		{Name: "new.sha256", Value: r.New.SHA256}, {Name: "new.firmware", Value: junit.Valid(r.New.Device.Firmware)},
		{Name: "policy", Value: r.Policy.Name}, {Name: "policy.sha256", Value: r.Policy.SHA256},
		{Name: "result", Value: string(r.Result)}, {Name: "answer", Value: junit.Valid(r.Answer)},
	}}
	for i := range r.Verdicts {
		v := &r.Verdicts[i]
		c := junit.Case{Name: v.Claim, Class: s.Name, Properties: []junit.Property{{Name: "claim", Value: v.Claim}, {Name: "result", Value: string(v.Result)}}}
		settle(&c, v.Result, v.Because, v.Evidence, v.Waiver, r.AcceptWaivers)
		s.Add(c)
	}
	for i := range r.Promises {
		p := &r.Promises[i]
		c := junit.Case{Name: junit.Valid(strings.TrimSpace(p.Claim + " " + p.Window)), Class: s.Name, Properties: []junit.Property{
			{Name: "claim", Value: p.Claim}, {Name: "window", Value: junit.Valid(p.Window)}, {Name: "change", Value: p.Change},
			{Name: "old", Value: resultText(p.Old)}, {Name: "new", Value: resultText(p.New)}}}
		settle(&c, p.Result, fmt.Sprintf("%s -> %s: %s", resultText(p.Old), resultText(p.New), p.Because), p.Evidence, p.Waiver, r.AcceptWaivers)
		s.Add(c)
	}
	return s
}

// resultText names a result; empty is not judged.
func resultText(r policy.Result) string {
	if r == "" {
		return "not judged"
	}
	return string(r)
}

func settle(c *junit.Case, result policy.Result, because string, evidence []policy.Evidence, waiver *policy.Waiver, acceptWaivers bool) {
	if waiver != nil {
		c.Properties = append(c.Properties, junit.Property{Name: "waiver", Value: junit.Valid(fmt.Sprintf("%s (%s)", waiver.Reason, waiver.Owner))})
		if acceptWaivers && result == policy.Fail {
			result = policy.Pass
		}
	}
	var text strings.Builder
	for _, line := range policy.Lines(evidence) {
		text.WriteString(junit.Valid(line) + "\n")
	}
	c.Settle(result, junit.Valid(because), text.String())
}
