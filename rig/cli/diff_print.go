package cli

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/spanrig/spanrig/rig/drift"
	"github.com/spanrig/spanrig/rig/policy"
	"github.com/spanrig/spanrig/rig/report"
)

// mostRows bounds a block of the table; --json has all.
const mostRows = 25

// printDrift prints a comparison for a person: the answer, who is compared,
// then what changed, block by block.
func printDrift(t terminal, r *drift.Report) error {
	var b strings.Builder
	word, rest, _ := strings.Cut(r.Answer, ":")
	fmt.Fprintf(&b, "%s:%s\n\n", t.style(colors[r.Result], word), printable(rest))
	fmt.Fprintf(&b, "OLD  %s\nNEW  %s\n", t.compared(&r.Old), t.compared(&r.New))
	fmt.Fprintf(&b, "judged by policy %s\n\n", r.Policy.Name)
	t.promises(&b, r)
	t.destinations(&b, r.Destinations)
	t.changes(&b, r.Changes)
	t.volumes(&b, r.Volumes)
	for _, n := range r.Notes {
		fmt.Fprintln(&b, t.style(grey, t.wrap("note: ", printable(n))))
	}
	_, err := io.WriteString(t.w, b.String())
	return err
}

func (t terminal) compared(r *drift.Recording) string {
	text := printable(r.Name)
	if r.Device.Model != "" || r.Device.Firmware != "" {
		text += "  " + strings.TrimSpace(printable(r.Device.Model+" "+r.Device.Firmware))
	}
	if r.App.Version != "" {
		text += ", app " + printable(r.App.Version)
	}
	return text + "  " + t.style(colors[r.Result], strings.ToUpper(string(r.Result)))
}

// promises prints DRIFT-1, then what changed, worst first.
func (t terminal) promises(b *strings.Builder, r *drift.Report) {
	fmt.Fprintln(b, t.style(bold, "PROMISES"))
	for i := range r.Verdicts {
		v := &r.Verdicts[i]
		t.promise(b, v.Claim, "", v.Result, string(v.Result), v.Because, v.Evidence, v.Waiver)
	}
	list, same := changedPromises(r.Promises)
	for i := range list {
		p := &list[i]
		t.promise(b, p.Claim, p.Window, p.Result, p.Change+": "+orUnjudged(p.Old)+" -> "+orUnjudged(p.New), p.Because, p.Evidence, p.Waiver)
	}
	fmt.Fprintf(b, "  %d as before\n\n", same)
}

// changedPromises sorts what changed by what it means, and counts the rest. A
// claim that a window more or less judges as well is one row.
func changedPromises(all []drift.Promise) (list []drift.Promise, same int) {
	for i := range all {
		p := all[i]
		switch {
		case p.Change == drift.Same:
			same++
			continue
		case p.Change == drift.Unjudged, p.Change == drift.Judged && p.New == policy.Pass:
			k := slices.IndexFunc(list, func(o drift.Promise) bool {
				return o.Claim == p.Claim && o.Change == p.Change && o.Old == p.Old && o.Result == p.Result
			})
			if k >= 0 {
				list[k].Window += ", " + p.Window
				continue
			}
			if p.Change == drift.Judged {
				p.Because = ""
			}
		}
		list = append(list, p)
	}
	slices.SortStableFunc(list, func(a, b drift.Promise) int { return b.Result.Weight() - a.Result.Weight() })
	return list, same
}

func orUnjudged(r policy.Result) string {
	if r == "" {
		return "not judged"
	}
	return string(r)
}

func (t terminal) promise(b *strings.Builder, claim, window string, result policy.Result, what, because string, evidence []policy.Evidence, waiver *policy.Waiver) {
	fmt.Fprintln(b, strings.TrimRight(fmt.Sprintf("  %s %s  %s", t.style(bold, fit(claim, 7)), t.style(colors[result], what), printable(window)), " "))
	if because != "" {
		fmt.Fprintln(b, t.wrap("          ", printable(because)))
	}
	if waiver != nil {
		fmt.Fprintln(b, t.style(yellow, t.wrap("          ", printable(fmt.Sprintf("waived by %s until %s: %s", waiver.Owner, waiver.Expires.Format("2006-01-02"), waiver.Reason)))))
	}
	if result == policy.Pass {
		return
	}
	const most = 5
	for i, e := range evidence {
		if i == most {
			fmt.Fprintf(b, "          and %d flows more (--json shows them)\n", len(evidence)-most)
			break
		}
		fmt.Fprintln(b, t.style(grey, t.wrap("          ", printable(e.String()))))
	}
}

// table prints rows under a heading in columns as wide as they need; where a
// terminal has no room for the last one, it goes below.
func (t terminal) table(b *strings.Builder, heading string, rows [][]string) {
	if len(rows) == 0 {
		return
	}
	fmt.Fprintln(b, t.style(bold, heading))
	more := len(rows) - mostRows
	rows = rows[:min(len(rows), mostRows)]
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], len([]rune(cell)))
		}
	}
	for _, row := range rows {
		line, last := " ", len(row)-1
		for i, cell := range row[:last] {
			line += " " + fit(cell, widths[i])
		}
		if whole := line + " " + row[last]; t.width == 0 || len([]rune(whole)) < t.width {
			fmt.Fprintln(b, whole)
			continue
		}
		fmt.Fprintf(b, "%s\n%s\n", strings.TrimRight(line, " "), t.wrap("      ", row[last]))
	}
	if more > 0 {
		fmt.Fprintf(b, "  and %d more (--json shows them)\n", more)
	}
	fmt.Fprintln(b)
}

func (t terminal) destinations(b *strings.Builder, list []drift.Destination) {
	rows := make([][]string, 0, len(list))
	for i := range list {
		d := &list[i]
		about := []string{string(d.Party)}
		about = append(about, d.Services...)
		about = append(about, d.Countries...)
		if d.Operator != "" {
			about = append(about, printable(d.Operator))
		}
		remark := strings.Join(about, ", ")
		switch {
		case !d.Contacted:
			remark += "; asked for, not contacted"
		default:
			remark += fmt.Sprintf("; %s sent, %s received", report.Size(d.Sent), report.Size(d.Received))
		}
		if len(d.Elsewhere) > 0 {
			remark += "; " + otherSide(d.Change) + " has it in " + modeList(d.Elsewhere)
		}
		rows = append(rows, []string{d.Change, modeList(d.Modes), printable(d.Name), remark})
	}
	t.table(b, "DESTINATIONS", rows)
}

func otherSide(change string) string {
	if change == drift.New {
		return "OLD"
	}
	return "NEW"
}

func modeList(modes []string) string {
	texts := make([]string, len(modes))
	for i, m := range modes {
		texts[i] = drift.ModeText(m)
	}
	return strings.Join(texts, ", ")
}

func (t terminal) changes(b *strings.Builder, list []drift.Change) {
	rows := make([][]string, 0, len(list))
	for i := range list {
		c := &list[i]
		at := printable(strings.Join(c.At[:min(len(c.At), 4)], ", "))
		if more := len(c.At) - 4; more > 0 {
			at += " and " + strconv.Itoa(more) + " more"
		}
		rows = append(rows, []string{c.Change, c.Mode, c.What, printable(c.Value), "at " + at})
	}
	t.table(b, "CHANGES", rows)
}

func (t terminal) volumes(b *strings.Builder, list []drift.Volume) {
	var rows [][]string
	for i := range list {
		v := &list[i]
		if v.Moved == "" {
			continue
		}
		whose := printable(v.Destination)
		if whose == "" {
			whose = "all of party " + string(v.Party)
		}
		rows = append(rows, []string{v.Mode, whose, v.Moved,
			fmt.Sprintf("sent %s -> %s, received %s -> %s", report.Size(v.Old.Sent), report.Size(v.New.Sent), report.Size(v.Old.Received), report.Size(v.New.Received))})
	}
	t.table(b, "VOLUMES", rows)
}
