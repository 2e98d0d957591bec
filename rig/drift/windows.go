package drift

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spanrig/spanrig/rig"
	"github.com/spanrig/spanrig/rig/policy"
)

// Alike is how many times the length of one recording's windows that of the
// other's may be. A rig that waits for a device is seconds late in a window of
// minutes; a quarter leaves room for that, and not for one repeat more of four.
const Alike = 1.25

// situation is a Situation with the windows of both recordings, by index.
type situation struct {
	Situation
	old, new []int
}

// situations puts the windows of both recordings together, in OLD's order.
func situations(old, new *Side) []situation {
	var list []situation
	index := map[string]int{}
	find := func(w *rig.Window) *situation {
		k := keyOf(w)
		i, known := index[k]
		if !known {
			i = len(list)
			index[k] = i
			list = append(list, situation{Situation: Situation{Mode: w.Mode, Stimulus: w.Stimulus, Services: w.Services}})
		}
		return &list[i]
	}
	for i := range old.Survey.Windows {
		s := find(&old.Survey.Windows[i].Window)
		s.old = append(s.old, i)
	}
	for i := range new.Survey.Windows {
		s := find(&new.Survey.Windows[i].Window)
		s.new = append(s.new, i)
	}
	for i := range list {
		s := &list[i]
		s.Old, s.New = extent(old, s.old), extent(new, s.new)
		s.Because = s.unlike()
		s.Alike = s.Because == ""
	}
	return list
}

func keyOf(w *rig.Window) string {
	key := w.Mode + "\x00" + w.Stimulus
	for _, id := range slices.Sorted(maps.Keys(w.Services)) {
		key += "\x00" + id + "=" + w.Services[id]
	}
	return key
}

func extent(s *Side, windows []int) Extent {
	e := Extent{Windows: []string{}, Fit: len(windows) > 0}
	var ns int64
	for _, i := range windows {
		w := &s.Survey.Windows[i]
		e.Windows = append(e.Windows, w.Name)
		ns += w.To - w.From
		e.Fit = e.Fit && s.Report.Windows[i].Fit
	}
	e.Seconds = float64(ns) / 1e9
	return e
}

// unlike says why the windows of the two are not alike; empty where they are.
func (s *situation) unlike() string {
	switch {
	case len(s.new) == 0:
		return "NEW has no window of " + s.text()
	case len(s.old) == 0:
		return "OLD has no window of " + s.text()
	}
	var faults []string
	if longer, shorter := max(s.Old.Seconds, s.New.Seconds), min(s.Old.Seconds, s.New.Seconds); longer > shorter*Alike {
		faults = append(faults, fmt.Sprintf("%.0f s in OLD and %.0f s in NEW", s.Old.Seconds, s.New.Seconds))
	}
	if !s.Old.Fit {
		faults = append(faults, "OLD was not fit")
	}
	if !s.New.Fit {
		faults = append(faults, "NEW was not fit")
	}
	if len(faults) == 0 {
		return ""
	}
	return s.text() + ": " + strings.Join(faults, ", ")
}

// proves reports whether what NEW shows and OLD does not is new: OLD was fit,
// and not much shorter.
func (s *situation) proves() bool {
	return len(s.old) > 0 && s.Old.Fit && s.Old.Seconds*Alike >= s.New.Seconds
}

// text names the situation: "ldm under idle, maps off".
func (s *situation) text() string {
	text := s.Mode
	if s.Stimulus != "" {
		text += " under " + s.Stimulus
	}
	for _, id := range slices.Sorted(maps.Keys(s.Services)) {
		text += ", " + id + " " + s.Services[id]
	}
	return text
}

// at finds the situation of a window of NEW; nil for none.
func (c *comparison) at(window int) *situation {
	i := slices.IndexFunc(c.situations, func(s situation) bool { return slices.Contains(s.new, window) })
	if i < 0 {
		return nil
	}
	return &c.situations[i]
}

// common lists the modes of which both recordings have windows.
func (c *comparison) common() []string {
	return slices.DeleteFunc(slices.Clone(modes), func(m string) bool { return !c.old().hasMode(m) || !c.new().hasMode(m) })
}

func (s *Side) hasMode(mode string) bool {
	return slices.ContainsFunc(s.Survey.Windows, func(w policy.SurveyWindow) bool { return w.Mode == mode })
}
