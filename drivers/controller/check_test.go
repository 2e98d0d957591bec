package controller

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spanrig/spanrig/fixtures"
	"github.com/spanrig/spanrig/rig/strict"
)

func TestCheck(t *testing.T) {
	for name, test := range map[string]struct {
		spoil func(*Script)
		want  string
	}{
		"schema":          {func(s *Script) { s.Schema = 2 }, "schema: 2 is not known"},
		"name":            {func(s *Script) { s.Name = "" }, "name: it is missing"},
		"package":         {func(s *Script) { s.Package = "pilot; rm" }, "package: "},
		"prop":            {func(s *Script) { s.FirmwareProp = "a b" }, "firmware_prop: "},
		"home":            {func(s *Script) { s.Home = s.Home[:1] }, "home: it must end with wait"},
		"no home":         {func(s *Script) { s.Home = nil }, "home: it must end with wait"},
		"nothing":         {func(s *Script) { s.Home[0] = Step{} }, "home, step 1: it does nothing"},
		"two":             {func(s *Script) { s.Home[0].Launch = true }, "home, step 1: it does several things (key, launch)"},
		"empty":           {func(s *Script) { s.Home[2].Wait = &Selector{Checked: yes()} }, "home, step 3: a selector needs an id or a text"},
		"empty text":      {func(s *Script) { s.Home[2].Wait = text("a", " ") }, "home, step 3: an empty text"},
		"key":             {func(s *Script) { s.Home[0].Key = "KEYCODE_BACK" }, `home, step 1: key "KEYCODE_BACK"`},
		"dialog":          {func(s *Script) { s.Dialogs[1].Name = "update" }, "dialog update: the name is taken"},
		"dialog when":     {func(s *Script) { s.Dialogs[0].When = Selector{} }, "dialog update, when: a selector"},
		"dialog do":       {func(s *Script) { s.Dialogs[0].Do = nil }, "dialog update: do is missing"},
		"dialog name":     {func(s *Script) { s.Dialogs[0].Name = "" }, "dialog 1: it has no name"},
		"shows":           {func(s *Script) { s.Read.Shows[0].Mode = "LDM" }, `read, shows 1: mode "LDM"`},
		"shows all":       {func(s *Script) { s.Read.Shows = s.Read.Shows[1:] }, "read: nothing shows mode ldm"},
		"mode":            {func(s *Script) { delete(s.Modes, "rnm") }, "modes: mode rnm is missing"},
		"mode enter":      {func(s *Script) { s.Modes["rnm"] = ModeEntry{} }, "mode rnm: enter is missing"},
		"modes":           {func(s *Script) { s.Modes["x"] = s.Modes["rnm"] }, `modes: mode "x"`},
		"step of mode":    {func(s *Script) { s.Modes["ldm"].Enter[2].Tap = &Selector{} }, "mode ldm, step 3: a selector"},
		"service twice":   {func(s *Script) { s.Services[1].ID = "maps" }, "service maps: the name is taken"},
		"service name":    {func(s *Script) { s.Services[1].ID = "My Maps" }, "service My Maps: a name takes"},
		"service switch":  {func(s *Script) { s.Services[0].Switch = Selector{} }, "service maps, switch: a selector"},
		"service go":      {func(s *Script) { s.Services[0].Go[0] = Step{} }, "service maps, go, step 1: it does nothing"},
		"stimulus name":   {func(s *Script) { s.Stimuli[0].Name = "maps" }, "stimulus maps: the name is taken"},
		"stimulus tour":   {func(s *Script) { s.Stimuli[0].Name = "tour" }, "stimulus tour: the name is taken"},
		"stimulus do":     {func(s *Script) { s.Stimuli[0].Do = nil }, "stimulus app-restart: do is missing"},
		"type both":       {func(s *Script) { s.Dialogs[1].Do[0].Type.Text = "x" }, "dialog password, step 1: type takes exactly one"},
		"type none":       {func(s *Script) { s.Dialogs[1].Do[0].Type.Env = "" }, "dialog password, step 1: type takes exactly one"},
		"env":             {func(s *Script) { s.Dialogs[1].Do[0].Type.Env = "A-B" }, "is no name of an environment variable"},
		"wifi":            {func(s *Script) { s.Stimuli[2].Do[0].WiFi = "true" }, `stimulus wifi-attach, step 1: wifi "true"`},
		"power":           {func(s *Script) { s.Stimuli[3].Do[0].Power = "US B" }, `step 1: power "US B"`},
		"then":            {func(s *Script) { s.Home[0] = Step{If: text("a")} }, "home, step 1: if needs then"},
		"inside then":     {func(s *Script) { s.Home[0] = Step{If: text("a"), Then: []Step{{}}} }, "home, step 1, then, step 1: it does nothing"},
		"then of nothing": {func(s *Script) { s.Home[0].Then = []Step{{Key: "home"}} }, "then says nothing about key"},
		"on":              {func(s *Script) { s.Home[1].On = true }, "home, step 2: on says nothing about launch"},
		"optional":        {func(s *Script) { s.Home[0].Optional = true }, "optional says nothing about key"},
		"within":          {func(s *Script) { s.Home[0].Within = time.Second }, "within says nothing about key"},
	} {
		s := script()
		test.spoil(s)
		if err := s.Check(); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
	}
	if err := script().Check(); err != nil {
		t.Errorf("the script of the tests: %v", err)
	}
}

// TestCheckAll: every fault is told, in one line.
func TestCheckAll(t *testing.T) {
	s := script()
	s.Name, s.Home = "", nil
	err := s.Check()
	var all interface{ Unwrap() []error }
	if !errors.As(err, &all) || len(all.Unwrap()) != 2 || strings.Contains(err.Error(), "\n") {
		t.Errorf("%v", err)
	}
}

// TestKeys: a key that Android has not is told from one that it has, with the
// one that may be meant.
func TestKeys(t *testing.T) {
	for key, want := range map[string]string{"back": "", "home": "", "f12": "", "numpad_7": "", "a": "", "button_16": "", "system_navigation_up": "",
		"bakc": "such as back", "KEYCODE_WAKEUP": "such as wakeup", "bac": "such as back", "app_switsch": "such as app_switch", "x y": "back, home", "f25": "f2",
		"66": "back, home", "-": "back, home"} {
		s := script()
		s.Stimuli[0].Do = []Step{{If: text("a"), Then: []Step{{Key: key}}}}
		err := s.Check()
		if want == "" {
			if err != nil {
				t.Errorf("%s: %v", key, err)
			}
			continue
		}
		var f *Fault
		if !errors.As(err, &f) || !strings.Contains(err.Error(), want) || !slices.Equal(f.Path, []any{"stimuli", 0, "do", 0, "then", 0, "key"}) {
			t.Errorf("%s: %v at %v, want %q", key, err, f, want)
		}
	}
}

func TestShippedScripts(t *testing.T) {
	names, err := fixtures.Modes.ReadDir("modes")
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	for _, n := range names {
		b, err := fixtures.Modes.ReadFile("modes/" + n.Name())
		if err != nil {
			t.Fatal(err)
		}
		s, findings := strict.Decode[Script](n.Name(), "mode script", b)
		if len(findings) > 0 {
			t.Fatal(findings)
		}
		if err := s.Check(); err != nil {
			t.Errorf("%s: %v", n.Name(), err)
		}
		if s.Verified == "" && s.Source == "" {
			t.Errorf("%s: labels that nobody checked need a source", n.Name())
		}
	}
}

func TestWords(t *testing.T) {
	for _, test := range []struct {
		s    Step
		want string
	}{
		{Step{Tap: &Selector{ID: "a:id/b", Text: []string{"Later", "Not Now"}}, Optional: true}, `tap "Later" or "Not Now" where it is there`},
		{Step{Tap: &Selector{ID: "a:id/b"}}, "tap a:id/b"},
		{Step{Switch: text("Maps"), On: true}, `switch "Maps" on`},
		{Step{Switch: text("Maps")}, `switch "Maps" off`},
		{Step{Type: &Typing{Into: *text("Password"), Env: "SECRET"}}, `type what $SECRET holds into "Password"`},
		{Step{Type: &Typing{Into: Selector{ID: "a:id/b", Password: true}, Env: "SECRET"}}, "type what $SECRET holds into the password field"},
		{Step{Type: &Typing{Into: *text("Name"), Text: "x"}}, `type "x" into "Name"`},
		{Step{Wait: &Selector{Text: []string{"LDM"}, Checked: yes()}}, `wait for "LDM" checked`},
		{Step{Gone: text("Wait")}, `wait until "Wait" is gone`},
		{Step{Scroll: text("Map")}, `scroll to "Map"`},
		{Step{If: text("OK"), Then: []Step{{Key: "back"}, {Launch: true}}}, `if there is "OK": press back, start the app`},
		{Step{Stop: true}, "force the app to stop"},
		{Step{Reboot: true}, "restart the device"},
		{Step{WiFi: "off"}, "switch Wi-Fi off"},
		{Step{Power: "usb", On: true}, "switch the power of usb on"},
		{Step{Pause: 3 * time.Second}, "wait 3s"},
		{Step{Ask: "Please wave"}, "Please wave"},
	} {
		if got := test.s.String(); got != test.want {
			t.Errorf("%q, want %q", got, test.want)
		}
	}
}

func TestActs(t *testing.T) {
	s := script()
	if acts, err := s.Acts(Idle, nil); err != nil || len(acts) != 0 {
		t.Errorf("idle: %v, %v", acts, err)
	}
	if acts, err := s.Acts(Tour, []string{"logs", "maps"}); err != nil || len(acts) != 1 || !acts[0].Home || acts[0].What != "stimulus tour: maps" {
		t.Errorf("tour: %v, %v", acts, err)
	}
	on := &Selector{Text: []string{"Account"}}
	for name, one := range map[string]struct {
		do   []Step
		home bool
	}{
		"screen first":   {[]Step{{Scroll: on}, {Tap: on}}, true},
		"screen later":   {[]Step{{WiFi: "off"}, {WiFi: "on"}, {Tap: on}, {Stop: true}}, true},
		"a key":          {[]Step{{Key: "back"}}, true},
		"starts the app": {[]Step{{Stop: true}, {Launch: true}, {Wait: on}}, false},
		"home key":       {[]Step{{Key: "home"}, {Tap: on}}, false},
		"no screen":      {[]Step{{Power: "usb"}, {Pause: 1}, {Power: "usb", On: true}}, false},
	} {
		s.Stimuli = []Stimulus{{Name: "one", Do: one.do}}
		if acts, err := s.Acts("one", nil); err != nil || len(acts) != 1 || acts[0].Home != one.home {
			t.Errorf("%s: %+v, %v, want home %t", name, acts, err, one.home)
		}
	}
	if _, err := s.Acts(Tour, []string{"logs"}); err == nil {
		t.Error("a tour to nowhere")
	}
	if _, err := s.Acts("logs", nil); err == nil {
		t.Error("a service without a stimulus has none")
	}
	if _, err := s.Known([]string{"maps", "radio"}); err == nil || !strings.Contains(err.Error(), `"radio"`) {
		t.Errorf("%v", err)
	}
	if ids, err := s.Known(nil); err != nil || !slices.Equal(ids, []string{"maps", "logs"}) {
		t.Errorf("%v, %v", ids, err)
	}
}
