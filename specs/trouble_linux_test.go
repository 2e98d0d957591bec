package specs_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/spanrig/spanrig/rig"
)

// keys are the own keys of a journal line.
type keys = map[string]any

// line is a journal line without what every line has.
type line struct {
	kind string
	keys keys
}

// TestTrouble: every package of a run on a bench fails where the rig did, also
// where all verdicts pass and another process has recorded; JUnit has it as an
// error beside the claims.
func TestTrouble(t *testing.T) {
	packages := []string{compiled(t, "localdata"), compiled(t, "control")}
	complete, not := line{"end", keys{"complete": true}}, line{"end", keys{"complete": false}}
	for name, c := range map[string]struct {
		lines []line
		rig   string // element of the rig's case; empty: there is none
	}{
		"whole":         {[]line{complete}, ""},
		"recovered":     {[]line{{"problem", keys{"window": "ldm/idle", "error": "lost", "then": "recover"}}, complete}, ""},
		"problem":       {[]line{{"problem", keys{"window": "ldm/idle", "error": "lost"}}, not}, "error error"},
		"of the bench":  {[]line{{"problem", keys{"window": "", "error": "put the device back: lost"}}, not}, "error error"},
		"skipped":       {[]line{{"skipped", keys{"window": "ldm/reboot", "reason": "no power"}}, not}, "error error"},
		"not complete":  {[]line{not}, "error error"},
		"process ended": {nil, "error error"},
	} {
		t.Run(name, func(t *testing.T) {
			out := t.TempDir()
			printed, failed := second(t, out, recording(t, c.lines), packages)
			for i, topic := range []string{"localdata", "control"} {
				got := results(t, filepath.Join(out, topic, "junit.xml"))
				if got["rig"] != c.rig || failed[i] != (c.rig != "") {
					t.Errorf("%s: rig is %q, failed %v; want %q\n%s", topic, got["rig"], failed[i], c.rig, printed)
				}
				if topic == "localdata" && got["LDM-1"] != "" {
					t.Errorf("LDM-1 is %q\n%s", got["LDM-1"], printed)
				}
			}
		})
	}
}

// recording is the clean trace with other lines at the end of its journal.
func recording(t *testing.T, lines []line) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("../fixtures/traces/clean-ldm")); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "journal.jsonl")
	old, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	j, err := rig.ParseJournal(old)
	if err != nil {
		t.Fatal(err)
	}
	var buf bytes.Buffer
	w := rig.NewJournalWriter(&buf)
	for _, e := range j.Entries[:len(j.Entries)-1] { // without the end
		own := keys{}
		if err := json.Unmarshal(e.Line, &own); err != nil {
			t.Fatal(err)
		}
		for _, k := range []string{"seq", "time", "mono_ns", "kind", "prev"} {
			delete(own, k)
		}
		if err := w.Append(time.Unix(0, e.Time), time.Duration(e.Mono), e.Kind, own); err != nil {
			t.Fatal(err)
		}
	}
	for _, l := range lines {
		if err := w.Append(time.Unix(0, j.Last()), 0, l.kind, l.keys); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(path, buf.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

// run is what starts the packages of one run, in the way of go test: here the
// bench's recording is there already, as if another package had made it.
const run = `#!/bin/sh
id=$$-$(cut -d' ' -f22 /proc/$$/stat)-$(cut -c1-8 /proc/sys/kernel/random/boot_id)
mkdir -p "$SPANRIG_OUT/live" && cp -r "$1" "$SPANRIG_OUT/live/desk-$id" || exit
shift
for package; do "$package"; echo "$package ended with $?"; done
`

const bench = `schema: 1
name: desk
device: {operator: true, macs: ['02:00:5e:00:00:10']}
span: {interfaces: [nosuch0]}
control: {by_rig: true}
`

// second runs packages of specs on a bench whose recording is ready, and
// returns what they print and which fail.
func second(t *testing.T, out, recording string, packages []string) (printed string, failed []bool) {
	t.Helper()
	dir := t.TempDir()
	plan := filepath.Join(dir, "of-the-run")
	for _, err := range []error{
		os.Mkdir(plan, 0o700), os.Rename(recording, filepath.Join(plan, "plan")),
		os.WriteFile(filepath.Join(dir, "go"), []byte(run), 0o700),
		os.WriteFile(filepath.Join(dir, "bench.yaml"), []byte(bench), 0o600),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(filepath.Join(dir, "go"), append([]string{plan}, packages...)...)
	cmd.Env = append(os.Environ(), "SPANRIG_BENCH="+filepath.Join(dir, "bench.yaml"), "SPANRIG_OUT="+out)
	text, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	for _, p := range packages {
		failed = append(failed, !bytes.Contains(text, []byte(p+" ended with 0\n")))
	}
	return string(text), failed
}
