package policy

import (
	"slices"
	"testing"

	"github.com/spanrig/spanrig/captures"
	"github.com/spanrig/spanrig/captures/dissect"
	"github.com/spanrig/spanrig/captures/fact"
	"github.com/spanrig/spanrig/captures/packet"
	"github.com/spanrig/spanrig/rig"
)

// Names of services in the test policy, at addresses of their own.
const (
	mapsName, mapsAddr       = "t.maps.maker.test", "198.51.100.60"
	sharedName, sharedAddr   = "x.shared.maker.test", "198.51.100.61"
	accountName, accountAddr = "a.provider.test", "203.0.113.62"
)

// switched is a scene of restricted mode with the services of its window.
func switched(t testing.TB, services map[string]string) *scene {
	s := newScene(t, rig.ModeRestricted)
	s.tested().Services = services
	return s
}

func TestRNM1(t *testing.T) {
	on, off := map[string]string{"maps": "on", "account": "on"}, map[string]string{"maps": "off", "account": "off"}
	half := map[string]string{"maps": "on", "account": "off"}
	lease := fact.Lease{DHCPLease: dissect.DHCPLease{MAC: deviceMAC, Addr: [4]byte{10, 0, 0, 10}, Mask: [4]byte{255, 255, 255, 0}}, At: dissect.Mark{Frame: 1, Time: at(0)}}
	use := func(name, addr string) func(s *scene) {
		return func(s *scene) { s.tcp(100, addr, 443).tls(name).close(101) }
	}
	attached := func(script func(s *scene)) func(s *scene) {
		return func(s *scene) { s.set.Leases = []fact.Lease{lease}; script(s) }
	}
	unnamed := func(s *scene) { s.tcp(100, noAddr, 443).tls("").close(101) }
	for name, c := range map[string]struct {
		services map[string]string
		script   func(s *scene)
		want     string
	}{
		"on":                    {on, use(mapsName, mapsAddr), "pass"},
		"off":                   {off, use(mapsName, mapsAddr), "fail 1 flow to services that are switched off (maps)"},
		"shared, all on":        {on, use(sharedName, sharedAddr), "pass"},
		"shared, all off":       {off, use(sharedName, sharedAddr), "fail switched off (account, maps)"},
		"shared, some on":       {half, use(sharedName, sharedAddr), "inconclusive of which not all are on (account, maps)"},
		"switch not recorded":   {nil, use(mapsName, mapsAddr), "inconclusive nobody says whether it is on (maps)"},
		"no service":            {on, use("api.maker.test", firstAddr), "fail 1 flow to first-party endpoints of no service"},
		"third party":           {on, use("ads.third.test", thirdAddr), "fail third-party endpoints of no service"},
		"system":                {on, use("time.system.test", thirdAddr), "pass"},
		"LAN":                   {on, use("nas.third.test", "10.0.0.77"), "pass"},
		"ambiguous":             {on, use("cdn.third.test", firstAddr), "inconclusive ambiguous"},
		"nameless":              {on, unnamed, "inconclusive 1 flow to endpoints without a name"},
		"nameless after attach": {on, attached(unnamed), "fail although the recording covers the Wi-Fi attach"},
		"attached by RS": {on, func(s *scene) {
			s.talk(packet.ICMPv6, "ff02::2", 0).add(0.5, captures.Orig, "open").ICMPType = 133
			unnamed(s)
		}, "fail although the recording covers the Wi-Fi attach"},
		"attached, DNS hidden": {on, attached(func(s *scene) { s.tcp(30, "10.0.0.1", 853).tls("").close(31); unnamed(s) }), "inconclusive without a name"},
		"attached, answers unseen": {on, attached(func(s *scene) {
			s.marks = slices.DeleteFunc(s.marks, func(m mark) bool { return m.at == at(5) })
			unnamed(s)
		}), "inconclusive without a name"},
		"in the guard":     {off, func(s *scene) { s.tcp(71, mapsAddr, 443).tls(mapsName).close(72) }, "pass"},
		"old flow goes on": {off, func(s *scene) { s.tcp(40, mapsAddr, 443).tls(mapsName).add(100, captures.Orig, "data").close(101) }, "fail switched off (maps)"},
		"old flow closes":  {off, func(s *scene) { s.tcp(40, mapsAddr, 443).tls(mapsName).add(100, captures.Orig, "keepalive").close(101) }, "pass"},
	} {
		t.Run(name, func(t *testing.T) {
			s := switched(t, c.services)
			c.script(s)
			v := cells(s.judge())["RNM-1 rnm/idle"]
			expectOne(t, &v, c.want)
		})
	}
}

// expectOne holds one verdict against "RESULT part of the sentence".
func expectOne(t *testing.T, v *Verdict, want string) {
	t.Helper()
	expect(t, &Report{Verdicts: []Verdict{*v}}, v.Window, v.Claim+" "+want)
}

func TestRNM2(t *testing.T) {
	speak := func(second float64, name, addr string) func(s *scene) {
		return func(s *scene) { s.tcp(second, addr, 443).tls(name).close(second + 1) }
	}
	all := func(scripts ...func(s *scene)) func(s *scene) {
		return func(s *scene) {
			for _, f := range scripts {
				f(s)
			}
		}
	}
	spoke := speak(30, mapsName, mapsAddr) // in the standard window before
	for name, c := range map[string]struct {
		services map[string]string
		script   func(s *scene)
		want     string // empty: no verdict
	}{
		"silent":                {map[string]string{"maps": "off"}, spoke, `pass silent under stimulus "idle", which made them speak while on: maps`},
		"speaks":                {map[string]string{"maps": "off"}, all(spoke, speak(100, mapsName, mapsAddr)), "fail 1 flow to service maps, which is switched off"},
		"speaks, never before":  {map[string]string{"maps": "off"}, speak(100, mapsName, mapsAddr), "fail"},
		"never spoke":           {map[string]string{"maps": "off"}, func(*scene) {}, `inconclusive never spoke while on under stimulus "idle": maps`},
		"spoke elsewhere":       {map[string]string{"maps": "off"}, all(spoke, func(s *scene) { s.rec.Windows[0].Stimulus = "maps" }), "inconclusive never spoke"},
		"only shared endpoints": {map[string]string{"maps": "off"}, all(spoke, speak(100, sharedName, sharedAddr)), "inconclusive only to endpoints that it shares: maps"},
		"spoke shared only":     {map[string]string{"maps": "off"}, speak(30, sharedName, sharedAddr), "inconclusive never spoke"},
		"one of two":            {map[string]string{"maps": "off", "account": "off"}, spoke, `inconclusive 1 service that never spoke while on under stimulus "idle": account`},
		"both":                  {map[string]string{"maps": "off", "account": "off"}, all(spoke, speak(40, accountName, accountAddr)), "pass account, maps"},
		"all on":                {map[string]string{"maps": "on"}, spoke, ""},
		"tested elsewhere": {map[string]string{"maps": "off", "account": "off"}, all(spoke, func(s *scene) {
			w := s.window("rnm/login", rig.ModeRestricted, 210, 270)
			w.Stimulus, w.Services = "login", map[string]string{"account": "off"}
			s.window("standard/login", rig.ModeStandard, 280, 340).Stimulus = "login"
			s.tcp(300, accountAddr, 443).tls(accountName).close(301)
		}), "pass maps"},
	} {
		t.Run(name, func(t *testing.T) {
			s := switched(t, c.services)
			s.rec.Journal.Routes[1].Time, s.rec.Journal.Stats[1].Time, s.rec.Journal.Entries[0].Time = at(1000), at(1000), at(1000)
			c.script(s)
			v, ok := cells(s.judge())["RNM-2 rnm/idle"]
			if c.want == "" {
				if ok {
					t.Errorf("%+v", v)
				}
				return
			}
			expectOne(t, &v, c.want)
		})
	}
}
