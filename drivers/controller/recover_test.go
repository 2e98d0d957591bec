package controller

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/spanrig/spanrig/drivers"
)

// breakIt makes the controller broken by a mode that does not change.
func breakIt(t *testing.T, c *Controller, p *phone) {
	t.Helper()
	p.stuck = true
	if _, err := c.SetMode(t.Context(), drivers.LocalData); err == nil {
		t.Fatal("it did not break")
	}
	p.stuck = false
}

type pulse struct{ err error }

func (p pulse) Alive(context.Context) error { return p.err }

// TestRecover heals the phone at one rung after the other: those before have
// failed, each was verified, and none beyond was climbed.
func TestRecover(t *testing.T) {
	rungs := []string{"reconnect", "app", "reboot", "usb", "device"}
	for healed, rung := range rungs {
		t.Run(rung, func(t *testing.T) {
			p := newPhone()
			usb, device := new(supply), new(supply)
			c, j := bench(t, p, func(c *Config) {
				c.Powers = map[string]drivers.Power{"usb": usb, "device": device}
				c.Pulse = pulse{errors.New("no answer on the serial port")}
			})
			breakIt(t, c, p)
			p.blank = true // no mode can be read
			heal := func() { p.blank = false }
			stops := 0
			switch rung {
			case "reconnect":
				heal()
			case "app":
				p.Programs["am"] = counted(p.Programs["am"], &stops, heal)
			case "reboot":
				p.afterReady = func(p *phone) {
					if p.reboots > 0 {
						heal()
					}
				}
			case "usb":
				usb.did = func(on bool) error { heal(); return nil }
			case "device":
				device.did = func(on bool) error { heal(); return nil }
			}
			if err := c.Recover(t.Context()); err != nil {
				t.Fatalf("%v\n%s", err, j)
			}
			if got := j.of("recover", "rung"); !slices.Equal(got, rungs[:healed+1]) {
				t.Errorf("rungs %v", got)
			}
			results := j.of("recover", "result")
			for i, r := range results {
				if want := i == healed; (r == "verified") != want {
					t.Errorf("rung %d: %s", i, r)
				}
			}
			if n := len(j.of("recover", "pulse")); n != healed {
				t.Errorf("the pulse was felt %d times", n)
			}
			if r, err := c.SetMode(t.Context(), drivers.LocalData); err != nil || r.Mode != drivers.LocalData {
				t.Errorf("afterwards: %+v, %v", r, err)
			}
		})
	}
}

func counted(program func(context.Context, []string) drivers.Output, n *int, do func()) func(context.Context, []string) drivers.Output {
	return func(ctx context.Context, argv []string) drivers.Output {
		*n++
		do()
		return program(ctx, argv)
	}
}

func TestRecoverFails(t *testing.T) {
	p := newPhone()
	c, j := bench(t, p)
	breakIt(t, c, p)
	p.readyErr = func(*phone) error { return errCut }
	err := c.Recover(t.Context())
	if !errors.Is(err, drivers.ErrLost) || !strings.Contains(err.Error(), "a person has to help") {
		t.Errorf("%v", err)
	}
	if got := j.of("recover", "result"); len(got) != 5 || !strings.HasPrefix(got[3], "skipped: the bench has no power usb") {
		t.Errorf("%v", got)
	}
	if _, err := c.ReadMode(t.Context()); !broken(err) {
		t.Errorf("afterwards: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := c.Recover(ctx); err == nil {
		t.Errorf("%v", err)
	}
}

func TestPrepareClose(t *testing.T) {
	p := newPhone()
	p.refuses = "screen_off_timeout"
	c, j := bench(t, p)
	before := map[string]string{}
	for k, v := range p.settings {
		before[k] = v
	}
	for range 2 { // again is nothing new
		if err := c.Prepare(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if p.settings["global/stay_on_while_plugged_in"] != "7" || p.settings["global/private_dns_mode"] != "off" {
		t.Errorf("%v", p.settings)
	}
	if got := j.of("changed", "from"); len(got) < 3 || got[0] != "0" || got[2] != "not set" {
		t.Errorf("changed %v", got)
	}
	if got := j.of("changed", "error"); len(got) == 0 || !strings.Contains(got[0], "it did not take") {
		t.Errorf("errors %v", got)
	}
	breakIt(t, c, p) // Close works all the same
	if err := c.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	for k, v := range before {
		if p.settings[k] != v {
			t.Errorf("%s was not put back: %s", k, p.settings[k])
		}
	}
	if _, there := p.settings["global/private_dns_mode"]; there || len(p.settings) != len(before) {
		t.Errorf("left: %v", p.settings)
	}
	if got := j.of("restored", "what"); !slices.Equal(got, []string{"Private DNS", "screen timeout", "stay awake while plugged in"}) {
		t.Errorf("restored %v", got)
	}
}

func TestCloseOfLost(t *testing.T) {
	p := newPhone()
	c, _ := bench(t, p)
	if err := c.Prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.Lose()
	err := c.Close(t.Context())
	if !errors.Is(err, drivers.ErrLost) || !strings.Contains(err.Error(), "Private DNS was not set before and may still be off") {
		t.Errorf("%v", err)
	}
}

func TestNotInstalled(t *testing.T) {
	for pkg, want := range map[string]string{
		"com.example.other": "candidates: com.example.fly, com.example.pilot",
		"org.nobody.app":    "candidates: com.example.fly, com.example.pilot",
	} {
		c, _ := bench(t, newPhone(), func(c *Config) { c.Package = pkg })
		for _, err := range []error{c.Prepare(t.Context()), first(c.Inspect(t.Context()))} {
			if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "not installed") {
				t.Errorf("%v, want %q", err, want)
			}
		}
	}
}
