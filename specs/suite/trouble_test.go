package suite

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/onsi/ginkgo/v2/types"

	"github.com/spanrig/spanrig/rig"
)

// journal makes a journal of lines: pairs of kind and keys.
func journal(t *testing.T, lines ...any) *rig.Journal {
	t.Helper()
	var buf bytes.Buffer
	w := rig.NewJournalWriter(&buf)
	for i := 0; i < len(lines); i += 2 {
		if err := w.Append(time.Unix(int64(i), 0), 0, lines[i].(string), lines[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	j, err := rig.ParseJournal(buf.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func TestTroubles(t *testing.T) {
	type keys = map[string]any
	for name, c := range map[string]struct {
		journal *rig.Journal
		want    []string
	}{
		"whole":     {journal(t, "start", nil, "end", keys{"complete": true}), nil},
		"by others": {journal(t, "end", nil), nil},
		"recovered": {journal(t, "problem", keys{"window": "a", "error": "lost", "then": "recover"}, "end", keys{"complete": true}), nil},
		"problem":   {journal(t, "problem", keys{"window": "a", "error": "lost"}, "end", keys{"complete": false}), []string{"window a: lost"}},
		"no window": {journal(t, "problem", keys{"window": "", "error": "disk"}, "end", keys{"complete": true}), []string{"disk"}},
		"skipped": {journal(t, "skipped", keys{"window": "a", "reason": "no hub"}, "skipped", keys{"window": "b", "reason": "no hub"}, "end", nil),
			[]string{"windows a, b: not recorded: no hub"}},
		"both": {journal(t, "problem", keys{"window": "a", "error": "lost\nnot recovered"}, "skipped", keys{"window": "b", "reason": "lost"}, "end", keys{"complete": false}),
			[]string{"window a: lost; not recovered", "window b: not recorded: lost"}},
		"interrupted": {journal(t, "step", keys{"window": "a", "step": "interrupted"}, "end", keys{"complete": true}), []string{"window a: interrupted"}},
		"not begun":   {journal(t, "start", nil, "end", keys{"complete": false}), []string{"it is not complete"}},
		"killed":      {journal(t, "start", nil), []string{"it has no end: the process that recorded was stopped"}},
		"no journal":  {nil, []string{"it has no journal"}},
		"strange":     {journal(t, "problem", keys{"error": 7}, "end", keys{"complete": "yes"}), []string{""}},
	} {
		var got []string
		for _, trouble := range troubles(c.journal) {
			got = append(got, trouble.String())
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// parallel is a report as it comes from the other processes that Ginkgo runs.
func parallel(t *testing.T, r types.Report) types.Report {
	t.Helper()
	b, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var there types.Report
	if err := json.Unmarshal(b, &there); err != nil {
		t.Fatal(err)
	}
	return there
}

// TestTold: what processes left in their specs is one error of the JUnit suite,
// also after the way from a parallel process.
func TestTold(t *testing.T) {
	left := types.SpecReport{LeafNodeType: types.NodeTypeIt, LeafNodeText: "holds", State: types.SpecStatePassed,
		ReportEntries: types.ReportEntries{{Name: troubleName, Value: types.WrapEntryValue("window a: lost")}}}
	r := parallel(t, types.Report{SpecReports: types.SpecReports{left, left}})
	s := suiteOf("specs", r)
	if s.Errors != 1 || s.Tests != 3 || s.Skipped+s.Failures != 0 {
		t.Fatalf("%+v", s)
	}
	if c := s.Cases[2]; c.Name != troubleName || c.Error == nil || c.Error.Type != "error" || !strings.HasSuffix(c.Error.Message, ": window a: lost") {
		t.Errorf("%+v", c)
	}
	if got := suiteOf("specs", types.Report{}); len(got.Cases) != 0 {
		t.Errorf("%+v", got)
	}
}
