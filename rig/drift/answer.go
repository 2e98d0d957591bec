package drift

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spanrig/spanrig/rig/policy"
)

// answer is the report in one line: what came of it, then why.
func answer(r *Report) string {
	var title string
	var parts, mind []string
	for _, one := range r.Reservations {
		if r.Result != policy.Inconclusive || one.Result == policy.Pass { // else it is why nobody can tell
			mind = append(mind, one.Text)
		}
	}
	switch waived := r.waived(); r.Result {
	case policy.Fail:
		title, parts = "WORSE", append(r.worse(), waived...)
	case policy.Errored:
		title, parts = "ERROR", []string{list(r.claims(policy.Errored)) + " in error, so nobody can say whether anything is worse"}
	case policy.Inconclusive:
		title, parts = "INCONCLUSIVE", append(r.unknown(), waived...)
	default:
		title, parts = "NOTHING WORSE", append(waived, r.kept())
		if len(waived) > 0 {
			title += butWaived
		}
		if len(mind) > 0 {
			title += reserved
			parts, mind = slices.Concat(mind, parts), nil
		}
	}
	if len(mind) > 0 {
		parts = append(parts, "mind that "+strings.Join(mind, " and "))
	}
	if extra := r.moved(); extra != "" {
		parts = append(parts, extra)
	}
	return strings.Join(strings.Fields(title+": "+strings.Join(parts, "; ")), " ")
}

// What a title adds where nothing is worse.
const (
	butWaived = " but what is waived"
	reserved  = ", with a reservation"
)

// claims lists the claims whose promises, or that of DRIFT-1, have a result.
func (r *Report) claims(result policy.Result) []string {
	var list []string
	add := func(claim string) {
		if !slices.Contains(list, claim) {
			list = append(list, claim)
		}
	}
	for i := range r.Promises {
		if r.counts(r.Promises[i].Result, r.Promises[i].Waiver) == result {
			add(r.Promises[i].Claim)
		}
	}
	for i := range r.Verdicts {
		if r.counts(r.Verdicts[i].Result, r.Verdicts[i].Waiver) == result {
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

// unknown says why nobody can tell.
func (r *Report) unknown() (parts []string) {
	unproven, unjudged := r.claims(policy.Inconclusive), []string{}
	unproven = slices.DeleteFunc(unproven, func(claim string) bool {
		if !r.lapsed(claim) {
			return false
		}
		unjudged = append(unjudged, claim)
		return true
	})
	for _, one := range r.Reservations {
		if one.Result == policy.Inconclusive {
			parts = append(parts, one.Text+", so nobody can say whether anything is worse")
		}
	}
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
	if len(parts) == 0 {
		parts = append(parts, "nothing was judged")
	}
	if r.comparable() {
		parts[0] = "nothing is known to be worse, but " + parts[0]
	}
	return parts
}

// comparable reports whether no reservation forbids to compare the two.
func (r *Report) comparable() bool {
	return !slices.ContainsFunc(r.Reservations, func(one Reservation) bool { return one.Result == policy.Inconclusive })
}

// lapsed reports whether a claim is inconclusive only because NEW does not judge it.
func (r *Report) lapsed(claim string) bool {
	return !slices.ContainsFunc(r.Verdicts, func(v policy.Verdict) bool { return v.Claim == claim }) &&
		!slices.ContainsFunc(r.Promises, func(p Promise) bool {
			return p.Claim == claim && p.Result == policy.Inconclusive && p.Change != Unjudged
		})
}

// worse says what is.
func (r *Report) worse() (parts []string) {
	if claims := slices.DeleteFunc(r.claims(policy.Fail), func(c string) bool { return c == Claim }); len(claims) > 0 {
		parts = append(parts, failing(claims))
	}
	for i := range r.Verdicts {
		if v := &r.Verdicts[i]; r.counts(v.Result, v.Waiver) == policy.Fail {
			parts = append(parts, v.Claim+" fails: "+brief(v.Because))
		}
	}
	if _, waivers := r.fails(); !slices.Contains(waivers, nil) {
		parts = append(parts, "all of it is waived")
	}
	return parts
}

// failing says that claims fail.
func failing(claims []string) string {
	if len(claims) == 1 {
		return claims[0] + " fails now"
	}
	return list(claims) + " fail now"
}

// waived says what fails and is accepted; nothing where nothing is.
func (r *Report) waived() []string {
	if !r.AcceptWaivers {
		return nil
	}
	var claims, owners []string
	var until time.Time
	worse := r.claims(policy.Fail)
	all, waivers := r.fails()
	for i, w := range waivers {
		if w == nil || slices.Contains(worse, all[i]) {
			continue
		}
		if !slices.Contains(claims, all[i]) {
			claims = append(claims, all[i])
		}
		if !slices.Contains(owners, w.Owner) {
			owners = append(owners, w.Owner)
		}
		if until.IsZero() || w.Expires.Before(until) {
			until = w.Expires
		}
	}
	if len(claims) == 0 {
		return nil
	}
	return []string{fmt.Sprintf("%s, waived by %s until %s", failing(claims), list(owners), until.Format(time.DateOnly))}
}

// mostBrief is how long a sentence may be in the answer, in bytes.
const mostBrief = 200

// brief cuts a sentence that is too long, where a part of it ends.
func brief(text string) string {
	if len(text) <= mostBrief {
		return text
	}
	head := strings.ToValidUTF8(text[:mostBrief], "")
	if i := max(strings.LastIndex(head, "; "), strings.LastIndex(head, ", "), strings.LastIndex(head, ": ")); i > 0 {
		head = head[:i]
	}
	return head + " ..."
}

// kept sums up where nothing is worse.
func (r *Report) kept() string {
	counts := map[string]int{}
	failing := 0
	for i := range r.Promises {
		p := &r.Promises[i]
		counts[p.Change]++
		if p.New == policy.Fail && p.Result != policy.Fail {
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
	if len(r.Verdicts) > 0 && r.Verdicts[0].Result == policy.Pass {
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
