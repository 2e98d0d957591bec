package report

import (
	"fmt"
	"slices"
	"time"

	"github.com/spanrig/spanrig/rig/evidence"
)

// builder makes a page from contents and what the walk over the flows summed up.
type builder struct {
	c        *contents
	s        *survey
	grounds  *evidence.Grounds
	anchors  map[key]string // of flows in the tables of evidence
	pictures pictures
}

// page is what the template shows. All its strings are cleaned before.
type page struct {
	Frame

	Name          string // of the recording
	Model, Build  string
	Result        headline
	Banners       []remark
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

func build(c *contents) (*page, error) {
	s, err := take(c)
	if err != nil {
		return nil, err
	}
	b := &builder{c: c, s: s, grounds: evidence.GroundsOf(c.manifest, c.policy, c.verdict), anchors: map[key]string{}, pictures: pictures{read: c.read, left: pictureBudget, work: pixelBudget, done: map[string]picture{}}}
	p := &page{Name: c.verdict.Recording.Name, Model: c.rec.Inventory.Device.Model, Build: c.rec.Inventory.Device.Firmware, Banners: b.banners(), Facts: b.facts(), HasJournal: c.rec.Journal != nil}
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

func durationOf(seconds float64) time.Duration { return time.Duration(seconds * float64(time.Second)) }
