package report

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/spanrig/spanrig/rig/policy"
)

// promise is a claim with what became of it.
type promise struct {
	ID, Title, Quote string
	Anchor           string // of its evidence; empty where it has none
	Source, Link     string // Link where Source is an address of the web
	Class, Word      string
	Because          string
	Window           string // of the sentence
	More             string // further windows
	Waiver           string
	Open             bool // in the list of evidence
	Check            bool // a proof of the sensor, which nobody promised
	Verdicts         []verdict
	Windows          int // that were judged
	Left             int // of them without a place in Verdicts
	weight           int
}

// group holds promises with the same outcome.
type group struct {
	Class, Word, Means string
	Count              string
	Promises           []promise
}

// checkTitles are the proofs of the sensor in plain words.
var checkTitles = [][2]string{
	{"CAP-1", "The sensor was alive: controls were seen out and back"},
	{"CAP-2", "The capture is whole: no drops, no gaps, no cut frames"},
	{"CAP-3", "The device had no other way out than the captured one"},
	{"MODE-1", "The mode read back is the one that was asked for"},
	{"APP-1", "The app ran, was awake and in the foreground"},
	{"CTRL-1", "In standard mode, the same stimulus made the app speak"},
}

// promises lists the claims of the policy, and the proofs of the sensor.
func (b *builder) promises() (made, proofs []promise) {
	known := map[string]bool{}
	for _, c := range b.c.policy.Claims {
		known[c.ID] = true
		p := promise{ID: c.ID, Title: c.Title, Quote: c.Quote, Source: c.Source, Link: webLink(c.Source)}
		b.settle(&p)
		made = append(made, p)
	}
	for _, t := range checkTitles {
		if known[t[0]] {
			continue
		}
		p := promise{ID: t[0], Title: t[1], Check: true}
		b.settle(&p)
		if p.Check = true; len(p.Verdicts) > 0 || p.Because != "" {
			p.Word, p.Anchor = checkWord(b.worst(p.ID)), "claim-"+p.ID
			proofs = append(proofs, p)
		}
		known[t[0]] = true
	}
	for i := range b.c.verdict.Verdicts { // what no policy of this release has is not hidden
		if id := b.c.verdict.Verdicts[i].Claim; !known[id] {
			known[id] = true
			p := promise{ID: id, Title: "A claim that the policy of the bundle does not have"}
			b.settle(&p)
			made = append(made, p)
		}
	}
	return made, proofs
}

// slug makes an anchor of a claim's id.
func slug(id string) string {
	return strings.Map(func(r rune) rune {
		if r == '-' || r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' {
			return r
		}
		return '_'
	}, id)
}

// mostVerdicts bounds the windows that are shown of a claim: so many, and so many
// of the worst.
const mostVerdicts = 100

// settle fills in what became of a claim: the worst of its verdicts speaks.
func (b *builder) settle(p *promise) {
	result := b.worst(p.ID)
	o := outcomes[result]
	p.Class, p.Word, p.weight = o.class, o.word, result.Weight()
	if result == "" {
		p.Because = "It is not in the verdicts of this bundle."
		for _, n := range b.c.verdict.NotJudged {
			if n.Claim == p.ID {
				p.Because = n.Reason
			}
		}
		return
	}
	further := 0
	for i := range b.c.verdict.Verdicts {
		v := &b.c.verdict.Verdicts[i]
		switch {
		case v.Claim != p.ID:
			continue
		case v.Result != result:
		case p.Because == "":
			p.Because, p.Window = v.Because, v.Window
			p.Waiver = waived(v.Waiver)
		default:
			further++
		}
		p.Windows++
		if len(p.Verdicts) < mostVerdicts || v.Result == result && further < mostVerdicts {
			p.Verdicts = append(p.Verdicts, b.verdict(v, p.Check))
		}
	}
	p.Left = p.Windows - len(p.Verdicts)
	p.Anchor = "claim-" + slug(p.ID)
	if further > 0 {
		p.More = plural(further, "further window") + " alike"
	}
	for _, v := range p.Verdicts {
		p.Open = p.Open || v.weight > policy.Inconclusive.Weight() || v.weight == policy.Inconclusive.Weight() && len(v.Flows) > 0 && !p.Check
	}
	slices.SortStableFunc(p.Verdicts, func(a, b verdict) int { return b.weight - a.weight })
}

// worst is the result of a claim over its windows; empty where it was not judged.
func (b *builder) worst(claim string) (worst policy.Result) {
	for i := range b.c.verdict.Verdicts {
		if v := &b.c.verdict.Verdicts[i]; v.Claim == claim && v.Result.Weight() > worst.Weight() {
			worst = v.Result
		}
	}
	return worst
}

func waived(w *policy.Waiver) string {
	if w == nil {
		return ""
	}
	return fmt.Sprintf("Waived by %s until %s: %s", w.Owner, w.Expires.UTC().Format(time.DateOnly), w.Reason)
}

// grouped sorts promises by outcome, worst first.
func grouped(list []promise) []group {
	var groups []group
	for _, r := range []policy.Result{policy.Fail, policy.Errored, policy.Inconclusive, policy.Pass, ""} {
		o := outcomes[r]
		g := group{Class: o.class, Word: o.word, Means: o.means}
		for _, p := range list {
			if p.weight == r.Weight() {
				g.Promises = append(g.Promises, p)
			}
		}
		if g.Count = itoa(uint64(len(g.Promises))); len(g.Promises) > 0 {
			groups = append(groups, g)
		}
	}
	return groups
}

// webLink is the address of a source on the web, empty for any other.
func webLink(source string) string {
	u, err := url.Parse(source)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") || strings.ContainsAny(source, " \t\n") {
		return ""
	}
	return u.String()
}
