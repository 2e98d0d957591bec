package drift

import (
	"embed"
	"fmt"
	"io"
	"strings"

	"github.com/spanrig/spanrig/rig/policy"
	"github.com/spanrig/spanrig/rig/report"
)

//go:embed page
var pageFiles embed.FS

var pageTemplate = report.Templates(pageFiles, "page/*.html")

// WritePage writes the report as one self-contained HTML file, which loads and
// runs nothing. It looks as the page of a bundle does.
func (r *Report) WritePage(w io.Writer) error {
	p := newPage(r)
	return report.Show(w, pageTemplate, "drift", p, &p.Frame)
}

// page is what the template shows: texts only, so that all of them are cleaned.
type page struct {
	report.Frame

	Old, New          string
	Model, Step       string
	Result            mark
	Sentence, Further string
	Counts            []tally
	Facts             []circumstance
	Groups            []promiseGroup
	Same              []promiseRow
	NotJudged         []unjudgedRow
	Notes             []string
	Destinations      []destinationTable
	Changes           []changeTable
	Threshold         string
	Bars              []bar
	BarsHeight        int
	Volumes           []volumeRow
	AlikeMeans        string
	Windows           []windowRow
	Provenance        []remark
}

// mark is a result as a badge of the page.
type mark struct{ Class, Word string }

// circumstance is one circumstance of both recordings.
type circumstance struct {
	Name, Old, New string
	Differ         bool
}

// remark is a line with a name, and a digest where it has one.
type remark struct{ Name, Text, Sum string }

// unjudgedRow is a claim that NEW does not judge.
type unjudgedRow struct{ Claim, Title, Because string }

// promised is a claim in the words of who made it.
type promised struct{ Title, Quote, Source, Link string }

// promisedBy looks up a claim: the policy's, else a proof of the sensor.
func promisedBy(r *Report, claim string) promised {
	for _, c := range r.Claims {
		if c.Claim == claim {
			return promised{c.Title, c.Quote, c.Source, report.WebLink(c.Source)}
		}
	}
	return promised{Title: report.CheckTitle(claim)}
}

// tally counts promises by what they mean for the answer.
type tally struct {
	Class, Word string
	Count       int
	Claims      []anchored
}

type anchored struct{ ID, Anchor string }

// marks of results; the empty one is of what was not judged.
var marks = map[policy.Result]mark{
	policy.Pass: {"pass", "Kept"}, policy.Fail: {"fail", "Broken"}, policy.Inconclusive: {"inconclusive", "Not proven"},
	policy.Errored: {"error", "Rig error"}, "": {"none", "Not judged"},
}

// sentences answer the question of the page.
var sentences = map[policy.Result]string{
	policy.Pass: "Nothing is worse than in OLD", policy.Fail: "Something is worse than in OLD",
	policy.Inconclusive: "Nobody can tell whether something is worse", policy.Errored: "The rig failed: nothing can be told",
}

func newPage(r *Report) *page {
	p := &page{Frame: report.Frame{Title: "Drift: " + r.Old.Name + " to " + r.New.Name, Generator: "diff"}, Old: r.Old.Name, New: r.New.Name,
		Result: mark{marks[r.Result].Class, string(r.Result)}, Sentence: sentences[r.Result], Notes: r.Notes}
	title, further, _ := strings.Cut(r.Answer, ": ")
	p.Further = further
	for _, addition := range []string{butWaived, reserved} {
		if strings.Contains(title, addition) {
			p.Sentence += addition
		}
	}
	p.Model, p.Step = r.New.Device.Model, "firmware "+r.Old.Device.Firmware+" to "+r.New.Device.Firmware
	if p.Model == "" {
		p.Model = r.New.Name
	}
	if r.Old.Device.Firmware == "" && r.New.Device.Firmware == "" {
		p.Step = "firmware not named"
	}
	p.promises(r)
	p.facts(r)
	p.destinations(r.Destinations)
	p.changes(r.Changes)
	p.volumes(r.Volumes)
	p.windows(r.Windows)
	p.provenance(r)
	for _, n := range r.NotJudged {
		p.NotJudged = append(p.NotJudged, unjudgedRow{n.Claim, promisedBy(r, n.Claim).Title, n.Reason})
	}
	return p
}

func (p *page) facts(r *Report) {
	add := func(name, old, new string) {
		if old != "" || new != "" {
			p.Facts = append(p.Facts, circumstance{name, orDash(old), orDash(new), old != new})
		}
	}
	add("Firmware", r.Old.Device.Firmware, r.New.Device.Firmware)
	add("Controller", r.Old.Device.Model, r.New.Device.Model)
	add("App", strings.TrimSpace(r.Old.App.Package+" "+r.Old.App.Version), strings.TrimSpace(r.New.App.Package+" "+r.New.App.Version))
	add("Aircraft", strings.TrimSpace(r.Old.Aircraft.Model+" "+r.Old.Aircraft.Firmware), strings.TrimSpace(r.New.Aircraft.Model+" "+r.New.Aircraft.Firmware))
	add("Vantage", r.Old.Vantage, r.New.Vantage)
	add("Resolvers", addresses(r.Old.Resolvers), addresses(r.New.Resolvers))
	add("Result of all", string(r.Old.Result), string(r.New.Result))
	p.Facts = append(p.Facts, circumstance{Name: "Policy", Old: r.Policy.Name, New: r.Policy.Name})
}

func orDash(s string) string {
	if s == "" {
		return "not named"
	}
	return s
}

func addresses(list []addr) string {
	texts := make([]string, len(list))
	for i, a := range list {
		texts[i] = a.String()
	}
	return strings.Join(texts, ", ")
}

func (p *page) provenance(r *Report) {
	for _, one := range [...]struct {
		name string
		of   *Recording
	}{{"OLD", &r.Old}, {"NEW", &r.New}} {
		p.Provenance = append(p.Provenance, remark{one.name, one.of.Name, one.of.SHA256})
		if s := one.of.Sealed; s != nil {
			p.Provenance = append(p.Provenance, remark{one.name + " was sealed", "in a bundle, by policy " + s.Name, s.SHA256})
		}
		if b := one.of.Baseline; b != nil {
			p.Provenance = append(p.Provenance, remark{one.name + ", baseline", b.Name, b.SHA256})
		}
		for _, d := range one.of.Databases {
			text := d.Name
			if d.Built != "" {
				text += ", built " + d.Built
			}
			p.Provenance = append(p.Provenance, remark{one.name + ", database", text, d.SHA256})
		}
	}
	p.Provenance = append(p.Provenance, remark{"Policy of both", r.Policy.Name, r.Policy.SHA256})
}

func (p *page) windows(list []Situation) {
	p.AlikeMeans = fmt.Sprintf("Two recordings can be compared where their windows are alike: the same mode, stimulus and services, lengths that differ by a factor of at most %g, all of them fit to be judged.", Alike)
	for i := range list {
		s := situation{Situation: list[i]}
		row := windowRow{Class: s.Mode, Title: s.text(), Old: s.Old.text(), New: s.New.text(), Because: s.Because, Alike: mark{"inconclusive", "No"}}
		if s.Alike {
			row.Alike = mark{"pass", "Yes"}
		}
		p.Windows = append(p.Windows, row)
	}
}

type windowRow struct {
	Class, Title, Old, New string
	Alike                  mark
	Because                string
}

// text words what a recording has of a situation.
func (e *Extent) text() string {
	if len(e.Windows) == 0 {
		return "none"
	}
	fit := "fit"
	if !e.Fit {
		fit = "not fit"
	}
	return fmt.Sprintf("%s, %.0f s, %s", number(len(e.Windows), "window"), e.Seconds, fit)
}
