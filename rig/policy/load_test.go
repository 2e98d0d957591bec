package policy

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spanrig/spanrig/rig/party"
)

// write puts files into a new folder and returns the path of the first.
func write(t testing.TB, namesAndTexts ...string) string {
	t.Helper()
	dir := t.TempDir()
	for i := 0; i < len(namesAndTexts); i += 2 {
		if err := os.WriteFile(filepath.Join(dir, namesAndTexts[i]), []byte(namesAndTexts[i+1]), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, namesAndTexts[0])
}

const head = "schema: 1\nname: x\nclaims: [{id: TLS-1, title: t}]\n"

func TestFindings(t *testing.T) {
	entry := func(list, keys string) string { return head + "parties:\n  " + list + ":\n    - {" + keys + "}\n" }
	for _, c := range []struct{ text, want string }{
		{"", "p.yaml:1:1: holds nothing"},
		{"[]", "p.yaml:1:1: a policy takes keys and values"},
		{"schema: 2\nname: x\nclaims: [{id: TLS-1, title: t}]\n", "p.yaml:1:1: schema 2 is not known"},
		{"schema: one\n", "p.yaml:1:9: schema takes a number"},
		{"schema: 1\nclaims: [{id: TLS-1, title: t}]\n", "p.yaml:1:1: name is missing"},
		{"schema: 1\nname: x\n", "p.yaml:1:1: no claims"},
		{head + "bogus: 1\n", `p.yaml:4:1: unknown key "bogus"; a policy takes schema, name`},
		{head + "name: y\n", `p.yaml:4:1: no YAML: mapping key "name" already defined`},
		{head + "parties: [\n", "p.yaml:4:10: no YAML"},
		{head + "---\nname: y\n", "p.yaml:4:1: a second document begins"},
		{head + "title: &a b\n", "p.yaml:4:8: anchors and aliases"},
		{head + "title: *a\n", "p.yaml:4:8: anchors and aliases"},
		{head + "title: !!binary aa\n", "p.yaml:4:8: tags (!) are not taken"},
		{head + "title: [a]\n", "p.yaml:4:8: title takes plain text"},
		{head + "services: maps\n", "p.yaml:4:11: services takes a list"},
		{head + "exceptions: {dns: maybe}\n", "p.yaml:4:19: dns is true or false"},
		{head + "geo: {operators: [~]}\n", "p.yaml:4:19: an entry of operators is empty"},
		{head + "geo: {operators: ['']}\n", "p.yaml:4:19: an entry of operators is empty"},
		{head + "geo: {countries: [us]}\n", `p.yaml:4:19: country "us"`},
		{head + "geo: {asns: [AS1x]}\n", `p.yaml:4:14: asn "AS1x"`},
		{head + "geo: {anycast: [192.0.2.0/33]}\n", `p.yaml:4:17: "192.0.2.0/33": neither an address nor a prefix`},
		{head + "claims: [{id: LDM-9, title: t}]\n", "already defined"},
		{"schema: 1\nname: x\nclaims: [{id: LDM-9, title: t}]\n", `p.yaml:3:15: claim "LDM-9" is not known; known are CAP-1`},
		{"schema: 1\nname: x\nclaims: [{id: TLS-1}]\n", "p.yaml:3:15: title is missing"},
		{head + "services: [{id: a, sure: high}, {id: a, sure: high}]\n", `p.yaml:4:38: service "a" stands twice`},
		{entry("first", "domian: a.example, source: s, sure: high"), `p.yaml:6:8: unknown key "domian"; an entry of first takes domain, host, prefix`},
		{entry("first", "source: s, sure: high"), "p.yaml:6:16: an entry has exactly one of domain, host and prefix, this one has 0"},
		{entry("first", "domain: a.example, prefix: 192.0.2.0/24"), "this one has 2"},
		{entry("first", "domain: a.example, sure: high"), "p.yaml:6:16: source is missing"},
		{entry("first", "domain: a.example, source: s, sure: very"), `p.yaml:6:44: sure: "very"`},
		{entry("first", "domain: a.example, source: s, sure: high, services: [fly]"), `p.yaml:6:61: service "fly" is not in services`},
		{entry("first", "domain: co.uk, source: s, sure: high"), "p.yaml:6:16: \"co.uk\": a public suffix"},
		{entry("first", "domain: 'a b', source: s, sure: high"), `p.yaml:6:16: "a b": `},
		{entry("first", "domain: 192.0.2.1, source: s, sure: high"), "write it as prefix"},
		{entry("first", "domain: '*.a.example', source: s, sure: high"), "leave the * out"},
		{entry("first", "prefix: a.example, source: s, sure: high"), "neither an address nor a prefix"},
		{entry("first", "domain: a.example, source: s, sure: high}\n    - {domain: A.Example., source: s, sure: high"), `p.yaml:7:16: entry "a.example" stands twice, first in p.yaml, line 6`},
		{entry("first", "domain: a.example, source: s, sure: high}\n  third:\n    - {domain: a.example, source: s, sure: high"), "stands twice"},
		{entry("first", "prefix: 192.0.2.1/24, source: s, sure: high}\n    - {prefix: '::ffff:192.0.2.0/120', source: s, sure: high"), `entry "192.0.2.0/24" stands twice`},
		{head + "exceptions: {http: [{method: get, host: a.example, path: /}]}\n", `p.yaml:4:30: method "get"`},
		{head + "exceptions: {http: [{method: GET, host: a.example, path: x}]}\n", `p.yaml:4:58: path "x"`},
		{head + "exceptions: {http: [{method: GET, path: /}]}\n", "host is missing"},
		{head + "secrets: [{id: a, what: cookie, pattern: '('}]\n", "p.yaml:4:42: pattern: error parsing regexp"},
		{head + "secrets: [{id: a, what: cookie, pattern: 'x*'}]\n", "finds the empty text"},
		{head + "secrets: [{id: a, what: thing, pattern: x}]\n", `what: "thing"`},
		{head + "waivers: [{claim: TLS-1, endpoint: a.example, reason: r, owner: o}]\n", "p.yaml:4:19: expires is missing"},
		{head + "waivers: [{endpoint: a.example}]\n", "p.yaml:4:22: claim is missing"},
		{head + "waivers: [{claim: TLS-1, endpoint: a.example, reason: r, owner: o, expires: soon}]\n", `p.yaml:4:77: expires: "soon"`},
		{head + "waivers: [{claim: TLS-1, endpoint: 'a b', reason: r, owner: o, expires: 2027-01-31}]\n", `p.yaml:4:36: endpoint "a b"`},
		{head + "waivers: [{claim: TLS-9, endpoint: a.example, reason: r, owner: o, expires: 2027-01-31}]\n", `claim "TLS-9" is not known`},
		{head + "extends: nosuch\n", "p.yaml:4:10: extends nosuch: no such policy; built-in are dji-pilot2, transport"},
		{head + "extends: p.yaml\n", "p.yaml:4:10: extends p.yaml: the files extend each other in a circle"},
		{strings.Repeat("[", 1<<17), "nested too deeply"},
		{strings.Repeat("- ", 1<<16), "nested too deeply"},
		{strings.Repeat("{a: ", 1<<15), "nested too deeply"},
		{"x: " + strings.Repeat("a", 1<<20), "p.yaml: larger than 1 MiB"},
	} {
		_, err := Load(write(t, "p.yaml", c.text))
		var f Finding
		if err == nil || !errors.As(err, &f) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.200q:\n got %v\nwant %s", c.text, err, c.want)
		} else if strings.Contains(err.Error(), "\n") || !strings.HasPrefix(err.Error(), "p.yaml:") {
			t.Errorf("not one line of our form: %q", err)
		}
	}
}

func TestLintFindsAll(t *testing.T) {
	path := write(t, "p.yaml", "schema: 1\nnam: x\nclaims:\n  - {id: TLS-1, titel: t}\ngeo: 5\n")
	var lines []int
	for _, f := range Lint(path) {
		lines = append(lines, f.Line)
	}
	if !slices.Equal(lines, []int{2, 4, 5}) {
		t.Errorf("findings on lines %v", lines)
	}
	path = write(t, "p.yaml", head+"geo: {countries: [us, US, u]}\nwaivers: [{claim: X, endpoint: a.example, reason: r, owner: o, expires: never}]\n")
	if n := len(Lint(path)); n != 4 {
		t.Errorf("%d findings: %v", n, Lint(path))
	}
}

func TestLoadUnreadable(t *testing.T) {
	for path, want := range map[string]string{
		"nosuch":    "nosuch: no such policy; built-in are dji-pilot2, transport",
		t.TempDir(): "no regular file",
	} {
		if _, err := Load(path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", path, err)
		}
		if f := Lint(path); len(f) != 1 {
			t.Errorf("lint %s: %v", path, f)
		}
	}
}

const labPolicy = `schema: 1
name: lab
extends: dji-pilot2
parties:
  operator:
    - {domain: fleet.example, owner: "the lab"}
waivers:
  - {claim: LDM-2, endpoint: fota.example, reason: "update check", owner: "A. Person", expires: 2027-01-31}
`

// TestExtends takes a lab's own file in each way that it can be given.
func TestExtends(t *testing.T) {
	lab := write(t, "lab.yaml", labPolicy)
	base, err := Load("dji-pilot2")
	if err != nil {
		t.Fatal(err)
	}
	alone, err := Load(lab)
	if err != nil {
		t.Fatal(err)
	}
	over, err := Load("dji-pilot2", lab, lab)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []*Policy{alone, over} {
		if len(p.Parties) != len(base.Parties)+1 || len(p.Waivers) != 1 || len(p.Claims) != len(base.Claims) {
			t.Errorf("%s: %d entries, %d waivers, %d claims", p.Name, len(p.Parties), len(p.Waivers), len(p.Claims))
		}
		if p.SHA256 == base.SHA256 {
			t.Errorf("%s has the digest of what it extends", p.Name)
		}
	}
	if alone.Name != "lab" || over.Name != "dji-pilot2" {
		t.Errorf("names %q and %q", alone.Name, over.Name)
	}
	if e := alone.Parties[len(alone.Parties)-1]; e.Party != party.Operator || e.File != "lab.yaml" || e.Line != 6 {
		t.Errorf("entry %+v", e)
	}
}

// TestConflictAcrossFiles: an overlay cannot turn the first party into an operator.
func TestConflictAcrossFiles(t *testing.T) {
	lab := write(t, "lab.yaml", "schema: 1\nname: lab\nextends: dji-pilot2\nparties:\n  operator:\n    - {domain: dji.com}\n")
	_, err := Load(lab)
	if err == nil || !strings.HasPrefix(err.Error(), `lab.yaml:6:16: entry "dji.com" stands twice, first in dji-pilot2.yaml, line `) {
		t.Errorf("got %v", err)
	}
}

func TestExplain(t *testing.T) {
	p, err := Load("dji-pilot2")
	if err != nil {
		t.Fatal(err)
	}
	for subject, want := range map[string][]string{
		"WWW.DJI.COM.":                  {"WWW.DJI.COM.: first", "domain dji.com and all below it, dji-pilot2.yaml line ", "source: v2fly", "sure: high"},
		"notdji.com":                    {": third", "registrable domain is notdji.com"},
		"flysafe-api.dji.com":           {": first", "services: flysafe", "beats domain dji.com and all below it, dji-pilot2.yaml line ", "less specific"},
		"bugly.qq.com":                  {": provider", "beats domain qq.com", "for provider comes before third"},
		"connectivitycheck.gstatic.com": {": system", "host connectivitycheck.gstatic.com alone"},
		"8.8.8.8":                       {": unknown", "a known encrypted resolver by prefix 8.8.8.8/32"},
		"::ffff:10.0.0.1":               {": lan", "local address"},
		"203.0.113.7":                   {": unknown", "no prefix of the policy holds it"},
		"a b":                           {"neither a name nor an address"},
	} {
		got := p.Explain(subject).String()
		for _, w := range want {
			if !strings.Contains(got, w) {
				t.Errorf("%s: no %q in\n%s", subject, w, got)
			}
		}
	}
}

func FuzzLoad(f *testing.F) {
	for _, s := range []string{"", head, head + "waivers: [{claim: TLS-1}]", "a: &a [*a]", "x: |\n  y\n", labPolicy, "- - - -", "{[", "? a\n: b", "\t"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		parsed, findings := decode("p.yaml", content)
		if (parsed == nil) == (len(findings) == 0) {
			t.Fatalf("value %v, findings %v", parsed, findings)
		}
		if parsed != nil && parsed.Extends.Value == "" {
			b := newBuilder()
			b.add("p.yaml", parsed, true)
			b.finish()
			findings = b.findings
		}
		for _, found := range findings {
			if s := found.Error(); strings.Contains(s, "\n") || !strings.HasPrefix(s, "p.yaml:") {
				t.Fatalf("not one line of our form: %q", s)
			}
			if lines := bytes.Count(content, []byte("\n")) + bytes.Count(content, []byte("\r")) + 2; found.Line > lines {
				t.Fatalf("%s, in %d lines", found, lines)
			}
		}
	})
}
