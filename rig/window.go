package rig

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"time"
)

// Modes as windows.json and the journal spell them.
const (
	ModeStandard   = "standard"
	ModeRestricted = "rnm"
	ModeLocalData  = "ldm"
)

// Defaults of windows.json.
const (
	DefaultGuard        = 30 * time.Second
	DefaultControlEvery = 10 * time.Second
)

// Window is a labelled interval of a recording, half-open.
type Window struct {
	Name         string
	Mode         string
	From, To     int64 // ns since the Unix epoch
	Guard        time.Duration
	ControlEvery time.Duration
	Stimulus     string
	Repeat       int               // counts the windows of one name; 0 where the file does not say
	Services     map[string]string // service id to "on" or "off"
}

// ParseWindows reads windows.json: contract section 7.
func ParseWindows(b []byte) ([]Window, error) {
	var f struct {
		Schema  int          `json:"schema"`
		Windows []windowFile `json:"windows"`
	}
	if err := json.Unmarshal(b, &f); err != nil {
		return nil, plainJSON(err)
	}
	if err := checkSchema(f.Schema); err != nil {
		return nil, err
	}
	list := make([]Window, 0, len(f.Windows))
	for i := range f.Windows {
		w, err := f.Windows[i].window()
		if err != nil {
			return nil, fmt.Errorf("window %d (%q): %w", i+1, f.Windows[i].Name, err)
		}
		list = append(list, w)
	}
	return list, nil
}

type windowFile struct {
	Name     string            `json:"name"`
	Mode     string            `json:"mode"`
	From     string            `json:"from"`
	To       string            `json:"to"`
	Guard    *float64          `json:"guard_s"`
	Every    *float64          `json:"control_every_s"`
	Stimulus string            `json:"stimulus"`
	Repeat   int               `json:"repeat"`
	Services map[string]string `json:"services"`
}

func (f *windowFile) window() (Window, error) {
	w := Window{Name: f.Name, Mode: f.Mode, Stimulus: f.Stimulus, Repeat: f.Repeat, Services: f.Services,
		Guard: DefaultGuard, ControlEvery: DefaultControlEvery}
	if w.Name == "" {
		return w, errors.New("it has no name")
	}
	if !KnownMode(w.Mode) {
		return w, fmt.Errorf("mode %q: say standard, rnm or ldm", w.Mode)
	}
	var err error
	if w.From, err = parseTime(f.From); err != nil {
		return w, fmt.Errorf("from: %w", err)
	}
	if w.To, err = parseTime(f.To); err != nil {
		return w, fmt.Errorf("to: %w", err)
	}
	if w.To <= w.From {
		return w, errors.New("it ends before it begins")
	}
	if w.Guard, err = seconds(f.Guard, DefaultGuard); err != nil {
		return w, fmt.Errorf("guard_s: %w", err)
	}
	if w.ControlEvery, err = seconds(f.Every, DefaultControlEvery); err != nil {
		return w, fmt.Errorf("control_every_s: %w", err)
	}
	if w.ControlEvery == 0 {
		return w, errors.New("control_every_s: 0 is no period")
	}
	for id, state := range w.Services {
		if state != "on" && state != "off" {
			return w, fmt.Errorf("service %q is %q: say on or off", id, state)
		}
	}
	return w, nil
}

// KnownMode reports whether a window may have the mode.
func KnownMode(mode string) bool {
	return mode == ModeStandard || mode == ModeRestricted || mode == ModeLocalData
}

// seconds converts a number of seconds; nil is the default.
func seconds(s *float64, def time.Duration) (time.Duration, error) {
	if s == nil {
		return def, nil
	}
	const most = 30 * 24 * time.Hour
	if !(*s >= 0 && *s <= most.Seconds()) {
		return 0, fmt.Errorf("%g is not between 0 and 30 days", *s)
	}
	return time.Duration(math.Round(*s * float64(time.Second))), nil
}

// parseTime reads RFC 3339 with nanoseconds.
func parseTime(s string) (int64, error) {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return 0, fmt.Errorf("%q is no RFC 3339 time", s)
	}
	if t.Year() < 1678 || t.Year() > 2261 { // what 64 bits of nanoseconds hold
		return 0, fmt.Errorf("year %d is out of range", t.Year())
	}
	return t.UnixNano(), nil
}
