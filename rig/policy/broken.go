package policy

// Broken is the report of a recording that cannot be believed, such as one
// whose journal was changed: every claim of the policy is in error.
func Broken(p *Policy, name string, cause error) *Report {
	r := &Report{
		Schema:    1,
		Result:    Errored,
		Recording: RecordingRef{Name: name},
		Policy:    FileRef{Name: p.Name, SHA256: p.SHA256},
		Databases: []FileRef{},
		Windows:   []WindowFit{},
		Verdicts:  []Verdict{},
		NotJudged: []NotJudged{},
	}
	for _, c := range p.Claims {
		r.Verdicts = append(r.Verdicts, Verdict{Claim: c.ID, Result: Errored, Because: cause.Error(), Evidence: []Evidence{}})
	}
	return r
}
