package controller

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
)

// killed is a phone on which a run was killed after it had prepared it, and what
// its settings were before.
func killed(t *testing.T) (p *phone, before map[string]string) {
	t.Helper()
	p = newPhone()
	p.settings["global/private_dns_mode"] = "it's \"mine\"; rm"
	before = maps.Clone(p.settings)
	c, _ := bench(t, p)
	if err := c.Prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(p.Files[originalsFile]) == 0 || maps.Equal(before, p.settings) {
		t.Fatalf("files %q, settings %v", p.Files, p.settings)
	}
	return p, before
}

// next is the run that follows, from its first act to its last.
func next(t *testing.T, p *phone) *journal {
	t.Helper()
	c, j := bench(t, p)
	if err := c.Prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	if p.settings["global/private_dns_mode"] != "off" {
		t.Errorf("not prepared: %v", p.settings)
	}
	if err := c.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	return j
}

// TestRunKilled: what a run that was killed has changed is put back by the next,
// also where that is the third; then nothing of it is left on the device.
func TestRunKilled(t *testing.T) {
	p, before := killed(t)
	if c, _ := bench(t, p); c.Prepare(t.Context()) != nil { // killed as well
		t.Fatal("not prepared")
	}
	j := next(t, p)
	if !maps.Equal(p.settings, before) {
		t.Errorf("settings are %v, they were %v", p.settings, before)
	}
	if len(p.Files) != 0 {
		t.Errorf("left on the device: %q", p.Files)
	}
	if got := j.of("notice", "text"); len(got) != 1 || !strings.Contains(got[0], "an earlier run on this device was cut short and left changed: stay awake while plugged in (it was 0)") {
		t.Errorf("told %q", got)
	}
	what := []string{"stay awake while plugged in", "screen timeout", "Private DNS"}
	if got, earlier := j.of("changed", "what"), j.of("changed", "earlier"); !slices.Equal(got, what) || !slices.Equal(earlier, []string{"true", "true", "true"}) {
		t.Errorf("changed %q, %q", got, earlier)
	}
	slices.Reverse(what)
	if got := j.of("restored", "what"); !slices.Equal(got, what) {
		t.Errorf("restored %q", got)
	}
	if got := next(t, p).of("notice", "text"); len(got) != 0 {
		t.Errorf("told again %q", got)
	}
}

// TestWiFiLeftOff: Wi-Fi is switched on where a run was killed, and by nobody's
// doing else.
func TestWiFiLeftOff(t *testing.T) {
	p, _ := killed(t)
	p.wifi = false
	c, j := bench(t, p)
	if _, err := c.Inspect(t.Context()); err != nil || !p.wifi {
		t.Errorf("Wi-Fi %t, %v", p.wifi, err)
	}
	if got := j.of("notice", "text"); len(got) != 1 || !strings.Contains(got[0], "Wi-Fi is switched on") {
		t.Errorf("told %q", got)
	}
	p = newPhone()
	p.wifi = false
	c, _ = bench(t, p)
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if _, err := c.Inspect(ctx); err == nil || p.wifi {
		t.Errorf("Wi-Fi %t, %v", p.wifi, err)
	}
}

// TestSettingChangedSince: who set something after a run was killed, meant it.
func TestSettingChangedSince(t *testing.T) {
	p, before := killed(t)
	p.settings["system/screen_off_timeout"] = "15000"
	next(t, p)
	before["system/screen_off_timeout"] = "15000"
	if !maps.Equal(p.settings, before) || len(p.Files) != 0 {
		t.Errorf("settings are %v, want %v; files %q", p.settings, before, p.Files)
	}
	p, before = killed(t) // and all of it put right by hand
	clear(p.settings)
	maps.Copy(p.settings, before)
	j := next(t, p)
	if !maps.Equal(p.settings, before) || len(p.Files) != 0 || len(j.of("notice", "text")) != 0 {
		t.Errorf("settings are %v, want %v; files %q", p.settings, before, p.Files)
	}
}

// bad are files that no run has written.
var bad = map[string]string{
	"empty":         "",
	"cut":           `{"schema":1,"settings":[{"space":"global","key":"private_dns_`,
	"two":           `{"schema":1,"settings":[{"space":"global","key":"private_dns_mode","to":"off","from":"x"}]} {}`,
	"schema":        `{"schema":2,"settings":[{"space":"global","key":"private_dns_mode","to":"off","from":"x"}]}`,
	"nothing":       `{"schema":1,"settings":[]}`,
	"other setting": `{"schema":1,"settings":[{"space":"secure","key":"install_non_market_apps","to":"0","from":"1"}]}`,
	"other space":   `{"schema":1,"settings":[{"space":"secure","key":"private_dns_mode","to":"off","from":"x"}]}`,
	"twice":         `{"schema":1,"settings":[{"space":"global","key":"private_dns_mode","to":"off","from":"x"},{"space":"global","key":"private_dns_mode","to":"off","from":"y"}]}`,
	"key more":      `{"schema":1,"settings":[{"space":"global","key":"private_dns_mode","to":"off","from":"x","run":"reboot"}]}`,
	"lines":         `{"schema":1,"settings":[{"space":"global","key":"private_dns_mode","to":"off","from":"x\nreboot"}]}`,
	"long value":    `{"schema":1,"settings":[{"space":"global","key":"private_dns_mode","to":"off","from":"` + strings.Repeat("x", valueMax+1) + `"}]}`,
	"long":          strings.Repeat(" ", originalsMax) + `{"schema":1,"settings":[{"space":"global","key":"private_dns_mode","to":"off","from":"x"}]}`,
	"noise":         "\xff\x00\x1b[2J",
}

// TestBadOriginals: a file that cannot be trusted is left alone and told of, in
// one line, and the run goes on as it would without.
func TestBadOriginals(t *testing.T) {
	for name, content := range bad {
		p := newPhone()
		before := maps.Clone(p.settings)
		p.Files = map[string][]byte{originalsFile: []byte(content)}
		j := next(t, p)
		if !maps.Equal(p.settings, before) || string(p.Files[originalsFile]) != content || len(p.Files) != 1 {
			t.Errorf("%s: settings %v, files %q", name, p.settings, p.Files)
		}
		if got := j.of("notice", "text"); len(got) != 1 || !strings.Contains(got[0], "which is left alone") || strings.ContainsAny(got[0], "\n\x1b") {
			t.Errorf("%s: told %q", name, got)
		}
	}
}

// TestNotKept: where the device keeps no file, the run goes on and says so.
func TestNotKept(t *testing.T) {
	p := newPhone()
	p.full = true
	before := maps.Clone(p.settings)
	j := next(t, p)
	if got := j.of("notice", "text"); !maps.Equal(p.settings, before) || len(got) != 1 || !strings.Contains(got[0], "No space left") {
		t.Errorf("settings %v, told %q", p.settings, got)
	}
}

// TestKeptOfLost: what could not be put back stays kept.
func TestKeptOfLost(t *testing.T) {
	p := newPhone()
	before := maps.Clone(p.settings)
	c, _ := bench(t, p)
	if err := c.Prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.Lose()
	if err := c.Close(t.Context()); err == nil {
		t.Fatal("put back a device that is lost")
	}
	if err := p.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	if next(t, p); !maps.Equal(p.settings, before) || len(p.Files) != 0 {
		t.Errorf("settings %v, want %v; files %q", p.settings, before, p.Files)
	}
}

// FuzzOriginals: what is read are settings that a run changes, and it is written
// as it was read; or there is an error.
func FuzzOriginals(f *testing.F) {
	for _, content := range bad {
		f.Add([]byte(content))
	}
	f.Add([]byte(`{"schema":1,"settings":[{"space":"global","key":"private_dns_mode","to":"off","from":null},{"space":"system","key":"screen_off_timeout","to":"1","from":""}]}`))
	f.Fuzz(func(t *testing.T, content []byte) {
		list, err := parseOriginals(content)
		if (err == nil) != (len(list) > 0) {
			t.Fatalf("%v and %v", list, err)
		}
		if err != nil {
			return
		}
		again, err := parseOriginals(formatOriginals(list))
		if err != nil || !slices.Equal(again, list) {
			t.Errorf("%v, again %v, %v", list, again, err)
		}
		for _, c := range list {
			if !slices.ContainsFunc(wanted, c.same) || len(c.from) > valueMax {
				t.Errorf("%+v", c)
			}
		}
	})
}
