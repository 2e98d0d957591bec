package drift_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spanrig/spanrig/captures/synth"
	"github.com/spanrig/spanrig/captures/synth/casebook"
	"github.com/spanrig/spanrig/rig"
	"github.com/spanrig/spanrig/rig/drift"
	"github.com/spanrig/spanrig/rig/locate"
	"github.com/spanrig/spanrig/rig/policy"
	"github.com/spanrig/spanrig/rig/replay"
)

// side judges and surveys a recording.
func side(t testing.TB, dir string, r *synth.Recording, o replay.Options) drift.Side {
	t.Helper()
	path, err := r.Save(dir)
	if err != nil {
		t.Fatal(err)
	}
	rec, err := rig.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return surveyed(t, rec, o)
}

func surveyed(t testing.TB, rec *rig.Recording, o replay.Options) drift.Side {
	t.Helper()
	set, err := replay.Facts(t.Context(), rec, o)
	if err != nil {
		t.Fatal(err)
	}
	report, err := policy.Evaluate(o.Policy, rec, set, o.Judge)
	if err != nil {
		t.Fatal(err)
	}
	survey, err := policy.Look(o.Policy, rec, set, o.Judge)
	if err != nil {
		t.Fatal(err)
	}
	return drift.Side{Inventory: rec.Inventory, Report: report, Survey: survey}
}

// options are what the flags of a pair come to.
func options(t testing.TB, j *casebook.Judge, dir string) replay.Options {
	t.Helper()
	var o replay.Options
	name := "dji-pilot2"
	if j.Overlay != "" {
		name = file(t, dir, "lab.yaml", j.Overlay)
	}
	var err error
	if o.Policy, err = policy.Load(name); err != nil {
		t.Fatal(err)
	}
	if j.Ranges != "" {
		set, err := locate.Open(locate.Config{Ranges: []string{file(t, dir, "ranges.csv", j.Ranges)}})
		if err != nil {
			t.Fatal(err)
		}
		o.Judge.Geo = set
	}
	return o
}

func file(t testing.TB, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// compare runs a pair.
func compare(t testing.TB, p *casebook.Pair) *drift.Report {
	t.Helper()
	dir := t.TempDir()
	old, new := p.Recordings()
	o := options(t, &p.Judge, dir)
	was := side(t, dir, old, o)
	if p.Blind {
		o.Judge.Geo = nil
	}
	return drift.Compare(o.Policy, was, side(t, dir, new, o), drift.Options{AcceptWaivers: p.Judge.Accept})
}

// TestTable holds every pair of the casebook against what was derived by hand:
// all that is said to differ, and nothing else.
func TestTable(t *testing.T) {
	names := map[string]bool{}
	for _, p := range casebook.Pairs() {
		if names[p.Name] {
			t.Errorf("two pairs are named %s", p.Name)
		}
		names[p.Name] = true
		t.Run(p.Name, func(t *testing.T) {
			r := compare(t, &p)
			if got, want := lines(r), p.Lines(); !slices.Equal(got, want) {
				t.Errorf("%s\n got:\n  %s\n want:\n  %s\n%s", p.About, strings.Join(got, "\n  "), strings.Join(want, "\n  "), r.Answer)
			}
			if code := r.Exit(); code != p.Exit {
				t.Errorf("%s: exit code %d, want %d: %s", p.About, code, p.Exit, r.Answer)
			}
			if !strings.Contains(r.Answer, p.Says) {
				t.Errorf("%s: the answer %q lacks %q", p.About, r.Answer, p.Says)
			}
			sound(t, r)
			paged(t, r)
		})
	}
	t.Logf("%d pairs", len(names))
}

// TestRequire: a claim that the policy does not have cannot be required away.
func TestRequire(t *testing.T) {
	dir := t.TempDir()
	o := options(t, &casebook.Judge{Overlay: "schema: 1\nname: plain\nextends: transport\n"}, dir)
	later := synth.New("later")
	later.Inventory.Device.Firmware = "02.02.0100"
	one, two := side(t, dir, synth.New("one").Standard(), o), side(t, dir, later.Standard(), o)
	for _, c := range []struct {
		require []string
		exit    int
	}{{nil, 0}, {[]string{"TLS-1"}, 0}, {[]string{drift.Claim}, 3}} {
		r := drift.Compare(o.Policy, one, two, drift.Options{Require: c.require})
		if code := r.Exit(); code != c.exit {
			t.Errorf("%v: exit %d, want %d: %s", c.require, code, c.exit, r.Answer)
		}
		if unjudged := slices.ContainsFunc(r.NotJudged, func(n policy.NotJudged) bool { return n.Claim == drift.Claim }); unjudged != (c.exit == 0) {
			t.Errorf("%v: %+v", c.require, r.NotJudged)
		}
	}
}

// sound holds what is true of every report: evidence for each fail, sentences,
// and lists that are never null.
func sound(t *testing.T, r *drift.Report) {
	t.Helper()
	for _, v := range r.Verdicts {
		if v.Because == "" || v.Result != policy.Pass && len(v.Evidence) == 0 && strings.Contains(v.Because, "destination") && !strings.HasPrefix(v.Because, "no new") {
			t.Errorf("%s without sentence or evidence: %+v", v.Claim, v)
		}
		for _, e := range v.Evidence {
			if e.Flow == 0 || len(e.Frames) == 0 || e.Detail == "" {
				t.Errorf("evidence %+v", e)
			}
		}
	}
	for _, p := range r.Promises {
		if p.Because == "" {
			t.Errorf("%+v says nothing", p)
		}
	}
	for _, d := range r.Destinations {
		if d.Name == "" || len(d.Modes) == 0 || len(d.Evidence) == 0 || d.Party == "" || d.Services == nil || d.Countries == nil || d.Hosts == nil || d.Addresses == nil {
			t.Errorf("%+v", d)
		}
	}
	if strings.Contains(r.Answer, "\n") || r.Answer == "" {
		t.Errorf("answer %q", r.Answer)
	}
}

// lines words a report as Pair.Want does.
func lines(r *drift.Report) []string {
	var list []string
	add := func(words ...string) {
		for i, w := range words {
			words[i] = strings.ReplaceAll(w, " ", "_")
		}
		list = append(list, strings.Join(words, " "))
	}
	for _, v := range r.Verdicts {
		if v.Result != policy.Pass {
			add(v.Claim, string(v.Result))
		}
	}
	for _, p := range r.Promises {
		if p.Change != drift.Same {
			add(p.Claim, p.Window, p.Change)
		}
	}
	for _, d := range r.Destinations {
		in := strings.Join(d.Modes, ",")
		if in == "" {
			in = "-"
		}
		add(d.Change, in, d.Name)
	}
	for _, c := range r.Changes {
		for _, at := range c.At {
			value := c.Value
			if c.What == drift.Fingerprint {
				value = "*"
			}
			add(c.Change, c.Mode, c.What, value, at)
		}
	}
	for _, v := range r.Volumes {
		if v.Moved == "" {
			continue
		}
		name := v.Destination
		if name == "" {
			name = "@" + string(v.Party)
		}
		list = append(list, "moved "+v.Mode+" "+name+" "+v.Moved)
	}
	for _, w := range r.Windows {
		if !w.Alike {
			add("alike", w.Mode, w.Stimulus, "no")
		}
	}
	slices.Sort(list)
	return list
}
