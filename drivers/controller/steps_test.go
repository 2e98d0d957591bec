package controller

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spanrig/spanrig/drivers"
)

// try does one step from the home screen.
func try(t *testing.T, c *Controller, s Step) error {
	t.Helper()
	h := c.hand("test")
	if err := h.home(t.Context()); err != nil {
		t.Fatal(err)
	}
	return h.step(t.Context(), &s)
}

func TestSteps(t *testing.T) {
	for name, test := range map[string]struct {
		do   []Step
		want string // of the error; empty: none
		page string // where the app is then
	}{
		"tap":             {[]Step{{Tap: text("data and  PRIVACY")}}, "", "Data and Privacy"},
		"tap nothing":     {[]Step{{Tap: text("Nowhere"), Within: time.Millisecond}}, `test: tap "Nowhere": it did not come on the screen within 1ms: the screen shows "Pilot"`, "Home"},
		"tap by id":       {[]Step{{Tap: text("Data and Privacy")}, {Tap: text("Network Security Mode")}, {Tap: text("Restricted Settings")}, {Tap: &Selector{ID: pilot + ":id/maps"}}}, "", "Restricted Settings"},
		"optional":        {[]Step{{Tap: text("Nowhere"), Within: time.Millisecond, Optional: true}}, "", "Home"},
		"optional wait":   {[]Step{{Wait: text("Nowhere"), Within: time.Millisecond, Optional: true}}, "", "Home"},
		"wait":            {[]Step{{Wait: text("Map", "Data and Privacy")}}, "", "Home"},
		"gone":            {[]Step{{Gone: text("Nowhere")}}, "", "Home"},
		"not gone":        {[]Step{{Gone: text("Data and Privacy"), Within: time.Millisecond}}, "still on the screen after 1ms", "Home"},
		"scroll down":     {[]Step{{Scroll: text("Map")}, {Tap: text("Map")}}, "", "Map"},
		"scroll up":       {[]Step{{Scroll: text("Map")}, {Scroll: text("Data and Privacy")}, {Tap: text("Data and Privacy")}}, "", "Data and Privacy"},
		"scroll nowhere":  {[]Step{{Scroll: text("Nowhere"), Within: time.Minute}}, "it is nowhere in the list", "Home"},
		"key":             {[]Step{{Tap: text("Data and Privacy")}, {Key: "back"}}, "", "Home"},
		"if":              {[]Step{{If: text("Data and Privacy"), Then: []Step{{Tap: text("Data and Privacy")}}}}, "", "Data and Privacy"},
		"if not":          {[]Step{{If: text("Nowhere"), Then: []Step{{Tap: text("Data and Privacy")}}}}, "", "Home"},
		"pause":           {[]Step{{Pause: time.Second}}, "", "Home"},
		"type":            {[]Step{{Scroll: text("Account")}, {Tap: text("Account")}, {Type: &Typing{Into: *text("Email"), Text: "a b%s"}}}, "", "Account"},
		"no such switch":  {[]Step{{Switch: text("Data and Privacy"), Within: time.Millisecond}}, "no switch beside it", "Home"},
		"stop and launch": {[]Step{{Tap: text("Data and Privacy")}, {Stop: true}, {Launch: true}}, "", "Home"},
		"nobody":          {[]Step{{Ask: "Please wave"}}, "there is nobody to ask", "Home"},
		"no power":        {[]Step{{Power: "usb"}}, "the bench has no power named usb (it has: none)", "Home"},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPhone()
			c, j := bench(t, p)
			var err error
			h := c.hand("test")
			if err := h.home(t.Context()); err != nil {
				t.Fatal(err)
			}
			for i := 0; i < len(test.do) && err == nil; i++ {
				err = h.step(t.Context(), &test.do[i])
			}
			if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) || p.title() != test.page {
				t.Errorf("%v; want %q; on %s\n%s", err, test.want, p.title(), j)
			}
			if test.want != "" && len(j.of("step", "error")) == 0 {
				t.Error("the journal does not tell of it")
			}
			if n := len(j.of("step", "ms")); n != len(j.of("step", "step")) {
				t.Errorf("only %d steps say how long they took", n)
			}
		})
	}
}

// TestSelector: an id wins over a text, and what it says is held against it.
func TestSelector(t *testing.T) {
	p := newPhone()
	c, _ := bench(t, p)
	p.front, p.pid, p.pages = true, 7, []string{"Restricted Settings"}
	screen, err := c.hand("test").look(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	no := func() *bool { v := false; return &v }
	for name, test := range map[string]struct {
		s    Selector
		want string
	}{
		"text":                {Selector{Text: []string{"allow MAPS"}}, "Allow maps"},
		"id":                  {Selector{ID: pilot + ":id/logs"}, "Allow logs"},
		"id first":            {Selector{ID: pilot + ":id/logs", Text: []string{"Allow maps"}}, "Allow logs"},
		"text where no id":    {Selector{ID: pilot + ":id/none", Text: []string{"Allow maps"}}, "Allow maps"},
		"checked":             {Selector{Text: []string{"Allow logs", "Allow maps"}, Checked: yes()}, "Allow maps"},
		"id is not unchecked": {Selector{ID: pilot + ":id/logs", Text: []string{"Allow maps"}, Checked: no()}, ""},
		"title":               {Selector{Text: []string{"Restricted Settings"}}, "Restricted Settings"},
		"title is no entry":   {Selector{Text: []string{"Restricted Settings"}, Clickable: yes()}, ""},
		"title has no switch": {Selector{Text: []string{"Restricted Settings"}, Checked: yes()}, ""},
		"part of a text":      {Selector{Text: []string{"Allow"}}, ""},
		"nothing":             {Selector{Text: []string{"Nowhere"}}, ""},
	} {
		got := ""
		if n := screen.find(&test.s); n != nil {
			got = n.Text
		}
		if got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}

func TestService(t *testing.T) {
	p := newPhone()
	c, j := bench(t, p)
	ctx := t.Context()
	if got := c.Services(); !slices.Equal(got, []string{"maps", "logs"}) {
		t.Fatal(got)
	}
	for _, s := range []struct {
		id string
		on bool
	}{{"maps", false}, {"logs", false}, {"logs", false}, {"maps", true}} {
		if err := c.SetService(ctx, s.id, s.on); err != nil || p.services[s.id] != s.on {
			t.Fatalf("%v: %v\n%s", s, err, j)
		}
	}
	if got := j.of("service", "state"); !slices.Equal(got, []string{"off", "off", "off", "on"}) {
		t.Errorf("%v", got)
	}
	if n := len(p.ran("monkey")); n != 1 {
		t.Errorf("the app was started %d times: the page was there", n)
	}
	if err := c.Home(ctx); err != nil || p.title() != "Home" {
		t.Errorf("%v, on %s", err, p.title())
	}
	if err := c.SetService(ctx, "radio", true); err == nil || !strings.Contains(err.Error(), "it has: maps, logs") {
		t.Errorf("%v", err)
	}
}

// TestServiceAway: the app is not where the last switch was.
func TestServiceAway(t *testing.T) {
	p := newPhone()
	c, _ := bench(t, p)
	if err := c.SetService(t.Context(), "maps", false); err != nil {
		t.Fatal(err)
	}
	p.pages = nil // somebody touched it
	if err := c.SetService(t.Context(), "logs", false); err != nil || p.services["logs"] {
		t.Errorf("%v", err)
	}
}

func TestSwitchThatLies(t *testing.T) {
	p := newPhone()
	p.lies = true
	c, j := bench(t, p)
	err := c.SetService(t.Context(), "maps", false)
	if err == nil || !strings.Contains(err.Error(), "does not show it off") {
		t.Errorf("%v", err)
	}
	if len(j.of("service", "state")) > 0 {
		t.Error("the journal says that it was switched")
	}
	if err := c.SetService(t.Context(), "logs", true); !broken(err) {
		t.Errorf("afterwards: %v", err)
	}
}

func TestDialogThatStays(t *testing.T) {
	p := newPhone()
	p.prompts = 1
	c, _ := bench(t, p, func(c *Config) { c.Script.Dialogs[0].Do = []Step{{Key: "wakeup"}} })
	if err := try(t, c, Step{Tap: text("Data and Privacy")}); err != nil {
		t.Fatal(err)
	}
	h := c.hand("test")
	if err := h.step(t.Context(), &Step{Tap: text("Network Security Mode"), Within: time.Minute}); err == nil || !strings.Contains(err.Error(), "keeps coming back") {
		t.Errorf("%v", err)
	}
}

func TestStimuli(t *testing.T) {
	power := new(supply)
	p := newPhone()
	c, j := bench(t, p, func(c *Config) {
		c.Powers = map[string]drivers.Power{"usb": power}
		c.Ask = func(_ context.Context, question string) (string, error) { return "waved", nil }
	})
	for _, name := range []string{Idle, Tour, "maps", "app-restart", "reboot", "wifi-attach", "unplug-plug", "help"} {
		if err := c.Stimulate(t.Context(), name); err != nil {
			t.Errorf("%s: %v\n%s", name, err, j)
		}
	}
	if p.reboots != 1 || !p.wifi || !slices.Equal(power.asked, []bool{false, true}) || p.starts != 3 {
		t.Errorf("%d reboots, Wi-Fi %v, power %v, %d starts", p.reboots, p.wifi, power.asked, p.starts)
	}
	if !slices.Contains(j.of("step", "what"), "stimulus tour: maps") || !slices.Contains(j.of("step", "answer"), "waved") {
		t.Errorf("journal:\n%s", j)
	}
	if slices.Contains(j.kinds, "stimulus") {
		t.Error("the controller wrote a line of kind stimulus")
	}
	if err := c.Stimulate(t.Context(), "dance"); err == nil || !strings.Contains(err.Error(), "it has: idle, tour, app-restart") {
		t.Errorf("%v", err)
	}
}

// TestEquipped: what a stimulus needs is looked up before anything is touched.
func TestEquipped(t *testing.T) {
	p := newPhone()
	c, _ := bench(t, p, func(c *Config) {
		c.Script.Stimuli = append(c.Script.Stimuli, Stimulus{"login", []Step{{If: text("x"), Then: []Step{{Type: &Typing{Into: *text("Email"), Env: "NAME"}}}}}})
	})
	err := c.Equipped(Idle, "reboot", "unplug-plug", "help", "login", "dance")
	for _, want := range []string{"stimulus unplug-plug: bench incomplete: the bench has no power named usb", "stimulus help: bench incomplete: it needs a person",
		"stimulus login: bench incomplete: the environment variable NAME is not set", `stimulus "dance" is not in script`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v lacks %q", err, want)
		}
	}
	if err := c.Stimulate(t.Context(), "unplug-plug"); err == nil || len(p.Calls()) > 0 {
		t.Errorf("%v after %d calls", err, len(p.Calls()))
	}
	if err := c.Equipped(Idle, Tour, "reboot"); err != nil {
		t.Errorf("%v", err)
	}
}

// TestStopped: an app that comes back by itself is told of, and no failure.
func TestStopped(t *testing.T) {
	p := newPhone()
	p.comesBack = true
	c, j := bench(t, p)
	if err := try(t, c, Step{Stop: true}); err != nil || len(j.of("step", "came_back")) != 1 {
		t.Errorf("%v\n%s", err, j)
	}
}

// TestReadingsBeside: readings do not wait for the screen.
func TestReadingsBeside(t *testing.T) {
	c, _ := bench(t, newPhone())
	if err := c.take(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if _, err := c.ReadApp(ctx); err != nil {
		t.Error(err)
	}
	if _, err := c.ReadRoutes(ctx); err != nil {
		t.Error(err)
	}
	short, stop := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer stop()
	if _, err := c.ReadMode(short); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
}

// TestPace: a pause is scaled, and patience is not.
func TestPace(t *testing.T) {
	c, _ := bench(t, newPhone(), func(c *Config) { c.Pace = 0.001 })
	began := time.Now()
	if err := try(t, c, Step{Pause: 10 * time.Second}); err != nil || time.Since(began) > 5*time.Second {
		t.Errorf("%v after %v", err, time.Since(began))
	}
	h := c.hand("test")
	if got := h.patience(&Step{Wait: text("x"), Within: time.Minute}); got != time.Minute {
		t.Errorf("patience %v", got)
	}
	if got := h.patience(&Step{Tap: text("x"), Within: time.Minute, Optional: true}); got != 60*time.Millisecond {
		t.Errorf("patience for what may be absent %v", got)
	}
}

// supply is a power that remembers what was asked.
type supply struct {
	asked []bool
	did   func(on bool) error
}

func (s *supply) Set(_ context.Context, on bool) error {
	s.asked = append(s.asked, on)
	if s.did != nil {
		return s.did(on)
	}
	return nil
}

func (s *supply) Measured(context.Context) (bool, string, error) {
	return false, "", errors.ErrUnsupported
}
