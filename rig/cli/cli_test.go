package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spanrig/spanrig/rig/benchfile"
	"github.com/spanrig/spanrig/rig/policy"
)

const traces = "../../fixtures/traces/"

// call runs the command line as a user would.
func call(t *testing.T, stdin []byte, args ...string) (code int, out, errs string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = Main(context.Background(), args, Streams{In: bytes.NewReader(stdin), Out: &stdout, Err: &stderr}, benchfile.Drivers{})
	return code, stdout.String(), stderr.String()
}

func write(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// head returns the first n bytes of a committed capture as a file.
func head(t *testing.T, n int) string {
	t.Helper()
	content, err := os.ReadFile(traces + "clients/curl.pcap")
	if err != nil {
		t.Fatal(err)
	}
	return write(t, "cut.pcap", string(content[:n]))
}

func TestExitCodes(t *testing.T) {
	for _, c := range []struct {
		name string
		args []string
		code int
		errs string // in the message, which is one line
	}{
		{"pass", []string{"judge", traces + "clean-ldm"}, 0, ""},
		{"fail", []string{"judge", traces + "ldm1-tls"}, 1, ""},
		{"inconclusive", []string{"judge", traces + "cap1-slot-missing"}, 3, ""},
		{"the worst decides", []string{"judge", traces + "clean-ldm", traces + "cap1-slot-missing", traces + "ldm1-tls"}, 1, ""},
		{"required and not judged", []string{"judge", "--require", "GEO-1", traces + "clean-ldm"}, 3, ""},
		{"unknown claim", []string{"judge", "--require", "LDM-9", traces + "clean-ldm"}, 2, "LDM-9"},
		{"bare capture", []string{"judge", traces + "clients/curl.pcap"}, 1, ""},
		{"mode of a folder", []string{"judge", "--mode", "ldm", traces + "clean-ldm"}, 2, "--mode is for a bare capture"},
		{"unknown mode", []string{"judge", "--mode", "quiet", traces + "clients/curl.pcap"}, 2, "say ldm, rnm or standard"},
		{"unknown policy", []string{"judge", "--policy", "nope", traces + "clean-ldm"}, 2, "dji-pilot2, transport"},
		{"no such recording", []string{"judge", "nowhere"}, 2, "check the path"},
		{"a bundle", []string{"judge", sealed(t, traces+"clean-ldm", ".zip")}, 2, "clean-ldm.zip is no recording but an evidence bundle: spanrig evidence verify"},
		{"a bundle's folder", []string{"judge", sealed(t, traces+"clean-ldm", "")}, 2, "clean-ldm is no recording but an evidence bundle"},
		{"flows of a bundle", []string{"flows", sealed(t, traces+"clean-ldm", ".zip")}, 2, "is no recording but an evidence bundle"},
		{"baseline of a bundle", []string{"baseline", sealed(t, traces+"clean-ldm", ""), "-o", "nowhere.json"}, 2, "is no recording but an evidence bundle"},
		{"baseline of a zip", []string{"baseline", sealed(t, traces+"clean-ldm", ".zip"), "-o", "nowhere.json"}, 2, "is no recording but an evidence bundle"},
		{"one is missing", []string{"judge", traces + "clean-ldm", "nowhere", traces + "ldm1-tls"}, 2, "nowhere: no such file or directory; check the path"},
		{"misused for one", []string{"judge", "--mode", "ldm", traces + "clients/curl.pcap", traces + "clean-ldm"}, 2, "--mode is for a bare capture"},
		{"no arguments", []string{"judge"}, 2, "RECORDING"},
		{"not a capture", []string{"flows", write(t, "notes.txt", "hello world, this is text")}, 2, "notes.txt is not a capture"},
		{"empty file", []string{"flows", write(t, "nothing.pcap", "")}, 2, "empty"},
		{"header alone", []string{"flows", head(t, 24)}, 0, ""},
		{"damaged", []string{"flows", head(t, 1000)}, 0, "at byte 876"},
		{"two files", []string{"flows", "a", "b"}, 2, "one capture FILE"},
		{"unknown flag", []string{"flows", "--color", "x"}, 2, "unknown flag"},
		{"unknown command", []string{"jugde"}, 2, "unknown command"},
		{"policy ok", []string{"policy", "check", "dji-pilot2", "transport"}, 0, ""},
		{"explain nothing", []string{"policy", "explain", "."}, 2, "neither a name nor an address"},
		{"junit in no folder", []string{"judge", "--junit", "nowhere/x.xml", traces + "clean-ldm"}, 2, "write nowhere/x.xml"},
		{"overlay alone", []string{"policy", "check", write(t, "lab.yaml", "schema: 1\nname: lab\nparties:\n  operator:\n    - {domain: fleet.lab.example}\n")}, 0, ""},
		{"policy bad", []string{"policy", "check", write(t, "bad.yaml", "schema: 1\nname: x\nextra: 1\n")}, 2, ""},
		{"no database", []string{"judge", "--geo", "nowhere.mmdb", traces + "clean-ldm"}, 2, "nowhere.mmdb"},
		{"help", []string{"judge", "--help"}, 0, ""},
		{"version", []string{"--version"}, 0, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			code, _, errs := call(t, nil, c.args...)
			if code != c.code || !strings.Contains(errs, c.errs) {
				t.Errorf("%v: exit %d, want %d; stderr %q, want %q in it", c.args, code, c.code, errs, c.errs)
			}
			if n := strings.Count(errs, "\n"); n > 1 || c.errs != "" && n != 1 {
				t.Errorf("message has %d lines: %q", n, errs)
			}
		})
	}
}

func TestPolicyErrorNamesLineAndColumn(t *testing.T) {
	path := write(t, "bad.yaml", "schema: 1\nname: x\nparties:\n  first:\n    - {domian: a.example}\n")
	code, _, errs := call(t, nil, "judge", "--policy", path, traces+"clean-ldm")
	if code != 2 || !regexp.MustCompile(`bad\.yaml:5:\d+: `).MatchString(errs) {
		t.Errorf("exit %d, %q", code, errs)
	}
}

func TestBrokenChainIsAnErrorOfTheRig(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(traces+"clean-ldm")); err != nil {
		t.Fatal(err)
	}
	journal := filepath.Join(dir, "journal.jsonl")
	content, err := os.ReadFile(journal)
	if err != nil {
		t.Fatal(err)
	}
	changed := bytes.Replace(content, []byte(`"read":"ldm"`), []byte(`"read":"rnm"`), 1)
	if bytes.Equal(changed, content) {
		t.Fatal("nothing to change")
	}
	if err := os.WriteFile(journal, changed, 0o600); err != nil {
		t.Fatal(err)
	}
	junit := filepath.Join(t.TempDir(), "verdicts.xml")
	code, out, errs := call(t, nil, "judge", "--json", "--junit", junit, dir)
	if code != 4 || !strings.Contains(errs, "chain") || !strings.Contains(out, `"result": "error"`) {
		t.Errorf("exit %d, %q, %q", code, errs, out)
	}
	if content, err := os.ReadFile(junit); err != nil || !strings.Contains(string(content), `<error type="error"`) {
		t.Errorf("%v\n%s", err, content)
	}
	if code, out, _ := call(t, nil, "judge", dir, traces+"ldm1-tls"); code != 1 || !strings.Contains(out, "ldm1-tls") {
		t.Errorf("beside a fail: exit %d\n%s", code, out)
	}
}

func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	var stderr bytes.Buffer
	if code := Main(ctx, []string{"judge", traces + "clean-ldm"}, Streams{Out: &bytes.Buffer{}, Err: &stderr}, benchfile.Drivers{}); code != 130 {
		t.Errorf("exit %d, %s", code, &stderr)
	}
}

func TestJudgeJSON(t *testing.T) {
	_, first, _ := call(t, nil, "judge", "--json", traces+"ldm1-tls")
	_, second, _ := call(t, nil, "judge", "--json", traces+"ldm1-tls")
	if first != second {
		t.Error("two runs differ")
	}
	if abs, _ := filepath.Abs(traces); strings.Contains(first, filepath.Dir(abs)) || strings.Contains(first, "..") {
		t.Error("a path of this machine is in the report")
	}
	var r policy.Report
	d := json.NewDecoder(strings.NewReader(first))
	d.DisallowUnknownFields()
	if err := d.Decode(&r); err != nil {
		t.Fatal(err)
	}
	if r.Schema != 1 || r.Result != policy.Fail || len(r.Verdicts) == 0 || len(r.NotJudged) == 0 {
		t.Errorf("%+v", r)
	}
}

func TestJudgePrintsWorstFirstAndEndsWithOneLine(t *testing.T) {
	_, out, _ := call(t, nil, "judge", traces+"ldm1-tls")
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if last := lines[len(lines)-1]; !strings.HasPrefix(last, "FAIL: 3 fail, ") {
		t.Errorf("last line %q", last)
	}
	if fail, pass := strings.Index(out, "FAIL "), strings.Index(out, "PASS "); fail < 0 || pass < fail {
		t.Errorf("fail at %d, pass at %d", fail, pass)
	}
	if !strings.Contains(out, "frame.number in {") || strings.Contains(out, "\x1b") {
		t.Error("no frames, or colour in a pipe")
	}
}

func TestJUnit(t *testing.T) {
	path := filepath.Join(t.TempDir(), "verdicts.xml")
	call(t, nil, "judge", "--junit", path, traces+"ldm1-tls", traces+"cap1-slot-missing")
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`<failure type="fail"`, `<error type="inconclusive"`, `name="recording.sha256"`, `<property name="claim" value="LDM-1">`} {
		if !strings.Contains(string(content), want) {
			t.Errorf("no %s", want)
		}
	}
	if strings.Contains(string(content), "<skipped") {
		t.Error("a verdict is skipped")
	}
	if stat, err := os.Stat(path); err != nil || stat.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", stat.Mode(), err)
	}
}

func TestFlowsFromStdin(t *testing.T) {
	content, err := os.ReadFile(traces + "clients/curl.pcap")
	if err != nil {
		t.Fatal(err)
	}
	_, fromFile, _ := call(t, nil, "flows", "--json", traces+"clients/curl.pcap")
	_, fromStdin, _ := call(t, content, "flows", "--json", "-")
	if fromFile != fromStdin || !strings.Contains(fromFile, `"sni":"curl.example"`) {
		t.Errorf("file %d bytes, stdin %d bytes", len(fromFile), len(fromStdin))
	}
}

func TestFlowsParty(t *testing.T) {
	_, out, _ := call(t, nil, "flows", "--json", "--policy", "dji-pilot2", traces+"ldm1-tls/capture.pcapng")
	if !strings.Contains(out, `"party":"first"`) || !strings.Contains(out, `"party":"lan"`) {
		t.Error("no parties")
	}
}

func TestBaseline(t *testing.T) {
	path := filepath.Join(t.TempDir(), "baseline.json")
	code, _, errs := call(t, nil, "baseline", traces+"clean-ldm", "-o", path)
	if code != 0 || !strings.Contains(errs, "first-party") { // the app ran: it says so
		t.Fatalf("exit %d, %s", code, errs)
	}
	content, err := os.ReadFile(path)
	if err != nil || strings.Contains(string(content), "dji.com") {
		t.Errorf("%v\n%s", err, content)
	}
	if code, _, errs := call(t, nil, "baseline", traces+"clean-ldm", "-o", path); code != 2 || !strings.Contains(errs, "not overwritten") {
		t.Errorf("exit %d, %s", code, errs)
	}
	if code, _, errs := call(t, nil, "judge", "--baseline", path, traces+"clean-ldm"); code != 0 {
		t.Errorf("exit %d, %s", code, errs)
	}
	other := write(t, "other.json", strings.Replace(string(content), "02.01.0507", "02.02.0000", 1))
	if code, _, errs := call(t, nil, "judge", "--baseline", other, traces+"clean-ldm"); code != 2 || !strings.Contains(errs, "baseline of another firmware") {
		t.Errorf("exit %d, %s", code, errs)
	}
}

func TestCompletion(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish"} {
		if code, out, _ := call(t, nil, "completion", shell); code != 0 || len(out) < 500 {
			t.Errorf("%s: exit %d, %d bytes", shell, code, len(out))
		}
	}
	if _, out, _ := call(t, nil, "__complete", "judge", "--mode", ""); !strings.Contains(out, "ldm") {
		t.Errorf("modes: %q", out)
	}
}

// TestOneUnreadable: what cannot be read hides no verdict on the others.
func TestOneUnreadable(t *testing.T) {
	junit := filepath.Join(t.TempDir(), "verdicts.xml")
	missing := filepath.Join(t.TempDir(), "nowhere")
	code, out, errs := call(t, nil, "judge", "--junit", junit, traces+"clean-ldm", missing, traces+"ldm1-tls", write(t, "notes.txt", "hello world, this is text"))
	if code != 2 || strings.Count(errs, "\n") != 2 || !strings.Contains(errs, "check the path") || !strings.Contains(errs, "notes.txt is not a capture") {
		t.Errorf("exit %d, %q", code, errs)
	}
	for _, want := range []string{`clean-ldm  .*PASS`, `ldm1-tls   .*FAIL`, `nowhere    .*E E .*ERROR`, `notes.txt  .*E E .*ERROR`, `4 recordings: FAIL`} {
		if !regexp.MustCompile(want).MatchString(out) {
			t.Errorf("no %s in\n%s", want, out)
		}
	}
	if text := contentOf(t, junit); !strings.Contains(text, `tests="64"`) || !strings.Contains(text, "it cannot be read: no such file") {
		t.Errorf("%.300s", text)
	}
	if _, out, _ := call(t, nil, "judge", "--mode", "ldm", traces+"clients/curl.pcap", traces+"clean-ldm"); out != "" {
		t.Errorf("flags that fit no recording are no fault of one:\n%s", out)
	}
	_, out, _ = call(t, nil, "judge", "--json", missing, traces+"clean-ldm")
	var r struct{ Reports []policy.Report }
	if err := json.Unmarshal([]byte(out), &r); err != nil || len(r.Reports) != 2 || r.Reports[0].Recording.Name != "nowhere" || r.Reports[0].Result != policy.Errored || strings.Contains(out, filepath.Dir(missing)) {
		t.Errorf("%v\n%.500s", err, out)
	}
}
