package report

import "slices"

// matrix is the fitness of each window as a table.
type matrix struct {
	Checks []column
	Rows   []matrixRow
}

// column is a check, with the anchor of its evidence where it has some.
type column struct{ ID, Anchor string }

type matrixRow struct {
	Window, Mode, Class string
	Number              int
	Fit, Unrecorded     bool
	Cells               []check // ID empty where the check does not apply
}

func newMatrix(list []window, proofs []promise) matrix {
	var m matrix
	for _, w := range list {
		for _, c := range w.Checks {
			if slices.ContainsFunc(m.Checks, func(have column) bool { return have.ID == c.ID }) {
				continue
			}
			one := column{ID: c.ID}
			if i := slices.IndexFunc(proofs, func(p promise) bool { return p.ID == c.ID }); i >= 0 {
				one.Anchor = proofs[i].Anchor
			}
			m.Checks = append(m.Checks, one)
		}
	}
	for _, w := range list {
		row := matrixRow{Window: w.Name, Mode: w.Mode, Class: w.Class, Number: w.Number, Fit: w.Fit, Unrecorded: w.Unrecorded}
		for _, col := range m.Checks {
			i := slices.IndexFunc(w.Checks, func(c check) bool { return c.ID == col.ID })
			if i < 0 {
				row.Cells = append(row.Cells, check{})
				continue
			}
			row.Cells = append(row.Cells, w.Checks[i])
		}
		m.Rows = append(m.Rows, row)
	}
	return m
}
