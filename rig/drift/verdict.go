package drift

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spanrig/spanrig/rig/party"
	"github.com/spanrig/spanrig/rig/policy"
)

// Claim is the one that a comparison decides.
const Claim = "DRIFT-1"

// novelty is a destination that OLD has nowhere.
type novelty struct {
	place
	sightings []*sighting // that prove it; where none does, all
	doubt     string      // why it is not known to be new; empty where it is
}

// verdict decides DRIFT-1.
func (c *comparison) verdict() policy.Verdict {
	v := policy.Verdict{Claim: Claim, Evidence: []policy.Evidence{}}
	var proven, doubtful []novelty
	for _, p := range c.new().destinations() {
		if len(c.old().modesOf(p)) > 0 {
			continue
		}
		if n := c.novelty(p); n.doubt == "" {
			proven = append(proven, n)
		} else {
			doubtful = append(doubtful, n)
		}
	}
	unlike := c.unlike()
	switch {
	case len(proven) > 0:
		v.Result, v.Because = policy.Fail, tell("new destination", proven)
		if len(doubtful) > 0 {
			v.Because += "; " + tell("destination that may be new", doubtful)
		}
		v.Waiver = c.waiver(proven)
	case len(doubtful) > 0:
		v.Result, v.Because = policy.Inconclusive, tell("destination that may be new", doubtful)
	case len(unlike) > 0:
		v.Result, v.Because = policy.Inconclusive, "no new destination, but the windows of the two are not alike: "+strings.Join(unlike, "; ")
	default:
		v.Result, v.Because = policy.Pass, fmt.Sprintf("no new destination among %d, in windows that are alike", len(c.new().destinations()))
	}
	for _, n := range slices.Concat(proven, doubtful) {
		v.Evidence = append(v.Evidence, c.evidence(&n, mostEvidence-len(v.Evidence))...)
	}
	return v
}

// mostEvidence bounds the evidence of the verdict.
const mostEvidence = 100

// novelty holds a destination that OLD lacks against where NEW has it.
func (c *comparison) novelty(p place) novelty {
	n := novelty{place: p}
	var all []*sighting
	var reasons []string
	for _, one := range c.new().at[p] {
		if !one.counts() {
			continue
		}
		all = append(all, one)
		reason := c.reason(one)
		if reason == "" {
			n.sightings = append(n.sightings, one)
		} else if !slices.Contains(reasons, reason) {
			reasons = append(reasons, reason)
		}
	}
	switch {
	case len(n.sightings) == 0:
		n.doubt = strings.Join(reasons, "; ")
	case p.domain == unreadable:
		n.doubt = "its name cannot be read"
	case p.address != "" && c.rotates(n.sightings):
		n.doubt = "nothing names it, and OLD had another such address on " + n.sightings[0].port() + " that is gone: it may be the same endpoint"
	}
	if n.doubt != "" {
		n.sightings = all
	}
	return n
}

// reason says why a sighting does not show that its destination is new; empty
// where it does.
func (c *comparison) reason(one *sighting) string {
	survey := c.new().Survey
	switch {
	case one.window < 0:
		return "seen between windows only"
	case survey.Uncontrolled != "" && one.at > survey.ControlsTo:
		return survey.Uncontrolled
	}
	s := c.at(one.window)
	switch {
	case s.proves():
		return ""
	case len(s.old) == 0:
		return s.Because
	case !s.Old.Fit:
		return s.text() + ": OLD was not fit"
	}
	return s.text() + fmt.Sprintf(": %.0f s in OLD and %.0f s in NEW", s.Old.Seconds, s.New.Seconds)
}

// rotates reports whether an address without a name may be another's successor:
// OLD had one on the same port that NEW lacks.
func (c *comparison) rotates(of []*sighting) bool {
	if c.vacant == nil {
		c.vacant = map[string]bool{}
		for _, p := range c.old().destinations() {
			if p.address == "" || len(c.new().modesOf(p)) > 0 {
				continue
			}
			for _, o := range c.old().at[p] {
				c.vacant[o.port()] = true
			}
		}
	}
	return slices.ContainsFunc(of, func(n *sighting) bool { return c.vacant[n.port()] })
}

// unlike lists why windows are not alike.
func (c *comparison) unlike() []string {
	var list []string
	for i := range c.situations {
		if s := &c.situations[i]; !s.Alike {
			list = append(list, s.Because)
		}
	}
	if len(c.situations) == 0 {
		list = append(list, "neither has a window")
	}
	return list
}

// mostTold is how many destinations a sentence names.
const mostTold = 4

// tell words new destinations: "2 new destinations: a.example (third party) in
// ldm, b.example ...". A doubt that several have is said once.
func tell(kind string, list []novelty) string {
	var doubts []string
	of := map[string][]string{}
	for i := range list[:min(len(list), mostTold)] {
		n := &list[i]
		if of[n.doubt] == nil {
			doubts = append(doubts, n.doubt)
		}
		of[n.doubt] = append(of[n.doubt], n.text())
	}
	last := doubts[len(doubts)-1]
	if more := len(list) - mostTold; more > 0 {
		of[last] = append(of[last], fmt.Sprintf("and %d more", more))
	}
	parts := make([]string, len(doubts))
	for i, doubt := range doubts {
		if parts[i] = strings.Join(of[doubt], ", "); doubt != "" {
			parts[i] += ": " + doubt
		}
	}
	if len(list) != 1 {
		kind = strings.Replace(kind, "destination", "destinations", 1)
	}
	return fmt.Sprintf("%d %s: %s", len(list), kind, strings.Join(parts, "; "))
}

func (n *novelty) text() string {
	first := n.sightings[0]
	text := first.name() + " (" + partyText(first.party)
	if n.services != "" {
		text += ", service " + n.services
	}
	if first.flow != nil && n.domain != "" && n.operator != "" {
		text += ", run by " + operatorText(&first.flow.Where)
	}
	if !slices.ContainsFunc(n.sightings, func(s *sighting) bool { return s.flow != nil }) {
		text += ", asked for and not contacted"
	}
	text += ")"
	var in []string
	for _, s := range n.sightings {
		if m := ModeText(s.mode); !slices.Contains(in, m) {
			in = append(in, m)
		}
	}
	return text + " in " + strings.Join(in, " and ")
}

func partyText(p party.Party) string {
	switch p {
	case party.First, party.Third:
		return string(p) + " party"
	case party.Unknown:
		return "unknown party"
	}
	return string(p)
}

func (c *comparison) evidence(n *novelty, room int) []policy.Evidence {
	var list []policy.Evidence
	for _, one := range n.sightings {
		if len(list) >= min(room, mostCited) {
			break
		}
		list = append(list, c.new().cite(one)...)
	}
	return list
}

// waiver is the accepted deviation that covers every new destination.
func (c *comparison) waiver(list []novelty) *policy.Waiver {
	var subjects []policy.Subject
	for i := range list {
		for _, one := range list[i].sightings {
			if one.flow == nil {
				subjects = append(subjects, policy.Subject{Names: [][]string{{one.question.Name}}})
			} else {
				subjects = append(subjects, policy.Subject{Names: one.flow.Names, Addr: one.flow.Peer.Addr})
			}
		}
	}
	return c.new().Survey.Waiver(Claim, subjects)
}
