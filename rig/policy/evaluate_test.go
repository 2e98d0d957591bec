package policy

import (
	"encoding/json"
	"errors"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spanrig/spanrig/captures"
	"github.com/spanrig/spanrig/captures/dissect"
	"github.com/spanrig/spanrig/captures/fact"
	"github.com/spanrig/spanrig/captures/flow"
	"github.com/spanrig/spanrig/captures/packet"
	"github.com/spanrig/spanrig/rig"
)

func streamMarks(pairs ...int) (list []flow.StreamMark) {
	for i := 0; i < len(pairs); i += 2 {
		list = append(list, flow.StreamMark{Offset: pairs[i], Frame: captures.FrameID(pairs[i+1])})
	}
	return list
}

func leak(s *scene) { s.tcp(100, firstAddr, 443).tls("api.maker.test").close(101) }

func TestClean(t *testing.T) {
	for _, mode := range []string{rig.ModeLocalData, rig.ModeRestricted} {
		r := newScene(t, mode).judge()
		if r.Result != Pass || r.Exit(false) != ExitPass {
			t.Errorf("%s: %s", mode, r.Result)
		}
		for _, v := range r.Verdicts {
			if v.Result != Pass {
				t.Errorf("%s %s: %s %s", v.Claim, v.Window, v.Result, v.Because)
			}
		}
		for _, w := range r.Windows {
			if !w.Fit {
				t.Errorf("window %s is unfit: %+v", w.Name, w.Fitness)
			}
		}
	}
}

func TestJSON(t *testing.T) {
	s := newScene(t, rig.ModeLocalData)
	leak(s)
	b, err := json.Marshal(s.judge())
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]any
	if err := json.Unmarshal(b, &m); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"schema", "result", "recording", "policy", "databases", "trust", "windows", "verdicts", "not_judged"} {
		if m[key] == nil {
			t.Errorf("no %s", key)
		}
	}
	w := m["windows"].([]any)[1].(map[string]any)
	if w["from"] != "2026-11-23T10:01:10Z" || w["to"] != "2026-11-23T10:02:10Z" || w["fit"] != true {
		t.Errorf("window %v", w)
	}
}

// TestDeterminism holds the report against itself with the facts, answers and
// journal built anew: no order of a map may show.
func TestDeterminism(t *testing.T) {
	var first []byte
	for range 20 {
		s := newScene(t, rig.ModeLocalData)
		leak(s)
		for i := range 20 {
			a := netip.AddrFrom4([4]byte{203, 0, 113, byte(30 + i)}).String()
			s.tcp(102+float64(i), a, 443).tls("").close(103 + float64(i))
			s.asks(102, "n"+a+".third.test", routerAddr)
		}
		b, err := json.Marshal(s.judge())
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = b
		}
		if string(b) != string(first) {
			t.Fatal("two judgements of one recording differ")
		}
	}
}

func TestRepeats(t *testing.T) {
	s := newScene(t, rig.ModeLocalData)
	s.window("ldm/idle", rig.ModeLocalData, 210, 270)
	s.window("standard/last", rig.ModeStandard, 280, 340)
	s.tcp(290, firstAddr, 443).tls("api.maker.test").close(291)
	s.rec.Journal.Routes[1].Time, s.rec.Journal.Stats[1].Time, s.rec.Journal.Entries[0].Time = at(1000), at(1000), at(1000)
	s.tcp(240, firstAddr, 443).tls("api.maker.test").close(241)
	r := s.judge()
	expect(t, r, "ldm/idle", ldm1+" repeat 2 of 2: 1 flow", ldm2)
	if len(r.Windows) != 5 {
		t.Errorf("%d windows, want every repeat", len(r.Windows))
	}
}

func TestTrust(t *testing.T) {
	s := newScene(t, rig.ModeLocalData)
	s.rec.Journal.Controls, s.rec.Journal.Routes, s.rec.Journal.Modes, s.rec.Journal.Apps = nil, nil, nil, nil
	s.talks = slices.DeleteFunc(s.talks, func(f *talk) bool { return f.Proto == packet.ICMP })
	s.o.Trust = "inline tap"
	r := s.judge()
	expect(t, r, "ldm/idle")
	for _, id := range []string{"CAP-1", "CAP-3", "MODE-1", "APP-1", "CTRL-1"} {
		if !slices.Contains(r.NotJudged, NotJudged{id, "the capture is trusted: inline tap", Vouched}) {
			t.Errorf("%s is not among %v", id, r.NotJudged)
		}
	}
	if r.Trust != "inline tap" || len(r.Windows[1].Fitness) != 1 {
		t.Errorf("trust %q, fitness %v", r.Trust, r.Windows[1].Fitness)
	}
	s = newScene(t, rig.ModeLocalData)
	s.o.Trust = "inline tap"
	s.rec.Journal.Stats[1].Dropped = 1
	expect(t, s.judge(), "ldm/idle", append(unfit(rig.ModeLocalData), "CAP-2 inconclusive")...)
}

// bare makes the scene a capture without windows, inventory and journal, of
// its window under test alone.
func bare(s *scene, mode string) *scene {
	s.talks = slices.DeleteFunc(s.talks, func(f *talk) bool {
		return f.events[0].at < at(70) || f.events[0].at >= at(130) || f.Proto == packet.ICMP
	})
	s.marks = slices.DeleteFunc(s.marks, func(m mark) bool { return m.at < at(70) })
	s.rec = rig.Recording{Name: "x.pcap", SHA256: "22", Files: []string{"x.pcap"}, Bare: true}
	s.o.Mode = mode
	s.tcp(75, thirdAddr, 443).tls("time.system.test").close(76)
	return s
}

func TestBare(t *testing.T) {
	unproven := append(unfit(rig.ModeLocalData), "CAP-1 inconclusive", "CAP-3 inconclusive", "MODE-1 inconclusive", "APP-1 inconclusive", "CTRL-1 inconclusive")
	expect(t, bare(newScene(t, rig.ModeLocalData), "ldm").judge(), "capture", unproven...)
	s := newScene(t, rig.ModeLocalData)
	leak(s)
	r := bare(s, "ldm").judge()
	expect(t, r, "capture", append(unproven, ldm1, ldm2)...)
	if because := cells(r)["LDM-1 capture"].Because; strings.Contains(because, "the screen says") {
		t.Errorf("nobody read the screen: %s", because)
	}
	if !slices.ContainsFunc(r.Notes, func(n string) bool { return strings.Contains(n, "device guessed: 02:00:5e:00:00:10") }) {
		t.Errorf("the guess is not said: %q", r.Notes)
	}
	s = bare(newScene(t, rig.ModeLocalData), "ldm")
	s.o.Trust = "inline tap"
	expect(t, s.judge(), "capture")
	s = bare(newScene(t, rig.ModeLocalData), "")
	r = s.judge()
	expect(t, r, "capture", "CAP-1 inconclusive", "CAP-3 inconclusive", "MODE-1 inconclusive", "TLS-1 inconclusive", "TLS-2 inconclusive")
	if !slices.ContainsFunc(r.NotJudged, func(n NotJudged) bool { return n.Claim == "LDM-1" && strings.Contains(n.Reason, "--mode") }) {
		t.Errorf("not judged: %v", r.NotJudged)
	}
}

func TestBareEmpty(t *testing.T) {
	s := bare(newScene(t, rig.ModeLocalData), "ldm")
	s.talks, s.marks, s.o.Trust = nil, nil, "inline tap"
	if r := s.judge(); r.Result != Inconclusive || r.Exit(false) != ExitInconclusive {
		t.Errorf("an empty capture: %s", r.Result)
	}
}

func TestBareRestricted(t *testing.T) {
	s := newScene(t, rig.ModeLocalData)
	s.tcp(100, mapsAddr, 443).tls(mapsName).close(101)
	s = bare(s, "rnm")
	s.o.Allow, s.o.Trust = []string{"maps"}, "inline tap"
	expect(t, s.judge(), "capture", "RNM-2 inconclusive account")
	s = newScene(t, rig.ModeLocalData)
	s.tcp(100, mapsAddr, 443).tls(mapsName).close(101)
	s = bare(s, "rnm")
	s.o.Trust = "inline tap"
	expect(t, s.judge(), "capture", "RNM-1 fail", "RNM-2 fail")
}

func TestDevices(t *testing.T) {
	two := func() *scene {
		s := newScene(t, rig.ModeLocalData)
		f := s.tcp(100, firstAddr, 443).tls("api.maker.test").close(101)
		f.MAC[0], f.Orig.Addr = otherMAC, netip.MustParseAddr("10.0.0.77")
		return bare(s, "ldm")
	}
	_, err := two().evaluate()
	if !errors.Is(err, ErrUsage) || !strings.Contains(err.Error(), "02:00:5e:00:00:77 10.0.0.77 (6 packets), 02:00:5e:00:00:10 10.0.0.10 (6 packets)") && !strings.Contains(err.Error(), "02:00:5e:00:00:10 10.0.0.10 (6 packets), 02:00:5e:00:00:77 10.0.0.77 (6 packets)") {
		t.Errorf("two candidates: %v", err)
	}
	for device, want := range map[string]Result{"02:00:5E:00:00:77": Fail, "10.0.0.77": Fail, "02:00:5e:00:00:10": Inconclusive, "10.0.0.10": Inconclusive} {
		s := two()
		s.o.Devices = []string{device}
		if got := cells(s.judge())["LDM-1 capture"].Result; got != want {
			t.Errorf("%s: %s, want %s", device, got, want)
		}
	}
	s := two()
	s.o.Devices = []string{"10.0.0.11"}
	s.set.Bindings = []packet.Binding{{MAC: otherMAC, Addr: netip.MustParseAddr("10.0.0.11")}}
	if got := cells(s.judge())["LDM-1 capture"].Result; got != Fail {
		t.Errorf("by another address of the station: %s", got)
	}
}

func TestUsage(t *testing.T) {
	for name, change := range map[string]func(s *scene){
		"mode of a recording":    func(s *scene) { s.o.Mode = "ldm" },
		"allow of a recording":   func(s *scene) { s.o.Allow = []string{"maps"} },
		"device of a recording":  func(s *scene) { s.o.Devices = []string{"10.0.0.1"} },
		"unknown claim":          func(s *scene) { s.o.Require = []string{"LDM-9"} },
		"unknown mode":           func(s *scene) { bare(s, "fly") },
		"unknown service":        func(s *scene) { bare(s, "rnm").o.Allow = []string{"mapz"} },
		"allow without mode rnm": func(s *scene) { bare(s, "ldm").o.Allow = []string{"maps"} },
		"device that is none":    func(s *scene) { bare(s, "ldm").o.Devices = []string{"controller"} },
	} {
		s := newScene(t, rig.ModeLocalData)
		change(s)
		if _, err := s.evaluate(); !errors.Is(err, ErrUsage) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", name, err)
		}
	}
	s := newScene(t, rig.ModeLocalData)
	s.o.Baseline = &Baseline{Device: BaselineDevice{"RC", "2"}}
	if _, err := s.evaluate(); !errors.Is(err, ErrOtherFirmware) {
		t.Errorf("baseline of another firmware: %v", err)
	}
}

func TestRequire(t *testing.T) {
	s := newScene(t, rig.ModeLocalData)
	s.o.Require = []string{"RNM-1", "LDM-1", "PIN-1"}
	r := s.judge()
	m := cells(r)
	for _, id := range []string{"RNM-1 ", "PIN-1 "} {
		if v := m[id]; v.Result != Inconclusive || !strings.HasPrefix(v.Because, "required, but not judged: no ") {
			t.Errorf("%s: %+v", id, v)
		}
	}
	if r.Result != Inconclusive || slices.ContainsFunc(r.NotJudged, func(n NotJudged) bool { return n.Claim == "RNM-1" || n.Claim == "PIN-1" }) {
		t.Errorf("result %s, not judged %v", r.Result, r.NotJudged)
	}
}

func TestWaivers(t *testing.T) {
	waiver := func(claim, endpoint string, expires float64) Waiver {
		return Waiver{Claim: claim, Endpoint: endpoint, Reason: "known", Owner: "lab", Expires: epoch.Add(time.Duration(expires * 1e9))}
	}
	for name, c := range map[string]struct {
		waivers []Waiver
		waived  bool
		noted   bool
	}{
		"none":            {nil, false, false},
		"by name":         {[]Waiver{waiver("LDM-1", "maker.test", 1000)}, true, false},
		"by exact name":   {[]Waiver{waiver("LDM-1", "=api.maker.test", 1000)}, true, false},
		"by other name":   {[]Waiver{waiver("LDM-1", "=maker.test", 1000)}, false, false},
		"by lookalike":    {[]Waiver{waiver("LDM-1", "er.test", 1000)}, false, false},
		"by address":      {[]Waiver{waiver("LDM-1", firstAddr, 1000)}, true, false},
		"by prefix":       {[]Waiver{waiver("LDM-1", "198.51.100.0/24", 1000)}, true, false},
		"by other prefix": {[]Waiver{waiver("LDM-1", "198.51.101.0/24", 1000)}, false, false},
		"other claim":     {[]Waiver{waiver("LDM-2", "maker.test", 1000)}, false, false},
		"on its last day": {[]Waiver{waiver("LDM-1", "maker.test", 0)}, true, false},
		"expired":         {[]Waiver{waiver("LDM-1", "maker.test", -24*3600)}, false, true},
	} {
		s := newScene(t, rig.ModeLocalData)
		s.policy.Waivers = c.waivers
		leak(s)
		r := s.judge()
		v := cells(r)["LDM-1 ldm/idle"]
		if v.Result != Fail || (v.Waiver != nil) != c.waived || r.Exit(true) != ExitFail {
			t.Errorf("%s: %+v", name, v)
		}
		if noted := slices.ContainsFunc(r.Notes, func(n string) bool { return strings.Contains(n, "expired on 2026-11-22") }); noted != c.noted {
			t.Errorf("%s: notes %q", name, r.Notes)
		}
	}
	s := newScene(t, rig.ModeLocalData)
	s.policy.Waivers = []Waiver{waiver("LDM-1", "maker.test", 1000), waiver("LDM-2", firstAddr, 1000), waiver("LDM-2", "other.test", 1000)}
	leak(s)
	r := s.judge()
	if r.Result != Fail || r.Exit(false) != ExitFail || r.Exit(true) != ExitPass {
		t.Errorf("all waived: %s, exit %d and %d", r.Result, r.Exit(false), r.Exit(true))
	}
	s = newScene(t, rig.ModeLocalData)
	s.policy.Waivers = []Waiver{waiver("LDM-1", "api.maker.test", 1000)}
	leak(s)
	s.tcp(105, "198.51.100.11", 443).tls("log.maker.test").close(106)
	if v := cells(s.judge())["LDM-1 ldm/idle"]; v.Waiver != nil {
		t.Error("a waiver of one endpoint covers another")
	}
}

func TestExit(t *testing.T) {
	waiver := &Waiver{}
	for _, c := range []struct {
		verdicts []Verdict
		plain    int
		accepted int
	}{
		{nil, 3, 3},
		{[]Verdict{{Result: Pass}}, 0, 0},
		{[]Verdict{{Result: Pass}, {Result: Inconclusive}}, 3, 3},
		{[]Verdict{{Result: Errored}, {Result: Inconclusive}}, 4, 4},
		{[]Verdict{{Result: Errored}, {Result: Fail}}, 1, 1},
		{[]Verdict{{Result: Errored}, {Result: Fail, Waiver: waiver}}, 1, 4},
		{[]Verdict{{Result: Pass}, {Result: Fail, Waiver: waiver}}, 1, 0},
	} {
		r := &Report{Verdicts: c.verdicts}
		if r.Exit(false) != c.plain || r.Exit(true) != c.accepted {
			t.Errorf("%+v: %d and %d", c.verdicts, r.Exit(false), r.Exit(true))
		}
	}
}

func TestLANSources(t *testing.T) {
	lease := fact.Lease{DHCPLease: dissect.DHCPLease{Addr: [4]byte{192, 0, 2, 9}, Mask: [4]byte{255, 255, 255, 0}}}
	router := fact.Router{RouterAdvert: flow.RouterAdvert{Prefixes: []netip.Prefix{netip.MustParsePrefix("2001:db8:a::/64")}}}
	bench := &rig.Inventory{LAN: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/24")}}
	for _, c := range []struct {
		inv      *rig.Inventory
		set      fact.Set
		says     string
		in, away string
	}{
		{bench, fact.Set{Leases: []fact.Lease{lease}}, "as the bench says", "10.0.0.9", "192.0.2.1"},
		{&rig.Inventory{}, fact.Set{Leases: []fact.Lease{lease}, Routers: []fact.Router{router}}, "DHCP and router advertisements show it: 192.0.2.0/24, 2001:db8:a::/64", "2001:db8:a::7", "10.0.0.9"},
		{&rig.Inventory{}, fact.Set{}, "assumed", "172.31.0.1", "192.0.2.1"},
	} {
		l := lanOf(c.inv, &c.set)
		if !strings.Contains(l.source, c.says) || !l.contains(netip.MustParseAddr(c.in)) || l.contains(netip.MustParseAddr(c.away)) {
			t.Errorf("%+v", l)
		}
	}
}

func TestOtherHostsAreListed(t *testing.T) {
	s := newScene(t, rig.ModeLocalData)
	for range 3 {
		f := s.udp(100, noAddr, 9999)
		f.MAC[0], f.Orig.Addr = otherMAC, netip.MustParseAddr("10.0.0.77")
	}
	want := Listed{What: "flows opened by another host", Endpoint: "02:00:5e:00:00:77", Count: 3}
	if r := s.judge(); !slices.ContainsFunc(r.Listed, func(l Listed) bool { return reflect.DeepEqual(l, want) }) {
		t.Errorf("listed %+v", r.Listed)
	}
}

func TestPolicyClaims(t *testing.T) {
	s := newScene(t, rig.ModeLocalData)
	s.policy.Claims = []Claim{{ID: "TLS-1"}, {ID: "LDM-5"}}
	for i := range s.rec.Windows {
		s.rec.Windows[i].Stimulus = "plug"
	}
	leak(s)
	m := cells(s.judge())
	if _, ok := m["LDM-1 ldm/idle"]; ok || m["LDM-5 ldm/idle"].Result != Fail || m["TLS-1 ldm/idle"].Result != Pass || m["CAP-1 ldm/idle"].Result != Pass {
		t.Errorf("verdicts %v", m)
	}
}

// TestKinds: whether a claim without a verdict could have been judged.
func TestKinds(t *testing.T) {
	kinds := func(s *scene) map[string]Kind {
		list := map[string]Kind{}
		for _, n := range s.judge().NotJudged {
			list[n.Claim] = n.Kind
		}
		return list
	}
	ldm, rnm, silent := newScene(t, rig.ModeLocalData), newScene(t, rig.ModeRestricted), newScene(t, rig.ModeLocalData)
	rnm.tested().Services = nil
	silent.policy.Parties = nil
	for _, c := range []struct {
		scene string
		kinds map[string]Kind
		want  map[string]Kind
	}{
		{"ldm", kinds(ldm), map[string]Kind{"RNM-1": NoMeans, "RNM-2": NoMeans, "LDM-5": NoMeans, "GEO-1": NoMeans, "GEO-2": NoMeans, "PIN-1": NoMeans, "DRIFT-1": NoMeans}},
		{"rnm", kinds(rnm), map[string]Kind{"LDM-1": NoMeans, "RNM-2": NoMeans, "GEO-1": NoMeans}},
		{"silent", kinds(silent), map[string]Kind{"GEO-1": NoSubject, "GEO-2": NoSubject}},
	} {
		for claim, want := range c.want {
			if c.kinds[claim] != want {
				t.Errorf("%s: %s is %q, want %q", c.scene, claim, c.kinds[claim], want)
			}
		}
	}
}
