package report

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/spanrig/spanrig/rig"
)

// window is a window with what proves its mode.
type window struct {
	Number          int
	Name            string
	Class, Mode     string
	Time            string // when it was
	Guard, Stimulus string
	Services        []serviceState
	Fit, Unrecorded bool
	Checks          []check
	Controls        string
	Screens         []screen
}

type serviceState struct{ Name, State string }

// check is a fitness check of a window.
type check struct {
	ID, Saw string
	OK      bool
}

// share is what a party has of something.
type share struct {
	Class, Title string
	Flows, Bytes string
}

// mostWindows bounds the windows that are shown one by one.
const mostWindows = 150

func (b *builder) windows() []window {
	list := make([]window, 0, min(len(b.s.windows), mostWindows))
	for i := range b.c.verdict.Windows[:cap(list)] {
		f := &b.c.verdict.Windows[i]
		w := b.s.windows[i]
		m := modes[modeOf(f.Mode)]
		one := window{Number: i + 1, Name: f.Name, Class: m.class, Mode: modeTitle(f.Mode), Fit: f.Fit, Unrecorded: b.s.missed(w), Time: b.s.span(w)}
		for _, c := range f.Fitness {
			one.Checks = append(one.Checks, check{c.Check, c.Saw, c.OK})
		}
		if g := b.c.guard(w); g > 0 {
			one.Guard = lasting(g)
		}
		one.Controls = b.s.answered(w)
		b.plan(&one, w)
		one.Screens = b.screens(w)
		list = append(list, one)
	}
	return list
}

// plan adds what windows.json says of the window.
func (b *builder) plan(one *window, w span) {
	for i := range b.c.rec.Windows {
		o := &b.c.rec.Windows[i]
		if o.Name != w.name || o.From != w.from {
			continue
		}
		one.Stimulus = o.Stimulus
		for _, id := range slices.Sorted(maps.Keys(o.Services)) {
			one.Services = append(one.Services, serviceState{id, o.Services[id]})
		}
	}
}

// answered words the controls of a window.
func (s *survey) answered(w span) string {
	seen, all := 0, 0
	for i := range s.controls.tries {
		if t := &s.controls.tries[i]; t.at >= w.from && t.at <= w.to {
			all++
			if t.state() == trySeen {
				seen++
			}
		}
	}
	if all == 0 {
		return ""
	}
	return itoa(uint64(seen)) + " of " + plural(all, "try|tries") + " answered and seen out and back"
}

// screen is what the screen showed when the mode was read back.
type screen struct {
	File, At, When string
	Asked, Read    string
	Witness, Saw   string
	Picture        picture
}

// mostScreens bounds the read-backs that are shown of a window.
const mostScreens = 8

// readBack is what a line of kind mode or screen says of one.
type readBack struct {
	Asked, Read, Witness, Saw, At, Window string
	Files                                 []string
}

// screens are the read-backs of a window's mode, each with the picture that was
// taken of it.
func (b *builder) screens(w span) []screen {
	if b.c.rec.Journal == nil {
		return nil
	}
	var list []screen
	latest := false // the last read-back of that name is the last of the list
	for _, e := range b.c.rec.Journal.Entries {
		var keys readBack
		if e.Kind == rig.KindMode || e.Kind == rig.KindScreen {
			_ = json.Unmarshal(e.Line, &keys) // a line that is there has been read before
		}
		switch {
		case keys.Window != w.name:
		case e.Kind == rig.KindMode:
			if latest = e.Time >= w.from && e.Time <= w.to && len(list) < mostScreens; latest {
				list = append(list, screen{At: keys.At, When: b.s.offset(e.Time), Asked: keys.Asked, Read: cmp.Or(keys.Read, "unread"), Witness: keys.Witness, Saw: keys.Saw})
			}
		case latest:
			b.attach(&list[len(list)-1], keys.Files)
		}
	}
	return list
}

// attach gives a read-back its picture.
func (b *builder) attach(s *screen, files []string) {
	for _, name := range files {
		if s.File == "" && strings.HasSuffix(strings.ToLower(name), ".png") {
			s.File, s.Picture = name, b.pictures.show(name)
		}
	}
}
