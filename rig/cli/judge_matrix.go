package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"

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

// printMatrix prints several recordings, one a line, against the claims.
func printMatrix(t terminal, reports []*policy.Report) error {
	groups := groupsOf(reports)
	width := len("RECORDING")
	for _, r := range reports {
		width = max(width, min(len([]rune(r.Recording.Name)), 40))
	}
	var b strings.Builder
	line := func(name, result string, block func(g *group) string) {
		text := fit(name, width)
		for i := range groups {
			text += "  " + block(&groups[i])
		}
		b.WriteString(strings.TrimRight(text+"  "+result, " ") + "\n")
	}
	line("RECORDING", "RESULT", func(g *group) string { return fit(g.name, g.width()) })
	line("", "", func(g *group) string {
		return g.row(func(claim string) string { return claim[len(claim)-1:] })
	})
	for _, r := range reports {
		line(printable(r.Recording.Name), strings.TrimSpace(t.result(r.Result)), func(g *group) string {
			return g.row(func(claim string) string { return t.cell(worstOf(r, claim)) })
		})
	}
	b.WriteString("\nP pass, F fail, ? inconclusive, E error, . not judged\n")
	fmt.Fprintf(&b, "%d recordings: %s\n", len(reports), strings.TrimSpace(t.result(worst(reports))))
	_, err := io.WriteString(t.w, b.String())
	return err
}

func (t terminal) cell(r policy.Result) string {
	mark, ok := map[policy.Result]string{policy.Pass: "P", policy.Inconclusive: "?", policy.Errored: "E", policy.Fail: "F"}[r]
	if !ok {
		return "."
	}
	return t.style(colors[r], mark)
}
