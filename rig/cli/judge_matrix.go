package cli

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spanrig/spanrig/rig"
	"github.com/spanrig/spanrig/rig/drift"
	"github.com/spanrig/spanrig/rig/policy"
)

// group is a family of claims, one block of columns: LDM with 1 2 3 4 5.
type group struct {
	name   string
	claims []string
}

// families is the order in which a person reads the matrix: the sensor first.
var families = []string{"CAP", "MODE", "APP", "CTRL", "LDM", "RNM", "GEO", "TLS", "PIN", "DRIFT"}

// groupsOf lists the claims that any report judged, by family.
func groupsOf(reports []*policy.Report) []group {
	var groups []group
	for _, family := range families {
		g := group{name: family}
		for _, r := range reports {
			for _, v := range r.Verdicts {
				if name, _, _ := strings.Cut(v.Claim, "-"); name == family && !slices.Contains(g.claims, v.Claim) {
					g.claims = append(g.claims, v.Claim)
				}
			}
		}
		if slices.Sort(g.claims); len(g.claims) > 0 {
			groups = append(groups, g)
		}
	}
	return groups
}

// width is that of the name, or of one column and a space for each claim.
func (g *group) width() int { return max(len(g.name), 2*len(g.claims)-1) }

// row pads the cells of a group to its width.
func (g *group) row(cell func(claim string) string) string {
	cells := make([]string, len(g.claims))
	for i, claim := range g.claims {
		cells[i] = cell(claim)
	}
	return strings.Join(cells, " ") + strings.Repeat(" ", g.width()-(2*len(cells)-1))
}

// subject is what a recording is of: a row of the matrix begins with it.
type subject struct{ model, firmware, app string }

// subjectOf reads the inventory; rec is nil where nothing could be read.
func subjectOf(rec *rig.Recording) subject {
	if rec == nil {
		return subject{}
	}
	inv := &rec.Inventory
	return subject{printable(inv.Device.Model), printable(inv.Device.Firmware), printable(inv.App.Version)}
}

// compare orders rows by model, then by firmware and app as they are numbered;
// what is not known comes last.
func (a subject) compare(b subject) int {
	version := func(x, y string) int {
		if (x == "") != (y == "") {
			return strings.Compare(y, x)
		}
		return drift.CompareFirmware(x, y)
	}
	if (a.model == "") != (b.model == "") {
		return strings.Compare(b.model, a.model)
	}
	return cmp.Or(strings.Compare(a.model, b.model), version(a.firmware, b.firmware), version(a.app, b.app))
}

// columnsOf are the widths of the columns that say what a row is of: one that
// no row fills is left out.
func columnsOf(subjects []subject) (model, firmware, app int) {
	width := func(n int, heading, cell string) int {
		if cell == "" {
			return n
		}
		return max(n, len(heading), min(len([]rune(cell)), 20))
	}
	for _, s := range subjects {
		model, firmware, app = width(model, "MODEL", s.model), width(firmware, "FIRMWARE", s.firmware), width(app, "APP", s.app)
	}
	return model, firmware, app
}

// printMatrix prints several recordings, one a line, against the claims: by
// model and firmware where these are known, else as they were given.
func printMatrix(t terminal, reports []*policy.Report, subjects []subject) error {
	groups := groupsOf(reports)
	width := len("RECORDING")
	order := make([]int, len(reports))
	for i, r := range reports {
		order[i] = i
		width = max(width, min(len([]rune(r.Recording.Name)), 40))
	}
	slices.SortStableFunc(order, func(a, b int) int { return subjects[a].compare(subjects[b]) })
	model, firmware, app := columnsOf(subjects)
	for _, column := range [...]*int{&app, &model} { // a narrow terminal keeps the firmware
		if total := model + firmware + app + width + widthOf(groups); t.width > 0 && total > t.width {
			*column = 0
		}
	}
	var b strings.Builder
	line := func(of subject, name, result string, block func(g *group) string) {
		text := ""
		for _, c := range [...]struct {
			text  string
			width int
		}{{of.model, model}, {of.firmware, firmware}, {of.app, app}, {name, width}} {
			if c.width > 0 {
				text += fit(c.text, c.width) + "  "
			}
		}
		for i := range groups {
			text += block(&groups[i]) + "  "
		}
		b.WriteString(strings.TrimRight(text+result, " ") + "\n")
	}
	line(subject{"MODEL", "FIRMWARE", "APP"}, "RECORDING", "RESULT", func(g *group) string { return fit(g.name, g.width()) })
	line(subject{}, "", "", func(g *group) string {
		return g.row(func(claim string) string { return claim[len(claim)-1:] })
	})
	for _, i := range order {
		r := reports[i]
		line(subjects[i], printable(r.Recording.Name), strings.TrimSpace(t.result(r.Result)), func(g *group) string {
			return g.row(func(claim string) string { return t.cell(worstOf(r, claim)) })
		})
	}
	b.WriteString("\nP pass, F fail, ? inconclusive, E error, . not judged\n")
	fmt.Fprintf(&b, "%d recordings: %s\n", len(reports), strings.TrimSpace(t.result(worst(reports))))
	_, err := io.WriteString(t.w, b.String())
	return err
}

// widthOf is about what the groups take, with the gaps between all columns and
// the result.
func widthOf(groups []group) int {
	total := len("INCONCLUSIVE") + 2*4
	for i := range groups {
		total += groups[i].width() + 2
	}
	return total
}

func (t terminal) cell(r policy.Result) string {
	mark, ok := map[policy.Result]string{policy.Pass: "P", policy.Inconclusive: "?", policy.Errored: "E", policy.Fail: "F"}[r]
	if !ok {
		return "."
	}
	return t.style(colors[r], mark)
}
