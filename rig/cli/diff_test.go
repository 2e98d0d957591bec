package cli

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spanrig/spanrig/captures/synth"
	"github.com/spanrig/spanrig/rig/drift"
	"github.com/spanrig/spanrig/rig/evidence"
	"github.com/spanrig/spanrig/rig/policy"
	"github.com/spanrig/spanrig/rig/replay"
)

// saved writes a recording whose standard windows also visit the names.
func saved(t *testing.T, name, firmware string, visits ...string) string {
	t.Helper()
	r := synth.New(name)
	r.Inventory.Device.Firmware = firmware
	visit := func(w *synth.Window) {
		for _, name := range visits {
			w.At(30e9).TLS(name, "203.0.113.80").Close()
		}
	}
	path, err := r.Standard(visit).LDM().Standard(visit).Save(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// sealed makes a bundle of a recording.
func sealed(t *testing.T, recording, form string, overlays ...string) string {
	t.Helper()
	p, err := policy.Load("dji-pilot2", overlays...)
	if err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), filepath.Base(recording)+form)
	if _, err := evidence.Seal(t.Context(), recording, out, evidence.Options{Options: replay.Options{Policy: p}, Tool: "spanrig test"}); err != nil {
		t.Fatal(err)
	}
	return out
}

const tracker = "px.tracker.example"

func TestDiffExitCodes(t *testing.T) {
	old, same := saved(t, "old", "02.01.0507"), saved(t, "same", "02.02.0100")
	worse := saved(t, "worse", "02.02.0100", tracker)
	broken := filepath.Join(t.TempDir(), "broken")
	if err := os.CopyFS(broken, os.DirFS(same)); err != nil {
		t.Fatal(err)
	}
	journal := filepath.Join(broken, "journal.jsonl")
	content, err := os.ReadFile(journal)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(journal, bytes.Replace(content, []byte(`"read":"ldm"`), []byte(`"read":"rnm"`), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	curl := traces + "clients/curl.pcap"
	if content, err = os.ReadFile(curl); err != nil {
		t.Fatal(err)
	}
	content[16] ^= 1 // of the snap length: another file of the same frames
	again := write(t, "again.pcap", string(content))
	for _, c := range []struct {
		name string
		args []string
		code int
		out  string // what stdout begins with
		errs string // in the message, which is one line
	}{
		{"nothing worse", []string{old, same}, 0, "NOTHING WORSE: ", ""},
		{"new destination", []string{old, worse}, 1, "WORSE: DRIFT-1 fails: 1 new destination: tracker.example", ""},
		{"gone again", []string{worse, old}, 0, "NOTHING WORSE, with a reservation: NEW's firmware", ""},
		{"the same twice", []string{old, old}, 3, "INCONCLUSIVE: OLD and NEW are the same recording", ""},
		{"and once in a bundle", []string{old, sealed(t, old, ".zip")}, 3, "INCONCLUSIVE: OLD and NEW are the same recording", ""},
		{"worse promise", []string{traces + "clean-ldm", traces + "ldm1-tls"}, 1, "WORSE: LDM-1, LDM-2 and LDM-3 fail now", ""},
		{"inconclusive", []string{traces + "clean-ldm", traces + "cap1-slot-missing"}, 3, "INCONCLUSIVE: ", ""},
		{"bare captures prove nothing", []string{curl, again}, 3, "INCONCLUSIVE: nothing is known to be worse, but ", ""},
		{"but may be trusted", []string{"--trust-capture", "by hand", curl, again}, 0, "NOTHING WORSE, with a reservation: neither names its firmware; ", ""},
		{"broken journal of NEW", []string{old, broken}, 4, "", "hash chain broken"},
		{"broken journal of OLD", []string{broken, old}, 4, "", "hash chain broken"},
		{"required DRIFT-1", []string{"--policy", "transport", "--require", "DRIFT-1", old, same}, 3, "INCONCLUSIVE: ", ""},
		{"policy without DRIFT-1", []string{"--policy", "transport", old, worse}, 3, "INCONCLUSIVE: nothing is known to be worse, but CTRL-1, TLS-1 and TLS-2 cannot", ""},
		{"required and not judged", []string{"--require", "GEO-1", old, same}, 3, "INCONCLUSIVE: ", ""},
		{"required and judged", []string{"--require", "DRIFT-1,LDM-1", old, same}, 0, "NOTHING WORSE: ", ""},
		{"unknown claim", []string{"--require", "LDM-9", old, same}, 2, "", "LDM-9"},
		{"one recording", []string{old}, 2, "", "OLD and NEW"},
		{"three recordings", []string{old, same, worse}, 2, "", "OLD and NEW"},
		{"nothing there", []string{old, "nowhere"}, 2, "", "check the path"},
		{"no capture", []string{old, write(t, "notes.txt", "hello world, this is text")}, 2, "", "notes.txt is not a capture"},
		{"junit in no folder", []string{"--junit", "nowhere/x.xml", old, same}, 2, "", "write nowhere/x.xml"},
		{"no database", []string{"--geo", "nowhere.mmdb", old, same}, 2, "", "nowhere.mmdb"},
		{"help", []string{"--help"}, 0, "Compare two recordings", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			code, out, errs := call(t, nil, append([]string{"diff"}, c.args...)...)
			if code != c.code || !strings.HasPrefix(out, c.out) || !strings.Contains(errs, c.errs) {
				t.Errorf("exit %d, want %d; stderr %q\n%s", code, c.code, errs, out)
			}
			if n := strings.Count(errs, "\n"); n > 1 || c.errs != "" && n != 1 {
				t.Errorf("message has %d lines: %q", n, errs)
			}
		})
	}
}

func TestDiffJSON(t *testing.T) {
	old, new := saved(t, "old", "02.01.0507"), saved(t, "new", "02.02.0100", tracker)
	_, first, _ := call(t, nil, "diff", "--json", old, new)
	_, second, _ := call(t, nil, "diff", "--json", old, new)
	if first != second {
		t.Error("two runs differ")
	}
	if strings.Contains(first, filepath.Dir(old)) || strings.Contains(first, "null") {
		t.Error("a path of this machine, or null, is in the report")
	}
	var r drift.Report
	d := json.NewDecoder(strings.NewReader(first))
	d.DisallowUnknownFields()
	if err := d.Decode(&r); err != nil {
		t.Fatal(err)
	}
	if r.Schema != 1 || r.Result != policy.Fail || r.Old.Device.Firmware != "02.01.0507" || r.New.Device.Firmware != "02.02.0100" || len(r.Destinations) != 1 {
		t.Errorf("%+v", r)
	}
	v := r.Verdicts[0]
	if v.Claim != "DRIFT-1" || v.Result != policy.Fail || len(v.Evidence) == 0 || v.Evidence[0].Flow == 0 || len(v.Evidence[0].Frames) == 0 {
		t.Errorf("%+v", v)
	}
}

func TestDiffJUnit(t *testing.T) {
	path := filepath.Join(t.TempDir(), "drift.xml")
	call(t, nil, "diff", "--junit", path, saved(t, "old", "02.01.0507"), saved(t, "new", "02.02.0100", tracker))
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var suites struct {
		Failures int `xml:"failures,attr"`
		Errors   int `xml:"errors,attr"`
		Tests    int `xml:"tests,attr"`
	}
	if err := xml.Unmarshal(content, &suites); err != nil || suites.Failures != 1 || suites.Errors != 0 || suites.Tests != 19 {
		t.Errorf("%+v, %v\n%s", suites, err, content)
	}
	call(t, nil, "diff", "--junit", path, traces+"clean-ldm", traces+"cap1-slot-missing")
	if content, err = os.ReadFile(path); err != nil || !strings.Contains(string(content), `<error type="inconclusive"`) || strings.Contains(string(content), "<skipped") {
		t.Errorf("%v\n%s", err, content)
	}
}

func TestDiffPage(t *testing.T) {
	path := filepath.Join(t.TempDir(), "drift.html")
	code, out, errs := call(t, nil, "diff", "--html", path, saved(t, "old", "02.01.0507"), saved(t, "new", "02.02.0100", tracker))
	content, err := os.ReadFile(path)
	if code != 1 || err != nil || !strings.HasPrefix(out, "WORSE") || !strings.Contains(string(content), "tracker.example") || !strings.Contains(string(content), "firmware 02.01.0507 to 02.02.0100") {
		t.Errorf("exit %d, %s, %v", code, errs, err)
	}
	if stat, err := os.Stat(path); err != nil || stat.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", stat.Mode(), err)
	}
}

func TestDiffBaselines(t *testing.T) {
	base := func(firmware string) string {
		return write(t, firmware+".json", `{"schema":1,"device":{"model":"RM510B","firmware":"`+firmware+`"},"seconds":86400,"recordings":[],"destinations":[{"name":"px.tracker.example","flows":1,"queries":1}]}`)
	}
	old, new := saved(t, "old", "02.01.0507"), saved(t, "new", "02.02.0100", tracker)
	code, out, _ := call(t, nil, "diff", "--baseline", base("02.01.0507"), "--baseline", base("02.02.0100"), old, new)
	if code != 1 || !strings.Contains(out, "tracker.example (system)") {
		t.Errorf("noise of the system is drift: exit %d\n%s", code, out)
	}
	if code, _, errs := call(t, nil, "diff", "--baseline", base("02.01.0507"), old, new); code != 2 || !strings.Contains(errs, "no baseline is of that firmware") {
		t.Errorf("exit %d, %s", code, errs)
	}
}

// TestDiffBundles: bundles and recordings, in every mixture, compare alike.
func TestDiffBundles(t *testing.T) {
	old, new := saved(t, "old", "02.01.0507"), saved(t, "new", "02.02.0100", tracker)
	_, want, _ := call(t, nil, "diff", old, new)
	for _, pair := range [][2]string{{sealed(t, old, ".zip"), sealed(t, new, ".zip")}, {sealed(t, old, ""), new}, {old, sealed(t, new, ".zip")}} {
		code, out, errs := call(t, nil, "diff", pair[0], pair[1])
		if code != 1 || out != want {
			t.Errorf("%v: exit %d, %s\n%s\nwant\n%s", pair, code, errs, out, want)
		}
	}
}

func TestDiffTakesThePolicyOfTheBundle(t *testing.T) {
	lab := write(t, "lab.yaml", "schema: 1\nname: lab\nparties:\n  operator:\n    - {domain: tracker.example, owner: the lab, source: the lab, sure: high}\n")
	old, new := saved(t, "old", "02.01.0507"), saved(t, "new", "02.02.0100", tracker)
	if code, out, _ := call(t, nil, "diff", sealed(t, old, ".zip"), sealed(t, new, ".zip", lab)); code != 1 || !strings.Contains(out, "tracker.example (operator)") || !strings.Contains(out, "OLD was sealed with another policy") {
		t.Errorf("exit %d\n%s", code, out)
	}
	if code, out, _ := call(t, nil, "diff", "--policy", "dji-pilot2", old, sealed(t, new, ".zip", lab)); code != 1 || !strings.Contains(out, "tracker.example (third party)") {
		t.Errorf("exit %d\n%s", code, out)
	}
}

// TestDiffBelievesNoChangedBundle: what a bundle holds is as it was sealed, or
// the exit code is that of hashes which do not match.
func TestDiffBelievesNoChangedBundle(t *testing.T) {
	old, new := saved(t, "old", "02.01.0507"), saved(t, "new", "02.02.0100")
	for _, name := range []string{"capture.pcapng", "windows.json", "inventory.json", "journal.jsonl"} {
		bundle := sealed(t, new, "")
		path := filepath.Join(bundle, "recording", "new", name)
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		content[len(content)/2] ^= 1
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		code, out, errs := call(t, nil, "diff", old, bundle)
		if code != 4 || out != "" || !strings.Contains(errs, "recording/new/"+name) || strings.Count(errs, "\n") != 1 {
			t.Errorf("%s: exit %d, %q\n%s", name, code, errs, out)
		}
	}
}

func TestMatrixIsOrderedByFirmware(t *testing.T) {
	late, early := saved(t, "a-late", "02.10.0001"), saved(t, "b-early", "02.09.0507")
	code, out, _ := call(t, nil, "judge", late, traces+"clients/curl.pcap", early)
	first, second, last := strings.Index(out, "02.09.0507"), strings.Index(out, "02.10.0001"), strings.Index(out, "curl.pcap")
	if code != 1 || first < 0 || second < first || last < second {
		t.Errorf("exit %d\n%s", code, out)
	}
	for _, want := range []string{"MODEL   FIRMWARE    APP        RECORDING", "RM510B  02.09.0507  10.1.0.30  b-early"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
}

// TestMatrixOfUnknownFirmware: without an inventory there is no such column.
func TestMatrixOfUnknownFirmware(t *testing.T) {
	if _, out, _ := call(t, nil, "judge", traces+"clients/curl.pcap", traces+"clients/curl.pcap"); !strings.HasPrefix(out, "RECORDING") {
		t.Error(out)
	}
}

// TestDiffAcceptsWaivers: answer, result, JUnit, page and exit code say the same.
func TestDiffAcceptsWaivers(t *testing.T) {
	lab := "schema: 1\nname: lab\nextends: dji-pilot2\nwaivers:\n"
	for _, claim := range []string{"LDM-1", "LDM-2", "LDM-3"} {
		lab += "  - {claim: " + claim + ", endpoint: dji.com, reason: known, owner: the lab, expires: 2027-06-30}\n"
	}
	lab = write(t, "lab.yaml", lab)
	dir := t.TempDir()
	xml, page := filepath.Join(dir, "drift.xml"), filepath.Join(dir, "drift.html")
	for _, c := range []struct {
		args                          []string
		code                          int
		answer, result, junit, onPage string
	}{
		{nil, 1, "WORSE: LDM-1, LDM-2 and LDM-3 fail now; all of it is waived", "fail", `failures="3"`, "Something is worse than in OLD</p>"},
		{[]string{"--accept-waivers"}, 0, "NOTHING WORSE but what is waived: LDM-1, LDM-2 and LDM-3 fail now, waived by the lab until 2027-06-30; 15 promises as before", "pass", `failures="0"`,
			"Nothing is worse than in OLD but what is waived</p>"},
	} {
		args := append(c.args, "--overlay", lab, traces+"clean-ldm", traces+"ldm1-tls")
		code, out, errs := call(t, nil, append([]string{"diff", "--junit", xml, "--html", page}, args...)...)
		if code != c.code || !strings.HasPrefix(out, c.answer) || errs != "" {
			t.Errorf("%v: exit %d, %q\n%s", c.args, code, errs, out)
		}
		var r drift.Report
		if _, out, _ = call(t, nil, append([]string{"diff", "--json"}, args...)...); json.Unmarshal([]byte(out), &r) != nil || string(r.Result) != c.result || !strings.HasPrefix(r.Answer, c.answer) || r.AcceptWaivers != (c.code == 0) {
			t.Errorf("%v: %s, %s, %v", c.args, r.Result, r.Answer, r.AcceptWaivers)
		}
		if text := contentOf(t, xml); !strings.Contains(text, c.junit) || !strings.Contains(text, `<property name="result" value="`+c.result+`"`) || !strings.Contains(text, c.answer) {
			t.Errorf("%v: %s", c.args, text)
		}
		if text := contentOf(t, page); !strings.Contains(text, c.onPage) || strings.Contains(text, `class="plate fail"`) != (c.code == 1) || strings.Contains(text, "somebody accepts") != (c.code == 0) {
			t.Errorf("%v: the page says something else", c.args)
		}
	}
}

func contentOf(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
