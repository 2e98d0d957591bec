package drift

import "github.com/spanrig/spanrig/rig/policy"

// Exit returns the exit code: 0 nothing is worse, 1 a promise got worse, 3
// nobody knows, 4 error of the rig. It is that of Result.
func (r *Report) Exit() int {
	return map[policy.Result]int{policy.Pass: policy.ExitPass, policy.Fail: policy.ExitFail,
		policy.Inconclusive: policy.ExitInconclusive, policy.Errored: policy.ExitError}[r.Result]
}

// result is the worst of DRIFT-1, of what every promise means and of the
// reservations. Without any verdict or promise, nobody knows.
func result(r *Report) policy.Result {
	if len(r.Verdicts)+len(r.Promises) == 0 {
		return policy.Inconclusive
	}
	worst := policy.Pass
	take := func(one policy.Result) {
		if one.Weight() > worst.Weight() {
			worst = one
		}
	}
	for i := range r.Verdicts {
		take(r.counts(r.Verdicts[i].Result, r.Verdicts[i].Waiver))
	}
	for i := range r.Promises {
		take(r.counts(r.Promises[i].Result, r.Promises[i].Waiver))
	}
	for _, one := range r.Reservations {
		take(one.Result)
	}
	return worst
}

// counts is what a result counts for: a fail whose waiver is accepted is none.
func (r *Report) counts(one policy.Result, w *policy.Waiver) policy.Result {
	if r.AcceptWaivers && w != nil && one == policy.Fail {
		return policy.Pass
	}
	return one
}

// fails lists what fails now, each with its waiver; nil where it has none.
func (r *Report) fails() (claims []string, waivers []*policy.Waiver) {
	add := func(claim string, one policy.Result, w *policy.Waiver) {
		if one == policy.Fail {
			claims, waivers = append(claims, claim), append(waivers, w)
		}
	}
	for i := range r.Promises {
		add(r.Promises[i].Claim, r.Promises[i].Result, r.Promises[i].Waiver)
	}
	for i := range r.Verdicts {
		add(r.Verdicts[i].Claim, r.Verdicts[i].Result, r.Verdicts[i].Waiver)
	}
	return claims, waivers
}
