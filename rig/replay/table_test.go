package replay_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spanrig/spanrig/captures/synth/casebook"
	"github.com/spanrig/spanrig/rig/policy"
	"github.com/spanrig/spanrig/rig/replay"
)

// TestTable judges every recording of the casebook and holds each cell against
// the verdict that was derived by hand. With -v it prints the table.
func TestTable(t *testing.T) {
	cases := casebook.All()
	rows := make([][]casebook.Row, len(cases))
	t.Run("cases", func(t *testing.T) {
		for i := range cases {
			t.Run(cases[i].Name, func(t *testing.T) {
				t.Parallel()
				rows[i] = judge(t, &cases[i])
			})
		}
	})
	var text strings.Builder
	if err := casebook.WriteTable(&text, slices.Concat(rows...)); err != nil {
		t.Fatal(err)
	}
	if file := os.Getenv("SPANRIG_TABLE"); file != "" {
		if err := os.WriteFile(file, []byte(text.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d recordings\n%s", len(cases), text.String())
}

// judge builds the case's recording, judges it and compares every cell.
func judge(t *testing.T, c *casebook.Case) []casebook.Row {
	dir := t.TempDir()
	r := c.Build()
	path, err := r.Save(dir)
	if err != nil {
		t.Fatal(err)
	}
	if c.Judge.Bare {
		path = filepath.Join(path, "capture.pcapng")
	}
	report, err := replay.Run(t.Context(), path, options(t, c, dir))
	switch {
	case c.Error != "":
		if err == nil || !strings.Contains(err.Error(), c.Error) {
			t.Errorf("error %v, want one that says %q", err, c.Error)
		}
		return nil
	case err != nil:
		t.Fatal(err)
	}
	windows := c.Windows(r)
	want, err := c.Expected(windows)
	if err != nil {
		t.Fatal(err)
	}
	got := cells(report)
	if !maps.Equal(got, want) {
		complain(t, c, report, got, want)
	}
	evidenced(t, report)
	if exit := report.Exit(c.Judge.Accept); exit != c.Exit(want) {
		t.Errorf("exit code %d, want %d", exit, c.Exit(want))
	}
	return casebook.Rows(c.Name, windows, got)
}

// evidenced holds what a fail must point to: frames, and a sentence. Only
// MODE-1 fails by the journal alone.
func evidenced(t *testing.T, r *policy.Report) {
	t.Helper()
	for i := range r.Verdicts {
		v := &r.Verdicts[i]
		if v.Because == "" {
			t.Errorf("%s in %s says nothing", v.Claim, v.Window)
		}
		if v.Result != policy.Fail || v.Claim == "MODE-1" {
			continue
		}
		if len(v.Evidence) == 0 || v.Evidence[0].Flow == 0 || len(v.Evidence[0].Frames) == 0 {
			t.Errorf("%s in %s fails without flow and frames: %+v", v.Claim, v.Window, v.Evidence)
		}
	}
}

// cells are the verdicts and what was not judged. A claim that was judged in
// one window may have had no subject in another.
func cells(r *policy.Report) map[casebook.Cell]string {
	m := map[casebook.Cell]string{}
	for i := range r.Verdicts {
		v := &r.Verdicts[i]
		m[casebook.Cell{Claim: v.Claim, Window: v.Window}] = string(v.Result)
	}
	for _, n := range r.NotJudged {
		m[casebook.Cell{Claim: n.Claim}] = casebook.NotJudged
	}
	return m
}

// complain lists the cells that differ, with the sentence of the verdict.
func complain(t *testing.T, c *casebook.Case, r *policy.Report, got, want map[casebook.Cell]string) {
	t.Helper()
	t.Errorf("%s: %s", c.Name, c.About)
	because := map[casebook.Cell]string{}
	for i := range r.Verdicts {
		because[casebook.Cell{Claim: r.Verdicts[i].Claim, Window: r.Verdicts[i].Window}] = r.Verdicts[i].Because
	}
	for _, n := range r.NotJudged {
		because[casebook.Cell{Claim: n.Claim}] = n.Reason
	}
	all := slices.Collect(maps.Keys(got))
	for cell := range want {
		if _, ok := got[cell]; !ok {
			all = append(all, cell)
		}
	}
	slices.SortFunc(all, func(a, b casebook.Cell) int { return strings.Compare(a.Window+" "+a.Claim, b.Window+" "+b.Claim) })
	for _, cell := range all {
		if got[cell] != want[cell] {
			t.Errorf("  %s %s: got %q, want %q: %s", cell.Window, cell.Claim, got[cell], want[cell], because[cell])
		}
	}
}
