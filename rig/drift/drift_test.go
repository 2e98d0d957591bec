package drift

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/spanrig/spanrig/captures/dissect"
	"github.com/spanrig/spanrig/captures/fact"
	"github.com/spanrig/spanrig/captures/flow"
	"github.com/spanrig/spanrig/rig"
	"github.com/spanrig/spanrig/rig/locate"
	"github.com/spanrig/spanrig/rig/policy"
)

func TestFamily(t *testing.T) {
	for host, want := range map[string]string{
		"s1.cdn.example":                 "s.cdn.example",
		"s27.cdn.example":                "s.cdn.example",
		"flysafe-api-2.dji.com":          "flysafe-api.dji.com",
		"flysafe-api.dji.com":            "flysafe-api.dji.com",
		"eu-3-api.dji.com":               "eu-api.dji.com",
		"7.cdn.example":                  ".cdn.example",
		"d41d8cd98f00.cdn.example":       "#.cdn.example",
		"cafebabe.cdn.example":           "cafebabe.cdn.example", // a word
		"12345678.cdn.example":           ".cdn.example",
		"cdn2.example":                   "cdn2.example", // the registrable domain stays
		"a1.b2.shop2.example.co.uk":      "a.b.shop.example.co.uk",
		"x1.bucket7.s3.amazonaws.com":    "x.bucket7.s3.amazonaws.com",
		"localhost":                      "localhost",
		"":                               "",
		"10.113.0.203.in-addr.arpa":      "....in-addr.arpa",
		"telemetry.statistics.dji.com":   "telemetry.statistics.dji.com",
		"*.dji.com":                      "*.dji.com",
		"0123456789abcdef0.deep.cdn.com": "#.deep.cdn.com",
	} {
		if got := family(host); got != want {
			t.Errorf("%q: %q, want %q", host, got, want)
		}
	}
}

func TestDomainOf(t *testing.T) {
	for name, want := range map[string]string{
		"a.b.maker.example": "maker.example", "*.maker.example": "maker.example", "maker.co.uk": "maker.co.uk", "com": "com",
		"203.0.113.7": "", "2001:db8::1": "", "1.0.0.127.in-addr.arpa": "in-addr.arpa", "8.b.d.0.1.0.0.2.ip6.arpa": "ip6.arpa", "ip6.arpa": "ip6.arpa",
	} {
		if got := domainOf(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

// FuzzFamily: a family is a fixed point, below the same domain.
func FuzzFamily(f *testing.F) {
	for _, s := range []string{"s1.cdn.example", "..", "-1-.a.b", "d41d8cd98f00.cdn.example", "1.in-addr.arpa"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, host string) {
		one := family(host)
		if again := family(one); again != one && domainOf(one) == domainOf(host) {
			t.Fatalf("%q becomes %q, then %q", host, one, again)
		}
	})
}

func TestSame(t *testing.T) {
	amazon, alibaba := place{domain: "a.example", operator: "amazon"}, place{domain: "a.example", operator: "as64500"}
	unknown := place{domain: "a.example"}
	for _, c := range []struct {
		p, q place
		want bool
	}{
		{amazon, amazon, true},
		{amazon, alibaba, false},
		{amazon, unknown, true},
		{unknown, alibaba, true},
		{unknown, place{domain: "b.example"}, false},
		{unknown, place{domain: "a.example", services: "maps"}, false},
		{place{address: "192.0.2.1"}, place{address: "192.0.2.1"}, true},
		{place{address: "192.0.2.1"}, place{address: "192.0.2.2"}, false},
		{place{operator: "amazon"}, place{address: "192.0.2.1"}, false}, // what nothing names is not everything
		{place{operator: "amazon"}, place{operator: "amazon"}, true},
	} {
		if c.p.same(c.q) != c.want || c.q.same(c.p) != c.want {
			t.Errorf("%+v and %+v: want %v", c.p, c.q, c.want)
		}
	}
}

func TestMoved(t *testing.T) {
	for _, c := range []struct {
		old, new Amount
		want     string
	}{
		{Amount{10_000, 0, 60}, Amount{20_000, 0, 60}, "sent more"},
		{Amount{10_001, 0, 60}, Amount{20_001, 0, 60}, ""}, // not twice
		{Amount{9_999, 0, 60}, Amount{19_998, 0, 60}, ""},  // not 10 kB
		{Amount{0, 0, 60}, Amount{0, 10_000, 60}, "received more"},
		{Amount{20_000, 90_000, 60}, Amount{10_000, 10_000, 60}, "sent less, received less"},
		{Amount{20_000, 0, 60}, Amount{40_000, 0, 120}, ""}, // the same rate
		{Amount{20_000, 0, 60}, Amount{20_000, 0, 120}, "sent less"},
		{Amount{20_000, 20_000, 60}, Amount{60_000, 1_000, 60}, "sent more, received less"},
	} {
		if got := moved(c.old, c.new); got != c.want {
			t.Errorf("%+v to %+v: %q, want %q", c.old, c.new, got, c.want)
		}
	}
}

func TestCompareFirmware(t *testing.T) {
	ascending := []string{"", "1", "1.9", "01.10", "2.1.507", "02.01.0508", "02.01.0508-rc1", "02.10", "v1", "v10"}
	for i, a := range ascending {
		for j, b := range ascending {
			want := 0
			if i < j {
				want = -1
			} else if i > j {
				want = 1
			}
			if got := CompareFirmware(a, b); got != want {
				t.Errorf("%q and %q: %d, want %d", a, b, got, want)
			}
		}
	}
	if CompareFirmware("02.01.0507", "2.1.507") != 0 {
		t.Error("leading zeros make another version")
	}
}

// FuzzCompareFirmware: an order is antisymmetric, and equal to itself.
func FuzzCompareFirmware(f *testing.F) {
	f.Add("02.01.0507", "2.1.508")
	f.Add("v1", "1")
	f.Fuzz(func(t *testing.T, a, b string) {
		if CompareFirmware(a, b) != -CompareFirmware(b, a) || CompareFirmware(a, a) != 0 {
			t.Fatalf("%q and %q: %d and %d", a, b, CompareFirmware(a, b), CompareFirmware(b, a))
		}
	})
}

func TestChanged(t *testing.T) {
	for _, c := range []struct {
		old, new policy.Result
		want     string
	}{
		{policy.Pass, policy.Pass, Same}, {policy.Pass, policy.Fail, Worse}, {policy.Fail, policy.Pass, Better}, {policy.Pass, policy.Inconclusive, Unproven},
		{policy.Fail, policy.Inconclusive, Unproven}, {policy.Inconclusive, policy.Fail, Worse}, {policy.Inconclusive, policy.Pass, Better}, {policy.Pass, policy.Errored, Unproven},
	} {
		if got := changed(c.old, c.new); got != c.want {
			t.Errorf("%s to %s: %s, want %s", c.old, c.new, got, c.want)
		}
	}
}

func TestNotes(t *testing.T) {
	side := func(change func(*Side)) *Side {
		s := &Side{Inventory: rig.Inventory{Device: rig.Device{Model: "RC", Firmware: "2.0"}, App: rig.App{Package: "app"}, Vantage: "US"},
			Report: &policy.Report{Recording: policy.RecordingRef{SHA256: "aa"}}, Survey: &policy.Survey{Windows: []policy.SurveyWindow{{Window: rig.Window{Mode: "ldm"}}}}}
		change(s)
		return s
	}
	other := func(change func(*Side)) *Side {
		return side(func(s *Side) { s.Report.Recording.SHA256 = "bb"; s.Inventory.Device.Firmware = "2.1"; change(s) })
	}
	old := side(func(*Side) {})
	for _, c := range []struct {
		new  *Side
		want string // of one note; empty: there is none
	}{
		{other(func(*Side) {}), ""},
		{other(func(s *Side) { s.Inventory.Device.Model = "RC 2" }), "device model: RC in OLD, RC 2 in NEW"},
		{other(func(s *Side) { s.Inventory.Vantage = "DE" }), "vantage: US in OLD, DE in NEW"},
		{other(func(s *Side) { s.Inventory.Resolvers = []netip.Addr{netip.MustParseAddr("192.0.2.53")} }), "resolvers of the bench"},
		{other(func(s *Side) { s.Inventory.App.Package = "other" }), "app: app in OLD, other in NEW"},
		{other(func(s *Side) { s.Report.Databases = []policy.FileRef{{Name: "x.mmdb"}} }), "different databases"},
		{other(func(s *Side) { s.Report.Baseline = &policy.FileRef{} }), "system baseline"},
		{other(func(s *Side) { s.Sealed = &policy.FileRef{Name: "lab", SHA256: "0123456789abcdef"} }), "NEW was sealed with another policy, lab 0123456789ab"},
		{other(func(s *Side) { s.Survey.Windows[0].Mode = "rnm" }), "mode rnm is in NEW alone"},
	} {
		list := notes(old, c.new, nil)
		if found := slices.ContainsFunc(list, func(n string) bool { return c.want != "" && strings.Contains(n, c.want) }); found != (c.want != "") || c.want == "" && len(list) > 0 {
			t.Errorf("want %q in %q", c.want, list)
		}
	}
}

func TestReservations(t *testing.T) {
	side := func(sum, model, firmware, database string) *Side {
		return &Side{Inventory: rig.Inventory{Device: rig.Device{Model: model, Firmware: firmware}},
			Report: &policy.Report{Recording: policy.RecordingRef{SHA256: sum}, Databases: []policy.FileRef{{Name: database}}}}
	}
	moved := []Promise{{Claim: "GEO-1", Change: Worse}, {Claim: "GEO-1", Change: Worse}, {Claim: "GEO-2", Change: Same}}
	for _, c := range []struct {
		new      *Side
		promises []Promise
		want     string // of each, its result and a part of its text
	}{
		{side("bb", "RC", "2.1", "a"), nil, ""},
		{side("bb", "RC", "2.0", "a"), nil, ""}, // one release may be recorded twice
		{side("aa", "RC", "2.0", "a"), nil, "inconclusive the same recording"},
		{side("bb", "RC 2", "2.1", "a"), nil, "inconclusive of device model RC and NEW of RC 2"},
		{side("bb", "", "2.1", "a"), nil, ""},
		{side("bb", "RC", "1.9", "a"), nil, "pass wrong way round"},
		{side("bb", "RC", "", "a"), nil, "pass NEW does not name"},
		{side("bb", "RC", "2.1", "b"), moved, "pass different databases, which may be all that changed in GEO-1"},
		{side("bb", "RC", "2.1", "b"), moved[2:], ""},
		{side("bb", "RC", "2.1", "a"), moved, ""},
	} {
		list := reservations(side("aa", "RC", "2.0", "a"), c.new, c.promises)
		result, text, _ := strings.Cut(c.want, " ")
		if c.want == "" && len(list) == 0 || len(list) == 1 && string(list[0].Result) == result && strings.Contains(list[0].Text, text) && result != "" {
			continue
		}
		t.Errorf("%+v, want %q", list, c.want)
	}
	if list := reservations(side("aa", "RC", "", "a"), side("bb", "RC", "2.0", "a"), nil); len(list) != 1 || !strings.Contains(list[0].Text, "OLD does not name") {
		t.Errorf("%+v", list)
	}
	if list := reservations(side("aa", "", "", "a"), side("bb", "", "", "a"), nil); len(list) != 1 || !strings.Contains(list[0].Text, "neither names") {
		t.Errorf("%+v", list)
	}
}

// TestAnswerIsOneLine whatever the number of claims.
func TestAnswer(t *testing.T) {
	r := &Report{Result: policy.Inconclusive}
	for _, claim := range []string{"A-1", "A-2", "A-3", "A-4", "A-5", "A-6", "A-7", "A-8"} {
		r.Promises = append(r.Promises, Promise{Claim: claim, Result: policy.Inconclusive})
	}
	if got := answer(r); !strings.Contains(got, "A-6 and 2 more") || strings.Contains(got, "A-7") {
		t.Error(got)
	}
	r.Promises = []Promise{{Claim: "A-1", Result: policy.Inconclusive, Change: Unproven}, {Claim: "A-1", Result: policy.Inconclusive, Change: Unjudged},
		{Claim: "A-2", Result: policy.Inconclusive, Change: Unjudged}, {Claim: "A-3", Result: policy.Inconclusive, Change: Unjudged}}
	if got := answer(r); !strings.HasSuffix(got, "but A-1 cannot be told; A-2 and A-3 were judged before and are not now") {
		t.Error(got)
	}
}

// TestAnswerOfAcceptedDrift: a new destination that is accepted is one all the same.
func TestAnswerOfAcceptedDrift(t *testing.T) {
	r := &Report{Result: policy.Pass, AcceptWaivers: true, Verdicts: []policy.Verdict{{Claim: Claim, Result: policy.Fail, Waiver: &policy.Waiver{Owner: "lab"}}}}
	if got := answer(r); !strings.Contains(got, "but what is waived: DRIFT-1 fails now, waived by lab until") || strings.Contains(got, "no new destination") {
		t.Error(got)
	}
}

// TestAnswerOfPartlyWaived: a claim that is waived in one window and not in another is worse.
func TestAnswerOfPartlyWaived(t *testing.T) {
	w := &policy.Waiver{Owner: "lab"}
	r := &Report{Result: policy.Fail, AcceptWaivers: true, Promises: []Promise{{Claim: "LDM-1", Result: policy.Fail, Waiver: w}, {Claim: "LDM-1", Result: policy.Fail}, {Claim: "LDM-2", Result: policy.Fail, Waiver: w}}}
	if got := answer(r); !strings.HasPrefix(got, "WORSE: LDM-1 fails now; LDM-2 fails now, waived by lab") {
		t.Error(got)
	}
}

// TestTell: a doubt that several have is said once.
func TestTell(t *testing.T) {
	var list []novelty
	for _, c := range [][2]string{{"a.example", "too long"}, {"b.example", "not fit"}, {"c.example", "too long"}} {
		list = append(list, novelty{place: place{domain: c[0]}, doubt: c[1], sightings: []*sighting{{mode: "ldm", place: place{domain: c[0]}, party: "third", flow: &policy.SurveyFlow{}}}})
	}
	const want = "3 destinations: a.example (third party) in ldm, c.example (third party) in ldm: too long; b.example (third party) in ldm: not fit"
	if got := tell("destination", list); got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := tell("destination", slices.Concat(list, list)); !strings.HasPrefix(got, "6 destinations: ") || !strings.HasSuffix(got, ", and 2 more: not fit") || strings.Count(got, "too long") != 1 {
		t.Error(got)
	}
}

func exitOf(r Report, accept bool) int {
	r.AcceptWaivers = accept
	r.Result = result(&r)
	return r.Exit()
}

func TestResult(t *testing.T) {
	verdict := func(r policy.Result, w *policy.Waiver) []policy.Verdict {
		return []policy.Verdict{{Result: r, Waiver: w}}
	}
	promise := func(r policy.Result, w *policy.Waiver) []Promise { return []Promise{{Result: r, Waiver: w}} }
	waiver := &policy.Waiver{}
	for _, c := range []struct {
		r               Report
		exit, forgiving int
	}{
		{Report{}, 3, 3},
		{Report{Verdicts: verdict(policy.Pass, nil)}, 0, 0},
		{Report{Verdicts: verdict(policy.Fail, nil), Promises: promise(policy.Errored, nil)}, 1, 1},
		{Report{Verdicts: verdict(policy.Inconclusive, nil), Promises: promise(policy.Errored, nil)}, 4, 4},
		{Report{Verdicts: verdict(policy.Inconclusive, nil), Promises: promise(policy.Pass, nil)}, 3, 3},
		{Report{Verdicts: verdict(policy.Fail, waiver), Promises: promise(policy.Pass, nil)}, 1, 0},
		{Report{Verdicts: verdict(policy.Pass, nil), Promises: promise(policy.Fail, waiver)}, 1, 0},
		{Report{Verdicts: verdict(policy.Inconclusive, waiver), Promises: promise(policy.Pass, nil)}, 3, 3},
	} {
		if got, forgiving := exitOf(c.r, false), exitOf(c.r, true); got != c.exit || forgiving != c.forgiving {
			t.Errorf("%+v: exit %d and %d, want %d and %d", c.r, got, forgiving, c.exit, c.forgiving)
		}
	}
}

func TestOperatorKey(t *testing.T) {
	p := &policy.Policy{Operators: []string{"Amazon"}}
	for _, c := range []struct {
		where locate.Location
		want  string
	}{
		{locate.Location{Operator: "AMAZON-02", ASN: 16509}, "amazon"},
		{locate.Location{Operator: "AMAZON-AES", ASN: 14618}, "amazon"},
		{locate.Location{Operator: "Example CDN", ASN: 64500}, "as64500"},
		{locate.Location{Operator: "Example CDN, renamed", ASN: 64500}, "as64500"},
		{locate.Location{ASN: 64500}, "as64500"},
		{locate.Location{Operator: "Example CDN"}, "example cdn"},
		{locate.Location{}, ""},
	} {
		if got := operatorKey(p, &c.where); got != c.want {
			t.Errorf("%+v: %q, want %q", c.where, got, c.want)
		}
	}
}

func TestEndpointsOf(t *testing.T) {
	flow := func(source fact.NameSource, names ...[]string) *policy.SurveyFlow {
		return &policy.SurveyFlow{Source: source, Names: names}
	}
	a, b := choice{"one.example", "a.one.example"}, choice{"two.example", "b.two.example"}
	for _, c := range []struct {
		name string
		flow *policy.SurveyFlow
		want [][]choice
	}{
		{"DNS leaves a choice", flow(fact.FromDNS, []string{"a.one.example", "edge.cdn.example"}, []string{"b.two.example"}), [][]choice{{a, b}}},
		{"a certificate does", flow(fact.FromCert, []string{"a.one.example", "b.two.example"}), [][]choice{{a, b}}},
		{"what a flow shows is an endpoint each", flow(fact.FromHost, []string{"a.one.example"}, []string{"b.two.example"}), [][]choice{{a}, {b}}},
		{"an address is no name", flow(fact.FromSNI, []string{"203.0.113.7"}), [][]choice{{{}}}},
		{"nothing", flow(""), [][]choice{{{}}}},
	} {
		if got := endpointsOf(c.flow); !slices.EqualFunc(got, c.want, slices.Equal) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestVersionText(t *testing.T) {
	one := func(form fact.Form, change func(*flow.Flow)) *policy.SurveyFlow {
		f := &flow.Flow{}
		change(f)
		return &policy.SurveyFlow{Fact: &fact.Fact{Flow: f, Form: form}}
	}
	tls := func(version uint16) func(*flow.Flow) {
		return func(f *flow.Flow) { f.App.TLS = &dissect.TLS{Version: version} }
	}
	for _, c := range []struct {
		flow *policy.SurveyFlow
		want string
	}{
		{one(fact.NoPayload, tls(0x0304)), ""},
		{one(fact.Encrypted, tls(0x0304)), "TLS 1.3"},
		{one(fact.Encrypted, tls(0x0300)), "SSL3"},
		{one(fact.Encrypted, tls(0xfefd)), "DTLS 1.2"},
		{one(fact.Encrypted, tls(0)), ""},
		{one(fact.Encrypted, func(f *flow.Flow) { f.App.QUIC = &dissect.QUIC{Version: 1} }), "QUIC 1"},
		{one(fact.Encrypted, func(f *flow.Flow) { f.App.Protocol = dissect.SSHProtocol }), "ssh"},
		{one(fact.Cleartext, func(f *flow.Flow) { f.App.Protocol = dissect.HTTPProtocol }), "http in the clear"},
		{one(fact.Unknown, func(*flow.Flow) {}), "unknown protocol"},
		{one(fact.Unknown, func(f *flow.Flow) { f.Continues = 7 }), ""}, // its beginning was told
	} {
		if got := versionText(c.flow); got != c.want {
			t.Errorf("%+v: %q, want %q", c.flow.App, got, c.want)
		}
	}
}

// TestUnjudged: where NEW lacks the window, what OLD proved is not known, and
// what OLD broke cannot be worse.
func TestUnjudged(t *testing.T) {
	aside := func(window, mode string) *side {
		return &side{Side: &Side{Report: &policy.Report{NotJudged: []policy.NotJudged{{Claim: "GEO-1", Reason: "no first-party flow", Kind: policy.NoSubject},
			{Claim: "GEO-2", Reason: "no database", Kind: policy.NoMeans}, {Claim: "CAP-1", Reason: "trusted", Kind: policy.Vouched}},
			Verdicts: []policy.Verdict{{Claim: "PIN-1", Result: policy.Inconclusive, Because: "required, but not judged"}}},
			Survey: &policy.Survey{Windows: []policy.SurveyWindow{{Window: rig.Window{Name: window, Mode: mode}}}}}}
	}
	for _, c := range []struct {
		window, claim string
		old, want     policy.Result
		because       string
	}{
		{"other", "LDM-1", policy.Pass, policy.Inconclusive, "no such window"},
		{"other", "LDM-1", policy.Inconclusive, policy.Inconclusive, "no such window"},
		{"other", "LDM-1", policy.Fail, policy.Pass, "no such window"},
		{"ldm/idle", "GEO-1", policy.Pass, policy.Pass, "no first-party flow"},
		{"ldm/idle", "RNM-2", policy.Pass, policy.Pass, "no subject"},
		{"ldm/idle", "GEO-2", policy.Pass, policy.Inconclusive, "no database"},
		{"ldm/idle", "GEO-2", policy.Inconclusive, policy.Inconclusive, "no database"},
		{"ldm/idle", "GEO-2", policy.Fail, policy.Pass, "no database"},
		{"ldm/idle", "CAP-1", policy.Pass, policy.Pass, "trusted"},
		{"ldm/idle", "PIN-1", policy.Pass, policy.Inconclusive, "required"},
		{"ldm/idle rnm", "LDM-1", policy.Pass, policy.Inconclusive, "no such window"}, // of that mode
	} {
		window, mode, _ := strings.Cut(c.window, " ")
		one := &comparison{sides: [2]*side{aside("ldm/idle", ""), aside(window, mode)}}
		p := one.unjudged(&policy.Verdict{Claim: c.claim, Window: "ldm/idle", Result: c.old})
		if p.Result != c.want || p.Change != Unjudged || !strings.Contains(p.Because, c.because) {
			t.Errorf("%+v: %+v", c, p)
		}
	}
}

// TestBytesOfSeveralEndpoints are counted once.
func TestBytesOfSeveralEndpoints(t *testing.T) {
	s := &side{Side: &Side{Survey: &policy.Survey{Windows: []policy.SurveyWindow{{}}}}}
	s.flow(&policy.SurveyFlow{Fact: &fact.Fact{Flow: &flow.Flow{}}, Source: fact.FromHost, Names: [][]string{{"a.one.example"}, {"b.two.example"}},
		In: []policy.Exchange{{Sent: 5, Received: 7, Contact: true}}}, "")
	var sent, received uint64
	for _, one := range s.seen {
		sent, received = sent+one.sent, received+one.received
	}
	if len(s.seen) != 2 || sent != 5 || received != 7 {
		t.Errorf("%d sightings, %d sent, %d received", len(s.seen), sent, received)
	}
}
