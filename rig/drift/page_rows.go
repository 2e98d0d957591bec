package drift

import (
	"fmt"
	"strings"

	"github.com/spanrig/spanrig/rig/party"
	"github.com/spanrig/spanrig/rig/policy"
	"github.com/spanrig/spanrig/rig/report"
)

// mostOnPage bounds the rows of a table of the page.
const mostOnPage = 400

// promiseGroup are promises that mean the same for the answer.
type promiseGroup struct {
	Class, Word, Means string
	Promises           []promiseRow
}

type promiseRow struct {
	promised
	Claim, Window, Anchor string
	Old, New              *mark
	Because, Waiver       string
	Filters               []filter
	Total, More           int // of flows
}

// filter is a flow with what to paste into Wireshark.
type filter struct{ Text, Filter string }

// mostFilters is how many flows of a promise the page shows.
const mostFilters = 20

// promises sorts DRIFT-1 and the promises by what they mean.
func (p *page) promises(r *Report) {
	groups := []promiseGroup{
		{Class: "fail", Word: "Worse", Means: "broken in NEW, and not in OLD"},
		{Class: "none", Word: "Waived", Means: "broken in NEW, and not in OLD, which somebody accepts for a time"},
		{Class: "error", Word: "Rig error", Means: "the rig failed in NEW"},
		{Class: "inconclusive", Word: "May be worse", Means: "not proven in NEW, and not broken in OLD"},
		{Class: "pass", Word: "Not worse", Means: "changed, or held"},
	}
	place := func(one policy.Result, w *policy.Waiver) int {
		if r.counts(one, w) != one {
			return 1
		}
		return map[policy.Result]int{policy.Fail: 0, policy.Errored: 2, policy.Inconclusive: 3, policy.Pass: 4}[one]
	}
	for i := range r.Verdicts {
		v := &r.Verdicts[i]
		new := marks[v.Result]
		row := promiseRow{promised: promisedBy(r, v.Claim), Claim: v.Claim, Anchor: "drift-1", New: &new, Because: v.Because}
		row.cite(v.Evidence, v.Waiver)
		g := &groups[place(v.Result, v.Waiver)]
		g.Promises = append(g.Promises, row)
	}
	for i := range r.Promises {
		one := &r.Promises[i]
		old, new := marks[one.Old], marks[one.New]
		row := promiseRow{promised: promisedBy(r, one.Claim), Claim: one.Claim, Window: one.Window, Anchor: fmt.Sprintf("promise-%d", i+1), Old: &old, New: &new, Because: one.Because}
		if one.Change == Same && one.Result != policy.Inconclusive && one.Result != policy.Errored {
			p.Same = append(p.Same, row)
			continue
		}
		row.cite(one.Evidence, one.Waiver)
		g := &groups[place(one.Result, one.Waiver)]
		g.Promises = append(g.Promises, row)
	}
	for _, g := range groups {
		if len(g.Promises) > 0 {
			p.Groups = append(p.Groups, g)
			p.Counts = append(p.Counts, tallyOf(&g))
		}
	}
	if n := len(p.Same); n > 0 {
		p.Counts = append(p.Counts, tally{Class: "none", Word: "as before", Count: n})
	}
}

// tallyOf counts the claims of a group, each once.
func tallyOf(g *promiseGroup) tally {
	t := tally{Class: g.Class, Word: strings.ToLower(g.Word), Count: len(g.Promises)}
	last := ""
	for i := range g.Promises {
		if one := &g.Promises[i]; one.Claim != last {
			last = one.Claim
			t.Claims = append(t.Claims, anchored{one.Claim, one.Anchor})
		}
	}
	return t
}

func (row *promiseRow) cite(list []policy.Evidence, w *policy.Waiver) {
	if w != nil {
		row.Waiver = fmt.Sprintf("Waived by %s until %s: %s", w.Owner, w.Expires.Format("2006-01-02"), w.Reason)
	}
	row.Total, row.More = len(list), max(len(list)-mostFilters, 0)
	for _, e := range list[:min(len(list), mostFilters)] {
		row.Filters = append(row.Filters, filter{textOf(e), filterOf(e)})
	}
}

// textOf names the flow of evidence.
func textOf(e policy.Evidence) string {
	text := fmt.Sprintf("flow %d", e.Flow)
	if e.File != "" {
		text = e.File + " " + text
	}
	if e.FramesFile != "" {
		text += ", frames in " + e.FramesFile
	}
	if e.Detail != "" {
		text += ": " + e.Detail
	}
	return text
}

// filterOf is the display filter of evidence.
func filterOf(e policy.Evidence) string {
	frames := make([]string, len(e.Frames))
	for i, n := range e.Frames {
		frames[i] = fmt.Sprint(n)
	}
	return "frame.number in {" + strings.Join(frames, ",") + "}"
}

// destinationTable are those that are new, or those that are gone.
type destinationTable struct {
	Change, Title, File string
	Rows                []destinationRow
	Cut                 int
}

type destinationRow struct {
	Name, Hosts, Addresses, Class, Party, Services, Countries, Operator, Modes, Elsewhere, Sent, Received string
	Filters                                                                                               []string
}

func (p *page) destinations(list []Destination) {
	for _, kind := range [...]destinationTable{{Change: New, Title: "New", File: "NEW"}, {Change: Gone, Title: "Gone", File: "OLD"}} {
		for i := range list {
			d := &list[i]
			switch {
			case d.Change != kind.Change:
			case len(kind.Rows) == mostOnPage:
				kind.Cut++
			default:
				kind.Rows = append(kind.Rows, destinationRowOf(d))
			}
		}
		if len(kind.Rows) > 0 {
			p.Destinations = append(p.Destinations, kind)
		}
	}
}

func destinationRowOf(d *Destination) destinationRow {
	row := destinationRow{Name: d.Name, Hosts: strings.Join(d.Hosts, ", "), Addresses: addresses(d.Addresses), Class: partyClass(d.Party), Party: partyText(d.Party),
		Services: strings.Join(d.Services, ", "), Countries: strings.Join(d.Countries, ", "), Operator: d.Operator, Modes: modesText(d.Modes),
		Sent: report.Size(d.Sent), Received: report.Size(d.Received)}
	if len(d.Hosts) == 1 && d.Hosts[0] == d.Name {
		row.Hosts = ""
	}
	if d.ASN != 0 {
		row.Operator = strings.TrimSpace(fmt.Sprintf("%s AS%d", d.Operator, d.ASN))
	}
	if len(d.Elsewhere) > 0 {
		row.Elsewhere = "the other has it in " + modesText(d.Elsewhere)
	}
	if !d.Contacted {
		row.Sent, row.Received = "asked for only", ""
	}
	for _, e := range d.Evidence[:min(len(d.Evidence), 3)] {
		row.Filters = append(row.Filters, filterOf(e))
	}
	return row
}

// partyClass is the colour of a party in the style sheet.
func partyClass(p party.Party) string {
	switch p {
	case party.First, party.Provider, party.Third, party.Unknown, party.Operator, party.System:
		return string(p)
	}
	return "none"
}

func modesText(list []string) string {
	texts := make([]string, len(list))
	for i, m := range list {
		texts[i] = ModeText(m)
	}
	return strings.Join(texts, ", ")
}

// changeTable are the changes of one mode.
type changeTable struct {
	Class, Title string
	Rows         []changeRow
	Cut          int
}

type changeRow struct{ What, Value, Change, Known, At string }

func (p *page) changes(list []Change) {
	for _, mode := range modes {
		table := changeTable{Class: mode, Title: ModeText(mode) + " mode"}
		for i := range list {
			c := &list[i]
			switch {
			case c.Mode != mode:
				continue
			case len(table.Rows) == mostOnPage:
				table.Cut++
				continue
			}
			row := changeRow{What: c.What, Value: c.Value, Change: c.Change, At: strings.Join(c.At, ", ")}
			if c.Known {
				row.Known = map[string]string{New: "OLD", Gone: "NEW"}[c.Change] + " has it elsewhere"
			}
			table.Rows = append(table.Rows, row)
		}
		if len(table.Rows) > 0 {
			p.Changes = append(p.Changes, table)
		}
	}
}
