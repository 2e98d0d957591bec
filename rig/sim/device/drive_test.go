package device

import (
	"slices"
	"testing"
	"time"

	"github.com/spanrig/spanrig/drivers"
	"github.com/spanrig/spanrig/drivers/controller"
	"github.com/spanrig/spanrig/rig/benchfile"
	"github.com/spanrig/spanrig/rig/sim/device/pilot"
)

// hands are the rig's own, with the shipped script.
func hands(t *testing.T, b drivers.Bridge, env map[string]string) *controller.Controller {
	t.Helper()
	script, err := benchfile.LoadScript("dji-pilot2")
	if err != nil {
		t.Fatal(err)
	}
	c, err := controller.New(controller.Config{Bridge: b, Script: script, Pace: 0.01, Patience: 5 * time.Second,
		Env: func(name string) (string, bool) { v, ok := env[name]; return v, ok }})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestModes goes into every mode and reads it back; a mode survives app and boot.
func TestModes(t *testing.T) {
	dir := t.TempDir()
	d, b := offline(t, dir, Knobs{})
	c := hands(t, b, nil)
	for _, m := range []drivers.Mode{drivers.LocalData, drivers.Restricted, drivers.Standard, drivers.LocalData} {
		if r, err := c.SetMode(t.Context(), m); err != nil || r.Mode != m || d.boot.app.Mode() != m {
			t.Fatalf("%s: %+v, %v; the app says %s", m, r, err, d.boot.app.Mode())
		}
	}
	must(t, b, "am", "force-stop", pilot.Name)
	if r, err := c.ReadMode(t.Context()); err != nil || r.Mode != drivers.LocalData {
		t.Errorf("after a restart of the app: %+v, %v", r, err)
	}
	_, again := offline(t, dir, Knobs{})
	if r, err := hands(t, again, nil).ReadMode(t.Context()); err != nil || r.Mode != drivers.LocalData {
		t.Errorf("after a boot: %+v, %v", r, err)
	}
}

// TestServices switches every service of the script, which are all of the app.
func TestServices(t *testing.T) {
	d, b := offline(t, t.TempDir(), Knobs{})
	c := hands(t, b, nil)
	want, have := pilot.Services(), c.Services()
	slices.Sort(want)
	slices.Sort(have)
	if !slices.Equal(want, have) {
		t.Errorf("the script has %v, the app %v", have, want)
	}
	for _, on := range []bool{true, false} {
		for _, id := range c.Services() {
			if err := c.SetService(t.Context(), id, on); err != nil {
				t.Fatal(err)
			}
		}
		d.store.get(func(k *kept) {
			for _, id := range c.Services() {
				if k.App.Services[id] != on {
					t.Errorf("%s is not %t", id, on)
				}
			}
		})
	}
}

// TestStimuli gives those that need no equipment.
func TestStimuli(t *testing.T) {
	d, b := offline(t, t.TempDir(), Knobs{})
	secret := map[string]string{"SPANRIG_ACCOUNT_NAME": "pilot@example.com", "SPANRIG_ACCOUNT_PASSWORD": "not %s secret"}
	c := hands(t, b, secret)
	for _, name := range []string{"app-relaunch", "tour", "login", "app-restart", "app-killed"} {
		if _, err := c.ReadMode(t.Context()); err != nil { // which leaves the app's home screen
			t.Fatal(err)
		}
		if err := c.Stimulate(t.Context(), name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if d.boot.app.PID() != 0 {
		t.Error("the app still runs")
	}
	d.store.get(func(k *kept) {
		if !k.App.Account {
			t.Error("nobody has logged in")
		}
	})
}

// TestPassword: the mode changes for who knows it alone.
func TestPassword(t *testing.T) {
	knobs := Knobs{App: pilot.Knobs{Password: "s e%cret"}}
	d, b := offline(t, t.TempDir(), knobs)
	if _, err := hands(t, b, map[string]string{"SPANRIG_APP_PASSWORD": "wrong"}).SetMode(t.Context(), drivers.LocalData); err == nil || d.boot.app.Mode() != drivers.Standard {
		t.Errorf("with a wrong password: %v, mode %s", err, d.boot.app.Mode())
	}
	if r, err := hands(t, b, map[string]string{"SPANRIG_APP_PASSWORD": "s e%cret"}).SetMode(t.Context(), drivers.LocalData); err != nil || r.Mode != drivers.LocalData {
		t.Errorf("with the password: %+v, %v", r, err)
	}
}

// TestUpdatePrompt gets in the way and is answered.
func TestUpdatePrompt(t *testing.T) {
	_, b := offline(t, t.TempDir(), Knobs{App: pilot.Knobs{Updates: true}})
	c := hands(t, b, nil)
	for range 3 {
		for _, m := range []drivers.Mode{drivers.LocalData, drivers.Standard} {
			if r, err := c.SetMode(t.Context(), m); err != nil || r.Mode != m {
				t.Fatalf("%s: %+v, %v", m, r, err)
			}
		}
	}
}

// TestUnreadable: no mode is marked until the mode is left.
func TestUnreadable(t *testing.T) {
	_, b := offline(t, t.TempDir(), Knobs{App: pilot.Knobs{Unreadable: &pilot.Trigger{On: pilot.Enter, In: drivers.LocalData}}})
	c := hands(t, b, nil)
	if r, err := c.SetMode(t.Context(), drivers.LocalData); err != nil || r.Mode != drivers.Unknown {
		t.Fatalf("%+v, %v", r, err)
	}
	if r, err := c.SetMode(t.Context(), drivers.Standard); err != nil || r.Mode != drivers.Standard {
		t.Fatalf("%+v, %v", r, err)
	}
}

// TestCrash: another process, the same screen.
func TestCrash(t *testing.T) {
	d, b := offline(t, t.TempDir(), Knobs{App: pilot.Knobs{Crash: &pilot.Trigger{On: pilot.Enter, In: drivers.LocalData, Quiet: 50 * time.Second}}})
	c := hands(t, b, nil)
	if _, err := c.SetMode(t.Context(), drivers.LocalData); err != nil {
		t.Fatal(err)
	}
	before, err := c.ReadApp(t.Context())
	if err != nil || !before.Foreground {
		t.Fatalf("%+v, %v", before, err)
	}
	for range 100 {
		if pid := d.boot.app.PID(); pid != before.PID && pid != 0 {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	after, err := c.ReadApp(t.Context())
	if err != nil || after.PID == before.PID || !after.Foreground || d.boot.app.Mode() != drivers.LocalData {
		t.Errorf("%+v, then %+v, %v", before, after, err)
	}
}
