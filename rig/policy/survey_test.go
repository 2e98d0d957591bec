package policy

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spanrig/spanrig/captures"
	"github.com/spanrig/spanrig/captures/fact"
	"github.com/spanrig/spanrig/rig"
	"github.com/spanrig/spanrig/rig/party"
)

// surveyed is the survey of a scene.
func surveyed(t *testing.T, s *scene) *Survey {
	t.Helper()
	if _, err := s.evaluate(); err != nil { // numbers the frames
		t.Fatal(err)
	}
	survey, err := Look(&s.policy, &s.rec, &s.set, s.o)
	if err != nil {
		t.Fatal(err)
	}
	return survey
}

// to finds the one flow to an address.
func to(t *testing.T, s *Survey, addr string) *SurveyFlow {
	t.Helper()
	i := slices.IndexFunc(s.Flows, func(f SurveyFlow) bool { return f.Peer.Addr == netip.MustParseAddr(addr) })
	if i < 0 {
		t.Fatalf("no flow to %s", addr)
	}
	return &s.Flows[i]
}

func TestLookTellsWindowsApart(t *testing.T) {
	s := newScene(t, rig.ModeLocalData)
	s.told(50, "ota.third.test", thirdAddr)
	s.tcp(55, thirdAddr, 443).tls("ota.third.test").close(75) // opens in the first window, closes in the second
	s.udp(65, noAddr, 9999)                                   // between two
	survey := surveyed(t, s)
	if len(survey.Windows) != 3 || survey.Windows[1].Mode != rig.ModeLocalData || survey.Windows[1].From != at(70) {
		t.Errorf("windows %+v", survey.Windows)
	}
	f := to(t, survey, thirdAddr)
	if f.Party != party.Third || f.Source != fact.FromSNI || !f.Beyond || f.Resolver || len(f.In) != 2 {
		t.Errorf("%+v", f)
	}
	if !f.In[0].Contact || f.In[0].Window != 0 || f.In[1].Contact {
		t.Errorf("in its windows: %+v", f.In)
	}
	if lost := to(t, survey, noAddr); lost.Party != party.Unknown || len(lost.In) != 0 || !lost.Whole.Contact || lost.Whole.Window != -1 || len(lost.Names) > 0 || lost.Source != "" {
		t.Errorf("between windows: %+v", lost)
	}
}

func TestLookPutsTheAskedNameFirst(t *testing.T) {
	s := newScene(t, rig.ModeLocalData)
	s.asks(14, "www.third.test", routerAddr)
	s.answer(15, "edge.cdn.test", "www.third.test", thirdAddr)
	s.tcp(20, thirdAddr, 8443).add(20, captures.Orig, "data")
	f := to(t, surveyed(t, s), thirdAddr)
	if f.Source != fact.FromDNS || len(f.Names) != 1 || f.Names[0][0] != "www.third.test" {
		t.Errorf("names %v by %s", f.Names, f.Source)
	}
}

func TestLookQuestions(t *testing.T) {
	s := newScene(t, rig.ModeLocalData)
	s.asks(80, "metrics.third.test", routerAddr)
	s.asks(81, "maps.maker.test", routerAddr)
	s.asks(82, "clock.system.test", routerAddr)
	s.asks(83, "printer.local", routerAddr)
	s.asks(84, "c.control.test", routerAddr)
	s.asks(135, "late.third.test", routerAddr)
	want := map[string]SurveyQuestion{
		"metrics.third.test": {Party: party.Third, Window: 1},
		"maps.maker.test":    {Party: party.First, Window: 1, Services: []string{"maps"}},
		"clock.system.test":  {Party: party.System, Window: 1},
		"late.third.test":    {Party: party.Third, Window: -1},
		"api.maker.test":     {Party: party.First, Window: 0}, // of every scene
	}
	for _, q := range surveyed(t, s).Questions {
		w, ok := want[q.Name]
		if !ok || q.Party != w.Party || q.Window != w.Window || !slices.Equal(q.Services, w.Services) || !q.Legible || q.Frame == 0 {
			t.Errorf("%+v, want %+v (%v)", q, w, ok)
		}
		delete(want, q.Name)
	}
	if len(want) > 0 {
		t.Errorf("no question for %v", want)
	}
}

func TestSurveyWaiver(t *testing.T) {
	s := newScene(t, rig.ModeLocalData)
	s.policy.Waivers = []Waiver{{Claim: "DRIFT-1", Endpoint: "third.test", Owner: "lab", Expires: epoch.Add(48 * time.Hour)}}
	survey := surveyed(t, s)
	covered, other := Subject{Names: [][]string{{"ota.third.test"}}}, Subject{Names: [][]string{{"ota.other.test"}}}
	if w := survey.Waiver("DRIFT-1", []Subject{covered}); w == nil || w.Owner != "lab" {
		t.Errorf("waiver %+v", w)
	}
	for claim, list := range map[string][]Subject{"DRIFT-1": {covered, other}, "LDM-1": {covered}} {
		if w := survey.Waiver(claim, list); w != nil {
			t.Errorf("%s of %d: %+v", claim, len(list), w)
		}
	}
}

func TestSurveyCites(t *testing.T) {
	s := newScene(t, rig.ModeLocalData)
	survey := surveyed(t, s)
	f := to(t, survey, firstAddr)
	list := survey.Cite(f.ID, f.Whole.Frames, "here")
	if len(list) != 1 || list[0].Flow != f.ID.Number() || len(list[0].Frames) == 0 || !strings.Contains(list[0].String(), "here") {
		t.Errorf("%+v", list)
	}
}

// TestControlled: a recording tells its controls as far as its journal goes.
func TestControlled(t *testing.T) {
	control, entries := []rig.ControlTry{{Time: 50}}, []rig.Entry{{Time: 50}, {Time: 90}}
	for name, c := range map[string]struct {
		rec  rig.Recording
		o    Options
		to   int64
		says string // empty: it tells them to its end
	}{
		"whole":               {rec: rig.Recording{Journal: &rig.Journal{Entries: entries, Controls: control, Ended: true}}, to: forever},
		"no journal":          {to: beginning, says: "does not say"},
		"no controls":         {rec: rig.Recording{Journal: &rig.Journal{Entries: entries, Ended: true}}, to: beginning, says: "does not say"},
		"bare":                {rec: rig.Recording{Bare: true}, to: beginning, says: "does not say"},
		"trusted":             {rec: rig.Recording{Bare: true}, o: Options{Trust: "by hand"}, to: forever},
		"killed":              {rec: rig.Recording{Journal: &rig.Journal{Entries: entries, Controls: control}}, to: 50, says: "no end"},
		"killed, and vouched": {rec: rig.Recording{Journal: &rig.Journal{Entries: entries, Controls: control}}, o: Options{Trust: "by hand"}, to: 50, says: "no end"},
		"killed, announced":   {rec: rig.Recording{Journal: &rig.Journal{Entries: entries, Controls: control, Proving: []rig.Attempt{{Time: 49}}}}, to: 90, says: "no end"},
	} {
		v := &view{rec: &c.rec, o: c.o}
		if to, why := v.controlled(); to != c.to || (why == "") != (c.says == "") || !strings.Contains(why, c.says) {
			t.Errorf("%s: up to %d, %q; want %d, %q", name, to, why, c.to, c.says)
		}
	}
}
