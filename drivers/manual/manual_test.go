package manual

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/spanrig/spanrig/drivers"
	"github.com/spanrig/spanrig/drivers/controller"
)

func text(words ...string) *controller.Selector { return &controller.Selector{Text: words} }

func yes() *bool { v := true; return &v }

func script() *controller.Script {
	enter := func(label string) controller.ModeEntry {
		return controller.ModeEntry{Enter: []controller.Step{{Tap: text("Data and Privacy")}, {Tap: text(label)}}}
	}
	shows := func(mode, label string) controller.Shows {
		return controller.Shows{Mode: mode, When: controller.Selector{Text: []string{label}, Checked: yes()}}
	}
	return &controller.Script{
		Schema: 1, Name: "test", Package: "com.example.pilot",
		Home:    []controller.Step{{Launch: true}, {Wait: text("Data and Privacy")}},
		Dialogs: []controller.Dialog{{Name: "password", When: *text("Enter password"), Do: []controller.Step{{Type: &controller.Typing{Into: *text("Password"), Env: "APP_PASSWORD"}}}}},
		Read: controller.Reading{Go: []controller.Step{{Tap: text("Data and Privacy")}},
			Shows: []controller.Shows{shows("ldm", "Local Data Mode"), shows("rnm", "Restricted Network Mode"), shows("standard", "Standard Mode")}},
		Modes: map[string]controller.ModeEntry{"standard": enter("Standard Mode"), "rnm": enter("Restricted Network Mode"), "ldm": enter("Local Data Mode")},
		Services: []controller.Service{{ID: "maps", Go: []controller.Step{{Tap: text("Settings")}}, Switch: *text("Maps"),
			Stimulus: []controller.Step{{Tap: text("Map")}, {Pause: time.Second}, {Key: "back"}}}},
		Stimuli: []controller.Stimulus{
			{Name: "app-restart", Do: []controller.Step{{Stop: true}, {Launch: true}}},
			{Name: "unplug-plug", Do: []controller.Step{{Power: "usb"}, {Power: "usb", On: true}}},
			{Name: "link", Do: []controller.Step{{Power: "aircraft", On: true}, {Ask: "Wave"}}},
		},
	}
}

// journal keeps notes as text.
type journal struct {
	mu    sync.Mutex
	lines []string
}

func (j *journal) note(kind string, keys map[string]any) {
	j.mu.Lock()
	defer j.mu.Unlock()
	keys = maps.Clone(keys)
	if _, there := keys["ms"]; there {
		keys["ms"] = "N"
	}
	j.lines = append(j.lines, kind+" "+strings.TrimPrefix(fmt.Sprint(keys), "map"))
}

func (j *journal) has(t *testing.T, want string) {
	t.Helper()
	j.mu.Lock()
	defer j.mu.Unlock()
	if !slices.ContainsFunc(j.lines, func(l string) bool { return strings.Contains(l, want) }) {
		t.Errorf("the journal lacks %q:\n%s", want, strings.Join(j.lines, "\n"))
	}
}

// sitting is a controller with an operator who gives answers, a line each.
func sitting(t *testing.T, answers string, change ...func(*Config)) (*Controller, *bytes.Buffer, *journal) {
	t.Helper()
	out, j := new(bytes.Buffer), new(journal)
	c := Config{Script: script(), In: strings.NewReader(answers), Out: out, Note: j.note, Pace: 0.001}
	for _, f := range change {
		f(&c)
	}
	if err := c.Script.Check(); err != nil {
		t.Fatal(err)
	}
	m, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return m, out, j
}

func TestSetMode(t *testing.T) {
	// ldm: done, at the screen, none of these; again: done, at the screen, 3
	c, out, j := sitting(t, "\n\n7\nldm\n4\n\n\n3\n")
	r, err := c.SetMode(t.Context(), drivers.LocalData)
	if err != nil || r.Mode != drivers.LocalData || r.Witness != drivers.ByOperator || r.Saw != `the operator saw ldm: "Local Data Mode" checked` {
		t.Fatalf("%+v, %v\n%s", r, err, out)
	}
	for _, want := range []string{"Please do (enter ldm):", `1. go to the app's home screen, which shows "Data and Privacy"`, `3. tap "Local Data Mode"`,
		`3) ldm: "Local Data Mode" checked`, "4) none of these, or cannot tell", `"7" is none of them`, `"ldm" is none of them`} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("not said: %s\n%s", want, out)
		}
	}
	j.has(t, `step [ms:N step:tap "Local Data Mode" what:enter ldm witness:operator]`)
}

// TestSetModeAgain: a mode that was read last is looked at before anything is asked for.
func TestSetModeAgain(t *testing.T) {
	c, out, _ := sitting(t, "\n3\n\n3\n")
	if _, err := c.ReadMode(t.Context()); err != nil {
		t.Fatal(err)
	}
	if r, err := c.SetMode(t.Context(), drivers.LocalData); err != nil || r.Mode != drivers.LocalData || strings.Contains(out.String(), "enter ldm") {
		t.Errorf("%+v, %v\n%s", r, err, out)
	}
}

func TestSetModeFails(t *testing.T) {
	for name, test := range map[string]struct {
		answers, want string
		mode          drivers.Mode
		broken        bool
	}{
		"another mode":  {"\n\n1\n\n\n1\n", "asked for mode ldm, but the operator read standard after 2 tries", drivers.Standard, true},
		"cannot tell":   {"\n\n4\n\n\n4\n", "", drivers.Unknown, false},
		"cannot do":     {"no such button\nno such button\n", "enter ldm: the operator could not do it: no such button", drivers.Unknown, true},
		"second try":    {"it is stuck\n\n\n3\n", "", drivers.LocalData, false},
		"answers ended": {"\n", "device lost: the answers ended before the question", drivers.Unknown, true},
	} {
		c, _, _ := sitting(t, test.answers)
		r, err := c.SetMode(t.Context(), drivers.LocalData)
		if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) || r.Mode != test.mode {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
		var b *drivers.BrokenError
		if _, err := c.ReadApp(t.Context()); errors.As(err, &b) != test.broken {
			t.Errorf("%s: afterwards %v", name, err)
		}
	}
}

func TestLost(t *testing.T) {
	c, _, _ := sitting(t, "")
	if _, err := c.ReadMode(t.Context()); !errors.Is(err, drivers.ErrLost) {
		t.Errorf("no answers: %v", err)
	}
	c, _, _ = sitting(t, "", func(c *Config) { c.In = failing{} })
	if _, err := c.ReadMode(t.Context()); !errors.Is(err, drivers.ErrLost) || !strings.Contains(err.Error(), "tty gone") {
		t.Errorf("%v", err)
	}
	c, _, _ = sitting(t, strings.Repeat("x", 1<<20)+"\n")
	if _, err := c.ReadMode(t.Context()); !errors.Is(err, drivers.ErrLost) {
		t.Errorf("an endless answer: %v", err)
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errors.New("tty gone") }

// asked tells of each prompt.
type asked chan struct{}

func (a asked) Write(p []byte) (int, error) {
	if bytes.HasSuffix(p, []byte(": ")) {
		a <- struct{}{}
	}
	return len(p), nil
}

// TestTimeout: what was answered to a question that had been given up is no
// answer to the next.
func TestTimeout(t *testing.T) {
	r, w := io.Pipe()
	prompts := make(asked, 9)
	c, _, _ := sitting(t, "", func(c *Config) { c.In, c.Out = r, prompts })
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := c.ReadApp(ctx); !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "no answer to the question") {
		t.Fatalf("%v", err)
	}
	<-prompts
	fmt.Fprintln(w, "5")              // too late
	time.Sleep(50 * time.Millisecond) // until it stands in the queue
	go func() { <-prompts; fmt.Fprintln(w, "1") }()
	if a, err := c.ReadApp(t.Context()); err != nil || !a.Running {
		t.Errorf("%+v, %v", a, err)
	}
	if err := c.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := c.ReadApp(t.Context()); err == nil {
		t.Error("a closed controller asks")
	}
}

func TestReadApp(t *testing.T) {
	c, _, _ := sitting(t, "1\n2\n3\n4\n5\n2\n")
	for i, want := range []drivers.AppReading{
		{Running: true, Awake: true, Foreground: true},
		{Running: true, Awake: true, Foreground: true}, // nobody had been asked whether it restarted
		{Running: true, Awake: true},
		{Running: true},
		{Awake: true},
		{Running: true, Awake: true, Foreground: true}, // it did not run before
	} {
		if i == 1 {
			c.restarts = true
		}
		want.Witness = drivers.ByOperator
		if r, err := c.ReadApp(t.Context()); err != nil || r != want {
			t.Errorf("answer %d: %+v, %v", i, r, err)
		}
	}
	c, _, _ = sitting(t, "1\n2\n\n2\n")
	if r, err := c.ReadApp(t.Context()); err != nil || !r.Running {
		t.Errorf("%+v, %v", r, err)
	}
	if r, err := c.ReadApp(t.Context()); err != nil || r.Running {
		t.Errorf("it restarted by itself: %+v, %v", r, err)
	}
	if err := c.Stimulate(t.Context(), "app-restart"); err != nil {
		t.Fatal(err)
	}
	if r, err := c.ReadApp(t.Context()); err != nil || !r.Running {
		t.Errorf("it was restarted: %+v, %v", r, err)
	}
}

func TestReadRoutes(t *testing.T) {
	c, _, _ := sitting(t, "1\n2\n5\n")
	r, err := c.ReadRoutes(t.Context())
	if err != nil || r.Captured != "wlan0" || len(r.Interfaces) != 1 || r.Witness != drivers.ByOperator {
		t.Errorf("%+v, %v", r, err)
	}
	if r, err = c.ReadRoutes(t.Context()); err != nil || len(r.Interfaces) != 2 || r.Interfaces[1] != (drivers.InterfaceRoutes{Name: "cellular", Up: true, Default4: true, Default6: true}) {
		t.Errorf("%+v, %v", r, err)
	}
	if r, err = c.ReadRoutes(t.Context()); err != nil || r.Captured != "" {
		t.Errorf("nobody can tell: %+v, %v", r, err)
	}
}

func TestService(t *testing.T) {
	c, out, j := sitting(t, "\n1\n\n2\n")
	if err := c.SetService(t.Context(), "maps", false); err != nil || !strings.Contains(out.String(), `switch "Maps" off`) {
		t.Fatalf("%v\n%s", err, out)
	}
	j.has(t, "service [service:maps state:off]")
	c, _, j = sitting(t, "\n3\n\n3\n")
	if err := c.SetService(t.Context(), "maps", true); err == nil || !strings.Contains(err.Error(), "the operator read unknown") {
		t.Errorf("%v", err)
	}
	var b *drivers.BrokenError
	if err := c.SetService(t.Context(), "maps", true); !errors.As(err, &b) {
		t.Errorf("afterwards: %v", err)
	}
	if len(j.lines) == 0 || strings.Contains(strings.Join(j.lines, " "), "state:on]") {
		t.Errorf("%v", j.lines)
	}
}

// supply is a power that remembers what was asked.
type supply struct{ asked []bool }

func (s *supply) Set(_ context.Context, on bool) error { s.asked = append(s.asked, on); return nil }
func (s *supply) Measured(context.Context) (bool, string, error) {
	return false, "", errors.ErrUnsupported
}

func TestStimulate(t *testing.T) {
	usb := new(supply)
	c, out, j := sitting(t, "\n\n\n", func(c *Config) { c.Powers = map[string]drivers.Power{"usb": usb} })
	for _, name := range []string{"idle", "tour", "unplug-plug", "link"} {
		if err := c.Stimulate(t.Context(), name); err != nil {
			t.Fatalf("%s: %v\n%s", name, err, out)
		}
	}
	if !slices.Equal(usb.asked, []bool{false, true}) {
		t.Errorf("power %v", usb.asked)
	}
	for _, want := range []string{"step [ms:N step:wait 1s what:stimulus tour: maps]", `step [ms:N step:tap "Map" what:stimulus tour: maps witness:operator]`,
		"step [ms:N step:switch the power of usb on what:stimulus unplug-plug]", "step:switch the power of aircraft on what:stimulus link witness:operator", "step:Wave"} {
		j.has(t, want)
	}
	if err := c.Stimulate(t.Context(), "dance"); err == nil {
		t.Error("it dances")
	}
}

func TestInspect(t *testing.T) {
	c, out, _ := sitting(t, "\nS1\n\n10.1\n\n\nnonsense\n60-60-1F-00-00-01\n300.0.0.1\n10.0.0.23\n", func(c *Config) { c.Known.Model = "RM510B" })
	i, err := c.Inspect(t.Context())
	if err != nil {
		t.Fatal(err, out)
	}
	if i.Model != "RM510B" || i.Serial != "S1" || i.Firmware != "" || i.Version != "10.1" || i.Package != "com.example.pilot" ||
		!slices.Equal(i.MACs, []string{"60:60:1f:00:00:01"}) || len(i.Addrs) != 1 || i.Addrs[0].String() != "10.0.0.23" {
		t.Errorf("%+v", i)
	}
	if i.Obtained["model"] != "bench file, confirmed by the operator" || i.Obtained["serial"] != "operator" || i.Obtained["firmware"] != "" {
		t.Errorf("%v", i.Obtained)
	}
	for _, want := range []string{"Model of the device, as its settings show it [RM510B]:", `"nonsense" is no MAC address`, `"300.0.0.1" is no IP address`} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("not said: %s\n%s", want, out)
		}
	}
}

func TestPhoto(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(dir+"/rec", 0o700); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{"IMG_1.JPG": "a picture", "empty.png": "", "notes.txt": "x"} {
		if err := os.WriteFile(dir+"/"+name, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	c, out, _ := sitting(t, strings.Join([]string{dir + "/none.jpg", dir + "/notes.txt", dir + "/empty.png", dir, dir + "/IMG_1.JPG", ""}, "\n")+"\n")
	names, err := c.Photograph(t.Context(), dir+"/rec", "mode-001")
	if err != nil || !slices.Equal(names, []string{"mode-001.jpg"}) {
		t.Fatalf("%v, %v\n%s", names, err, out)
	}
	b, err := os.ReadFile(dir + "/rec/mode-001.jpg")
	info, _ := os.Stat(dir + "/rec/mode-001.jpg")
	if err != nil || string(b) != "a picture" || info.Mode().Perm() != 0o600 {
		t.Errorf("%q, %v, %v", b, err, info)
	}
	if n := strings.Count(out.String(), "that photo cannot be taken"); n != 4 {
		t.Errorf("%d refusals:\n%s", n, out)
	}
	if names, err = c.Photograph(t.Context(), dir+"/rec", "mode-002"); err != nil || len(names) != 0 {
		t.Errorf("none is an answer: %v, %v", names, err)
	}
}

func TestPrepareClose(t *testing.T) {
	c, out, j := sitting(t, "2 min\n\n\n")
	if err := c.Prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), `Should the app ask ("Enter password"): type what $APP_PASSWORD holds into "Password"`) {
		t.Errorf("%s", out)
	}
	j.has(t, "changed [from:2 min to:the longest there is, so that the screen stays on what:screen timeout witness:operator]")
	if err := c.Close(t.Context()); err != nil || !strings.Contains(out.String(), "1. set screen timeout back to 2 min") {
		t.Errorf("%v\n%s", err, out)
	}
	j.has(t, "restored [what:set screen timeout back to 2 min witness:operator]")
	c, _, _ = sitting(t, "2 min\nautomatic\n")
	if err := c.Prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := c.Close(t.Context()); !errors.Is(err, drivers.ErrLost) || !strings.Contains(err.Error(), "set Private DNS back to automatic") {
		t.Errorf("%v", err)
	}
}

func TestRecover(t *testing.T) {
	// look again: cannot tell; app: done, there, standard
	c, _, j := sitting(t, "\n\n1\n\n\n1\n\n4\n\n\n1\n")
	if _, err := c.SetMode(t.Context(), drivers.LocalData); err == nil {
		t.Fatal("it is not broken")
	}
	if err := c.Recover(t.Context()); err != nil {
		t.Fatal(err)
	}
	j.has(t, "recover [ms:N result:failed: the mode cannot be read rung:look again witness:operator]")
	j.has(t, "recover [ms:N result:verified rung:app witness:operator]")
	if err := c.standing.Refusal(); err != nil {
		t.Errorf("afterwards: %v", err)
	}
	c, _, _ = sitting(t, "")
	if err := c.Recover(t.Context()); !errors.Is(err, drivers.ErrLost) {
		t.Errorf("%v", err)
	}
}

// FuzzAnswers gives any answers to a run: it ends, and never with a mode that
// is none.
func FuzzAnswers(f *testing.F) {
	f.Add("\n\n3\n1\n1\n")
	f.Add("\n\n4\n\n\n1\n\x00\n9999999999999999999\n-1\n")
	f.Fuzz(func(t *testing.T, answers string) {
		c, _, _ := sitting(t, answers, func(c *Config) { c.Out = io.Discard })
		ctx := t.Context()
		r, err := c.SetMode(ctx, drivers.LocalData)
		if err == nil && r.Mode != drivers.LocalData && r.Mode != drivers.Unknown {
			t.Errorf("%+v without an error", r)
		}
		if i, err := c.Inspect(ctx); err != nil && i.Obtained != nil {
			t.Errorf("value and error: %+v, %v", i, err)
		}
		_, _ = c.ReadApp(ctx)
		_, _ = c.ReadRoutes(ctx)
		_ = c.SetService(ctx, "maps", true)
		_ = c.Recover(ctx)
		_ = c.Close(ctx)
	})
}
