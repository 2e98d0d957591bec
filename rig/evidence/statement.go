package evidence

import (
	"github.com/spanrig/spanrig/rig/policy"
)

// Types of the attestation.
const (
	StatementType = "https://in-toto.io/Statement/v1"
	PredicateType = "https://in-toto.io/attestation/test-result/v0.1"
	// Extension is the member of the predicate that holds the exact result, as
	// in-toto wants members of others named.
	Extension = "https://github.com/spanrig/spanrig/verdicts/v1"
)

// Results of the test-result predicate.
const (
	Passed = "PASSED"
	Warned = "WARNED"
	Failed = "FAILED"
)

// statement is an in-toto Statement v1 with a test-result predicate v0.1.
type statement struct {
	Type          string     `json:"_type"`
	Subject       []resource `json:"subject"`
	PredicateType string     `json:"predicateType"`
	Predicate     predicate  `json:"predicate"`
}

// resource is an in-toto ResourceDescriptor.
type resource struct {
	Name   string            `json:"name"`
	Digest map[string]string `json:"digest"`
}

type predicate struct {
	Result        string     `json:"result"`
	Configuration []resource `json:"configuration"`
	PassedTests   []string   `json:"passedTests"`
	WarnedTests   []string   `json:"warnedTests"`
	FailedTests   []string   `json:"failedTests"`
	Exact         exact      `json:"https://github.com/spanrig/spanrig/verdicts/v1"`
}

// exact is what the three results of the predicate cannot tell apart.
type exact struct {
	Result    policy.Result `json:"result"`
	Exit      int           `json:"exit"` // code of spanrig judge
	Device    Subject       `json:"device"`
	Recording string        `json:"recording"` // its digest
	Verdicts  []exactOne    `json:"verdicts"`
	NotJudged []string      `json:"not_judged"` // claims
}

type exactOne struct {
	Claim  string        `json:"claim"`
	Window string        `json:"window"`
	Result policy.Result `json:"result"`
	Waived bool          `json:"waived"`
}

// attest makes the statement of a bundle: all of it follows from the manifest,
// whose digest it carries, and the verdicts. captures are their names in the
// bundle.
//
// The predicate knows three results, and takes WARNED for "passed with
// warnings". So a bundle is PASSED where every verdict is pass, WARNED where
// beside these there are only fails that a waiver covers and the sealer
// accepted, and FAILED for all else: fail, error, and inconclusive, for a gate
// that lets a warning through must not let silence through that nobody could
// hear. Which of these it was stands in the extension.
func attest(m *Manifest, manifestSum string, r *policy.Report, captures []string) *statement {
	s := &statement{Type: StatementType, PredicateType: PredicateType, Subject: []resource{resourceOf(ManifestName, manifestSum)}}
	for _, name := range append(captures, VerdictsName) {
		if f := m.file(name); f != nil {
			s.Subject = append(s.Subject, resourceOf(name, f.SHA256))
		}
	}
	p := &s.Predicate
	p.Configuration = []resource{}
	for _, f := range m.Judged.Policy.Files {
		p.configure(m, f.Path)
	}
	p.configure(m, m.Judged.Baseline)
	p.configure(m, PlacesName)
	p.PassedTests, p.WarnedTests, p.FailedTests = []string{}, []string{}, []string{}
	e := exact{Result: r.Result, Exit: r.Exit(m.Judged.AcceptWaivers), Device: m.Device, Recording: m.Recording.SHA256, Verdicts: []exactOne{}, NotJudged: []string{}}
	for i := range r.Verdicts {
		v := &r.Verdicts[i]
		e.Verdicts = append(e.Verdicts, exactOne{v.Claim, v.Window, v.Result, v.Waiver != nil})
		p.file(v, m.Judged.AcceptWaivers)
	}
	for _, n := range r.NotJudged {
		e.NotJudged = append(e.NotJudged, n.Claim)
	}
	p.Exact, p.Result = e, Failed
	if e.Exit == policy.ExitPass {
		p.Result = Passed
		if len(p.WarnedTests) > 0 {
			p.Result = Warned
		}
	}
	return s
}

func resourceOf(name, sum string) resource {
	return resource{name, map[string]string{"sha256": sum}}
}

func (p *predicate) configure(m *Manifest, name string) {
	if f := m.file(name); f != nil {
		p.Configuration = append(p.Configuration, resourceOf(name, f.SHA256))
	}
}

// file puts a verdict under its result.
func (p *predicate) file(v *policy.Verdict, acceptWaivers bool) {
	name := v.Claim
	if v.Window != "" {
		name += " " + v.Window
	}
	switch {
	case v.Result == policy.Pass:
		p.PassedTests = append(p.PassedTests, name)
	case v.Result == policy.Fail && v.Waiver != nil && acceptWaivers:
		p.WarnedTests = append(p.WarnedTests, name)
	default:
		p.FailedTests = append(p.FailedTests, name)
	}
}
