package device

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"image"
	"image/png"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spanrig/spanrig/drivers"
	"github.com/spanrig/spanrig/drivers/adb/android"
	"github.com/spanrig/spanrig/rig/sim/device/pilot"
	"github.com/spanrig/spanrig/rig/sim/device/screen"
)

// TestFacts reads the device as the rig does.
func TestFacts(t *testing.T) {
	d, b := offline(t, t.TempDir(), Knobs{ClockOff: 90 * time.Minute})
	ctx := t.Context()
	props, err := android.Props(ctx, b)
	if err != nil || props["ro.product.model"] != Model || props["ro.serialno"] != Serial || props["ro.build.display.id"] != Firmware || props["ro.spanrig.simulated"] != "1" {
		t.Errorf("props %v, %v", props, err)
	}
	list, err := android.Packages(ctx, b)
	if err != nil || !slices.Contains(list, pilot.Name) {
		t.Errorf("packages %v, %v", list, err)
	}
	if p, err := android.ReadPackage(ctx, b, pilot.Name); err != nil || p.UID != AppUID || p.VersionName != pilot.Version {
		t.Errorf("package %+v, %v", p, err)
	}
	if _, err := android.ReadPackage(ctx, b, "dji.go.v5"); !errors.Is(err, android.ErrNotInstalled) {
		t.Errorf("another package: %v", err)
	}
	if off, doubt, err := android.Clock(ctx, b); err != nil || off < 89*time.Minute || off > 91*time.Minute || doubt > time.Second {
		t.Errorf("clock %v ± %v, %v", off, doubt, err)
	}
	if id, err := android.BootID(ctx, b); err != nil || id != d.boot.id {
		t.Errorf("boot id %q, %v", id, err)
	}
	if size, err := android.Size(ctx, b); err != nil || size != screen.Size {
		t.Errorf("size %v, %v", size, err)
	}
	if c, err := android.ReadCounters(ctx, b, AppUID); err != nil || c.Source != "netstats" {
		t.Errorf("counters %+v, %v", c, err)
	}
	if on, err := android.Booted(ctx, b); err != nil || !on {
		t.Errorf("booted %t, %v", on, err)
	}
}

// TestFront starts, leaves and stops the app.
func TestFront(t *testing.T) {
	_, b := offline(t, t.TempDir(), Knobs{})
	ctx := t.Context()
	front := func(want bool, pids int) {
		t.Helper()
		s, err := android.ReadScreen(ctx, b)
		if err != nil || !s.Awake || s.Foreground(pilot.Name) != want {
			t.Errorf("screen %+v, %v; want foreground %t", s, err, want)
		}
		list, err := android.PIDs(ctx, b, pilot.Name)
		if err != nil || len(list) != pids {
			t.Errorf("processes %v, %v; want %d", list, err, pids)
		}
	}
	front(false, 0)
	must(t, b, "monkey", "-p", pilot.Name, "-c", "android.intent.category.LAUNCHER", "1")
	front(true, 1)
	if err := android.Key(ctx, b, "HOME"); err != nil {
		t.Error(err)
	}
	front(false, 1)
	must(t, b, "am", "start", "-n", pilot.Name+"/.MainActivity")
	front(true, 1)
	must(t, b, "am", "force-stop", pilot.Name)
	front(false, 0)
	if err := android.Tap(ctx, b, image.Pt(300, 300)); err != nil { // the launcher's first tile
		t.Error(err)
	}
	front(true, 1)
	if out, _ := b.Run(ctx, "monkey", "-p", "com.other", "1"); out.Code == 0 {
		t.Error("another app can be started")
	}
}

// TestSleep: a display that is off shows nothing and feels nothing.
func TestSleep(t *testing.T) {
	_, b := offline(t, t.TempDir(), Knobs{})
	ctx := t.Context()
	lit, err := android.Screenshot(ctx, b)
	if err != nil {
		t.Fatal(err)
	}
	if err := android.Key(ctx, b, "KEYCODE_SLEEP"); err != nil {
		t.Error(err)
	}
	if s, err := android.ReadScreen(ctx, b); err != nil || s.Awake {
		t.Errorf("%+v, %v", s, err)
	}
	if err := android.Tap(ctx, b, image.Pt(300, 300)); err != nil {
		t.Error(err)
	}
	if list, _ := android.PIDs(ctx, b, pilot.Name); len(list) != 0 {
		t.Error("a tap in the dark started the app")
	}
	if out, _ := b.Run(ctx, "uiautomator", "dump", "/sdcard/w.xml"); !strings.Contains(string(out.Stderr), "null root") {
		t.Errorf("dump in the dark: %s %s", out.Stdout, out.Stderr)
	}
	dark, err := android.Screenshot(ctx, b)
	if err != nil || bytes.Equal(lit, dark) {
		t.Errorf("the dark looks like the light, %v", err)
	}
	if err := android.Key(ctx, b, "WAKEUP"); err != nil {
		t.Error(err)
	}
	if img, err := png.Decode(bytes.NewReader(dark)); err != nil || img.Bounds().Size() != screen.Size {
		t.Errorf("%v", err)
	}
	if h, _, err := android.Dump(ctx, b); err != nil || len(h.Nodes) == 0 {
		t.Errorf("%v", err)
	}
}

// TestSettings survive a reboot, as persistent properties do and others do not.
func TestSettings(t *testing.T) {
	dir := t.TempDir()
	_, b := offline(t, dir, Knobs{})
	ctx := t.Context()
	if v, set, err := android.Setting(ctx, b, "global", "private_dns_mode"); err != nil || !set || v != "opportunistic" {
		t.Errorf("%q %t %v", v, set, err)
	}
	if err := android.PutSetting(ctx, b, "global", "private_dns_mode", "off"); err != nil {
		t.Error(err)
	}
	if err := android.DeleteSetting(ctx, b, "secure", "location_mode"); err != nil {
		t.Error(err)
	}
	must(t, b, "setprop", "persist.test", "kept")
	must(t, b, "setprop", "debug.test", "lost")
	if out, _ := b.Run(ctx, "setprop", "ro.serialno", "X"); out.Code == 0 {
		t.Error("ro.serialno was set")
	}
	_, again := offline(t, dir, Knobs{})
	if v, _, err := android.Setting(ctx, again, "global", "private_dns_mode"); err != nil || v != "off" {
		t.Errorf("after a reboot %q, %v", v, err)
	}
	props, err := android.Props(ctx, again)
	if err != nil || props["persist.test"] != "kept" || props["debug.test"] != "" {
		t.Errorf("after a reboot %q and %q, %v", props["persist.test"], props["debug.test"], err)
	}
}

// TestLogcat follows the log as the rig does.
func TestLogcat(t *testing.T) {
	d, b := offline(t, t.TempDir(), Knobs{})
	d.log.add("Test", "before")
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	r, err := b.Stream(ctx, "logcat", "-v", "threadtime", "-v", "epoch", "-v", "usec", "-T", "1")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	lines := bufio.NewScanner(r)
	var stamps []string
	for lines.Scan() {
		if stamp := android.LogTime(lines.Text()); stamp != "" {
			stamps = append(stamps, stamp)
			if strings.HasSuffix(lines.Text(), "Test: before") {
				d.log.add("Test", "after")
			}
			if strings.HasSuffix(lines.Text(), "Test: after") {
				break
			}
		}
	}
	if len(stamps) != 2 {
		t.Errorf("%d lines with a time", len(stamps))
	}
	out := must(t, b, "logcat", "-d", "-v", "epoch", "-v", "usec", "-T", stamps[len(stamps)-1])
	if strings.Contains(out, "before") || !strings.Contains(out, "after") {
		t.Errorf("since the last line: %s", out)
	}
	must(t, b, "logcat", "-c")
	if out := must(t, b, "logcat", "-d"); strings.Contains(out, "after") {
		t.Errorf("cleared: %s", out)
	}
}

func must(t *testing.T, b drivers.Bridge, argv ...string) string {
	t.Helper()
	out, err := b.Run(t.Context(), argv...)
	if err != nil || out.Code != 0 {
		t.Errorf("%q: %v, exit code %d: %s%s", argv, err, out.Code, out.Stdout, out.Stderr)
	}
	return string(out.Stdout)
}

func FuzzOptions(f *testing.F) {
	f.Add("-w 2 -p 61001 a.control.test 7")
	f.Add("-u -W1 ::1 53")
	f.Add("-c 2 -i 5 -w 2 192.0.2.200")
	f.Fuzz(func(t *testing.T, line string) {
		args := strings.Fields(line)
		if o, err := parseNC(args); err == nil && o.host == "" {
			t.Errorf("nc %q: no host and no error", args)
		}
		if o, err := parsePing(append([]string{"ping"}, args...)); err == nil && o.host == "" {
			t.Errorf("ping %q: no host and no error", args)
		}
		if at, err := logSince(line); err != nil && !at.IsZero() {
			t.Errorf("%q: %v and an error", line, at)
		}
		numbers(args, 4)
	})
}
