package drift_test

import (
	"bytes"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/spanrig/spanrig/captures/synth"
	"github.com/spanrig/spanrig/captures/synth/casebook"
	"github.com/spanrig/spanrig/rig/drift"
	"github.com/spanrig/spanrig/rig/party"
	"github.com/spanrig/spanrig/rig/policy"
)

func pageOf(t testing.TB, r *drift.Report) string {
	t.Helper()
	var b bytes.Buffer
	if err := r.WritePage(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// paged holds the page of a comparison against what every page has to be, and
// to say.
func paged(t *testing.T, r *drift.Report) {
	t.Helper()
	text := pageOf(t, r)
	wellMade(t, text)
	var want []string
	for _, v := range r.Verdicts {
		want = append(want, v.Because)
	}
	for _, one := range r.Promises {
		if one.Change != drift.Same {
			want = append(want, one.Because)
		}
	}
	for _, d := range r.Destinations {
		want = append(want, d.Name)
	}
	for _, c := range r.Claims {
		changed := func(p drift.Promise) bool { return p.Claim == c.Claim && p.Change != drift.Same }
		if want = append(want, c.Title); c.Claim == drift.Claim || slices.ContainsFunc(r.Promises, changed) {
			want = append(want, c.Quote, c.Source)
		}
	}
	want = append(want, "The sensor was alive: controls were seen out and back")
	for _, c := range r.Changes {
		want = append(want, c.Value)
	}
	want = append(append(want, r.Notes...), r.Old.SHA256, r.New.SHA256)
	for _, s := range want {
		if !strings.Contains(text, html.EscapeString(s)) {
			t.Errorf("the page does not say %q", s)
		}
	}
	if again := pageOf(t, r); again != text {
		t.Error("two pages of one comparison differ")
	}
}

// wellMade: self-contained, without script, with unique ids and links that
// lead somewhere, and every table headed.
func wellMade(t *testing.T, text string) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	ids, links := map[string]bool{}, map[string]bool{}
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		switch n.Data {
		case "script", "iframe", "object", "embed", "link", "img", "form":
			t.Errorf("the page has <%s>", n.Data)
		case "th":
			if !strings.Contains(fmt.Sprint(n.Attr), "scope") {
				t.Error("a heading of a table without scope")
			}
		}
		for _, a := range n.Attr {
			switch {
			case a.Key == "id":
				if ids[a.Val] {
					t.Errorf("two ids %q", a.Val)
				}
				ids[a.Val] = true
			case a.Key == "href" && strings.HasPrefix(a.Val, "#"):
				links[a.Val[1:]] = true
			case a.Key == "href" && n.Data == "a" && strings.HasPrefix(a.Val, "https://") && strings.Contains(fmt.Sprint(n.Attr), "noreferrer"): // who promised it
			case a.Key == "href", a.Key == "src", a.Key == "style", strings.HasPrefix(a.Key, "on"):
				t.Errorf("<%s %s=%q>", n.Data, a.Key, a.Val)
			}
		}
	}
	for id := range links {
		if !ids[id] {
			t.Errorf("a link leads to #%s, which is not there", id)
		}
	}
	if strings.Contains(text, "ZgotmplZ") || !strings.HasPrefix(text, "<!doctype html>") || !strings.Contains(text, "default-src &#39;none&#39;") {
		t.Error("no page, or one without its security policy")
	}
}

// hostile text comes from names on the wire and from files of a recording.
const hostile = "<script>alert(1)</script>\"'&\u202egnp.exe\x00\x1b[31m"

func TestHostilePage(t *testing.T) {
	mark := policy.FileRef{Name: hostile, SHA256: hostile}
	evidence := []policy.Evidence{{Flow: 1, Frames: []uint64{1}, Detail: hostile, File: hostile, FramesFile: hostile}}
	rec := drift.Recording{Name: hostile, Device: drift.Device{Model: hostile, Firmware: hostile}, App: drift.App{Package: hostile, Version: hostile}, Vantage: hostile,
		Resolvers: []netip.Addr{netip.MustParseAddr("192.0.2.1")}, Baseline: &mark, Databases: []policy.FileRef{mark}, Sealed: &mark}
	r := &drift.Report{Result: policy.Fail, Claims: []drift.Promised{{"LDM-1", hostile, hostile, "https://" + hostile}, {"GEO-1", hostile, hostile, hostile}}, Answer: "WORSE: " + hostile, Old: rec, New: rec, Policy: mark, Notes: []string{hostile},
		Windows:      []drift.Situation{{Mode: "ldm", Stimulus: hostile, Services: map[string]string{hostile: hostile}, Because: hostile}},
		Verdicts:     []policy.Verdict{{Claim: "DRIFT-1", Result: policy.Fail, Because: hostile, Evidence: evidence, Waiver: &policy.Waiver{Reason: hostile, Owner: hostile}}},
		Promises:     []drift.Promise{{Claim: "LDM-1", Window: hostile, New: policy.Fail, Result: policy.Fail, Change: drift.Worse, Because: hostile, Evidence: evidence}, {Claim: "LDM-2", Window: hostile, Change: drift.Same}},
		Destinations: []drift.Destination{{Change: drift.New, Modes: []string{"ldm"}, Name: hostile, Hosts: []string{hostile}, Services: []string{hostile}, Operator: hostile, Countries: []string{hostile}, Party: party.Third, Evidence: evidence}},
		Changes:      []drift.Change{{What: drift.Host, Change: drift.New, Mode: "ldm", Value: hostile, At: []string{hostile}}},
		Volumes:      []drift.Volume{{Mode: "ldm", Destination: hostile, Old: drift.Amount{Seconds: 1}, New: drift.Amount{Seconds: 1}}},
		NotJudged:    []policy.NotJudged{{Claim: "GEO-1", Reason: hostile}}}
	text := pageOf(t, r)
	wellMade(t, text)
	if strings.ContainsAny(text, "\u202e\x00\x1b") {
		t.Error("the page has characters that turn, hide or end text")
	}
}

// TestPageOfThousands: what a page cuts it counts, and it stays small.
func TestPageOfThousands(t *testing.T) {
	r := compareTraces(t, "clean-ldm", "ldm1-tls")
	for i := range 5000 {
		name := fmt.Sprintf("n%d.example", i)
		r.Destinations = append(r.Destinations, drift.Destination{Change: drift.New, Modes: []string{"ldm"}, Name: name, Party: party.Third})
		r.Changes = append(r.Changes, drift.Change{What: drift.Host, Change: drift.New, Mode: "ldm", Value: name, At: []string{name}})
	}
	text := pageOf(t, r)
	wellMade(t, text)
	for _, want := range []string{`4,601 more destinations`, `4,603 more changes`} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q: %q", want, regexp.MustCompile(`[\d,]+ more (destinations|changes)`).FindAllString(text, -1))
		}
	}
	if len(text) > 1<<20 {
		t.Errorf("%d bytes", len(text))
	}
}

// example is a page with something of everything.
func example(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	o := options(t, &casebook.Judge{Ranges: "prefix,country,operator\n198.51.100.0/24,US,Amazon\n203.0.113.0/24,DE,Alibaba Cloud\n"}, dir)
	visit := func(name, addr string, h synth.Hello) func(w *synth.Window) {
		h.SNI = name
		return func(w *synth.Window) {
			talk := w.At(30e9).Resolve(name, addr).Hello(addr, 443, h)
			if h.Version == synth.TLS12 {
				talk.Data(9000).Data(9000)
			}
			talk.Close()
		}
	}
	old := synth.New("run-02.01.0507").Standard(visit("www.shop.example", "198.51.100.80", synth.Hello{})).LDM().Standard()
	new := synth.New("run-02.02.0100")
	new.Inventory.Device.Firmware = "02.02.0100"
	new.Standard(visit("www.shop.example", "203.0.113.80", synth.Hello{Version: synth.TLS12}), visit("px.tracker.example", "203.0.113.81", synth.Hello{})).
		LDM(visit(synth.FirstName, synth.FirstAddr, synth.Hello{})).Standard().LDM(func(w *synth.Window) { w.Name = "ldm/again"; w.Control(3, synth.Skipped) })
	return pageOf(t, drift.Compare(o.Policy, side(t, dir, old, o), side(t, dir, new, o), drift.Options{}))
}
