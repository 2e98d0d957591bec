package casebook

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spanrig/spanrig/captures/synth"
)

// A Row is a window of a recording with the results of its claims; the empty
// window holds the claims that are not judged.
type Row struct {
	Case, Window string
	Results      map[string]string // by claim
}

// Rows sorts cells into rows: windows in the order of the recording.
func Rows(name string, windows []synth.Interval, cells map[Cell]string) []Row {
	var order []string
	for _, w := range windows {
		if !slices.Contains(order, w.Name) {
			order = append(order, w.Name)
		}
	}
	var rows []Row
	for _, window := range order {
		row := Row{name, window, map[string]string{}}
		for _, claim := range Claims {
			if result, ok := cells[Cell{claim, window}]; ok {
				row.Results[claim] = result
			}
		}
		rows = append(rows, row)
	}
	return rows
}

// marks are the letters of the printed table.
var marks = map[string]string{"pass": "+", "fail": "F", "error": "E", "inconclusive": "?"}

// WriteTable prints recordings against claims as a Markdown table that also
// reads well as text: + pass, F fail, ? inconclusive, E error, and nothing
// where the window is none of the claim's.
func WriteTable(w io.Writer, rows []Row) error {
	wide := len("recording, window")
	for _, r := range rows {
		wide = max(wide, len(r.Case)+2+len(r.Window))
	}
	if _, err := fmt.Fprintf(w, "| %-*s | %s |\n|%s|%s\n", wide, "recording, window", strings.Join(judgedClaims, " | "),
		strings.Repeat("-", wide+2), rule()); err != nil {
		return err
	}
	for _, r := range rows {
		line := fmt.Sprintf("| %-*s |", wide, r.Case+", "+r.Window)
		for _, claim := range judgedClaims {
			line += fmt.Sprintf(" %-*s |", len(claim), marks[r.Results[claim]])
		}
		if _, err := fmt.Fprintln(w, line); err != nil {
			return err
		}
	}
	return nil
}

// judgedClaims are the columns: those that a recording can decide.
var judgedClaims = slices.DeleteFunc(slices.Clone(Claims), func(c string) bool { return slices.Contains(never, c) })

func rule() string {
	var b strings.Builder
	for _, c := range judgedClaims {
		b.WriteString(strings.Repeat("-", len(c)+2) + "|")
	}
	return b.String()
}
