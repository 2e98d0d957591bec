package policy

import (
	"slices"

	"github.com/spanrig/spanrig/rig"
)

// rule decides one claim in one window.
type rule struct {
	id      string
	modes   []string // nil: every mode
	fitness bool     // says whether the capture may be judged, and is judged for every policy
	trusted bool     // Options.Trust stands in its place
	settled bool     // judges what follows the guard alone
	judge   func(v *view, s *span) outcome
}

var (
	inLDM    = []string{rig.ModeLocalData}
	inRNM    = []string{rig.ModeRestricted}
	inBounds = []string{rig.ModeLocalData, rig.ModeRestricted}
)

// rules in the order of contract section 5, which is the order of verdicts.
// Fitness comes first: the rules after it are held against what it found.
var rules = []rule{
	{id: "CAP-1", fitness: true, trusted: true, judge: judgeControls},
	{id: "CAP-2", fitness: true, judge: judgeFile},
	{id: "CAP-3", fitness: true, trusted: true, judge: judgeRoutes},
	{id: "MODE-1", fitness: true, trusted: true, judge: judgeMode},
	{id: "APP-1", modes: inBounds, fitness: true, trusted: true, judge: judgeApp},
	{id: "CTRL-1", modes: inBounds, fitness: true, trusted: true, judge: judgeSpeech},
	{id: "LDM-1", modes: inLDM, judge: judgeFirstParty},
	{id: "LDM-2", modes: inLDM, judge: judgeBeyond},
	{id: "LDM-3", modes: inLDM, judge: judgeQueries},
	{id: "LDM-4", modes: inLDM, settled: true, judge: judgeOpenFlows},
	{id: "LDM-5", modes: inLDM}, // from the verdicts on LDM-1 to LDM-4
	{id: "RNM-1", modes: inRNM, settled: true, judge: judgeServices},
	{id: "RNM-2", modes: inRNM, settled: true, judge: judgeSilence},
	{id: "GEO-1", judge: judgeCountry},
	{id: "GEO-2", judge: judgeOperator},
	{id: "TLS-1", judge: judgeEncryption},
	{id: "TLS-2", judge: judgeSecrets},
}

// undecided are the claims that no recording decides, with the reason.
var undecided = []NotJudged{
	{Claim: "PIN-1", Kind: NoMeans, Reason: "no attempt in this recording"},
	{Claim: "PIN-2", Kind: NoMeans, Reason: "no attempt in this recording"},
	{Claim: "DRIFT-1", Kind: NoMeans, Reason: "one recording has nothing to drift from; compare two with spanrig diff"},
}

func ruleOf(id string) *rule {
	i := slices.IndexFunc(rules, func(r rule) bool { return r.id == id })
	if i < 0 {
		return nil
	}
	return &rules[i]
}

// notJudgedReason is the reason of a claim that no recording decides; empty for others.
func notJudgedReason(id string) string {
	for _, n := range undecided {
		if n.Claim == id {
			return n.Reason
		}
	}
	return ""
}

func knownClaims() []string {
	var ids []string
	for i := range rules {
		ids = append(ids, rules[i].id)
	}
	for _, n := range undecided {
		ids = append(ids, n.Claim)
	}
	return ids
}

// covers reports whether the claim is judged in windows of the mode.
func (r *rule) covers(mode string) bool { return r.modes == nil || slices.Contains(r.modes, mode) }

// claims reports whether the policy wants the claim judged.
func (p *Policy) claims(id string) bool {
	return slices.ContainsFunc(p.Claims, func(c Claim) bool { return c.ID == id })
}
