package controller

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spanrig/spanrig/drivers"
)

func TestModes(t *testing.T) {
	p := newPhone()
	c, j := bench(t, p)
	ctx := t.Context()
	for _, m := range []drivers.Mode{drivers.LocalData, drivers.Standard, drivers.Restricted, drivers.Restricted} {
		r, err := c.SetMode(ctx, m)
		if err != nil || r.Mode != m || p.mode != m || r.Witness != drivers.ByScreen {
			t.Fatalf("SetMode(%s) = %+v, %v; the phone is in %s\n%s", m, r, err, p.mode, j)
		}
		if r, err = c.ReadMode(ctx); err != nil || r.Mode != m || !strings.Contains(r.Saw, "Mode\" checked") {
			t.Fatalf("ReadMode = %+v, %v", r, err)
		}
		if p.title() != "Network Security Mode" || !p.front {
			t.Errorf("the app was left on %s", p.title())
		}
	}
	if err := c.Home(ctx); err != nil || p.title() != "Home" || !p.front {
		t.Errorf("%v; the app was left on %s", err, p.title())
	}
	if slices.Contains(j.kinds, "mode") || len(j.of("step", "mode")) > 0 {
		t.Error("the controller wrote what is the session's to write")
	}
}

func TestSetModeFails(t *testing.T) {
	for name, test := range map[string]struct {
		spoil  func(*phone)
		want   string // in the error; empty: none
		mode   drivers.Mode
		broken bool
	}{
		"stuck":       {func(p *phone) { p.stuck = true }, "asked for mode ldm, but the screen shows standard", drivers.Standard, true},
		"crash once":  {func(p *phone) { p.crashes = 1 }, "", drivers.LocalData, false},
		"crash twice": {func(p *phone) { p.crashes = 2 }, "the app crashed or restarted (process 1002, then 0): asked for mode ldm", drivers.Standard, true},
		"unknown":     {func(p *phone) { p.blank = true }, "", drivers.Unknown, false},
		"no password": {func(p *phone) { p.password = "x" }, "APP_PASSWORD is not set", "", true},
		"prompts":     {func(p *phone) { p.prompts = 3 }, "", drivers.LocalData, false},
		"blurred":     {func(p *phone) { p.unreadable = 2 }, "", drivers.LocalData, false},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPhone()
			test.spoil(p)
			c, j := bench(t, p)
			r, err := c.SetMode(t.Context(), drivers.LocalData)
			if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) || r.Mode != test.mode {
				t.Fatalf("%+v, %v; want %q\n%s", r, err, test.want, j)
			}
			_, next := c.ReadMode(t.Context())
			if broken(next) != test.broken {
				t.Errorf("afterwards: %v", next)
			}
		})
	}
}

func TestReadModeUnknown(t *testing.T) {
	p := newPhone()
	p.blank = true
	c, _ := bench(t, p)
	r, err := c.ReadMode(t.Context())
	if err != nil || r.Mode != drivers.Unknown || !strings.Contains(r.Saw, `"Local Data Mode"`) {
		t.Errorf("nothing marked: %+v, %v", r, err)
	}
	c, _ = bench(t, newPhone(), func(c *Config) { c.Script.Read.Go = []Step{{Tap: text("Nowhere")}} })
	r, err = c.ReadMode(t.Context())
	if err != nil || r.Mode != drivers.Unknown || !strings.Contains(r.Saw, `tap "Nowhere": it did not come on the screen`) {
		t.Errorf("no way: %+v, %v", r, err)
	}
}

// TestPassword types a secret, which then is nowhere but in the app.
func TestPassword(t *testing.T) {
	p := newPhone()
	p.resets = true // so that the dialog has to be answered before anything else is done
	p.password = "s3cr3t & <more> %s"
	dir := t.TempDir()
	c, j := bench(t, p, func(c *Config) {
		c.Env = func(name string) (string, bool) { return p.password, name == "APP_PASSWORD" }
	})
	r, err := c.SetMode(t.Context(), drivers.LocalData)
	if err != nil || r.Mode != drivers.LocalData || p.mode != drivers.LocalData {
		t.Fatalf("%+v, %v\n%s", r, err, j)
	}
	if !slices.Contains(j.of("step", "dialog"), "password") {
		t.Error("no step tells of the dialog")
	}
	p.fields, p.focus = map[string]string{"email": p.password}, "email" // as an app may show it
	p.pages = []string{"Account"}
	names, err := c.Photograph(t.Context(), dir, "account")
	if err != nil || len(names) != 2 {
		t.Fatalf("%v, %v", names, err)
	}
	files, _ := filepath.Glob(dir + "/*.xml")
	for _, f := range files {
		if b, _ := os.ReadFile(f); strings.Contains(string(b), "s3cr3t") || strings.Contains(string(b), "more") {
			t.Errorf("%s holds the secret", f)
		}
		if info, _ := os.Stat(f); info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", f, info.Mode())
		}
	}
	if strings.Contains(j.String(), "s3cr3t") {
		t.Errorf("the journal holds the secret:\n%s", j)
	}
}

// TestSecretInErrors: an error that quotes a secret from the screen is veiled.
func TestSecretInErrors(t *testing.T) {
	p := newPhone()
	c, j := bench(t, p, func(c *Config) {
		c.Env = func(string) (string, bool) { return "hunter2hunter2", true }
		c.Script.Stimuli = append(c.Script.Stimuli, Stimulus{"login", []Step{
			{Launch: true}, {Scroll: text("Account")}, {Tap: text("Account")}, {Type: &Typing{Into: *text("Email"), Env: "NAME"}}, {Tap: text("Log In")}}})
	})
	err := c.Stimulate(t.Context(), "login")
	if err == nil || strings.Contains(err.Error(), "hunter2") || !strings.Contains(err.Error(), veil) || strings.Contains(j.String(), "hunter2") {
		t.Errorf("%v\n%s", err, j)
	}
	if p.fields["email"] != "hunter2hunter2" {
		t.Errorf("typed %q", p.fields["email"])
	}
}

func TestEvidence(t *testing.T) {
	dir := t.TempDir()
	c, _ := bench(t, newPhone())
	if _, err := c.ReadMode(t.Context()); err != nil {
		t.Fatal(err)
	}
	names, err := c.Photograph(t.Context(), dir, "mode-001")
	if err != nil || !slices.Equal(names, []string{"mode-001.png", "mode-001.xml"}) {
		t.Fatalf("%v, %v", names, err)
	}
	b, err := os.ReadFile(dir + "/mode-001.xml")
	if err != nil || !strings.Contains(string(b), "Local Data Mode") {
		t.Errorf("the hierarchy is not that of the mode: %v", err)
	}
}

// TestEvidenceOfFailure: a broken controller still shows the screen.
func TestEvidenceOfFailure(t *testing.T) {
	p := newPhone()
	p.stuck = true
	c, _ := bench(t, p)
	if _, err := c.SetMode(t.Context(), drivers.LocalData); err == nil {
		t.Fatal("it is stuck")
	}
	if names, err := c.Photograph(t.Context(), t.TempDir(), "failed"); err != nil || len(names) != 2 {
		t.Errorf("%v, %v", names, err)
	}
}

// TestLost: a lost device passes through, is not tried again, and breaks the controller.
func TestLost(t *testing.T) {
	p := newPhone()
	c, j := bench(t, p, func(c *Config) {
		note := c.Note
		c.Note = func(kind string, keys map[string]any) {
			if keys["step"] == `tap "Local Data Mode"` {
				p.Lose()
			}
			note(kind, keys)
		}
	})
	_, err := c.SetMode(t.Context(), drivers.LocalData)
	if !errors.Is(err, drivers.ErrLost) {
		t.Fatalf("%v\n%s", err, j)
	}
	if strings.Contains(j.String(), "try 1 of 2") {
		t.Error("it was tried again")
	}
	if _, err := c.ReadApp(t.Context()); !broken(err) || !errors.Is(err, drivers.ErrLost) {
		t.Errorf("afterwards: %v", err)
	}
	for _, err := range []error{first(c.ReadRoutes(t.Context())), c.SetService(t.Context(), "maps", true), c.Stimulate(t.Context(), "maps"),
		first(c.Prove(t.Context(), drivers.Challenge{})), first(c.Sockets(t.Context())), first(c.Inspect(t.Context())), c.Prepare(t.Context())} {
		if !broken(err) {
			t.Errorf("a broken controller worked: %v", err)
		}
	}
}

func first[T any](_ T, err error) error { return err }

func TestCancelled(t *testing.T) {
	c, _ := bench(t, newPhone())
	ctx, cancel := context.WithCancelCause(t.Context())
	why := errors.New("the user is tired")
	cancel(why)
	if _, err := c.SetMode(ctx, drivers.LocalData); !errors.Is(err, why) && !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if err := c.take(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := c.ReadMode(ctx); err == nil {
		t.Error("the screen was used by two")
	}
}
