package policy

import (
	"net/netip"
	"testing"
	"time"

	"github.com/spanrig/spanrig/rig"
	"github.com/spanrig/spanrig/rig/locate"
)

// atlas is a Locator for tests.
type atlas struct {
	places               map[string]locate.Location
	countries, operators bool
}

func (a *atlas) Locate(addr netip.Addr) locate.Location { return a.places[addr.String()] }
func (a *atlas) HasCountries() bool                     { return a.countries }
func (a *atlas) HasOperators() bool                     { return a.operators }
func (a *atlas) Files() []locate.FileRef {
	return []locate.FileRef{{Name: "test.mmdb", SHA256: "33", Built: "2026-11-01T00:00:00Z"}}
}

// located judges a scene whose first-party endpoint is at the place.
func located(t *testing.T, place locate.Location, change func(s *scene)) map[string]Verdict {
	t.Helper()
	s := newScene(t, rig.ModeLocalData)
	s.o.Geo = &atlas{map[string]locate.Location{firstAddr: place}, true, true}
	if change != nil {
		change(s)
	}
	r := s.judge()
	if len(r.Databases) != 1 || r.Databases[0] != (FileRef{"test.mmdb", "33", "2026-11-01T00:00:00Z"}) {
		t.Errorf("databases %+v", r.Databases)
	}
	return cells(r)
}

func TestGEO1(t *testing.T) {
	says := func(country string, strength locate.Strength) locate.Location {
		return locate.Location{Country: country, Strength: strength, ASN: 64500}
	}
	quick := func(rtt time.Duration) func(s *scene) {
		return func(s *scene) { s.tcp(40, firstAddr, 443).tls("api.maker.test").close(41).RTT = rtt }
	}
	for name, c := range map[string]struct {
		place  locate.Location
		change func(s *scene)
		want   string
	}{
		"strong":            {says("US", locate.Strong), nil, "pass 1 first-party endpoint in US"},
		"strong, elsewhere": {says("CN", locate.Strong), nil, "fail 1 endpoint outside the allowed countries (US): api.maker.test (198.51.100.10:443, tls): CN"},
		"weak":              {says("US", locate.Weak), nil, "inconclusive only one database says"},
		"weak, elsewhere":   {says("CN", locate.Weak), nil, "inconclusive only one database says"},
		"weak, near":        {says("US", locate.Weak), quick(8 * time.Millisecond), "pass"},
		"weak, far":         {says("US", locate.Weak), quick(180 * time.Millisecond), "inconclusive"},
		"weak, no vantage": {says("US", locate.Weak), func(s *scene) {
			quick(8 * time.Millisecond)(s)
			s.rec.Inventory.Vantage = ""
		}, "inconclusive"},
		"contradicting": {locate.Location{Strength: locate.Contradicting, Countries: []locate.Country{{Source: "a.mmdb", Country: "US"}, {Source: "b.mmdb", Country: "DE"}}}, nil,
			"inconclusive a.mmdb says US, b.mmdb says DE"},
		"nowhere":           {locate.Location{}, nil, "inconclusive no source knows"},
		"anycast by source": {locate.Location{Country: "US", Strength: locate.Strong, Anycast: true}, nil, "inconclusive anycast"},
		"anycast by policy": {says("US", locate.Strong), func(s *scene) { s.policy.Anycast = mustPrefixes("198.51.100.0/24") }, "inconclusive anycast"},
	} {
		t.Run(name, func(t *testing.T) {
			m := located(t, c.place, c.change)
			v := m["GEO-1 standard/before"]
			expectOne(t, &v, c.want)
			if v, ok := m["GEO-1 ldm/idle"]; ok {
				t.Errorf("judged in a window without a first-party flow: %+v", v)
			}
		})
	}
}

func TestGEO2(t *testing.T) {
	for name, c := range map[string]struct {
		place locate.Location
		want  string
	}{
		"by name":              {locate.Location{Operator: "EXAMPLE CLOUD US"}, "pass"},
		"by number":            {locate.Location{ASN: 64500, Operator: "somebody"}, "pass"},
		"other":                {locate.Location{ASN: 64501, Operator: "Example CDN CN"}, "fail Example CDN CN (AS64501)"},
		"in the US, but other": {locate.Location{Country: "US", Strength: locate.Strong, ASN: 64501}, "fail AS64501"},
		"unknown":              {locate.Location{Country: "US", Strength: locate.Strong}, "inconclusive no source knows"},
	} {
		t.Run(name, func(t *testing.T) {
			v := located(t, c.place, nil)["GEO-2 standard/before"]
			expectOne(t, &v, c.want)
		})
	}
}

func TestGEONeedsSubjectAndFitness(t *testing.T) {
	s := newScene(t, rig.ModeLocalData)
	s.o.Geo = &atlas{countries: true}
	s.policy.Parties = nil
	for _, n := range s.judge().NotJudged {
		if n.Claim == "GEO-1" && n.Reason != "no first-party flow" || n.Claim == "GEO-2" && n.Reason != "no database of operators (give --asn or --ranges)" {
			t.Errorf("%+v", n)
		}
	}
	m := located(t, locate.Location{Country: "US", Strength: locate.Strong, ASN: 64500}, func(s *scene) { s.rec.Journal.Stats[1].Dropped = 1 })
	for _, claim := range []string{"GEO-1", "GEO-2"} {
		v := m[claim+" standard/before"]
		expectOne(t, &v, "inconclusive not proven: CAP-2")
	}
}

func TestOperatorEndpointsAreNotPlaced(t *testing.T) {
	m := located(t, locate.Location{Country: "US", Strength: locate.Strong, ASN: 64500}, func(s *scene) {
		s.tcp(30, thirdAddr, 443).tls("x.lab.test").close(31)
		s.o.Geo.(*atlas).places[thirdAddr] = locate.Location{Country: "CN", Strength: locate.Strong, ASN: 1}
	})
	if m["GEO-1 standard/before"].Result != Pass || m["GEO-2 standard/before"].Result != Pass {
		t.Errorf("%+v", m["GEO-1 standard/before"])
	}
}
