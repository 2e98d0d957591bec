package policy

// Exit codes of a judgement: contract section 2.
const (
	ExitPass         = 0
	ExitFail         = 1
	ExitInconclusive = 3 // also where nothing was judged
	ExitError        = 4
)

// Exit returns the exit code of the report: the worst of fail > error >
// inconclusive > pass. With acceptWaivers a waived fail counts as pass.
func (r *Report) Exit(acceptWaivers bool) int {
	if len(r.Verdicts) == 0 {
		return ExitInconclusive
	}
	worst := Pass
	for i := range r.Verdicts {
		v := &r.Verdicts[i]
		if acceptWaivers && v.Result == Fail && v.Waiver != nil {
			continue
		}
		if weight[v.Result] > weight[worst] {
			worst = v.Result
		}
	}
	return map[Result]int{Pass: ExitPass, Fail: ExitFail, Inconclusive: ExitInconclusive, Errored: ExitError}[worst]
}
