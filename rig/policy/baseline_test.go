package policy

import (
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spanrig/spanrig/rig"
	"github.com/spanrig/spanrig/rig/party"
)

// made is a baseline of one scene: system traffic, and the first party that
// newScene has speak in its standard windows.
func made(t *testing.T) (*Baseline, []string) {
	t.Helper()
	s := newScene(t, rig.ModeStandard)
	s.told(80, "ota.third.test", thirdAddr)
	s.tcp(81, thirdAddr, 443).tls("ota.third.test").close(83)
	s.tcp(84, thirdAddr, 443).tls("ota.third.test").close(86)
	s.udp(90, noAddr, 9999)
	s.udp(91, "203.0.113.130", 123)
	s.udp(92, "10.0.0.7", 5000) // on the LAN
	s.asks(95, "metrics.third.test", routerAddr)
	if _, err := s.evaluate(); err != nil { // numbers the frames
		t.Fatal(err)
	}
	b := &Baseline{}
	refused, err := b.Add(&s.policy, &s.rec, &s.set, s.o)
	if err != nil {
		t.Fatal(err)
	}
	return b, refused
}

func TestBaselineAdd(t *testing.T) {
	b, refused := made(t)
	want := []BaselineEntry{
		{Addr: netip.MustParseAddr(noAddr), Flows: 1},
		{Addr: netip.MustParseAddr("203.0.113.130"), Flows: 1},
		{Name: "metrics.third.test", Queries: 1},
		{Name: "ota.third.test", Flows: 2, Queries: 1},
	}
	if !slices.Equal(b.Destinations, want) {
		t.Errorf("destinations %+v", b.Destinations)
	}
	if !slices.Equal(refused, []string{"api.maker.test"}) {
		t.Errorf("refused %v", refused)
	}
	if b.Device != (BaselineDevice{"RC", "1"}) || b.Seconds <= 0 || len(b.Recordings) != 1 || b.Recordings[0].SHA256 != "00" {
		t.Errorf("bound to %+v, %v s, %+v", b.Device, b.Seconds, b.Recordings)
	}
}

func TestBaselineCovers(t *testing.T) {
	b, _ := made(t)
	for _, c := range []struct {
		name, addr string
		want       bool
	}{
		{"ota.third.test", thirdAddr, true},
		{"ota.third.test", "203.0.113.21", true}, // a name moves
		{"www.ota.third.test", thirdAddr, false},
		{"third.test", thirdAddr, false},
		{"", noAddr, true},
		{"", "::ffff:" + noAddr, true},
		{"", thirdAddr, false}, // seen, but under a name
		{"other.test", noAddr, false},
	} {
		if got := b.Covers(c.name, netip.MustParseAddr(c.addr)); got != c.want {
			t.Errorf("%q %s: %v", c.name, c.addr, got)
		}
	}
}

func TestBaselineOtherFirmware(t *testing.T) {
	b, _ := made(t)
	if err := b.Check("RC", "1"); err != nil {
		t.Error(err)
	}
	for _, other := range [][2]string{{"RC", "2"}, {"RC 2", "1"}, {"", ""}} {
		if err := b.Check(other[0], other[1]); !errors.Is(err, ErrOtherFirmware) {
			t.Errorf("%q: %v", other, err)
		}
	}
	s := newScene(t, rig.ModeStandard)
	s.rec.Inventory.Device.Firmware = "2"
	if _, err := s.evaluate(); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Add(&s.policy, &s.rec, &s.set, s.o); !errors.Is(err, ErrOtherFirmware) {
		t.Errorf("a recording of another firmware: %v", err)
	}
}

func TestBaselineFile(t *testing.T) {
	b, _ := made(t)
	path := filepath.Join(t.TempDir(), "b.json")
	if err := b.Save(path); err != nil {
		t.Fatal(err)
	}
	if stat, err := os.Stat(path); err != nil || stat.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", stat.Mode(), err)
	}
	read, err := LoadBaseline(path)
	if err != nil || !slices.Equal(read.Destinations, b.Destinations) || read.Device != b.Device || read.Seconds != b.Seconds {
		t.Errorf("read back %+v, %v", read, err)
	}
	if err := b.Save(path); err == nil || !strings.Contains(err.Error(), "not overwritten") {
		t.Errorf("overwriting: %v", err)
	}
}

func TestBaselineErrors(t *testing.T) {
	for content, want := range map[string]string{
		"":                       "not a baseline",
		"[]":                     "not a baseline",
		`{"schema":1,"extra":2}`: `unknown field "extra"`,
		`{"schema":2}`:           "schema 2 is not known",
		`{"schema":1} {}`:        "something follows its end",
		`{"schema":1,"destinations":[{"flows":1}]}`:                          "destination 1 has neither or both",
		`{"schema":1,"destinations":[{"name":"a.test","addr":"192.0.2.1"}]}`: "destination 1 has neither or both",
		`{"schema":1,"destinations":[{"name":"A.test","flows":1}]}`:          "in lower case",
		`{"schema":1,"destinations":[{"addr":"192.0.2.0/24"}]}`:              "not a baseline",
		strings.Repeat(" ", maxBaselineBytes+1):                              "larger than 8 MB",
		`{"schema":1,"destinations":` + strings.Repeat("[", 100_000) + `}`:   "not a baseline",
	} {
		if _, err := ParseBaseline([]byte(content)); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%.60q: %v, want %q", content, err, want)
		}
	}
	if _, err := LoadBaseline(filepath.Join(t.TempDir(), "none.json")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("absent: %v", err)
	}
}

// TestBaselineFirstParty: a hand that adds a first-party name to a baseline
// changes no verdict.
func TestBaselineFirstParty(t *testing.T) {
	s := newScene(t, rig.ModeLocalData)
	s.o.Baseline = &Baseline{Device: BaselineDevice{"RC", "1"}, Destinations: []BaselineEntry{{Name: "api.maker.test"}}}
	talk := s.tcp(100, firstAddr, 443).tls("api.maker.test").close(102)
	s.judge()
	v, err := newView(&s.policy, &s.rec, &s.set, s.o)
	if err != nil {
		t.Fatal(err)
	}
	for i := range v.flows {
		if f := &v.flows[i]; f.ID == talk.ID && f.who.party != party.First {
			t.Errorf("party %s", f.who.party)
		}
	}
}

func FuzzBaseline(f *testing.F) {
	for _, s := range []string{"", "{}", `{"schema":1}`, `{"schema":1,"device":{"model":"RC","firmware":"1"},"seconds":3600,"recordings":[{"name":"a","sha256":"00"}],"destinations":[{"name":"a.test","flows":1,"queries":2},{"addr":"2001:db8::1","flows":1,"queries":0}]}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		b, err := ParseBaseline(content)
		if (b == nil) == (err == nil) {
			t.Fatalf("%v and %v", b, err)
		}
		if err != nil {
			return
		}
		for _, d := range b.Destinations {
			if !b.Covers(d.Name, d.Addr) {
				t.Fatalf("does not cover its own %+v", d)
			}
		}
	})
}
