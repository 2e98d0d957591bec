package cli

import "github.com/spanrig/spanrig/rig/policy"

// exitWeight orders exit codes as the results behind them; nothing judged
// shares its code with inconclusive.
var exitWeight = map[int]int{0: 1, 3: 2, 4: 3, 1: 4}

// worstExit is the exit code of several reports: the worst decides.
func worstExit(reports []*policy.Report, acceptWaivers bool) int {
	worst := exitPass
	for _, r := range reports {
		if code := r.Exit(acceptWaivers); exitWeight[code] > exitWeight[worst] {
			worst = code
		}
	}
	return worst
}

// worst is the result of several reports.
func worst(reports []*policy.Report) policy.Result {
	var w policy.Result
	for _, r := range reports {
		if r.Result.Weight() > w.Weight() {
			w = r.Result
		}
	}
	return w
}

// worstOf is the result of a claim over the windows of a report; empty where
// it was not judged.
func worstOf(r *policy.Report, claim string) policy.Result {
	var w policy.Result
	for _, v := range r.Verdicts {
		if v.Claim == claim && v.Result.Weight() > w.Weight() {
			w = v.Result
		}
	}
	return w
}
