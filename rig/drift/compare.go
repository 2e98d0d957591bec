package drift

import (
	"slices"

	"github.com/spanrig/spanrig/rig"
	"github.com/spanrig/spanrig/rig/policy"
)

// Compare says what changed from old to new, both judged with p.
func Compare(p *policy.Policy, old, new Side, o Options) *Report {
	c := &comparison{policy: p, situations: situations(&old, &new), require: o.Require}
	c.sides = [2]*side{collect(p, &old), collect(p, &new)}
	c.settle()
	r := &Report{
		Schema:       1,
		Old:          recording(&old),
		New:          recording(&new),
		Policy:       new.Report.Policy,
		Claims:       []Promised{},
		Verdicts:     []policy.Verdict{},
		Promises:     c.promises(),
		Destinations: c.destinations(),
		Changes:      c.changes(),
		Volumes:      c.volumes(),
		NotJudged:    []policy.NotJudged{},
		Notes:        notes(&old, &new, c.situations),

		AcceptWaivers: o.AcceptWaivers,
	}
	for _, one := range p.Claims {
		r.Claims = append(r.Claims, Promised{one.ID, one.Title, one.Quote, one.Source})
	}
	for i := range c.situations {
		r.Windows = append(r.Windows, c.situations[i].Situation)
	}
	c.conclude(r)
	r.Reservations = reservations(&old, &new, r.Promises)
	r.Result = result(r)
	r.Answer = answer(r)
	return r
}

// comparison holds both sides while they are compared: old first.
type comparison struct {
	policy     *policy.Policy
	sides      [2]*side
	situations []situation
	require    []string
	vacant     map[string]bool // ports of addresses without a name that are gone; nil: not looked yet
}

func (c *comparison) old() *side { return c.sides[0] }
func (c *comparison) new() *side { return c.sides[1] }

// conclude adds DRIFT-1 and what is not judged in NEW.
func (c *comparison) conclude(r *Report) {
	const unclaimed = "it is no claim of policy "
	claimed := slices.ContainsFunc(c.policy.Claims, func(one policy.Claim) bool { return one.ID == Claim })
	switch {
	case claimed:
		r.Verdicts = append(r.Verdicts, c.verdict())
	case slices.Contains(c.require, Claim):
		r.Verdicts = append(r.Verdicts, policy.Verdict{Claim: Claim, Result: policy.Inconclusive,
			Because: "required, but not judged: " + unclaimed + c.policy.Name, Evidence: []policy.Evidence{}})
	default:
		r.NotJudged = append(r.NotJudged, policy.NotJudged{Claim: Claim, Reason: unclaimed + c.policy.Name})
	}
	for _, n := range c.new().Report.NotJudged {
		if n.Claim != Claim {
			r.NotJudged = append(r.NotJudged, n)
		}
	}
}

func recording(s *Side) Recording {
	inv := &s.Inventory
	r := Recording{
		Name:      s.Report.Recording.Name,
		SHA256:    s.Report.Recording.SHA256,
		Result:    s.Report.Result,
		Device:    Device{inv.Device.Model, inv.Device.Firmware},
		App:       App{inv.App.Package, inv.App.Version},
		Aircraft:  Device(inv.Aircraft),
		Vantage:   inv.Vantage,
		Resolvers: slices.Clone(inv.Resolvers),
		Baseline:  s.Report.Baseline,
		Databases: s.Report.Databases,
		Sealed:    s.Sealed,
	}
	if r.Resolvers == nil {
		r.Resolvers = []addr{}
	}
	return r
}

// modes in the order in which they are told; "" is between the windows.
var modes = []string{rig.ModeStandard, rig.ModeRestricted, rig.ModeLocalData, ""}

// ModeText names a mode of a Report, where "" is between the windows.
func ModeText(mode string) string {
	if mode == "" {
		return "between windows"
	}
	return mode
}
