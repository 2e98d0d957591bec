package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spanrig/spanrig/rig/policy"
)

// heaviest sorts verdicts worst first; ties by claim, then window, as judged.
func heaviest(verdicts []policy.Verdict) []policy.Verdict {
	sorted := slices.Clone(verdicts)
	slices.SortStableFunc(sorted, func(a, b policy.Verdict) int { return b.Result.Weight() - a.Result.Weight() })
	return sorted
}

var colors = map[policy.Result]string{policy.Pass: green, policy.Inconclusive: yellow, policy.Errored: purple, policy.Fail: red}

func (t terminal) result(r policy.Result) string {
	return t.style(colors[r], fit(strings.ToUpper(string(r)), 12))
}

// printReport prints one recording for a person: what was not fit, the
// verdicts worst first, what was not judged, and one line that sums up.
func printReport(t terminal, r *policy.Report, acceptWaivers bool) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s  judged by policy %s\n", t.style(bold, printable(r.Recording.Name)), r.Policy.Name)
	if r.Trust != "" {
		fmt.Fprintf(&b, "%s\n", t.wrap("  ", "capture trusted without controls: "+printable(r.Trust)))
	}
	b.WriteByte('\n')
	for _, v := range heaviest(r.Verdicts) {
		t.verdict(&b, v)
	}
	t.unfit(&b, r.Windows)
	if len(r.NotJudged) > 0 {
		b.WriteString("not judged\n")
		for _, n := range r.NotJudged {
			fmt.Fprintf(&b, "%s\n", t.wrap("  ", fmt.Sprintf("%-7s %s", n.Claim, printable(n.Reason))))
		}
		b.WriteByte('\n')
	}
	if n := len(r.Listed); n > 0 {
		fmt.Fprintf(&b, "listed, no contact of the app: %d entries (--json shows them)\n\n", n)
	}
	for _, n := range r.Notes {
		fmt.Fprintln(&b, t.style(grey, t.wrap("note: ", printable(n))))
	}
	fmt.Fprintln(&b, t.summary(r, acceptWaivers))
	_, err := io.WriteString(t.w, b.String())
	return err
}

func (t terminal) verdict(b *strings.Builder, v policy.Verdict) {
	fmt.Fprintf(b, "%s %s  %s\n", t.result(v.Result), t.style(bold, fit(v.Claim, 7)), printable(v.Window))
	fmt.Fprintln(b, t.wrap("             ", printable(v.Because)))
	if w := v.Waiver; w != nil {
		text := fmt.Sprintf("waived by %s until %s: %s", w.Owner, w.Expires.Format("2006-01-02"), w.Reason)
		fmt.Fprintln(b, t.style(yellow, t.wrap("             ", printable(text))))
	}
	if v.Result == policy.Pass {
		return
	}
	const most = 5
	for i, e := range v.Evidence {
		if i == most {
			fmt.Fprintf(b, "             and %d flows more (--json shows them)\n", len(v.Evidence)-most)
			break
		}
		fmt.Fprintln(b, t.style(grey, t.wrap("             ", printable(e.String()))))
	}
}

// unfit lists the windows that silence cannot be read from, and why.
func (t terminal) unfit(b *strings.Builder, windows []policy.WindowFit) {
	for _, w := range windows {
		if w.Fit {
			continue
		}
		fmt.Fprintf(b, "window %s is not fit to prove silence\n", printable(w.Name))
		for _, c := range w.Fitness {
			if !c.OK {
				fmt.Fprintln(b, t.wrap("  ", fmt.Sprintf("%-7s %s", c.Check, printable(c.Saw))))
			}
		}
		b.WriteByte('\n')
	}
}

func (t terminal) summary(r *policy.Report, acceptWaivers bool) string {
	counts := map[policy.Result]int{}
	for _, v := range r.Verdicts {
		counts[v.Result]++
	}
	parts := make([]string, 0, 5)
	for _, k := range []policy.Result{policy.Fail, policy.Errored, policy.Inconclusive, policy.Pass} {
		if counts[k] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", counts[k], k))
		}
	}
	parts = append(parts, fmt.Sprintf("%d not judged", len(r.NotJudged)))
	result := r.Result
	word := strings.TrimSpace(t.result(result))
	if result == "" {
		word = "NOTHING JUDGED"
	}
	line := fmt.Sprintf("%s: %s", word, strings.Join(parts, ", "))
	if acceptWaivers && result == policy.Fail && r.Exit(true) == exitPass {
		line += "; every fail is waived"
	}
	return line
}
