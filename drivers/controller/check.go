package controller

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/spanrig/spanrig/drivers"
)

// Stimuli that every script has without saying so: nothing is done, and the
// stimuli of all services one after the other.
const (
	Idle = "idle"
	Tour = "tour"
)

var (
	packageName = regexp.MustCompile(`^[A-Za-z]\w*(\.\w+)+$`)
	envName     = regexp.MustCompile(`^[A-Za-z_]\w*$`)
	plainName   = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]*$`)
	propName    = regexp.MustCompile(`^[\w.-]+$`)
)

// Check says what keeps the script from being driven, each fault with its place
// ("mode ldm, step 3: ..."), in one line; nil where nothing does. Its method
// Unwrap() []error gives them one by one, each a [*Fault].
func (s *Script) Check() error {
	c := new(checker)
	c.header(s)
	c.home(s.Home)
	c.dialogs(s.Dialogs)
	c.reading(&s.Read)
	c.modes(s.Modes)
	c.services(s.Services)
	c.stimuli(s.Stimuli, s.Services)
	if len(c.faults) == 0 {
		return nil
	}
	return c.faults
}

// Fault is something wrong with a script.
type Fault struct {
	Path []any  // where: keys (string) and indices of list entries (int, from 0)
	What string // with the place in words
}

func (f *Fault) Error() string { return f.What }

// faults are what is wrong with a script.
type faults []error

func (f faults) Error() string {
	words := make([]string, len(f))
	for i, err := range f {
		words[i] = err.Error()
	}
	return strings.Join(words, "; ")
}

func (f faults) Unwrap() []error { return f }

// checker collects faults.
type checker struct{ faults faults }

func (c *checker) fault(at part, format string, args ...any) {
	c.faults = append(c.faults, &Fault{at.path, at.words + ": " + fmt.Sprintf(format, args...)})
}

// part is a part of a script: in words and as its file has it.
type part struct {
	words string
	path  []any
}

func at(words string, path ...any) part { return part{words, path} }

// in is a part of the part; without words it is called as the whole is.
func (p part) in(words string, path ...any) part {
	if words != "" {
		words = ", " + words
	}
	return part{p.words + words, slices.Concat(p.path, path)}
}

// one is an entry of a list, by its name where it has one.
func one(what, name, list string, i int) part {
	if name == "" {
		name = strconv.Itoa(i + 1)
	}
	return at(what+" "+name, list, i)
}

func (c *checker) header(s *Script) {
	if s.Schema != 1 {
		c.fault(at("schema", "schema"), "%d is not known; this program reads schema: 1", s.Schema)
	}
	if s.Name == "" {
		c.fault(at("name", "name"), "it is missing; say which app this is")
	}
	if s.Package != "" && !packageName.MatchString(s.Package) {
		c.fault(at("package", "package"), "%q is no package name such as com.dji.industry.pilot", s.Package)
	}
	if s.FirmwareProp != "" && !propName.MatchString(s.FirmwareProp) {
		c.fault(at("firmware_prop", "firmware_prop"), "%q is no property such as ro.build.display.id", s.FirmwareProp)
	}
}

func (c *checker) home(steps []Step) {
	place := at("home", "home")
	c.steps(place, steps)
	if len(steps) == 0 || steps[len(steps)-1].Wait == nil {
		c.fault(place, "it must end with wait for something that only the home screen shows")
	}
}

func (c *checker) dialogs(list []Dialog) {
	seen := map[string]bool{}
	for i, d := range list {
		place := one("dialog", d.Name, "dialogs", i)
		c.name(place.in("", "name"), d.Name, seen)
		c.selector(place.in("when", "when"), &d.When)
		c.steps(place.in("", "do"), d.Do)
		if len(d.Do) == 0 {
			c.fault(place, "do is missing; say how it is answered")
		}
	}
}

func (c *checker) reading(r *Reading) {
	c.steps(at("read", "read", "go"), r.Go)
	shown := map[string]bool{}
	for i, s := range r.Shows {
		place := at(fmt.Sprintf("read, shows %d", i+1), "read", "shows", i)
		if _, err := drivers.ParseMode(s.Mode); err != nil {
			c.fault(place.in("", "mode"), "%v", err)
		}
		shown[s.Mode] = true
		c.selector(place.in("", "when"), &s.When)
	}
	for _, m := range modes {
		if !shown[string(m)] {
			c.fault(at("read", "read", "shows"), "nothing shows mode %s; a mode that cannot be read cannot be proven", m)
		}
	}
}

var modes = []drivers.Mode{drivers.Standard, drivers.Restricted, drivers.LocalData}

func (c *checker) modes(entries map[string]ModeEntry) {
	for _, m := range modes {
		entry, there := entries[string(m)]
		place := at("mode "+string(m), "modes", string(m))
		c.steps(place.in("", "enter"), entry.Enter)
		switch {
		case !there:
			c.fault(at("modes", "modes"), "mode %s is missing", m)
		case len(entry.Enter) == 0:
			c.fault(place, "enter is missing; say how it is entered from home")
		}
	}
	for name := range entries {
		if _, err := drivers.ParseMode(name); err != nil {
			c.fault(at("modes", "modes", name), "%v", err)
		}
	}
}

func (c *checker) services(list []Service) {
	seen := map[string]bool{}
	for i, s := range list {
		place := one("service", s.ID, "services", i)
		c.plain(place.in("", "id"), s.ID, seen)
		c.steps(place.in("go", "go"), s.Go)
		c.selector(place.in("switch", "switch"), &s.Switch)
		c.steps(place.in("stimulus", "stimulus"), s.Stimulus)
	}
}

func (c *checker) stimuli(list []Stimulus, services []Service) {
	seen := map[string]bool{Idle: true, Tour: true}
	for _, s := range services {
		seen[s.ID] = true
	}
	for i, s := range list {
		place := one("stimulus", s.Name, "stimuli", i)
		c.plain(place.in("", "name"), s.Name, seen)
		c.steps(place.in("", "do"), s.Do)
		if len(s.Do) == 0 {
			c.fault(place, "do is missing; say what is done")
		}
	}
}

// plain checks a name that windows and files carry.
func (c *checker) plain(place part, name string, seen map[string]bool) {
	if name != "" && !plainName.MatchString(name) {
		c.fault(place, "a name takes lower-case letters, digits, dots and hyphens")
	}
	c.name(place, name, seen)
}

func (c *checker) name(place part, name string, seen map[string]bool) {
	switch {
	case name == "":
		c.fault(place, "it has no name")
	case seen[name]:
		c.fault(place, "the name is taken: services and stimuli have names of their own, beside idle and tour")
	}
	seen[name] = true
}

func (c *checker) selector(place part, s *Selector) {
	if s.ID == "" && len(s.Text) == 0 && !s.Password {
		c.fault(place, "a selector needs an id or a text")
	}
	if slices.ContainsFunc(s.Text, func(t string) bool { return strings.TrimSpace(t) == "" }) {
		c.fault(place, "an empty text would match everything; take it out")
	}
}
