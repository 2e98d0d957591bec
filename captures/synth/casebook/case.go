package casebook

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spanrig/spanrig/captures/synth"
)

// A Case is a recording and the verdicts that it must get.
type Case struct {
	Name   string
	About  string
	Script func(r *synth.Recording)

	// Want lists the cells that are not pass, a line each: the window, the
	// result, the claims. "absence" stands for all claims of the window that
	// need a fit capture. A later line overrules an earlier one; the result
	// "none" takes a cell away (the claim has no subject there). The window
	// "*" stands for all.
	Want string

	Waived []string // claims whose fail the overlay's waivers cover

	Judge Judge  // how it is judged, where not plainly
	Error string // part of the error that judging ends with, where it must
}

// Judge holds the flags of the judge command that a case needs.
type Judge struct {
	Bare     bool   // judge the capture alone
	Mode     string // --mode, with Bare
	Allow    string // --allow
	Trust    string // --trust-capture
	Device   string // --device
	Overlay  string // text of a policy that extends dji-pilot2
	Baseline string // text of a baseline file
	Ranges   string // text of a range file: prefix,country,operator
	// Countries are databases, each a list of "PREFIX COUNTRY"; Systems is one
	// of "PREFIX NUMBER OPERATOR".
	Countries [][]string
	Systems   []string
	Accept    bool // --accept-waivers
}

// Windows are the windows that are judged: those of the recording, or the
// whole of a bare capture.
func (c *Case) Windows(r *synth.Recording) []synth.Interval {
	if !c.Judge.Bare {
		return r.Windows()
	}
	w := synth.Interval{Name: "capture", Mode: c.Judge.Mode}
	if w.Mode == "rnm" {
		w.Services = map[string]string{c.Judge.Allow: "on", "all others": "off"}
	}
	return []synth.Interval{w}
}

// Exit is the exit code that the cells ask for: the worst of fail, error,
// inconclusive and pass decides. Accepted waivers turn a fail into a pass.
func (c *Case) Exit(cells map[Cell]string) int {
	seen := map[string]bool{}
	for cell, result := range cells {
		if result == "fail" && c.Judge.Accept && slices.Contains(c.Waived, cell.Claim) {
			result = "pass"
		}
		seen[result] = true
	}
	switch {
	case seen["fail"]:
		return 1
	case seen["error"]:
		return 4
	case seen["inconclusive"], !seen["pass"]:
		return 3
	}
	return 0
}

// Build runs the script.
func (c *Case) Build() *synth.Recording {
	r := synth.New(c.Name)
	c.Script(r)
	return r
}

// Cell is one cell of the table.
type Cell struct{ Claim, Window string }

// NotJudged is the result of a claim without a subject.
const NotJudged = "not judged"

// never are judged from a recording: they need an interception or a comparison.
var never = []string{"DRIFT-1", "PIN-1", "PIN-2"}

// claims of a window, by mode: column "mode" of the contract's table.
var (
	fitness  = []string{"CAP-1", "CAP-2", "CAP-3", "MODE-1"}
	everyday = []string{"TLS-1", "TLS-2"}
	byMode   = map[string][]string{
		"standard": slices.Concat(fitness, everyday),
		"ldm":      slices.Concat(fitness, everyday, []string{"APP-1", "CTRL-1", "LDM-1", "LDM-2", "LDM-3", "LDM-4"}),
		"rnm":      slices.Concat(fitness, everyday, []string{"APP-1", "CTRL-1", "RNM-1"}),
	}
	// transitions are the stimuli of LDM-5.
	transitions = []string{"reboot", "app restart", "link", "unlink", "plug", "unplug"}
)

// needFit are the claims that say "no", which pass only in a fit capture.
var needFit = []string{"LDM-1", "LDM-2", "LDM-3", "LDM-4", "LDM-5", "RNM-1", "RNM-2", "GEO-1", "GEO-2", "TLS-1", "TLS-2"}

// claimsOf are the claims that have a subject in a window. Of the cases about
// places, only standard windows have first-party flows.
func claimsOf(w synth.Interval, j *Judge) []string {
	list := slices.Clone(byMode[w.Mode])
	if w.Mode == "ldm" && slices.Contains(transitions, w.Stimulus) {
		list = append(list, "LDM-5")
	}
	for _, state := range w.Services {
		if w.Mode == "rnm" && state == "off" && !slices.Contains(list, "RNM-2") {
			list = append(list, "RNM-2")
		}
	}
	if w.Mode == "standard" && (j.Ranges != "" || j.Countries != nil) {
		list = append(list, "GEO-1")
	}
	if w.Mode == "standard" && (j.Ranges != "" || j.Systems != nil) {
		list = append(list, "GEO-2")
	}
	return list
}

// Claims are all claims of the contract, in its order.
var Claims = []string{"CAP-1", "CAP-2", "CAP-3", "MODE-1", "APP-1", "CTRL-1", "LDM-1", "LDM-2", "LDM-3", "LDM-4", "LDM-5",
	"RNM-1", "RNM-2", "GEO-1", "GEO-2", "TLS-1", "TLS-2", "PIN-1", "PIN-2", "DRIFT-1"}

// Expected is every cell of the case: what Want says, else pass; and the
// claims that are not judged, with the empty window.
func (c *Case) Expected(windows []synth.Interval) (map[Cell]string, error) {
	cells := map[Cell]string{}
	for _, w := range windows {
		for _, claim := range claimsOf(w, &c.Judge) {
			cells[Cell{claim, w.Name}] = "pass"
		}
	}
	for text := range strings.Lines(strings.TrimSpace(c.Want)) {
		if err := c.apply(cells, windows, strings.Fields(text)); err != nil {
			return nil, fmt.Errorf("case %s: %q: %w", c.Name, text, err)
		}
	}
	judged := map[string]bool{}
	for cell := range cells {
		judged[cell.Claim] = true
	}
	for _, claim := range Claims {
		if !judged[claim] {
			cells[Cell{claim, ""}] = NotJudged
		}
	}
	return cells, nil
}

func (c *Case) apply(cells map[Cell]string, windows []synth.Interval, words []string) error {
	if len(words) < 3 {
		return fmt.Errorf("a line is WINDOW RESULT CLAIM...")
	}
	window, result, claims := words[0], words[1], words[2:]
	if !slices.Contains([]string{"pass", "inconclusive", "error", "fail", "none"}, result) {
		return fmt.Errorf("no result %q", result)
	}
	matched := false
	for _, w := range windows {
		if window != "*" && window != w.Name {
			continue
		}
		matched = true
		for _, claim := range expand(claims) {
			cell := Cell{claim, w.Name}
			_, known := cells[cell]
			switch {
			case result == "none":
				delete(cells, cell)
			case known:
				cells[cell] = result
			case !slices.Contains(claims, claim) || window == "*":
				// "absence" and "*" reach only the claims that the window has
			default:
				cells[cell] = result
			}
		}
	}
	if !matched {
		return fmt.Errorf("no window %q", window)
	}
	return nil
}

// expand replaces "absence".
func expand(claims []string) []string {
	i := slices.Index(claims, "absence")
	if i < 0 {
		return claims
	}
	return slices.Concat(claims[:i], needFit, claims[i+1:])
}

// All lists the cases.
func All() []Case {
	return slices.Concat(clean(), capture(), mode(),
		localContact(), localMirrors(), localTimes(), localNames(), localProxies(), localBeyond(),
		localDNS(), localDNSHarmless(), localOld(), localAlerts(), localChange(),
		restricted(), silence(), residency(), transport(), cleartext(), unreadable(), outside(), overlaid())
}
