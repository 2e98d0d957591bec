package controller

import (
	"errors"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/spanrig/spanrig/drivers"
)

func TestInspect(t *testing.T) {
	c, _ := bench(t, newPhone())
	i, err := c.Inspect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if i.Model != "RM510B" || i.Serial != "S123" || i.Firmware != "02.01.0507" || i.Package != pilot || i.Version != "1.2.3" || i.UID != "10085" ||
		!slices.Equal(i.MACs, []string{"60:60:1f:00:00:01"}) || !slices.Equal(i.Addrs, []netip.Addr{netip.MustParseAddr("10.0.0.23")}) {
		t.Errorf("%+v", i)
	}
	for key, want := range map[string]string{"model": "getprop ro.product.model", "serial": "getprop ro.boot.serialno", "macs": "ip link, wlan0", "uid": "dumpsys package"} {
		if i.Obtained[key] != want {
			t.Errorf("%s obtained by %q, want %q", key, i.Obtained[key], want)
		}
	}
	c, _ = bench(t, newPhone(), func(c *Config) { c.Script.FirmwareProp = "ro.product.model" })
	if i, err = c.Inspect(t.Context()); i.Firmware != "RM510B" || err != nil {
		t.Errorf("%+v, %v", i, err)
	}
	c, _ = bench(t, newPhone(), func(c *Config) { c.Captured = "eth0" })
	if _, err = c.Inspect(t.Context()); err == nil || !strings.Contains(err.Error(), "no interface eth0") {
		t.Errorf("%v", err)
	}
}

func TestReadAppAndRoutes(t *testing.T) {
	p := newPhone()
	c, _ := bench(t, p)
	r, err := c.ReadApp(t.Context())
	if err != nil || r.Running || r.PID != 0 || !r.Awake || r.Foreground {
		t.Errorf("stopped: %+v, %v", r, err)
	}
	if _, err := c.ReadMode(t.Context()); err != nil {
		t.Fatal(err)
	}
	if r, err = c.ReadApp(t.Context()); err != nil || r != (drivers.AppReading{PID: 1001, Running: true, Awake: true, Foreground: true, Witness: drivers.ByScreen}) {
		t.Errorf("running: %+v, %v", r, err)
	}
	routes, err := c.ReadRoutes(t.Context())
	if err != nil || routes.Captured != "wlan0" || len(routes.Interfaces) != 2 || routes.Interfaces[1] != (drivers.InterfaceRoutes{Name: "wlan0", Up: true, Default4: true}) {
		t.Errorf("%+v, %v", routes, err)
	}
}

// TestUnsupported: what the device keeps from its shell is no failure of the rig.
func TestUnsupported(t *testing.T) {
	c, _ := bench(t, newPhone())
	if _, err := c.Sockets(t.Context()); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("sockets: %v", err)
	}
	if _, _, err := c.Counters(t.Context()); err == nil {
		t.Error("counters of nothing")
	}
}

func TestSurvey(t *testing.T) {
	p := newPhone()
	p.front, p.pid, p.pages = true, 7, []string{"Restricted Settings"}
	c, _ := bench(t, p)
	dir := t.TempDir()
	lines, files, err := c.Survey(t.Context(), dir, "001")
	if err != nil || !slices.Equal(files, []string{"001.png", "001.xml"}) {
		t.Fatalf("%v, %v", files, err)
	}
	if want := `{id: "com.example.pilot:id/maps", text: ["Allow maps"]}`; !slices.Contains(lines, want) {
		t.Errorf("%q lacks %s", lines, want)
	}
	for _, f := range files {
		if info, err := os.Stat(dir + "/" + f); err != nil || info.Mode().Perm() != 0o600 || info.Size() == 0 {
			t.Errorf("%s: %v, %v", f, info, err)
		}
	}
	p.pages = []string{"Account"}
	if lines, _, err = c.Survey(t.Context(), dir, "002"); err != nil || !slices.Contains(lines, `{text: ["Email"], clickable: true}`) {
		t.Errorf("%q, %v", lines, err)
	}
}
