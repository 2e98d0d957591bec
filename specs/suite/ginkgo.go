package suite

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"
	"github.com/onsi/gomega"

	"github.com/spanrig/spanrig/drivers"
	"github.com/spanrig/spanrig/rig/policy"
	"github.com/spanrig/spanrig/specs/match"
)

// Claim registers one spec: in every window of mode, the claim holds. With
// mode "" every window counts. It carries the label claim:ID, and a report
// entry for each verdict with its evidence and the digests of what was judged.
func (s *Suite) Claim(id, text string, mode drivers.Mode, args ...any) {
	args = append(args, ginkgo.Label("claim:"+id), func(ctx ginkgo.SpecContext) {
		s.judge(ctx, id, mode)
	})
	ginkgo.It(text, args...)
}

func (s *Suite) judge(ctx context.Context, id string, mode drivers.Mode) {
	ginkgo.GinkgoHelper()
	defer ginkgo.AttachProgressReporter(s.progress)()
	report := s.judgement(ctx)
	verdicts := of(report, id, mode)
	if len(verdicts) == 0 {
		reason := reasonOf(report, id)
		ginkgo.AddReportEntry(entryName, entry{Claim: id, Reason: reason})
		var stale *StaleError
		if _, err := s.anyWindow(ctx, mode); errors.As(err, &stale) && s.live == nil {
			ginkgo.Fail("error: " + err.Error())
		}
		if t := s.trouble(); t != "" {
			reason += "; the rig failed: " + t
		}
		ginkgo.Skip("not judged: " + id + ": " + reason)
	}
	for _, v := range verdicts {
		ginkgo.AddReportEntry(entryName, newEntry(report, v), ginkgo.ReportEntryVisibilityFailureOrVerbose)
	}
	// The worst first: a fail is seen by all means, presence needs no fitness.
	for _, result := range []policy.Result{policy.Fail, policy.Errored, policy.Inconclusive, policy.Pass} {
		for _, v := range verdicts {
			if v.Result == result {
				gomega.Expect(judged{v}).To(match.Keep(id))
			}
		}
	}
}

// judgement is the report, for a spec that ends where there is none. Run tells
// what went wrong with the rig, once: such a spec is skipped with that reason.
func (s *Suite) judgement(ctx context.Context) *policy.Report {
	ginkgo.GinkgoHelper()
	report, err := s.Report(ctx)
	if err == nil {
		return report
	}
	if t := s.trouble(); t != "" {
		ginkgo.Skip("not judged: the rig failed: " + t)
	}
	ginkgo.Fail("error: " + err.Error())
	return nil
}

// trouble is the first that the rig had; empty in replay.
func (s *Suite) trouble() string {
	if s.live == nil {
		return ""
	}
	return s.live.trouble()
}

// progress is for Ginkgo's progress reports.
func (s *Suite) progress() string {
	if s.live == nil {
		return "judging " + s.config.Recording
	}
	return s.live.progress()
}

// process is the number of this process among those that Ginkgo runs in parallel.
func process() int { return ginkgo.GinkgoParallelProcess() }

func (s *Suite) anyWindow(ctx context.Context, mode drivers.Mode) ([]*Window, error) {
	if mode == "" {
		return nil, nil
	}
	return s.Windows(ctx, mode)
}

// of returns the verdicts of a claim in the windows of mode. A recording that
// was made elsewhere may have windows of several modes under one name.
func of(r *policy.Report, id string, mode drivers.Mode) []policy.Verdict {
	has := map[string]bool{} // windows of the mode by name
	for _, w := range r.Windows {
		has[w.Name] = has[w.Name] || drivers.Mode(w.Mode) == mode
	}
	var verdicts []policy.Verdict
	for _, v := range r.Verdicts {
		if v.Claim == id && (mode == "" || v.Window == "" || has[v.Window]) {
			verdicts = append(verdicts, v)
		}
	}
	return verdicts
}

func reasonOf(r *policy.Report, id string) string {
	for _, n := range r.NotJudged {
		if n.Claim == id {
			return n.Reason
		}
	}
	return "policy " + r.Policy.Name + " does not make this claim"
}

// judged is one verdict as a window of its own.
type judged struct{ v policy.Verdict }

// Verdict implements match.Judged.
func (j judged) Verdict(string) (policy.Verdict, string, bool) { return j.v, "", true }

func (j judged) String() string { return j.v.Window }

// entryName is under which report entries of verdicts are found.
const entryName = "verdict"

// entry is what a spec leaves in Ginkgo's report, and from there in JUnit.
type entry struct {
	Claim     string            `json:"claim"`
	Window    string            `json:"window,omitempty"`
	Result    policy.Result     `json:"result,omitempty"`
	Because   string            `json:"because,omitempty"`
	Reason    string            `json:"not_judged,omitempty"`
	Evidence  []policy.Evidence `json:"evidence,omitempty"`
	Recording string            `json:"recording_sha256,omitempty"`
	Policy    string            `json:"policy_sha256,omitempty"`
}

func newEntry(r *policy.Report, v policy.Verdict) entry {
	return entry{v.Claim, v.Window, v.Result, v.Because, "", v.Evidence, r.Recording.SHA256, r.Policy.SHA256}
}

// entryOf is the entry that a spec left, in this process or in a parallel one:
// then only its JSON came here.
func entryOf(r types.ReportEntry) (e entry, ok bool) {
	if r.Name != entryName {
		return e, false
	}
	if e, ok = r.Value.GetRawValue().(entry); ok {
		return e, true
	}
	return e, json.Unmarshal([]byte(r.Value.AsJSON), &e) == nil
}

// String is how Ginkgo prints the entry.
func (e entry) String() string {
	if e.Result == "" {
		return e.Claim + " not judged: " + e.Reason
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s in %s: %s", e.Claim, e.Result, e.Window, e.Because)
	for _, line := range policy.Lines(e.Evidence) {
		fmt.Fprintf(&b, "\n  %s", line)
	}
	fmt.Fprintf(&b, "\n  recording sha256 %s, policy sha256 %s", e.Recording, e.Policy)
	return b.String()
}
