package match_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/spanrig/spanrig/rig/policy"
	"github.com/spanrig/spanrig/specs/match"
)

// window answers with one verdict for each claim that it has.
type window map[string]policy.Result

func (w window) Verdict(claim string) (policy.Verdict, string, bool) {
	r, ok := w[claim]
	if !ok {
		return policy.Verdict{}, "no window of that mode", false
	}
	return policy.Verdict{Claim: claim, Result: r, Because: "because of " + string(r),
		Evidence: []policy.Evidence{{Flow: 210, Frames: []uint64{210, 214}}}}, "", true
}

func (window) String() string { return "ldm/idle" }

func TestKeep(t *testing.T) {
	all := window{"A": policy.Pass, "B": policy.Fail, "C": policy.Inconclusive, "D": policy.Errored}
	for _, c := range []struct {
		claims          []string
		want, undecided bool
	}{
		{claims: []string{"A"}, want: true},
		{claims: []string{"B"}},
		{claims: []string{"C"}, undecided: true},
		{claims: []string{"D"}, undecided: true},
		{claims: []string{"E"}, undecided: true}, // not judged
		{claims: []string{"A", "C"}, undecided: true},
		{claims: []string{"C", "B"}}, // presence needs no fitness
	} {
		ok, err := match.Keep(c.claims...).Match(all)
		var undecided *match.UndecidedError
		if ok != c.want || errors.As(err, &undecided) != c.undecided {
			t.Errorf("%v: %v, %v", c.claims, ok, err)
		}
	}
}

func TestKeepRefusesToGuess(t *testing.T) {
	if _, err := match.Keep("A").Match("a string"); err == nil {
		t.Error("a string was judged")
	}
	if _, err := match.Keep().Match(window{}); err == nil {
		t.Error("no claims at all hold")
	}
}

func TestKeepMessages(t *testing.T) {
	m := match.Keep("B")
	if ok, err := m.Match(window{"B": policy.Fail}); ok || err != nil {
		t.Fatal(ok, err)
	}
	got := m.FailureMessage(window{})
	for _, want := range []string{"ldm/idle breaks", "B: because of fail", "frame.number in {210,214}"} {
		if !strings.Contains(got, want) {
			t.Errorf("message %q lacks %q", got, want)
		}
	}
	if got := m.NegatedFailureMessage(window{}); !strings.Contains(got, "keeps B") {
		t.Errorf("negated message %q", got)
	}
}
