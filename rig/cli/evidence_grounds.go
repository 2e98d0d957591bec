package cli

import (
	"cmp"
	"fmt"
	"path"
	"strings"
	"time"

	"github.com/spanrig/spanrig/rig/evidence"
	"github.com/spanrig/spanrig/rig/policy"
)

// groundLines say by what a bundle was judged: first the policy, then all that
// makes its verdicts mean less or more than those of spanrig judge without flags.
// sealer is the program that sealed.
func groundLines(g *evidence.Grounds, sealer string) (lines []string) {
	say := func(format string, args ...any) { lines = append(lines, printable(fmt.Sprintf(format, args...))) }
	say("judged by %s", policyWords(g, sealer))
	for _, name := range g.Added() {
		say("added to the policy: %s, read it", name)
	}
	if g.Baseline != nil {
		say("system baseline %s, %s", g.Baseline.Name, shortSum(g.Baseline.SHA256))
	}
	if len(g.Databases) > 0 {
		say("places by %s", fileWords(g.Databases))
	}
	if g.Mode != "" || len(g.Allow)+len(g.Devices) > 0 {
		say("said of the capture by who sealed: mode %s, device %s, switched on: %s", cmp.Or(g.Mode, "not said"), orElse(g.Devices, "guessed"), orElse(g.Allow, "nothing"))
	}
	if g.Trust != "" {
		say("the capture was NOT proven to be fit but trusted, for: %s", g.Trust)
	}
	if len(g.Require) > 0 {
		say("required: %s", strings.Join(g.Require, ", "))
	}
	return append(lines, waivedLines(g)...)
}

// policyWords say which policy that is.
func policyWords(g *evidence.Grounds, sealer string) string {
	name := fmt.Sprintf("the policy %s, %s", g.Policy, shortSum(g.SHA256))
	this := "spanrig " + version()
	switch {
	case g.Standing == evidence.Shipped && len(g.Added()) > 0:
		return fmt.Sprintf("%s: the %s of this program, %s, and what was added to it", name, g.Policy, this)
	case g.Standing == evidence.Shipped:
		return fmt.Sprintf("%s: the %s of this program, %s", name, g.Policy, this)
	case g.Standing == evidence.Altered && this != sealer:
		return fmt.Sprintf("%s: NOT the %s of this program, %s; it may be that of %s, which sealed: verify with that, or read %s", name, g.Policy, this, sealer, mainFile(g))
	case g.Standing == evidence.Altered:
		return fmt.Sprintf("%s: NOT the %s of this program, %s; read %s", name, g.Policy, this, mainFile(g))
	}
	return fmt.Sprintf("%s: none of this program, %s; read %s", name, this, mainFile(g))
}

func mainFile(g *evidence.Grounds) string {
	for _, f := range g.Files {
		if f.Role == evidence.Main {
			return f.Path
		}
	}
	return ""
}

// waivedLines say which fails are accepted deviations, one line a waiver.
func waivedLines(g *evidence.Grounds) (lines []string) {
	claims := map[policy.Waiver][]string{}
	var order []policy.Waiver
	for _, w := range g.Waived {
		if claims[w.Waiver] == nil {
			order = append(order, w.Waiver)
		}
		claims[w.Waiver] = append(claims[w.Waiver], strings.TrimSpace(w.Claim+" "+w.Window))
	}
	what := "waived, and counted as fail"
	if g.AcceptWaivers {
		what = "waived, and ACCEPTED as no fail"
	}
	for _, w := range order {
		lines = append(lines, printable(fmt.Sprintf("%s: %s, by %s until %s: %s", what, strings.Join(claims[w], ", "), w.Owner, w.Expires.UTC().Format(time.DateOnly), w.Reason)))
	}
	return lines
}

func fileWords(files []policy.FileRef) string {
	words := make([]string, len(files))
	for i, f := range files {
		words[i] = path.Base(f.Name) + " " + shortSum(f.SHA256)
	}
	return strings.Join(words, ", ")
}

func orElse(list []string, none string) string {
	return cmp.Or(strings.Join(list, ", "), none)
}

// shortSum is enough of a digest to be held against another by eye.
func shortSum(sum string) string { return "SHA-256 " + sum[:min(len(sum), 16)] }
