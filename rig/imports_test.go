package rig_test

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"path"
	"strings"
	"testing"
)

const module = "github.com/spanrig/spanrig"

// rule forbids imports: a package that matches from must not import, directly,
// one that matches any of never. Patterns are path.Match, relative to the
// module where they start with "./"; "..." at the end takes all below.
type rule struct {
	from   string
	except []string
	never  []string
	reason string
}

var rules = []rule{
	{from: "./captures/...", never: []string{"./drivers/...", "./rig/...", "./specs/...", "./fixtures/..."}, reason: "eyes know neither hands nor judge"},
	{from: "./drivers/...", never: []string{"./captures/...", "./rig/...", "./specs/...", "./fixtures/..."}, reason: "hands never look"},
	{from: "./rig/...", never: []string{"./specs/..."}, reason: "specs stand on top"},
	{from: "./fixtures/...", never: []string{"./captures/...", "./drivers/...", "./rig/...", "./specs/..."}, reason: "fixtures are data"},
	{from: "./captures", never: []string{"./captures/..."}, reason: "a shallow package holds words and imports nothing below it"},
	{from: "./rig", never: []string{"./rig/..."}, reason: "a shallow package holds words and imports nothing below it"},
	{from: "./captures/pcapfile", never: []string{"./captures/packet", "./captures/flow", "./captures/fact", "./captures/dissect"}, reason: "files are the first station"},
	{from: "./captures/dissect", never: []string{"./captures/pcapfile", "./captures/packet", "./captures/flow", "./captures/fact", "./captures/synth"}, reason: "dissectors are pure functions over bytes"},
	{from: "./captures/packet", never: []string{"./captures/pcapfile", "./captures/dissect", "./captures/flow", "./captures/fact"}, reason: "data flows frame, packet, flow, fact"},
	{from: "./captures/flow", never: []string{"./captures/pcapfile", "./captures/fact", "./captures/synth"}, reason: "data flows frame, packet, flow, fact"},
	{from: "./captures/fact", never: []string{"./captures/pcapfile", "./captures/synth"}, reason: "facts come from flows, wherever those come from"},
	{from: "./rig/policy", never: []string{"./captures/pcapfile", "./rig/cli", "./rig/replay", "./rig/junit"}, reason: "a judgement never touches frames"},
	{from: "./rig/report", never: []string{"./captures/...", "./drivers/...", "./rig/replay", "./rig/record", "./rig/cli"}, reason: "the page reads bundles only, and cannot say more than the evidence holds"},
	{from: "./rig/drift", never: []string{"./captures/pcapfile", "./drivers/...", "./rig/replay", "./rig/record", "./rig/cli"}, reason: "a comparison starts from two surveys and never touches frames"},
	{from: "./rig/locate", never: []string{"./rig/policy", "./captures/..."}, reason: "a place is told from an address and the user's files"},
	{from: "./rig/party", never: []string{"./rig/policy", "./captures/..."}, reason: "a party is told from a name or an address and lists"},
	{from: "./captures/span", never: []string{"./captures/packet", "./captures/flow", "./captures/fact", "./captures/dissect", "./captures/synth"}, reason: "the recorder writes frames and understands none"},
	{from: "./rig/plan", never: []string{"./rig/record", "./rig/benchfile", "./rig/policy"}, reason: "a plan is data"},
	{from: "./rig/benchfile", never: []string{"./rig/record", "./rig/sim/...", "./captures/span"}, reason: "a bench is opened, whoever records with it"},
	{from: "./rig/record", never: []string{"./rig/sim/...", "./rig/cli", "./drivers/adb/...", "./drivers/serial", "./drivers/controller", "./drivers/manual"}, reason: "a session knows controllers, not how they reach their device"},
	{from: "./rig/policy", never: []string{"./drivers/...", "./rig/record", "./rig/benchfile"}, reason: "a judgement moves no hands"},
	{from: "...", except: []string{"./drivers/serial", "./drivers/serial/..."}, never: []string{"go.bug.st/serial/...", "go.bug.st/serial"}, reason: "one door for serial ports"},
	{from: "...", except: []string{"./rig/sim/world"}, never: []string{"github.com/miekg/dns", "github.com/mochi-mqtt/..."}, reason: "servers are the simulated world's"},
	{from: "...", except: []string{"./rig/sim/wiring", "./rig/sim/world"}, never: []string{"github.com/insomniacslk/dhcp/..."}, reason: "leases are the simulator's"},
	{from: "...", except: []string{"./rig/sim/..."}, never: []string{"github.com/vishvananda/..."}, reason: "namespaces and their links are the simulator's"},
	{from: "...", except: []string{"./rig/sim/adbd"}, never: []string{"mvdan.cc/sh/..."}, reason: "the simulated device's shell"},
	{from: "...", except: []string{"./captures/packet", "./captures/pcapfile", "./captures/synth"}, never: []string{"github.com/google/gopacket/..."}, reason: "gopacket has few doors, each behind recover"},
	{from: "...", except: []string{"./specs/suite", "./specs/control", "./specs/localdata", "./specs/restricted", "./specs/residency", "./specs/transport"}, never: []string{"github.com/onsi/ginkgo/..."}, reason: "judgement needs no Ginkgo; it registers 52 flags"},
	{from: "...", except: []string{"./specs/..."}, never: []string{"github.com/onsi/gomega/..."}, reason: "matchers are a thin skin over rig/policy"},
	{from: "./specs/match", never: []string{"github.com/onsi/ginkgo/..."}, reason: "matchers work in any test framework"},
	{from: "...", except: []string{"./rig/report/pagetest"}, never: []string{"github.com/chromedp/..."}, reason: "a browser is for tests"},
	{from: "...", except: []string{"./rig/cli"}, never: []string{"github.com/spf13/cobra"}, reason: "the command line is one package"},
}

type goPackage struct {
	ImportPath string
	Imports    []string
}

// TestImports holds the tree against its rules: direct imports of ordinary
// (not test) files.
func TestImports(t *testing.T) {
	packages := list(t)
	for _, p := range packages {
		for _, r := range rules {
			if !r.covers(p.ImportPath) {
				continue
			}
			for _, imported := range p.Imports {
				if imported != p.ImportPath && matchAny(r.never, imported) {
					t.Errorf("%s imports %s: %s", p.ImportPath, imported, r.reason)
				}
			}
		}
	}
	if len(packages) < 10 {
		t.Fatalf("go list found only %d packages", len(packages))
	}
}

// TestBinary holds the whole of what the command links against the two rules
// that only the closure shows.
func TestBinary(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", module+"/rig/cmd/spanrig").Output()
	if err != nil {
		t.Fatal(err)
	}
	for dep := range strings.Lines(string(out)) {
		dep = strings.TrimSpace(dep)
		if matchAny([]string{"github.com/onsi/...", "testing"}, dep) {
			t.Errorf("spanrig links %s", dep)
		}
	}
}

// TestRules shows that the matcher can fail.
func TestRules(t *testing.T) {
	r := rule{from: "./captures/...", except: []string{"./captures/x"}, never: []string{"./rig/..."}}
	for name, want := range map[string]bool{"captures": true, "captures/flow": true, "captures/x": false, "rig": false} {
		if got := r.covers(module + "/" + name); got != want {
			t.Errorf("covers(%s) = %v", name, got)
		}
	}
	if !matchAny(r.never, module+"/rig/cli") || matchAny(r.never, module+"/rigging") {
		t.Error("matchAny is wrong")
	}
}

func (r rule) covers(pkg string) bool { return match(r.from, pkg) && !matchAny(r.except, pkg) }

func matchAny(patterns []string, pkg string) bool {
	for _, p := range patterns {
		if match(p, pkg) {
			return true
		}
	}
	return false
}

func match(pattern, pkg string) bool {
	if rest, ok := strings.CutPrefix(pattern, "./"); ok {
		pattern = module + "/" + rest
	}
	if stem, ok := strings.CutSuffix(pattern, "..."); ok {
		stem = strings.TrimSuffix(stem, "/")
		return stem == "" || pkg == stem || strings.HasPrefix(pkg, stem+"/")
	}
	ok, _ := path.Match(pattern, pkg)
	return ok
}

func list(t *testing.T) []goPackage {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", module+"/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	var packages []goPackage
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p goPackage
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return packages
		} else if err != nil {
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
}
