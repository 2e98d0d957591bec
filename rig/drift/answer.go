package drift

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spanrig/spanrig/rig/policy"
)

// Exit returns the exit code: 0 nothing is worse, 1 a promise got worse, 3
// nobody knows, 4 error of the rig. With acceptWaivers a waived fail counts as
// no change.
func (r *Report) Exit(acceptWaivers bool) int {
	return map[policy.Result]int{policy.Pass: policy.ExitPass, policy.Fail: policy.ExitFail,
		policy.Inconclusive: policy.ExitInconclusive, policy.Errored: policy.ExitError}[result(r, acceptWaivers)]
}

// result is the worst of DRIFT-1 and what every promise means. Without any,
// nobody knows.
func result(r *Report, acceptWaivers bool) policy.Result {
	worst := policy.Result("")
	take := func(one policy.Result, waived bool) {
		if waived && acceptWaivers && one == policy.Fail {
			one = policy.Pass
		}
		if one.Weight() > worst.Weight() {
			worst = one
		}
	}
	for i := range r.Verdicts {
		take(r.Verdicts[i].Result, r.Verdicts[i].Waiver != nil)
	}
	for i := range r.Promises {
		take(r.Promises[i].Result, r.Promises[i].Waiver != nil)
	}
	if worst == "" {
		return policy.Inconclusive
	}
	return worst
}

// answer is the report in one line.
func answer(r *Report) string {
	var text string
	switch r.Result {
	case policy.Fail:
		text = "WORSE: " + r.worse()
	case policy.Errored:
		text = "ERROR: " + list(r.claims(policy.Errored)) + " in error, so nobody can say whether anything is worse"
	case policy.Inconclusive:
		text = "INCONCLUSIVE: nothing is known to be worse, but " + r.unknown()
	default:
		text = "NOTHING WORSE: " + r.kept()
	}
	if extra := r.moved(); extra != "" {
		text += "; " + extra
	}
	return text
}

// claims lists the claims whose promises, or that of DRIFT-1, have a result.
func (r *Report) claims(result policy.Result) []string {
	var list []string
	add := func(claim string) {
		if !slices.Contains(list, claim) {
			list = append(list, claim)
		}
	}
	for i := range r.Promises {
		if r.Promises[i].Result == result {
			add(r.Promises[i].Claim)
		}
	}
	for i := range r.Verdicts {
		if r.Verdicts[i].Result == result {
			add(r.Verdicts[i].Claim)
		}
	}
	return list
}

// mostClaims is how many claims the answer names.
const mostClaims = 6

// list joins words: "a, b and c".
func list(words []string) string {
	if more := len(words) - mostClaims; more > 0 {
		words = append(slices.Clone(words[:mostClaims]), fmt.Sprintf("%d more", more))
	}
	if n := len(words); n > 1 {
		return strings.Join(words[:n-1], ", ") + " and " + words[n-1]
	}
	return strings.Join(words, "")
}

// unknown says what nobody can tell.
func (r *Report) unknown() string {
	unproven, unjudged := r.claims(policy.Inconclusive), []string{}
	unproven = slices.DeleteFunc(unproven, func(claim string) bool {
		if !r.lapsed(claim) {
			return false
		}
		unjudged = append(unjudged, claim)
		return true
	})
	var parts []string
	if len(unproven) > 0 {
		parts = append(parts, list(unproven)+" cannot be told")
	}
	switch len(unjudged) {
	case 0:
	case 1:
		parts = append(parts, unjudged[0]+" was judged before and is not now")
	default:
		parts = append(parts, list(unjudged)+" were judged before and are not now")
	}
	return strings.Join(parts, "; ")
}

// lapsed reports whether a claim is inconclusive only because NEW does not judge it.
func (r *Report) lapsed(claim string) bool {
	return !slices.ContainsFunc(r.Verdicts, func(v policy.Verdict) bool { return v.Claim == claim }) &&
		!slices.ContainsFunc(r.Promises, func(p Promise) bool {
			return p.Claim == claim && p.Result == policy.Inconclusive && p.Change != Unjudged
		})
}

func (r *Report) worse() string {
	var parts []string
	claims := slices.DeleteFunc(r.claims(policy.Fail), func(c string) bool { return c == Claim })
	switch len(claims) {
	case 0:
	case 1:
		parts = append(parts, claims[0]+" fails now")
	default:
		parts = append(parts, list(claims)+" fail now")
	}
	for i := range r.Verdicts {
		if v := &r.Verdicts[i]; v.Result == policy.Fail {
			parts = append(parts, v.Claim+" fails: "+v.Because)
		}
	}
	return strings.Join(parts, "; ")
}

// kept sums up where nothing is worse.
func (r *Report) kept() string {
	counts := map[string]int{}
	failing := 0
	for i := range r.Promises {
		p := &r.Promises[i]
		counts[p.Change]++
		if p.New == policy.Fail {
			failing++
		}
	}
	text := fmt.Sprintf("%s as before", number(counts[Same], "promise"))
	for _, change := range []string{Better, Judged, Unproven, Unjudged} {
		if counts[change] > 0 {
			text += fmt.Sprintf(", %d %s", counts[change], change)
		}
	}
	if failing > 0 {
		text += fmt.Sprintf(" (%d fail, and failed before)", failing)
	}
	if len(r.Verdicts) > 0 {
		text += "; no new destination"
	}
	return text
}

// moved counts what changed beside the promises.
func (r *Report) moved() string {
	counts := map[string]int{}
	for i := range r.Destinations {
		if d := &r.Destinations[i]; d.Change == Gone || len(d.Elsewhere) > 0 {
			counts["destination"]++
		}
	}
	for i := range r.Changes {
		counts[r.Changes[i].What]++
	}
	for i := range r.Volumes {
		if r.Volumes[i].Moved != "" {
			counts["volume"]++
		}
	}
	var parts []string
	for _, what := range []string{"destination", Service, Operator, Country, Host, Version, Fingerprint, "volume"} {
		if counts[what] > 0 {
			parts = append(parts, number(counts[what], what))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return "look at: " + strings.Join(parts, ", ")
}

// number counts a noun: "1 country", "2 countries".
func number(n int, noun string) string {
	if n != 1 {
		if stem, ok := strings.CutSuffix(noun, "y"); ok {
			noun = stem + "ie"
		}
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}
