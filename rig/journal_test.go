package rig

import (
	"bytes"
	"errors"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 1, time.UTC)

// sample is a journal with one line of every kind that verdicts read, and one
// that nobody knows.
func sample(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	w := NewJournalWriter(&b)
	for i, line := range []struct {
		kind string
		keys any
	}{
		{KindRoutes, map[string]any{"interfaces": []map[string]any{{"name": "wlan0", "up": true, "default4": true}}, "captured": "wlan0"}},
		{KindStats, map[string]any{"interface": "span0", "received": 10, "dropped": 0, "freezes": 0}},
		{KindClock, map[string]any{"device_minus_host_s": -0.25}},
		{KindMode, map[string]any{"window": "ldm/idle", "asked": "ldm", "read": "ldm", "witness": "screen", "at": "entry"}},
		{KindStimulus, map[string]any{"window": "ldm/idle", "stimulus": "idle"}},
		{KindService, map[string]any{"window": "rnm/maps", "service": "maps", "state": "off"}},
		{KindApp, map[string]any{"window": "ldm/idle", "pid": 77, "awake": true, "foreground": true}},
		{KindControl, map[string]any{"window": "ldm/idle", "try": 1, "name": "C1.Control.Test.", "answered": true, "by": "device",
			"flow": map[string]any{"proto": "icmp", "orig": map[string]any{"addr": "10.0.0.2", "port": 0}, "resp": map[string]any{"addr": "192.0.2.1", "port": 0}, "icmp_id": 5, "icmp_seq": 6}}},
		{"weather", map[string]any{"sky": "clear"}},
		{KindStep, map[string]any{"step": "set mode", "mode": "standard"}},
		{KindEnd, nil},
	} {
		at := time.Duration(i) * time.Second
		if err := w.Append(noon.Add(at), at, line.kind, line.keys); err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}

func TestJournalRoundTrip(t *testing.T) {
	j, err := ParseJournal(sample(t))
	if err != nil {
		t.Fatal(err)
	}
	if len(j.Entries) != 11 || !j.Ended || j.Torn || j.Last() != noon.Add(10*time.Second).UnixNano() {
		t.Fatalf("%d entries, ended %v, torn %v, last %d", len(j.Entries), j.Ended, j.Torn, j.Last())
	}
	if e := j.Entries[8]; e.Kind != "weather" || !bytes.Contains(e.Line, []byte(`"sky":"clear"`)) {
		t.Errorf("the unknown kind was not kept: %s", e.Line)
	}
	c := j.Controls[0]
	if c.Name != "c1.control.test" || c.Flow.Proto != 1 || *c.Flow.ICMPID != 5 || *c.Flow.ICMPSeq != 6 || c.Flow.Resp.String() != "192.0.2.1:0" {
		t.Errorf("control %+v", c)
	}
	if m := j.Modes[0]; m != (ModeReading{noon.Add(3 * time.Second).UnixNano(), "ldm/idle", "ldm", "ldm", "screen", "entry"}) {
		t.Errorf("mode %+v", m)
	}
	if a := j.Apps[0]; *a.PID != 77 || !a.Awake || !a.Foreground {
		t.Errorf("app %+v", a)
	}
	if r := j.Routes[0]; r.Captured != "wlan0" || !reflect.DeepEqual(r.Interfaces, []InterfaceRoutes{{"wlan0", true, true, false}}) {
		t.Errorf("routes %+v", r)
	}
	if j.Steps[0].Mode != ModeStandard || j.Stats[0].Received != 10 || j.Clocks[0].DeviceMinusHost != -0.25 || j.Services[0].State != "off" || j.Stimuli[0].Stimulus != "idle" {
		t.Errorf("views %+v %+v %+v %+v %+v", j.Steps, j.Stats, j.Clocks, j.Services, j.Stimuli)
	}
}

// TestJournalChain changes every line in every way that leaves JSON behind, and
// takes lines away: only a shorter end is no broken chain.
func TestJournalChain(t *testing.T) {
	whole := sample(t)
	lines := bytes.SplitAfter(whole, []byte("\n"))
	lines = lines[:len(lines)-1]
	join := func(parts ...[][]byte) []byte { return bytes.Join(concat(parts), nil) }
	for i := range lines {
		var chain *ChainError
		if i < len(lines)-1 {
			edited := bytes.Replace(lines[i], []byte(`"kind":`), []byte(`"x":1,"kind":`), 1)
			if _, err := ParseJournal(join(lines[:i], [][]byte{edited}, lines[i+1:])); !errors.As(err, &chain) || chain.Line != i+2 {
				t.Errorf("edited line %d: %v", i+1, err)
			}
			if _, err := ParseJournal(join(lines[:i], lines[i+1:])); !errors.As(err, &chain) || chain.Line != i+1 {
				t.Errorf("removed line %d: %v", i+1, err)
			}
			garbled := append(bytes.Repeat([]byte("#"), 9), '\n')
			if _, err := ParseJournal(join(lines[:i], [][]byte{garbled}, lines[i+1:])); !errors.As(err, &chain) {
				t.Errorf("garbled line %d: %v", i+1, err)
			}
		}
		j, err := ParseJournal(join(lines[:i]))
		if err != nil || j.Ended {
			t.Errorf("%d lines: %v, ended", i, err)
		}
	}
}

func concat(parts [][][]byte) (all [][]byte) {
	for _, p := range parts {
		all = append(all, p...)
	}
	return all
}

func TestJournalTorn(t *testing.T) {
	whole := sample(t)
	second := bytes.IndexByte(whole, '\n') + 1
	for n := second + 1; n < len(whole)-1; n++ {
		j, err := ParseJournal(whole[:n])
		if err != nil {
			t.Fatalf("cut at %d: %v", n, err)
		}
		if cutInside := whole[n-1] != '\n' && whole[n] != '\n'; j.Torn != cutInside || j.Ended {
			t.Fatalf("cut at %d: torn %v, ended %v", n, j.Torn, j.Ended)
		}
	}
}

func TestJournalErrors(t *testing.T) {
	const tail = `,"mono_ns":0,"kind":"step","prev":""}` + "\n"
	for text, want := range map[string]string{
		"{}\n":                               "no seq",
		`{"seq":1,"time":"yesterday"` + tail: "RFC 3339",
		`{"seq":1,"time":"2026-11-23T12:00:00Z","mono_ns":0,"kind":"step"}` + "\n":                       "no prev",
		`{"seq":1,"time":"2026-11-23T12:00:00Z","mono_ns":0,"prev":""}` + "\n":                           "no kind",
		`{"seq":1,"time":"2026-11-23T12:00:00Z","mono_ns":0,"kind":"step","prev":"00"}` + "\n":           "hash chain broken",
		`{"seq":1,"time":"2026-11-23T12:00:00Z","kind":"app","pid":"x","prev":""}` + "\n":                "kind app",
		`{"seq":1,"time":"2026-11-23T12:00:00Z","kind":"control","flow":{"proto":"x"},"prev":""}` + "\n": "proto: expected",
		`{"seq":1,"time":"3026-11-23T12:00:00Z"` + tail:                                                  "out of range",
	} {
		if _, err := ParseJournal([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

func TestJournalWriterRefuses(t *testing.T) {
	w := NewJournalWriter(&bytes.Buffer{})
	for _, keys := range []any{map[string]any{"seq": 1}, map[string]any{"prev": ""}, []int{1}, make(chan int)} {
		if err := w.Append(noon, 0, KindStep, keys); err == nil {
			t.Errorf("%T was written", keys)
		}
	}
}

func FuzzJournal(f *testing.F) {
	f.Add(sample(f))
	f.Add([]byte(`{"seq":1,"time":"2026-11-23T12:00:00Z","mono_ns":0,"kind":"end","prev":""}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		j, err := ParseJournal(b)
		if (j == nil) == (err == nil) {
			t.Fatal("neither value nor error, or both")
		}
	})
}

func TestSockets(t *testing.T) {
	line := `{"seq":1,"time":"2026-11-23T12:00:00Z","kind":"socket","prev":"","proto":"udp","uid":10123,"local":{"addr":"::ffff:10.0.0.10","port":40000},"remote":{"addr":"2001:db8::1","port":443}}` + "\n"
	j, err := ParseJournal([]byte(line))
	if err != nil || len(j.Sockets) != 1 {
		t.Fatal(j, err)
	}
	if s := j.Sockets[0]; s.Proto != 17 || s.UID != "10123" || s.Local.String() != "10.0.0.10:40000" || s.Remote.String() != "[2001:db8::1]:443" || s.Time == 0 {
		t.Errorf("%+v", s)
	}
	for _, bad := range []string{`"proto":"x"`, `"proto":"udp"`, `"proto":"udp","local":{"addr":"10.0.0.1"}`} {
		if _, err := ParseJournal([]byte(`{"seq":1,"time":"2026-11-23T12:00:00Z","kind":"socket","prev":"",` + bad + "}\n")); err == nil {
			t.Errorf("%s was taken", bad)
		}
	}
}

func TestOwnKinds(t *testing.T) {
	var text bytes.Buffer
	w := NewJournalWriter(&text)
	for _, l := range []struct {
		kind string
		keys map[string]any
	}{
		{KindProving, map[string]any{"window": "ldm/idle", "try": 1, "name": "A-1.Control.test.", "port": 61000, "target": map[string]any{"addr": "192.0.2.200", "port": 7}}},
		{KindSkipped, map[string]any{"window": "ldm/reboot", "reason": "no power switch"}},
		{KindClockStep, map[string]any{"by_s": -30.5}},
		{KindStimulus, map[string]any{"window": "ldm/plug", "stimulus": "plug", "error": "refused"}},
	} {
		if err := w.Append(time.Unix(100, 0), 0, l.kind, l.keys); err != nil {
			t.Fatal(err)
		}
	}
	j, err := ParseJournal(text.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	at := time.Unix(100, 0).UnixNano()
	if want := (Attempt{at, "a-1.control.test", 61000, netip.MustParseAddrPort("192.0.2.200:7")}); len(j.Proving) != 1 || j.Proving[0] != want {
		t.Errorf("%+v", j.Proving)
	}
	if want := (SkippedWindow{at, "ldm/reboot", "no power switch"}); len(j.Skipped) != 1 || j.Skipped[0] != want {
		t.Errorf("%+v", j.Skipped)
	}
	if want := (ClockStep{at, -30.5}); len(j.ClockSteps) != 1 || j.ClockSteps[0] != want {
		t.Errorf("%+v", j.ClockSteps)
	}
	if want := (StimulusRun{at, "ldm/plug", "plug", "refused"}); len(j.Stimuli) != 1 || j.Stimuli[0] != want {
		t.Errorf("%+v", j.Stimuli)
	}
	if _, err := ParseJournal([]byte(`{"seq":1,"time":"2026-11-23T12:00:00Z","kind":"proving","prev":"","target":{"addr":"x"}}` + "\n")); err == nil {
		t.Error("a target that is no address was taken")
	}
}
