package report

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"html"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spanrig/spanrig/rig"
	"github.com/spanrig/spanrig/rig/evidence"
	"github.com/spanrig/spanrig/rig/policy"
	"github.com/spanrig/spanrig/rig/replay"
)

const waiving = "schema: 1\nname: ov\nwaivers:\n" +
	"  - {claim: LDM-1, endpoint: 0.0.0.0/0, reason: known, owner: me, expires: 2099-01-31}\n" +
	"  - {claim: LDM-2, endpoint: 0.0.0.0/0, reason: known, owner: me, expires: 2099-01-31}\n"

// TestGrounds: a page says by what was judged where that was not only the shipped
// policy, and its command gives the same verdicts.
func TestGrounds(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	ours, err := os.ReadFile("../../fixtures/policies/dji-pilot2.yaml")
	if err != nil {
		t.Fatal(err)
	}
	swapped := write("swapped/dji-pilot2.yaml", strings.ReplaceAll(string(ours), "dji.com", "djix.com"))
	trace := filepath.Join("..", "..", "fixtures", "traces", "ldm1-tls")
	for _, c := range []struct {
		name, recording, policy string
		overlays                []string
		judge                   policy.Options
		want, never             []string
		alone                   bool // one command gives the verdicts
	}{
		{"shipped", trace, "dji-pilot2", nil, policy.Options{}, []string{"as shipped with spanrig"}, []string{"Another policy.", "Conditions", "Waivers accepted."}, true},
		{"swapped", trace, swapped, nil, policy.Options{},
			[]string{"<strong>Another policy.</strong> It calls itself dji-pilot2 and is not the dji-pilot2 of the program", "not the one of that name that spanrig ships"}, []string{"dji-pilot2: as shipped"}, true},
		{"own", trace, write("lab.yaml", "schema: 1\nname: lab\nextends: dji-pilot2\n"), nil, policy.Options{}, []string{"not one that spanrig ships", "policy/2/lab.yaml: names the policy"}, []string{"Another policy."}, true},
		{"overlay", trace, "dji-pilot2", []string{write("a, b's.yaml", waiving)}, policy.Options{AcceptWaivers: true, Require: []string{"LDM-1", "PIN-1"}},
			[]string{"dji-pilot2 with a, b&#39;s.yaml", "1 file added to it", "<strong>Waivers accepted.</strong>", "LDM-1 and LDM-2. On this page they stay broken", "waivers accepted; required: LDM-1 and PIN-1", "added to it; not as shipped"}, nil, true},
		{"bare", filepath.Join(trace, "capture.pcapng"), "dji-pilot2", nil, policy.Options{Mode: "ldm", Devices: []string{"02:00:5e:00:00:10"}, Trust: "it's checked; $(exit 1) `exit 1`"},
			[]string{"trusted without controls; mode ldm on somebody’s word; device on somebody’s word", "Trusted, because"}, nil, true},
		{"paths", trace, write("x/main.yaml", "schema: 1\nname: main\nextends: ../swapped/dji-pilot2.yaml\n"), nil, policy.Options{}, []string{"No single <code>spanrig judge</code>"}, nil, false},
		{"long", trace, "dji-pilot2", nil, policy.Options{Trust: strings.Repeat("very long ", 200)}, []string{"No single <code>spanrig judge</code>"}, nil, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, err := policy.Load(c.policy, c.overlays...)
			if err != nil {
				t.Fatal(err)
			}
			out := filepath.Join(t.TempDir(), "bundle")
			if _, err := evidence.Seal(t.Context(), c.recording, out, evidence.Options{Options: replay.Options{Policy: p, Judge: c.judge}, Tool: "test"}); err != nil {
				t.Fatal(err)
			}
			b, err := evidence.Open(out)
			if err != nil {
				t.Fatal(err)
			}
			defer b.Close()
			page := pageOf(t, b)
			sound(t, page)
			holds(t, page, c.want, c.never)
			line := judgeLine.FindStringSubmatch(page)
			if (line != nil) != c.alone {
				t.Fatalf("command %q", line)
			}
			if line != nil {
				again(t, out, html.UnescapeString(line[1]))
			}
		})
	}
}

var judgeLine = regexp.MustCompile(`class="paste">spanrig judge ([^<]*)</code>`)

// again lets a shell split the arguments, judges by them in the bundle's folder
// and holds the outcome against the verdicts there.
func again(t *testing.T, bundle, arguments string) {
	t.Helper()
	text, err := exec.Command("sh", "-c", `printf '%s\n' `+arguments).Output()
	if err != nil {
		t.Fatal(err)
	}
	args := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	var name string
	var overlays []string
	var o policy.Options
	at := func(name string) string { return filepath.Join(bundle, strings.Trim(name, `"`)) }
	for i := 1; i < len(args); i += 2 {
		switch flag := args[i]; flag {
		case "--policy":
			name = at(args[i+1])
		case "--overlay":
			overlays = append(overlays, at(args[i+1]))
		case "--mode":
			o.Mode = args[i+1]
		case "--device":
			o.Devices = append(o.Devices, args[i+1])
		case "--require":
			o.Require = append(o.Require, args[i+1])
		case "--trust-capture":
			o.Trust = args[i+1]
		case "--accept-waivers":
			i--
		default:
			t.Fatalf("flag %q in %q", flag, args)
		}
	}
	p, err := policy.Load(name, overlays...)
	if err != nil {
		t.Fatal(err)
	}
	rec, err := rig.Open(at(args[0]))
	if err != nil {
		t.Fatal(err)
	}
	r, err := replay.Judge(t.Context(), rec, replay.Options{Policy: p, Judge: o})
	if err != nil {
		t.Fatal(err)
	}
	var have bytes.Buffer
	e := json.NewEncoder(&have)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(r); err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile(filepath.Join(bundle, evidence.VerdictsName))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(have.Bytes(), want) {
		t.Errorf("spanrig judge %s gives other verdicts than the bundle has", arguments)
	}
}

// TestQuoted holds what a command quotes against a shell.
func TestQuoted(t *testing.T) {
	for _, s := range append(slices.Clone(attacks[:9]), "", "a b", "it's", "$(exit 3)", "`exit 3`", "=ls", "~", "a\\", `"`, "*", "!x", "recording/a-b_c.d") {
		if strings.ContainsAny(s, "\x00\n") {
			continue
		}
		out, err := exec.Command("sh", "-c", command("printf %s", s)).Output()
		if err != nil || string(out) != s {
			t.Errorf("%q became %q, %v", s, out, err)
		}
	}
	if got := command("spanrig evidence verify", local("-rf.zip")); got != "spanrig evidence verify ./-rf.zip" {
		t.Error(got)
	}
}

// TestSignatures: the page says of a signature what is known of it, and no more.
func TestSignatures(t *testing.T) {
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	trace, out := filepath.Join("..", "..", "fixtures", "traces", "clean-ldm"), filepath.Join(t.TempDir(), "bundle.zip")
	if _, err := evidence.Seal(t.Context(), trace, out, evidence.Options{Options: replay.Options{Policy: shipped(t)}, Tool: "test", Key: key}); err != nil {
		t.Fatal(err)
	}
	b, err := evidence.Open(out)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	holds(t, pageOf(t, b), []string{"by who sealed the bundle; valid for this bundle", "Whose a key is, the bundle cannot say and this page cannot know", "<small>1 signature</small>"}, []string{"Only <code>spanrig evidence verify</code> says"})
	page := pageOf(t, seal(t, trace, policy.Options{}))
	holds(t, page, []string{"The bundle is not signed: its files fit each other, and nothing says who made them.", "This page itself is not signed.", "<small>not signed</small>"}, nil)
}
