package report

import (
	"fmt"
	"slices"
	"time"

	"github.com/spanrig/spanrig/rig/policy"
)

// builder makes a page from contents and what the walk over the flows summed up.
type builder struct {
	c        *contents
	s        *survey
	anchors  map[key]string // of flows in the tables of evidence
	pictures pictures
}

// page is what the template shows. All its strings are cleaned before.
type page struct {
	Frame

	Name          string // of the recording
	Model, Build  string
	Result        headline
	Synthetic     bool
	Trust         string
	Facts         []remark
	Groups        []group
	Proofs        []promise
	Timeline      timeline
	Pulse         pulse
	Matrix        matrix
	Windows       []window
	Destinations  destinations
	Volumes       volumes
	Forms         forms
	Waivers       []remark
	NotJudged     []remark
	Notes         []string
	Listed        []listedRow
	ListedMore    int
	Provenance    provenance
	HasJournal    bool
	WindowsMore   int
	HasScreens    bool
	DateOfSealing string
}

// headline is the result in one sentence.
type headline struct {
	Class, Word, Sentence, Further string
	Unmet                          []promise // proofs of the sensor
}

func build(c *contents) (*page, error) {
	s, err := take(c)
	if err != nil {
		return nil, err
	}
	b := &builder{c: c, s: s, anchors: map[key]string{}, pictures: pictures{read: c.read, left: pictureBudget, work: pixelBudget, done: map[string]picture{}}}
	p := &page{Name: c.verdict.Recording.Name, Model: c.rec.Inventory.Device.Model, Build: c.rec.Inventory.Device.Firmware, Synthetic: c.simulated, Trust: c.verdict.Trust, Facts: b.facts(), HasJournal: c.rec.Journal != nil}
	made, proofs := b.promises()
	p.Groups, p.Proofs = grouped(made), proofs
	p.Result = b.headline(p.Groups, proofs)
	p.Timeline = newTimeline(c, s, b.anchors)
	p.Pulse = newPulse(b, &p.Timeline)
	p.Windows = b.windows()
	p.WindowsMore = len(s.windows) - len(p.Windows)
	for _, w := range p.Windows {
		for _, one := range w.Screens {
			p.HasScreens = p.HasScreens || one.File != ""
		}
	}
	p.Matrix = newMatrix(p.Windows, proofs)
	p.Destinations = b.destinations()
	p.Volumes, p.Forms = newVolumes(s), newForms(s)
	p.Waivers = b.waivers()
	for _, n := range c.verdict.NotJudged {
		p.NotJudged = append(p.NotJudged, remark{n.Claim, n.Reason, b.claimTitle(n.Claim)})
	}
	p.Notes = slices.Clone(c.verdict.Notes)
	p.Listed, p.ListedMore = b.listed()
	p.Provenance = b.provenance()
	p.Title, p.Generator = fmt.Sprintf("%s: %s", subject(c), p.Result.Word), "report"
	return p, nil
}

func subject(c *contents) string {
	d := c.rec.Inventory.Device
	switch {
	case d.Model != "" && d.Firmware != "":
		return d.Model + ", firmware " + d.Firmware
	case d.Model != "":
		return d.Model
	}
	return c.name
}

func (b *builder) claimTitle(id string) string {
	for _, c := range b.c.policy.Claims {
		if c.ID == id {
			return c.Title
		}
	}
	for _, t := range checkTitles {
		if t[0] == id {
			return t[1]
		}
	}
	return ""
}

// headline says the result of the whole, and how many promises had which.
func (b *builder) headline(groups []group, proofs []promise) headline {
	n := map[string]int{}
	for _, g := range groups {
		n[g.Class] = len(g.Promises)
	}
	judged := n["fail"] + n["error"] + n["inconclusive"] + n["pass"]
	result := b.c.verdict.Result
	h := headline{Class: outcomes[result].class, Word: string(result)}
	for _, p := range proofs {
		if p.Class != "pass" && p.Class != "none" {
			h.Unmet = append(h.Unmet, p)
		}
	}
	switch result {
	case policy.Fail:
		h.Sentence = fmt.Sprintf("%d of %s broken", n["fail"], plural(judged, "promise judged was|promises judged were"))
		h.Further = "Something was seen that the maker’s promise excludes. Each finding below leads to its flows and frames."
		if b.c.verdict.Exit(true) == policy.ExitPass {
			h.Further = "Something was seen that the maker’s promise excludes. The policy waives all of it: somebody accepts it until a date."
		}
	case policy.Errored:
		h.Sentence = "The rig or the app failed"
		h.Further = "Silence in such a recording says nothing of the product. It has to be made again."
	case policy.Inconclusive:
		h.Sentence = fmt.Sprintf("Nothing broken, %s not proven", plural(n["inconclusive"], "promise"))
		if n["inconclusive"] == 0 {
			h.Sentence = fmt.Sprintf("Nothing broken, but %s missing", plural(len(h.Unmet), "proof of the sensor is|proofs of the sensor are"))
		}
		h.Further = "Silence counts only where the sensor is proven to have been alive. Here that proof is not whole, or what was seen has two readings."
	case policy.Pass:
		h.Sentence = fmt.Sprintf("All %s kept", plural(judged, "promise judged was|promises judged were"))
		if judged == 1 {
			h.Sentence = "The one promise judged was kept"
		}
		h.Further = "It speaks of this device, this firmware and this recording, and of nothing beyond what a mirror port sees."
	default:
		h.Word = "not judged"
		h.Sentence = "Nothing was judged"
		h.Further = "The recording has no occasion to judge any promise by."
	}
	return h
}

func durationOf(seconds float64) time.Duration { return time.Duration(seconds * float64(time.Second)) }
