package plan

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spanrig/spanrig/drivers"
	"github.com/spanrig/spanrig/fixtures"
	"github.com/spanrig/spanrig/rig/strict"
)

func names(list []Window) string {
	var s []string
	for _, w := range list {
		s = append(s, w.String())
	}
	return strings.Join(s, ", ")
}

func TestQuick(t *testing.T) {
	p, err := Load("quick")
	if err != nil {
		t.Fatal(err)
	}
	list := p.Expand([]string{"maps", "flysafe"}, Timing{Scale: 0.1})
	want := "standard/tour, ldm/tour, standard/tour, standard/tour, rnm/maps-off (maps off), rnm/maps-on, rnm/flysafe-off (flysafe off), rnm/flysafe-on, standard/tour"
	if got := names(list); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if w := list[4]; w.Length != 6*time.Second || w.Guard != 2*time.Second || w.Every != 3*time.Second || w.Services["flysafe"] != "on" || w.Services["maps"] != "off" {
		t.Errorf("%+v", w)
	}
}

// TestShipped: every shipped plan loads, and each window of a mode that
// restricts has a standard one before and one after it under its stimulus.
func TestShipped(t *testing.T) {
	for _, name := range strict.Builtin(fixtures.Plans, "plans") {
		p, err := Load(name)
		if err != nil {
			t.Fatal(err)
		}
		list := p.Expand([]string{"maps"}, Timing{})
		standard := func(w Window) func(Window) bool {
			return func(o Window) bool { return o.Mode == drivers.Standard && o.Stimulus == w.Stimulus }
		}
		for i, w := range list {
			if w.Mode == drivers.Standard {
				continue
			}
			if !slices.ContainsFunc(list[:i], standard(w)) || !slices.ContainsFunc(list[i:], standard(w)) {
				t.Errorf("%s: %s has no standard window on both sides", name, w)
			}
		}
	}
}

func TestFull(t *testing.T) {
	p, err := Load("full")
	if err != nil {
		t.Fatal(err)
	}
	list := p.Expand(nil, Timing{Scale: 0.01, Longest: 20 * time.Second})
	for _, w := range list {
		if w.Length > 20*time.Second || w.Length < time.Second || w.Every > w.Length {
			t.Errorf("%+v", w)
		}
	}
	for _, s := range []string{"reboot", "wifi-attach", "app-relaunch", "idle", "link-unlink", "unplug-plug", "tour", "app-restart", "app-killed", "uplink-loss", "login"} {
		if !slices.Contains(Stimuli(list), s) {
			t.Errorf("no window under %s", s)
		}
	}
	repeats := 0
	for _, w := range list {
		if w.Name == "ldm/tour" {
			repeats++
		}
	}
	if repeats != 4 {
		t.Errorf("ldm/tour %d times", repeats)
	}
}

func TestSingle(t *testing.T) {
	got := Single(drivers.LocalData, 5*time.Minute).Expand(nil, Timing{})
	if names(got) != "standard/tour, ldm/tour, standard/tour" || got[1].Length != 5*time.Minute {
		t.Errorf("%v", got)
	}
	if got := Single(drivers.Standard, time.Minute).Expand(nil, Timing{}); len(got) != 1 {
		t.Errorf("%v", got)
	}
}

func TestAround(t *testing.T) {
	p, err := Around("menu", drivers.LocalData, "idle")
	if err != nil {
		t.Fatal(err)
	}
	if got := names(p.Expand(nil, Timing{})); got != "standard/idle, menu, standard/idle" {
		t.Error(got)
	}
	for name, mode := range map[string]drivers.Mode{"standard/idle": drivers.LocalData, "menu": "LDM"} {
		if p, err := Around(name, mode, "idle"); p != nil || err == nil {
			t.Errorf("%s in %s: %v, %v", name, mode, p, err)
		}
	}
}

func TestFindings(t *testing.T) {
	const head = "schema: 1\nname: x\ndefaults: {length: 1m, guard: 1s, every: 5s}\n"
	for text, want := range map[string]string{
		"name: x\n":                                                  "p.yaml: schema 0 is not known",
		"schema: 1\nname: x\n":                                       "p.yaml: it has no windows",
		head + "windows: [{stimulus: idle}]":                         "window 1: it has exactly one of mode and around",
		head + "windows: [{mode: ldm}]":                              "stimulus is missing; say idle",
		head + "windows: [{mode: LDM, stimulus: idle}]":              `mode "LDM": say standard, rnm or ldm`,
		head + "windows: [{around: standard, stimulus: idle}]":       "nothing to compare",
		head + "windows: [{mode: ldm, stimulus: a, services: each}]": `services: "each"; say each, in a window of rnm`,
		"schema: 1\nname: x\nwindows: [{mode: ldm, stimulus: a}]":    "length and every are missing",
		head + "windows: [{mod: ldm}]":                               `p.yaml:4:12: unknown key "mod"`,
		head + "windows: [{mode: ldm, stimulus: a, repeat: -1}]":     "p.yaml:4:44: window 1: repeat: -1; say 1 to 100",
		head + "windows: [{mode: ldm, stimulus: a, repeat: 101}]":    "p.yaml:4:44: window 1: repeat: 101; say 1 to 100",
		head + "windows: [{mode: ldm, stimulus: a, guard: 60s}]":     "p.yaml:4:43: window 1: the guard of 1m0s leaves nothing of the length of 1m0s",
		head + "windows: [{mode: ldm, stimulus: a, length: 1s}]":     "p.yaml:4:44: window 1: the guard of 1s leaves nothing of the length of 1s",
		"schema: 2\nname: x\n":                                       "p.yaml:1:9: schema 2 is not known",
		"schema: 1\nname: x\ndefaults: {length: 9s, every: 1s, guard: 10s}\nwindows: [{mode: ldm, stimulus: a}]": "p.yaml:3:42: window 1: the guard of 10s",
		// A name stands for one mode, the names that windows are given by default included.
		head + "windows: [{mode: ldm, stimulus: a, name: x}, {mode: standard, stimulus: a, name: x}]": `window 2: name: "x" is a window of ldm already`,
		head + "windows: [{around: ldm, stimulus: a, name: x}, {mode: rnm, stimulus: a, name: x}]":    `window 2: name: "x" is a window of ldm already`,
		head + "windows: [{around: ldm, stimulus: a, name: standard/a}]":                              `window 1: name: "standard/a" is how windows of standard are named; begin it with ldm/`,
		head + "windows: [{mode: ldm, stimulus: a, name: rnm/maps-off}]":                              `window 1: name: "rnm/maps-off" is how windows of rnm are named`,
	} {
		p, err := parse("p.yaml", []byte(text))
		if p != nil || err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
	if _, err := Load("nosuch"); err == nil || !strings.Contains(err.Error(), "no such plan; built-in are full, quick, short") {
		t.Error(err)
	}
}

// TestFit: no guard eats a window, and no timing changes a length that was asked for.
func TestFit(t *testing.T) {
	const text = "schema: 1\nname: x\ndefaults: {length: 60s, guard: 40s, every: 5s}\nwindows: [{mode: ldm, stimulus: a}]"
	p, err := parse("p.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range []struct {
		plan          *Plan
		timing        Timing
		length, guard time.Duration
	}{
		{p, Timing{}, time.Minute, 40 * time.Second},
		{p, Timing{Scale: 0.1}, 6 * time.Second, 4 * time.Second},
		{p, Timing{Scale: 0.001}, time.Second, 40 * time.Millisecond},
		{p, Timing{Longest: 30 * time.Second}, 30 * time.Second, 15 * time.Second},
		{Single(drivers.Standard, 30*time.Second), Timing{Scale: 0.1, Longest: 20 * time.Second}, 30 * time.Second, 2 * time.Second},
		{Single(drivers.Standard, 10*time.Second), Timing{}, 10 * time.Second, 5 * time.Second},
		{Single(drivers.Standard, 0), Timing{Scale: 0.1}, 6 * time.Second, 2 * time.Second},
	} {
		if w := one.plan.Expand(nil, one.timing)[0]; w.Length != one.length || w.Guard != one.guard || w.Every > w.Length {
			t.Errorf("%v: %v, guard %v, want %v, %v", one.timing, w.Length, w.Guard, one.length, one.guard)
		}
	}
}

// TestCheck: a stimulus that no bench can give is found, with its place.
func TestCheck(t *testing.T) {
	known := func(name string) error {
		if name != "a" {
			return errors.New("no " + name)
		}
		return nil
	}
	for text, want := range map[string]string{
		"begin: a\nwindows: [{mode: ldm, stimulus: a}]":                                  "",
		"begin: b\nwindows: [{mode: ldm, stimulus: a}]":                                  "p.yaml:4:8: begin: no b",
		"windows:\n  - {mode: ldm, stimulus: a}\n  - around: rnm\n    stimulus: dance\n": "p.yaml:7:15: window 2: no dance",
	} {
		p, err := parse("p.yaml", []byte("schema: 1\nname: x\ndefaults: {length: 1m, guard: 1s, every: 5s}\n"+text))
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Check(known); err == nil && want != "" || err != nil && err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
	if err := Single(drivers.LocalData, time.Minute).Check(func(name string) error {
		if name == freshStart {
			return errors.New("it can do without")
		}
		return nil
	}); err != nil {
		t.Error(err)
	}
}

// TestNames: repeats share a name, and a name may begin with its own mode.
func TestNames(t *testing.T) {
	const text = "schema: 1\nname: x\ndefaults: {length: 1m, guard: 1s, every: 5s}\nwindows:\n" +
		"- {around: ldm, stimulus: a, name: ldm/calm}\n- {mode: ldm, stimulus: a, name: ldm/calm}\n- {mode: rnm, stimulus: a, name: maps}\n"
	p, err := parse("p.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := names(p.Expand(nil, Timing{})), "standard/a, ldm/calm, standard/a, ldm/calm, maps"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("schema: 1\nname: x\nwindows: [{around: rnm, stimulus: a, length: 1s, every: 1s, services: each, repeat: 2}]"))
	f.Fuzz(func(t *testing.T, content []byte) {
		p, err := parse("p.yaml", content)
		if (p == nil) == (err == nil) {
			t.Fatalf("%v, %v", p, err)
		}
	})
}
