package match

import (
	"fmt"
	"strings"

	"github.com/onsi/gomega/format"
	"github.com/onsi/gomega/types"

	"github.com/spanrig/spanrig/rig/policy"
)

// Judged is what the matchers take: a window that was judged.
type Judged interface {
	Verdict(claim string) (v policy.Verdict, because string, ok bool)
}

// UndecidedError is what Match returns where the capture cannot tell.
type UndecidedError struct {
	Claim   string
	Result  policy.Result // inconclusive or error; empty: not judged
	Because string
}

func (e *UndecidedError) Error() string {
	result := string(e.Result)
	if result == "" {
		result = "not judged"
	}
	return fmt.Sprintf("%s %s: %s", e.Claim, result, e.Because)
}

// Keep matches a window in which every one of the claims holds.
func Keep(claims ...string) types.GomegaMatcher { return &keep{claims: claims} }

type keep struct {
	claims []string
	broken []policy.Verdict
}

// Match is true where every claim passes, false where one fails, and an error
// where none fails but one is undecided.
func (m *keep) Match(actual any) (bool, error) {
	window, ok := actual.(Judged)
	if !ok {
		return false, fmt.Errorf("match.Keep takes a judged window, not\n%s", format.Object(actual, 1))
	}
	if len(m.claims) == 0 {
		return false, fmt.Errorf("match.Keep needs at least one claim")
	}
	m.broken = nil
	var undecided error
	for _, claim := range m.claims {
		v, because, ok := window.Verdict(claim)
		switch {
		case ok && v.Result == policy.Fail:
			m.broken = append(m.broken, v)
		case !ok && undecided == nil:
			undecided = &UndecidedError{claim, "", because}
		case ok && v.Result != policy.Pass && undecided == nil:
			undecided = &UndecidedError{claim, v.Result, v.Because}
		}
	}
	if len(m.broken) > 0 {
		return false, nil
	}
	return undecided == nil, undecided
}

// FailureMessage names the broken claims with their flows and frames.
func (m *keep) FailureMessage(actual any) string {
	var b strings.Builder
	fmt.Fprintf(&b, "window %v breaks", actual)
	for _, v := range m.broken {
		fmt.Fprintf(&b, "\n  %s: %s", v.Claim, v.Because)
		for _, line := range policy.Lines(v.Evidence) {
			fmt.Fprintf(&b, "\n    %s", line)
		}
	}
	return b.String()
}

// NegatedFailureMessage is for a spec that wants a promise broken.
func (m *keep) NegatedFailureMessage(actual any) string {
	return fmt.Sprintf("window %v keeps %s, and was expected to break it", actual, strings.Join(m.claims, ", "))
}
