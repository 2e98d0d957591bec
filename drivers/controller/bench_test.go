package controller

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/spanrig/spanrig/drivers"
)

// journal keeps notes.
type journal struct {
	mu    sync.Mutex
	kinds []string
	lines []map[string]any
}

func (j *journal) note(kind string, keys map[string]any) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.kinds, j.lines = append(j.kinds, kind), append(j.lines, maps.Clone(keys))
}

// of lists what the notes of a kind say under a key.
func (j *journal) of(kind, key string) (list []string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for i, keys := range j.lines {
		if v, there := keys[key]; there && j.kinds[i] == kind {
			list = append(list, fmt.Sprint(v))
		}
	}
	return list
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	var b strings.Builder
	for i, keys := range j.lines {
		fmt.Fprintf(&b, "%s %v\n", j.kinds[i], keys)
	}
	return b.String()
}

func text(words ...string) *Selector { return &Selector{Text: words} }

func yes() *bool { v := true; return &v }

// script drives the app of phone.
func script() *Script {
	toModes := []Step{{Tap: text("Data and Privacy")}, {Tap: text("Network Security Mode")}}
	enter := func(label string) ModeEntry {
		return ModeEntry{append(slices.Clone(toModes), Step{Tap: text(label)}, Step{Tap: text("Confirm"), Within: time.Second, Optional: true})}
	}
	shows := func(m drivers.Mode, label string) Shows {
		return Shows{string(m), Selector{Text: []string{label}, Checked: yes()}}
	}
	toSettings := append(slices.Clone(toModes), Step{Tap: text("Restricted Settings")})
	service := func(id string, stimulus ...Step) Service {
		return Service{ID: id, Go: append(slices.Clone(toSettings), Step{Scroll: text("Allow " + id)}), Switch: *text("allow " + id), Stimulus: stimulus}
	}
	return &Script{
		Schema: 1, Name: "test", Package: pilot,
		Home: []Step{{Key: "wakeup"}, {Launch: true}, {Wait: &Selector{Text: []string{"Data and Privacy"}, Clickable: yes()}, Within: 5 * time.Second}},
		Dialogs: []Dialog{
			{Name: "update", When: *text("New version available"), Do: []Step{{Tap: text("Later")}}},
			{Name: "password", When: *text("Enter password"), Do: []Step{
				{Type: &Typing{Into: Selector{ID: pilot + ":id/elsewhere", Password: true}, Env: "APP_PASSWORD"}}, {Tap: text("OK")}}},
		},
		Read: Reading{Go: append(slices.Clone(toModes), Step{Wait: text("Standard Mode")}), Shows: []Shows{
			shows(drivers.LocalData, "Local Data Mode"), shows(drivers.Restricted, "Restricted Network Mode"), shows(drivers.Standard, "Standard Mode")}},
		Modes:    map[string]ModeEntry{"standard": enter("Standard Mode"), "rnm": enter("Restricted Network Mode"), "ldm": enter("Local Data Mode")},
		Services: []Service{service("maps", Step{Scroll: text("Map")}, Step{Tap: text("Map")}, Step{Pause: 3 * time.Second}, Step{Key: "back"}), service("logs")},
		Stimuli: []Stimulus{
			{"app-restart", []Step{{Stop: true}, {Pause: time.Second}, {Launch: true}, {Wait: text("Data and Privacy")}}},
			{"reboot", []Step{{Reboot: true, Within: 10 * time.Second}, {Launch: true}}},
			{"wifi-attach", []Step{{WiFi: "off"}, {WiFi: "on"}}},
			{"unplug-plug", []Step{{Power: "usb"}, {Power: "usb", On: true}}},
			{"help", []Step{{Ask: "Please wave"}}},
		},
	}
}

// bench is a controller of a phone, quick and with nobody around.
func bench(t *testing.T, p *phone, change ...func(*Config)) (*Controller, *journal) {
	t.Helper()
	j := new(journal)
	c := Config{Bridge: p, Script: script(), Note: j.note, Patience: 200 * time.Millisecond, Pace: 0.005,
		Env: func(string) (string, bool) { return "", false }}
	for _, f := range change {
		f(&c)
	}
	if err := c.Script.Check(); err != nil {
		t.Fatal(err)
	}
	out, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return out, j
}

var errCut = fmt.Errorf("cable out: %w", drivers.ErrLost)

// broken reports whether an error is that of a broken controller.
func broken(err error) bool {
	var b *drivers.BrokenError
	return errors.As(err, &b)
}
