//go:build live

package device

import (
	"context"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spanrig/spanrig/captures/fact"
	"github.com/spanrig/spanrig/captures/span"
	"github.com/spanrig/spanrig/drivers"
	"github.com/spanrig/spanrig/drivers/adb"
	"github.com/spanrig/spanrig/drivers/adb/android"
	"github.com/spanrig/spanrig/drivers/controller"
	"github.com/spanrig/spanrig/rig"
	"github.com/spanrig/spanrig/rig/policy"
	"github.com/spanrig/spanrig/rig/replay"
	"github.com/spanrig/spanrig/rig/sim/wiring"
	"github.com/spanrig/spanrig/rig/sim/world"
)

// reach opens the device through a real adb server of the test's own.
func (s *simulated) reach(t *testing.T) (*adb.Device, *controller.Controller) {
	t.Helper()
	if _, err := exec.LookPath("adb"); err != nil {
		t.Skip("there is no adb server (Debian package adb)")
	}
	server := &adb.Server{Addr: freePort(t)}
	d, err := adb.New(adb.Config{Server: server, Serial: s.adb, Booted: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Kill(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return d, hands(t, d, nil)
}

// sight is what the SPAN port showed, and what the rules say to it where its
// fitness is taken on trust.
type sight struct {
	*fact.Set
	report *policy.Report
}

// watch records while something is done.
func (s *simulated) watch(t *testing.T, mode string, allow []string, do func()) sight {
	t.Helper()
	dir := t.TempDir()
	r, err := span.Start(t.Context(), span.Config{Interfaces: []string{s.SPAN()}, Dir: dir, MinFree: -1, Blocks: 16})
	if err != nil {
		t.Fatal(err)
	}
	do()
	time.Sleep(100 * time.Millisecond)
	if _, err := r.Stop(); err != nil {
		t.Fatal(err)
	}
	rec, err := rig.Open(filepath.Join(dir, "capture.pcapng"))
	if err != nil {
		t.Fatal(err)
	}
	p, err := policy.Load("dji-pilot2")
	if err != nil {
		t.Fatal(err)
	}
	o := replay.Options{Policy: p, Judge: policy.Options{Mode: mode, Allow: allow, Devices: []string{wiring.DeviceMAC}, Trust: "a test of the simulator"}}
	seen := sight{}
	if seen.Set, err = replay.Facts(t.Context(), rec, o); err != nil {
		t.Fatal(err)
	}
	if seen.report, err = replay.Judge(t.Context(), rec, o); err != nil {
		t.Fatal(err)
	}
	return seen
}

// passes checks the verdicts on some claims.
func (s sight) passes(t *testing.T, claims ...string) {
	t.Helper()
	for _, claim := range claims {
		i := slices.IndexFunc(s.report.Verdicts, func(v policy.Verdict) bool { return v.Claim == claim })
		if i < 0 {
			t.Errorf("%s was not judged", claim)
		} else if v := s.report.Verdicts[i]; v.Result != policy.Pass {
			t.Errorf("%s: %s: %s", claim, v.Result, v.Because)
		}
	}
}

// talks reports whether there is a flow to a name over a protocol with payload
// both ways.
func (s sight) talks(name, protocol string, v6 bool) bool {
	return slices.ContainsFunc(s.Facts, func(f fact.Fact) bool {
		return string(f.App.Protocol) == protocol && f.Resp.Addr.Is6() == v6 && f.Payload[0] > 0 && f.Payload[1] > 0 &&
			slices.ContainsFunc(f.Names, func(n fact.Name) bool { return n.Name == name })
	})
}

// asks counts the questions for a name.
func (s sight) asks(name string) (n int) {
	for _, q := range s.Questions {
		if strings.HasSuffix(q.Name, name) {
			n++
		}
	}
	return n
}

// TestLiveTraffic lets the device live through its modes and a reboot, and holds
// what the SPAN port shows against the shipped policy.
func TestLiveTraffic(t *testing.T) {
	s := simulate(t, "devtraffic", Knobs{})
	d, c := s.reach(t)
	ctx := t.Context()
	do := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	mode := func(m drivers.Mode) {
		t.Helper()
		r, err := c.SetMode(ctx, m)
		if err != nil || r.Mode != m {
			t.Fatalf("mode %s: %+v, %v", m, r, err)
		}
	}
	seen := s.watch(t, "standard", nil, func() {
		do(c.Stimulate(ctx, "fresh-start"))
		do(c.Stimulate(ctx, "tour"))
		time.Sleep(3 * time.Second)
		s.attributed(t, d)
	})
	seen.passes(t, "TLS-1", "TLS-2")
	for _, w := range []struct {
		name, protocol string
		v6             bool
	}{
		{world.Broker, "tls", false}, {"statistical-report.djiservice.org", "tls", true}, {"apigateway.djiservice.org", "quic", false},
		{"api.mapbox.com", "tls", false}, {"connectivitycheck.gstatic.com", "http", false}, {"time.android.com", "ntp", false},
		{"xtrapath1.izatcloud.net", "tls", false}, {"www.google.com", "tls", false},
	} {
		if !seen.talks(w.name, w.protocol, w.v6) {
			t.Errorf("standard: nothing was said to %s over %s (IPv6 %t)", w.name, w.protocol, w.v6)
		}
	}
	if len(seen.Leases) == 0 || len(seen.Routers) == 0 {
		t.Errorf("standard: %d leases, %d routers after a fresh start", len(seen.Leases), len(seen.Routers))
	}

	mode(drivers.LocalData)
	seen = s.watch(t, "ldm", nil, func() { do(c.Stimulate(ctx, "tour")); time.Sleep(4 * time.Second) })
	seen.passes(t, "LDM-1", "LDM-2", "LDM-3", "LDM-4", "TLS-1", "TLS-2")
	if !seen.talks("time.android.com", "ntp", false) {
		t.Error("local data mode: the system is silent too, so nothing is proven")
	}

	mode(drivers.Restricted)
	seen = s.watch(t, "rnm", nil, func() { do(c.Stimulate(ctx, "tour")); time.Sleep(3 * time.Second) })
	seen.passes(t, "RNM-1", "TLS-1")
	do(c.SetService(ctx, "maps", true))
	seen = s.watch(t, "rnm", []string{"maps"}, func() { do(c.Stimulate(ctx, "tour")); time.Sleep(time.Second) })
	seen.passes(t, "RNM-1", "TLS-1")
	if !seen.talks("api.mapbox.com", "tls", false) || seen.asks("dji.com") > 0 {
		t.Errorf("restricted mode: maps are on, and %d questions for other names", seen.asks("dji.com"))
	}

	mode(drivers.LocalData)
	before, err := android.BootID(ctx, d)
	do(err)
	seen = s.watch(t, "ldm", nil, func() { do(c.Stimulate(ctx, "reboot")); time.Sleep(2 * time.Second) })
	seen.passes(t, "LDM-1", "LDM-2", "LDM-3", "LDM-4", "TLS-1")
	after, err := android.BootID(ctx, d)
	if err != nil || before == after || len(seen.Leases) == 0 {
		t.Errorf("reboot: %s became %s, %d leases, %v", before, after, len(seen.Leases), err)
	}
	if r, err := c.ReadMode(ctx); err != nil || r.Mode != drivers.LocalData {
		t.Errorf("after the reboot: %+v, %v", r, err)
	}
}

// attributed checks that the sockets of app and system have their users.
func (s *simulated) attributed(t *testing.T, d *adb.Device) {
	t.Helper()
	users := map[int]bool{}
	for range 100 {
		if users[AppUID] {
			break
		}
		list, err := android.Sockets(t.Context(), d)
		if err != nil {
			t.Fatal(err)
		}
		for _, one := range list {
			if one.Remote.Port() != 0 && !one.Remote.Addr().IsLoopback() {
				users[one.UID] = true
			}
		}
	}
	if !users[AppUID] || users[0] {
		t.Errorf("sockets of users %v; the log: %s", users, must(t, d, "logcat", "-d"))
	}
	if c, err := android.ReadCounters(t.Context(), d, AppUID); err != nil || c.Sent == 0 || c.Received == 0 {
		t.Errorf("counters %+v, %v", c, err)
	}
}

// TestLiveLinks pulls the cable, lets adb and the serial port go away, and follows
// what the device tells of it.
func TestLiveLinks(t *testing.T) {
	soon := Knobs{
		DropsADB:    &Outage{When: trigger(), For: 700 * time.Millisecond},
		DropsSerial: &Outage{When: trigger(), For: 500 * time.Millisecond},
		Signals:     []Signal{{When: trigger(), Name: "now"}},
	}
	s := simulate(t, "devlinks", soon)
	d, c := s.reach(t)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if _, err := c.SetMode(ctx, drivers.LocalData); err != nil {
		t.Fatal(err)
	}
	want := map[string]bool{"signal now": true, "outage adb": true, "outage serial": true, "return adb": true, "return serial": true}
	for len(want) > 0 {
		e, err := s.Next(ctx)
		if err != nil {
			t.Fatalf("%v; still waiting for %v", err, want)
		}
		delete(want, e.What+" "+e.Why)
	}
	if err := d.Ready(ctx); err != nil {
		t.Errorf("adb does not come back: %v", err)
	}
	for _, in := range []bool{false, true} {
		if err := s.USB(in); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Until(ctx, Cabled, map[bool]string{true: "in", false: "out"}[in]); err != nil {
			t.Fatal(err)
		}
		s.serial(t, in)
	}
}
