package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spanrig/spanrig/drivers"
	"github.com/spanrig/spanrig/fixtures"
	"github.com/spanrig/spanrig/rig/strict"
)

// Load reads the built-in plan of that name, or a file. The error is one line.
func Load(name string) (*Plan, error) {
	content, file, err := strict.Source(fixtures.Plans, "plans", "plan", name)
	if err != nil {
		return nil, strict.Finding{File: file, What: err.Error()}
	}
	return parse(file, content)
}

func parse(file string, content []byte) (*Plan, error) {
	p, findings := strict.Decode[Plan](file, "plan", content)
	if len(findings) > 0 {
		return nil, findings[0]
	}
	if err := p.check(); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return p, nil
}

func (p *Plan) check() error {
	switch {
	case p.Schema != 1:
		return fmt.Errorf("schema %d is not known; this program reads schema: 1", p.Schema)
	case p.Name == "":
		return fmt.Errorf("name is missing; add name:")
	case len(p.Entries) == 0:
		return fmt.Errorf("it has no windows; add windows:")
	}
	modes := map[string]string{} // of the windows that are named
	for i := range p.Entries {
		e := p.Entries[i].with(p.Defaults)
		if err := e.check(); err != nil {
			return fmt.Errorf("window %d: %w", i+1, err)
		}
		if mode := modes[e.Name]; mode != "" && mode != e.mode() {
			return fmt.Errorf("window %d: name: %q is a window of %s already, and a verdict says no more of its window than the name; take another", i+1, e.Name, mode)
		}
		if e.Name != "" {
			modes[e.Name] = e.mode()
		}
	}
	return nil
}

// mode is that of the entry's window, or of the one in the middle.
func (e Entry) mode() string { return e.Mode + e.Around } // it has one of them

func (e Entry) check() error {
	if (e.Mode == "") == (e.Around == "") {
		return fmt.Errorf("it has exactly one of mode and around")
	}
	m, err := drivers.ParseMode(e.mode())
	prefix, _, _ := strings.Cut(e.Name, "/")
	other, _ := drivers.ParseMode(prefix)
	switch {
	case err != nil:
		return err
	case other != "" && other != m:
		return fmt.Errorf("name: %q is how windows of %s are named; begin it with %s/", e.Name, other, m)
	case e.Around != "" && m == drivers.Standard:
		return fmt.Errorf("around standard: there is nothing to compare; say mode: standard")
	case e.Stimulus == "":
		return fmt.Errorf("stimulus is missing; say idle where nothing is done")
	case e.Length <= 0 || e.Every <= 0:
		return fmt.Errorf("length and every are missing; give them here or in defaults")
	case e.Repeat > 100:
		return fmt.Errorf("repeat: %d; say at most 100", e.Repeat)
	case e.Services != "" && (e.Services != each || m != drivers.Restricted):
		return fmt.Errorf("services: %q; say each, in a window of rnm", e.Services)
	}
	return nil
}

// Stimuli lists the stimuli that windows need, each once, in order.
func Stimuli(windows []Window) []string {
	var list []string
	for _, w := range windows {
		if !slices.Contains(list, w.Stimulus) {
			list = append(list, w.Stimulus)
		}
	}
	return list
}

// String names a window for messages.
func (w Window) String() string {
	var off []string
	for id, state := range w.Services {
		if state == "off" {
			off = append(off, id)
		}
	}
	if len(off) == 0 {
		return w.Name
	}
	slices.Sort(off)
	return w.Name + " (" + strings.Join(off, ", ") + " off)"
}
