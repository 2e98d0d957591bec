package plan

import (
	"errors"
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
	p.file, p.content = file, content
	if err := p.check(); err != nil {
		return nil, p.finding(err)
	}
	return p, nil
}

// finding gives an error about the plan its place in the file, where there is one.
func (p *Plan) finding(err error) error {
	if p.file == "" {
		return err
	}
	return strict.Locate(p.file, p.content, err)
}

func (p *Plan) check() error {
	switch {
	case p.Schema != 1:
		return strict.At(fmt.Errorf("schema %d is not known; this program reads schema: 1", p.Schema), "schema")
	case p.Name == "":
		return strict.At(errors.New("name is missing; add name:"), "name")
	case len(p.Entries) == 0:
		return strict.At(errors.New("it has no windows; add windows:"), "windows")
	}
	modes := map[string]string{} // of the windows that are named
	for i := range p.Entries {
		e := p.Entries[i]
		key, err := e.check(p.Defaults)
		if mode := modes[e.Name]; err == nil && mode != "" && mode != e.mode() {
			key, err = "name", fmt.Errorf("name: %q is a window of %s already, and a verdict says no more of its window than the name; take another", e.Name, mode)
		}
		if err != nil {
			return p.at(fmt.Errorf("window %d: %w", i+1, err), i, key)
		}
		if e.Name != "" {
			modes[e.Name] = e.mode()
		}
	}
	return nil
}

// at places an error at a key of an entry, or of the defaults where the entry
// leaves it to them.
func (p *Plan) at(err error, entry int, key string) error {
	if e := p.Entries[entry]; key == "guard" && e.Guard == 0 && e.Length == 0 {
		return strict.At(err, "defaults", key)
	} else if key == "guard" && e.Guard == 0 {
		key = "length"
	}
	return strict.At(err, "windows", entry, key)
}

// Check holds the stimuli of the plan against those that a bench can give: known
// says what is wrong with a name. The error is one line, with line and column.
func (p *Plan) Check(known func(stimulus string) error) error {
	if p.Begin != "" && p.file != "" { // a plan of no file begins fresh where it can
		if err := known(p.Begin); err != nil {
			return p.finding(strict.At(fmt.Errorf("begin: %w", err), "begin"))
		}
	}
	for i, e := range p.Entries {
		if err := known(e.Stimulus); err != nil {
			return p.finding(strict.At(fmt.Errorf("window %d: %w", i+1, err), "windows", i, "stimulus"))
		}
	}
	return nil
}

// mode is that of the entry's window, or of the one in the middle.
func (e Entry) mode() string { return e.Mode + e.Around } // it has one of them

// check finds what is wrong with an entry, and at which of its keys.
func (e Entry) check(d Defaults) (key string, err error) {
	if (e.Mode == "") == (e.Around == "") {
		return "mode", errors.New("it has exactly one of mode and around")
	}
	m, err := drivers.ParseMode(e.mode())
	prefix, _, _ := strings.Cut(e.Name, "/")
	other, _ := drivers.ParseMode(prefix)
	switch {
	case err != nil && e.Around != "":
		return "around", err
	case err != nil:
		return "mode", err
	case other != "" && other != m:
		return "name", fmt.Errorf("name: %q is how windows of %s are named; begin it with %s/", e.Name, other, m)
	case e.Around != "" && m == drivers.Standard:
		return "around", errors.New("around standard: there is nothing to compare; say mode: standard")
	case e.Stimulus == "":
		return "stimulus", errors.New("stimulus is missing; say idle where nothing is done")
	case e.Repeat < 0 || e.Repeat > 100:
		return "repeat", fmt.Errorf("repeat: %d; say 1 to 100", e.Repeat)
	case e.Services != "" && (e.Services != each || m != drivers.Restricted):
		return "services", fmt.Errorf("services: %q; say each, in a window of rnm", e.Services)
	}
	return e.with(d).timed()
}

// timed finds what is wrong with the times of an entry.
func (e Entry) timed() (key string, err error) {
	switch {
	case e.Length <= 0 || e.Every <= 0:
		return "length", errors.New("length and every are missing; give them here or in defaults")
	case e.Guard >= e.Length:
		return "guard", fmt.Errorf("the guard of %v leaves nothing of the length of %v; make it shorter", e.Guard, e.Length)
	}
	return "", nil
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
