package android_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/spanrig/spanrig/drivers"
	"github.com/spanrig/spanrig/drivers/adb/android"
	"github.com/spanrig/spanrig/drivers/fake"
)

func prints(m map[string]string) *fake.Bridge {
	b := &fake.Bridge{Programs: map[string]fake.Program{}}
	for line, out := range m {
		words := strings.Fields(line)
		before := b.Programs[words[0]]
		b.Programs[words[0]] = func(ctx context.Context, argv []string) drivers.Output {
			if strings.Join(argv, " ") == line {
				return drivers.Output{Stdout: []byte(out)}
			}
			if before != nil {
				return before(ctx, argv)
			}
			return drivers.Output{Stderr: []byte("No such file or directory"), Code: 1}
		}
	}
	return b
}

// phone is what the device prints to each command line.
var phone = map[string]string{
	"getprop":                                props,
	"getprop sys.boot_completed":             "1\n",
	"cat /proc/sys/kernel/random/boot_id":    "0b2f\n",
	"pidof com.dji.industry.pilot":           "4242\n",
	"dumpsys package com.dji.industry.pilot": dumpPackage,
	"dumpsys power":                          "  mWakefulness=Awake\n",
	"dumpsys window displays":                windows10,
	"dumpsys activity activities":            activities10,
	"ip -o link":                             links,
	"ip -o addr":                             addrs,
	"ip -o -4 route show table all":          routes4,
	"ip -o -6 route show table all":          routes6,
	"cat /proc/net/tcp":                      tcp,
	"cat /proc/net/tcp6":                     tcp6,
	"cat /proc/net/udp":                      tcp,
	"dumpsys netstats --poll":                "Forced poll\n",
	"dumpsys netstats detail":                netstats,
	"settings get global private_dns_mode":   "null\n",
	"settings get global http_proxy":         "x\n",
	"settings put global http_proxy x":       "",
	"settings put global http_proxy y":       "",
	"wm size":                                "Physical size: 10x20\n",
}

func TestCalls(t *testing.T) {
	ctx := t.Context()
	b := prints(phone)
	b.Programs["screencap"] = fake.Prints(string(picture(t)))
	booted, err := android.Booted(ctx, b)
	same(t, "booted", booted, true, err)
	id, err := android.BootID(ctx, b)
	same(t, "boot id", id, "0b2f", err)
	pids, err := android.PIDs(ctx, b, "com.dji.industry.pilot")
	same(t, "pids", pids, []int{4242}, err)
	s, err := android.ReadScreen(ctx, b)
	same(t, "screen", []bool{s.Awake, s.Foreground("com.dji.industry.pilot"), s.Foreground("com.dji")}, []bool{true, true, false}, err)
	list, err := android.Interfaces(ctx, b)
	if err != nil || fmt.Sprint(list[1].InterfaceRoutes, list[4], list[5]) != "{dummy0 true false true} {{rmnet_data0 true true false}  [10.20.30.42/30]} {{wlan0 true true true} 60:60:1f:00:00:01 [192.168.42.7/24 fe80::6260:1fff:fe00:1/64]}" {
		t.Errorf("interfaces: %+v, %v", list, err)
	}
	sockets, err := android.Sockets(ctx, b)
	same(t, "sockets", len(sockets), 2+2+3, err) // there is no udp6
	c, err := android.ReadCounters(ctx, b, 10123)
	same(t, "counters", c, android.Counters{Sent: 557, Received: 1111, Source: "netstats"}, err)
	value, set, err := android.Setting(ctx, b, android.Global, "private_dns_mode")
	same(t, "setting", []any{value, set}, []any{"", false}, err)
	same(t, "setting", nil, nil, android.PutSetting(ctx, b, android.Global, "http_proxy", "x"))
	if err := android.PutSetting(ctx, b, android.Global, "http_proxy", "y"); err == nil || !strings.Contains(err.Error(), "did not take") {
		t.Errorf("a setting that does not take: %v", err)
	}
	shot, err := android.Screenshot(ctx, b)
	same(t, "screenshot", shot, picture(t), err)
	size, err := android.Size(ctx, b)
	same(t, "size", size, image.Pt(10, 20), err)
	var failed *android.CommandError
	if _, err := android.Packages(ctx, b); !errors.As(err, &failed) || failed.Code != 127 {
		t.Errorf("a program that is not there: %v", err)
	}
	b.Lose()
	if _, err := android.ReadScreen(ctx, b); !errors.Is(err, drivers.ErrLost) {
		t.Errorf("a lost device: %v", err)
	}
}

func TestPIDsOfNone(t *testing.T) {
	b := &fake.Bridge{Programs: map[string]fake.Program{"pidof": func(context.Context, []string) drivers.Output { return drivers.Output{Code: 1} }}}
	if pids, err := android.PIDs(t.Context(), b, "x"); err != nil || len(pids) != 0 {
		t.Errorf("%v, %v", pids, err)
	}
}

func TestClock(t *testing.T) {
	const ahead = 90 * time.Minute
	for format, doubt := range map[string]time.Duration{"%d.%09d\n": 0, "%d.%%N%.0d\n": 500 * time.Millisecond} {
		b := &fake.Bridge{Programs: map[string]fake.Program{"date": func(context.Context, []string) drivers.Output {
			now := time.Now().Add(ahead)
			return drivers.Output{Stdout: fmt.Appendf(nil, format, now.Unix(), now.Nanosecond())}
		}}}
		if doubt > 0 {
			b.Programs["date"] = func(context.Context, []string) drivers.Output {
				return drivers.Output{Stdout: fmt.Appendf(nil, "%d.%%N\n", time.Now().Add(ahead).Unix())}
			}
		}
		offset, uncertain, err := android.Clock(t.Context(), b)
		if err != nil || (offset-ahead).Abs() > uncertain || uncertain < doubt || uncertain > doubt+100*time.Millisecond {
			t.Errorf("%v ± %v, %v", offset, uncertain, err)
		}
	}
}

// TestInput presses, and keeps what was typed out of errors.
func TestInput(t *testing.T) {
	b := &fake.Bridge{Programs: map[string]fake.Program{"input": func(context.Context, []string) drivers.Output { return drivers.Output{} }}}
	ctx := t.Context()
	for _, err := range []error{android.Tap(ctx, b, image.Pt(1, 2)), android.Swipe(ctx, b, image.Pt(1, 2), image.Pt(3, 4), time.Second),
		android.Key(ctx, b, "KEYCODE_BACK"), android.Text(ctx, b, "a b%sc")} {
		if err != nil {
			t.Error(err)
		}
	}
	want := "[[input tap 1 2] [input swipe 1 2 3 4 1000] [input keyevent KEYCODE_BACK] [input text a%sb%] [input text sc]]"
	if got := fmt.Sprint(b.Calls()); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	b.Programs["input"] = func(_ context.Context, argv []string) drivers.Output {
		return drivers.Output{Stderr: []byte("Error: Invalid arguments " + strings.Join(argv, " "))}
	}
	if err := android.Text(ctx, b, "hunter2"); err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("text: %v", err)
	}
	if err := android.Tap(ctx, b, image.Pt(1, 2)); err == nil {
		t.Error("an error with exit code 0")
	}
	b.Programs["svc"] = func(context.Context, []string) drivers.Output {
		return drivers.Output{Stderr: []byte("Available commands:")}
	}
	if err := android.Svc(ctx, b, "wifi", "off"); err == nil {
		t.Error("a wrong svc")
	}
}

// TestDump lets uiautomator fail as it does on devices: with exit code 0, with
// none of its words, with an older file in place; and succeed at last.
func TestDump(t *testing.T) { synctest.Test(t, testDump) }

func testDump(t *testing.T) {
	const file = "/data/local/tmp/spanrig-window.xml"
	there := map[string]string{file: "<hierarchy rotation=\"0\"><node text=\"old\" bounds=\"[0,0][1,1]\"/></hierarchy>"}
	tries := 0
	b := &fake.Bridge{Programs: map[string]fake.Program{
		"rm": func(_ context.Context, argv []string) drivers.Output { delete(there, argv[2]); return drivers.Output{} },
		"cat": func(_ context.Context, argv []string) drivers.Output {
			text, ok := there[argv[1]]
			if !ok {
				return drivers.Output{Stderr: []byte("cat: " + argv[1] + ": No such file or directory"), Code: 1}
			}
			return drivers.Output{Stdout: []byte(text)}
		},
		"uiautomator": func(_ context.Context, argv []string) drivers.Output {
			tries++
			switch tries {
			case 1:
				return drivers.Output{Stdout: []byte("ERROR: could not get idle state.\n")}
			case 2:
				return drivers.Output{Code: 137}
			case 3:
				return drivers.Output{Stdout: []byte("UI hierchary dumped to: " + argv[2] + "\n")} // and no file
			}
			there[argv[2]] = hierarchy
			return drivers.Output{Stdout: []byte("UI hierchary dumped to: " + argv[2] + "\n")}
		},
	}}
	h, text, err := android.Dump(t.Context(), b)
	if err != nil || tries != 4 || h.Nodes[0].Text != "" {
		t.Fatalf("%+v, %v, %d tries", h, err, tries)
	}
	if bytes.Contains(text, []byte("hunter2")) || !bytes.Contains(text, []byte("Local Data Mode")) {
		t.Errorf("the file: %s", text)
	}
	for n := range h.All() {
		if n.Password && n.Text != "" {
			t.Errorf("a password field shows %q", n.Text)
		}
	}
	if len(there) != 0 {
		t.Errorf("left on the device: %v", there)
	}
	b.Programs["uiautomator"] = fake.Prints("ERROR: null root node returned by UiTestAutomationBridge.\n")
	if _, _, err := android.Dump(t.Context(), b); err == nil || !strings.Contains(err.Error(), "null root node") {
		t.Errorf("no root: %v", err)
	}
}

// logDevice is a device whose log is read in pieces.
type logDevice struct {
	*fake.Bridge
	mu      sync.Mutex
	streams []func() (string, error)
	from    []string
	boots   []string
	done    context.CancelFunc
}

func (d *logDevice) Stream(ctx context.Context, argv ...string) (io.ReadCloser, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	from := ""
	if n := len(argv); argv[n-2] == "-T" {
		from = argv[n-1]
	}
	d.from = append(d.from, from)
	if len(d.streams) == 0 {
		d.done()
		return nil, ctx.Err()
	}
	text, err := d.streams[0]()
	d.streams = d.streams[1:]
	return io.NopCloser(io.MultiReader(strings.NewReader(text), broken{err})), nil
}

type broken struct{ err error }

func (b broken) Read([]byte) (int, error) { return 0, b.err }

// TestLogcat goes on after losses without doubling or hiding a line, and
// begins anew after a restart of the device.
func TestLogcat(t *testing.T) { synctest.Test(t, testLogcat) }

func testLogcat(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	d := &logDevice{done: cancel, boots: []string{"one", "one", "two", "two"}}
	d.Bridge = &fake.Bridge{Programs: map[string]fake.Program{"cat": func(context.Context, []string) drivers.Output {
		boot := d.boots[0]
		d.boots = d.boots[1:]
		return drivers.Output{Stdout: []byte(boot)}
	}}}
	lost := func(text string) func() (string, error) {
		return func() (string, error) { return text, fmt.Errorf("x: %w", drivers.ErrLost) }
	}
	d.streams = []func() (string, error){
		lost("--------- beginning of main\n 100.000001  1  1 I a: one\n 100.000002  1  1 I a: two\n 100.000002  1  1 I a: two\n 100.0000"),
		lost(" 100.000002  1  1 I a: two\n 100.000002  1  1 I a: two\n 100.000002  1  1 I a: two\n 100.000003  1  1 I a: three\n"),
		lost(" 5.000001  1  1 I a: after the start\n"),
	}
	var log bytes.Buffer
	var gaps []string
	err := android.Logcat(ctx, d, &log, func(kind string, keys map[string]any) { gaps = append(gaps, fmt.Sprint(kind, keys["restarted"])) })
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for line := range strings.Lines(log.String()) {
		if strings.HasPrefix(line, "--------- gap:") {
			line = "gap " + line[strings.Index(line, ";"):]
		}
		lines = append(lines, strings.TrimSpace(line))
	}
	want := []string{"--------- beginning of main", "100.000001  1  1 I a: one", "100.000002  1  1 I a: two", "100.000002  1  1 I a: two",
		"gap ; goes on after 100.000002", "100.000002  1  1 I a: two", "100.000003  1  1 I a: three",
		"gap ; the device has started anew", "5.000001  1  1 I a: after the start", "gap ; goes on after 5.000001"}
	if strings.Join(lines, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(lines, "\n"), strings.Join(want, "\n"))
	}
	if got := fmt.Sprint(d.from); got != "[1 100.000002  5.000001]" {
		t.Errorf("asked from %s", got)
	}
	if got := fmt.Sprint(gaps); got != "[logcatfalse logcattrue logcatfalse]" {
		t.Errorf("notes %s", got)
	}
}

// TestLogcatEnds returns what cannot be mended.
func TestLogcatEnds(t *testing.T) {
	b := &fake.Bridge{Programs: map[string]fake.Program{"logcat": fake.Prints(" 100.000001  1  1 I a: one\n")}}
	if err := android.Logcat(t.Context(), b, full{}, nil); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("a full disk: %v", err)
	}
	if err := android.Logcat(t.Context(), new(fake.Bridge), io.Discard, nil); err == nil || !strings.Contains(err.Error(), "127") {
		t.Errorf("no logcat: %v", err)
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, io.ErrShortWrite }
