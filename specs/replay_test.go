package specs_test

import (
	"encoding/xml"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestTraces runs the localdata specs on the repository's traces as a lab
// would, and reads what the JUnit file says. A spec that cannot fail would
// pass on the defective ones.
func TestTraces(t *testing.T) {
	bin := filepath.Join(t.TempDir(), "localdata.test")
	if out, err := exec.Command("go", "test", "-c", "-o", bin, "./localdata").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	traces, err := filepath.Abs("../fixtures/traces")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		trace, claim string
		want         string // element of the claim's case; empty: it passes
	}{
		{"clean-ldm", "LDM-1", ""},
		{"ldm1-tls", "LDM-1", "failure fail"},
		{"ldm1-quic", "LDM-1", "failure fail"},
		{"ldm3-dns-only", "LDM-3", "failure fail"},
		{"ldm3-dns-only", "LDM-2", ""},
		{"ldm4-payload", "LDM-4", "failure fail"},
		{"cap1-slot-missing", "LDM-1", "error inconclusive"},
		{"clean-rnm", "LDM-1", "error error"}, // no window of the mode: stale
		{"no-such-trace", "LDM-1", "error error"},
	} {
		t.Run(c.trace+"/"+c.claim, func(t *testing.T) {
			out := t.TempDir()
			cmd := exec.Command(bin)
			cmd.Env = append(os.Environ(), "SPANRIG_REPLAY="+filepath.Join(traces, c.trace), "SPANRIG_OUT="+out)
			printed, err := cmd.CombinedOutput()
			got := read(t, filepath.Join(out, "localdata", "junit.xml"), c.claim)
			if got != c.want {
				t.Errorf("%s is %q, want %q\n%s", c.claim, got, c.want, printed)
			}
			if (err != nil) != (c.trace != "clean-ldm") {
				t.Errorf("exit: %v", err)
			}
		})
	}
}

// read returns element and type of the claim's case; empty where it passes.
func read(t *testing.T, path, claim string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	type problem struct {
		Type string `xml:"type,attr"`
	}
	var doc struct {
		Cases []struct {
			Properties []struct {
				Name  string `xml:"name,attr"`
				Value string `xml:"value,attr"`
			} `xml:"properties>property"`
			Failure *problem  `xml:"failure"`
			Error   *problem  `xml:"error"`
			Skipped *struct{} `xml:"skipped"`
		} `xml:"testsuite>testcase"`
	}
	if err := xml.Unmarshal(content, &doc); err != nil {
		t.Fatal(err)
	}
	for _, c := range doc.Cases {
		for _, p := range c.Properties {
			if p.Name != "claim" || p.Value != claim {
				continue
			}
			switch {
			case c.Failure != nil:
				return "failure " + c.Failure.Type
			case c.Error != nil:
				return "error " + c.Error.Type
			case c.Skipped != nil:
				return "skipped"
			}
			return ""
		}
	}
	t.Fatalf("no case of %s in %s", claim, strings.TrimSpace(string(content)))
	return ""
}
