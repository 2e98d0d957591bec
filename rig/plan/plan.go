package plan

import (
	"fmt"
	"time"

	"github.com/spanrig/spanrig/drivers"
)

// Plan is a list of windows to record, as it stands in a file.
type Plan struct {
	Schema   int      `yaml:"schema"`
	Name     string   `yaml:"name"`
	Title    string   `yaml:"title"`
	Begin    string   `yaml:"begin"` // stimulus before the first window: what was open before the recording must not be in it
	Defaults Defaults `yaml:"defaults"`
	Entries  []Entry  `yaml:"windows"`

	file    string `yaml:"-"` // that it was read from
	content []byte `yaml:"-"`
}

// Defaults of the windows of a plan.
type Defaults struct {
	Length time.Duration `yaml:"length"` // at least; a stimulus may take longer
	Guard  time.Duration `yaml:"guard"`  // settle time behind the read-back of the mode
	Every  time.Duration `yaml:"every"`  // between controls
}

// Entry is one window, or the windows around a mode: standard, the mode, and
// standard again.
type Entry struct {
	Mode     string        `yaml:"mode"`
	Around   string        `yaml:"around"`
	Name     string        `yaml:"name"` // of the window; MODE/STIMULUS where empty
	Stimulus string        `yaml:"stimulus"`
	Length   time.Duration `yaml:"length"`
	Guard    time.Duration `yaml:"guard"`
	Every    time.Duration `yaml:"every"`
	Repeat   int           `yaml:"repeat"`   // of the window in the mode; 0 means 1
	Services string        `yaml:"services"` // rnm: "each" switches each off alone, then on; empty: all on

	typed bool `yaml:"-"` // somebody asked for this very length: no timing fits it to a bench
}

// Window is one window to record.
type Window struct {
	Name     string
	Mode     drivers.Mode
	Stimulus string
	Length   time.Duration // at least
	Guard    time.Duration
	Every    time.Duration     // between controls
	Services map[string]string // rnm: "on" or "off" by service id

	typed bool // as in Entry
}

// Timing fits a plan to a bench.
type Timing struct {
	Scale   float64       // of every duration; 0 means 1
	Longest time.Duration // a window is at most that long; 0: no bound
}

// Bounds of a window and of the scaled time between controls: a device needs a
// moment for each, and may be late by half a period.
const (
	Shortest    = time.Second
	mostControl = 3 * time.Second
)

// Expand makes the list of windows for a bench whose app has these services.
func (p *Plan) Expand(services []string, t Timing) []Window {
	var list []Window
	for i := range p.Entries {
		e := p.Entries[i].with(p.Defaults)
		if e.Around == "" {
			list = append(list, e.windows(drivers.Mode(e.Mode), services)...)
			continue
		}
		outer := e
		outer.Name, outer.Repeat = "", 1
		outer.Length = min(e.Length, longestAround)
		list = append(list, outer.windows(drivers.Standard, nil)...)
		list = append(list, e.windows(drivers.Mode(e.Around), services)...)
		list = append(list, outer.windows(drivers.Standard, nil)...)
	}
	for i := range list {
		list[i].fit(t)
	}
	return list
}

// longestAround bounds the standard windows around a long one: they have to
// show that the app talks, not for how long.
const longestAround = 10 * time.Minute

func (e Entry) with(d Defaults) Entry {
	if e.Length == 0 {
		e.Length = d.Length
	}
	if e.Guard == 0 {
		e.Guard = d.Guard
	}
	if e.Every == 0 {
		e.Every = d.Every
	}
	e.Repeat = max(e.Repeat, 1)
	return e
}

// windows are those of one mode.
func (e Entry) windows(m drivers.Mode, services []string) []Window {
	w := Window{Name: e.Name, Mode: m, Stimulus: e.Stimulus, Length: e.Length, Guard: e.Guard, Every: e.Every, typed: e.typed}
	if w.Name == "" {
		w.Name = fmt.Sprintf("%s/%s", m, e.Stimulus)
	}
	one := []Window{w}
	if m == drivers.Restricted {
		one = w.switched(services, e.Services == each)
	}
	var list []Window
	for range e.Repeat {
		list = append(list, one...)
	}
	return list
}

// each is the value of Entry.Services that switches one service after the other.
const each = "each"

// switched are the windows of restricted mode: with all services on, or two for
// each service, in which it alone is off and then on again.
func (w Window) switched(services []string, each bool) []Window {
	all := func(off string) map[string]string {
		m := make(map[string]string, len(services))
		for _, s := range services {
			m[s] = "on"
		}
		if off != "" {
			m[off] = "off"
		}
		return m
	}
	if !each || len(services) == 0 {
		w.Services = all("")
		return []Window{w}
	}
	var list []Window
	for _, s := range services {
		off, on := w, w
		off.Name, off.Services = fmt.Sprintf("rnm/%s-off", s), all(s)
		on.Name, on.Services = fmt.Sprintf("rnm/%s-on", s), all("")
		list = append(list, off, on)
	}
	return list
}

func (w *Window) fit(t Timing) {
	scale := func(d time.Duration) time.Duration {
		if t.Scale == 0 {
			return d
		}
		return time.Duration(float64(d) * t.Scale).Round(time.Millisecond)
	}
	if !w.typed {
		w.Length = max(scale(w.Length), Shortest)
	}
	w.Guard, w.Every = scale(w.Guard), max(scale(w.Every), min(w.Every, mostControl))
	if t.Longest > 0 && w.Length > t.Longest && !w.typed {
		w.Length = t.Longest
	}
	if w.Guard >= w.Length { // the window was made shorter than its guard
		w.Guard = w.Length / 2
	}
	w.Every = min(w.Every, w.Length) // one at the start and one at the end, at least
}

// freshStart is the stimulus of mode scripts that joins the network anew and
// starts the app anew: every handshake and every name is then in the recording.
const freshStart = "fresh-start"

// Single is the plan of one window of a mode between two short standard ones
// under the same stimulus. The window is as long as was asked for, at least
// [Shortest], on whatever bench; 0 leaves it to the bench.
func Single(mode drivers.Mode, length time.Duration) *Plan {
	d := Defaults{Length: time.Minute, Guard: 20 * time.Second, Every: 10 * time.Second}
	one := Entry{Mode: string(mode), Stimulus: "tour", Length: length, typed: length > 0}
	plan := &Plan{Schema: 1, Name: "single", Title: "one window", Begin: freshStart, Defaults: d, Entries: []Entry{one}}
	if mode != drivers.Standard {
		short := Entry{Mode: string(drivers.Standard), Stimulus: "tour"}
		plan.Entries = []Entry{short, one, short}
	}
	return plan
}

// Around is the plan of one window of a mode between two standard ones under
// the same stimulus; one window where the mode is standard itself. The error
// says why no plan has such a window.
func Around(name string, mode drivers.Mode, stimulus string) (*Plan, error) {
	p := Single(mode, 0)
	p.Begin = ""
	for i := range p.Entries {
		p.Entries[i].Stimulus = stimulus
		if p.Entries[i].Mode == string(mode) {
			p.Entries[i].Name = name
		}
	}
	if err := p.check(); err != nil {
		return nil, err
	}
	return p, nil
}
