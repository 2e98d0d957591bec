package specs_test

import (
	"encoding/xml"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestTraces runs the localdata specs on the repository's traces as a lab
// would, and reads what the JUnit file says. A spec that cannot fail would
// pass on the defective ones.
func TestTraces(t *testing.T) {
	bin := compiled(t, "localdata")
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
			got, judged := results(t, filepath.Join(out, "localdata", "junit.xml"))[c.claim]
			if got != c.want || !judged {
				t.Errorf("%s is %q, want %q\n%s", c.claim, got, c.want, printed)
			}
			if (err != nil) != (c.trace != "clean-ldm") {
				t.Errorf("exit: %v", err)
			}
		})
	}
}

// compiled builds the specs of a topic.
func compiled(t *testing.T, topic string) string {
	t.Helper()
	bin := filepath.Join(t.TempDir(), topic+".test")
	if out, err := exec.Command("go", "test", "-c", "-o", bin, "./"+topic).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return bin
}

// results are element and type of each case by its claim, else by its name;
// empty where it passes.
func results(t *testing.T, path string) map[string]string {
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
			Name       string `xml:"name,attr"`
			Properties []struct {
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
	list := map[string]string{}
	for _, c := range doc.Cases {
		for _, p := range c.Properties { // a claim each
			c.Name = p.Value
		}
		list[c.Name] = ""
		switch {
		case c.Failure != nil:
			list[c.Name] = "failure " + c.Failure.Type
		case c.Error != nil:
			list[c.Name] = "error " + c.Error.Type
		case c.Skipped != nil:
			list[c.Name] = "skipped"
		}
	}
	return list
}
