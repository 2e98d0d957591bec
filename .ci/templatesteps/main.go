// Command templatesteps runs the steps of the templates for the CI of others as
// their runners do, in temporary checkouts, and holds exit codes and files
// against what the templates promise. Its argument is the program to test with.
// The last line of its output is "N passed, N failed, N skipped".
package main

import (
	"archive/zip"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// trial is one use of a template.
type trial struct {
	name   string
	with   map[string]string // inputs of the action; the GitLab job gets the same as variables
	broken string            // recording whose journal is changed first
	seal   string            // recording that is sealed to last.zip first
	code   int               // of the job
	files  []string          // that must be in the results, beside judge.xml and judge.txt
	never  []string          // that must not exist
	sealed map[string]string // results that bundles must have, by name
	tool   string            // that must have sealed the first of files
	stale  bool              // the folder for the results has a file before
	says   string            // in judge.txt or a drift text
	source bool              // the checkout has the program's source too
}

const traces = "fixtures/traces/"

// page lists what a recording leaves; drift what a comparison adds.
func page(name string) []string { return []string{name + ".zip", name + ".html"} }
func drift(name string) []string {
	return []string{name + ".drift.xml", name + ".drift.html", name + ".drift.txt"}
}

var trials = []trial{
	{name: "pass", with: map[string]string{"recordings": traces + "clean-ldm"}, code: 0, files: page("clean-ldm"), never: drift("clean-ldm"), says: "PASS: "},
	{name: "fail", with: map[string]string{"recordings": traces + "ldm1-tls/"}, code: 1, files: page("ldm1-tls"), says: "FAIL: "},
	{name: "inconclusive", with: map[string]string{"recordings": traces + "cap1-slot-missing"}, code: 3, files: page("cap1-slot-missing"), says: "INCONCLUSIVE: "},
	{name: "inconclusive allowed", with: map[string]string{"recordings": traces + "cap1-slot-missing", "allow-inconclusive": "true"}, code: 0, files: page("cap1-slot-missing")},
	{name: "a fail is not allowed", with: map[string]string{"recordings": traces + "ldm1-tls", "allow-inconclusive": "true"}, code: 1},
	{name: "the worst decides", with: map[string]string{"recordings": traces + "clean-ldm\n\n" + traces + "ldm1-tls\n" + traces + "cap1-slot-missing\n"}, code: 1,
		files: slices.Concat(page("clean-ldm"), page("ldm1-tls"), page("cap1-slot-missing")), says: "3 recordings: FAIL"},
	{name: "a pattern", with: map[string]string{"recordings": traces + "clean-*"}, code: 0, files: slices.Concat(page("clean-ldm"), page("clean-rnm")), says: "2 recordings: PASS"},
	{name: "error of the rig", with: map[string]string{"recordings": traces + "clean-ldm"}, broken: "clean-ldm", code: 4, never: page("clean-ldm")},
	{name: "nothing there", with: map[string]string{"recordings": "nowhere"}, code: 2, never: page("nowhere")},
	{name: "no recordings", with: map[string]string{"recordings": "\n"}, code: 2},
	{name: "unknown policy", with: map[string]string{"recordings": traces + "clean-ldm", "policy": "nope"}, code: 2},
	{name: "required and not judged", with: map[string]string{"recordings": traces + "clean-ldm", "require": "GEO-1"}, code: 3, says: "GEO-1"},
	{name: "flags", with: map[string]string{"recordings": traces + "clean-ldm", "flags": "--geo=fixtures/geo/country.mmdb\n--asn=fixtures/geo/asn.mmdb"}, code: 0, says: "GEO-2"},
	{name: "a capture, trusted", with: map[string]string{"recordings": traces + "clients/curl.pcap", "flags": "--trust-capture=by hand, log 17\n--mode=standard"}, code: 1, files: page("curl.pcap")},
	{name: "nothing worse", with: map[string]string{"recordings": traces + "clean-ldm", "previous": traces + "ldm1-tls"}, code: 0, files: slices.Concat(page("clean-ldm"), drift("clean-ldm")), says: "NOTHING WORSE: "},
	{name: "worse than a bundle", with: map[string]string{"recordings": traces + "ldm1-tls", "previous": "last.zip"}, seal: "clean-ldm", code: 1, files: drift("ldm1-tls"), says: "WORSE: LDM-1"},
	{name: "as bad as before", with: map[string]string{"recordings": traces + "ldm1-tls", "previous": "last.zip"}, seal: "ldm1-quic", code: 1, files: drift("ldm1-tls"), says: "NOTHING WORSE: "},
	{name: "cannot be compared", with: map[string]string{"recordings": traces + "clean-ldm", "previous": traces + "clean-rnm"}, code: 3, files: drift("clean-ldm"), says: "INCONCLUSIVE: nothing is known to be worse"},
	{name: "previous is gone", with: map[string]string{"recordings": traces + "clean-ldm", "previous": "nowhere.zip"}, code: 2, files: page("clean-ldm")},
	{name: "inputs are no program", with: map[string]string{"recordings": "$(touch pwned)\n`touch pwned`; touch pwned", "policy": "\"; touch pwned; \"", "flags": "$(touch pwned)"}, code: 2, never: []string{"../pwned", "pwned"}},
	{name: "what is required is required of the bundle", with: map[string]string{"recordings": traces + "clean-ldm", "require": "GEO-1"}, code: 3, sealed: map[string]string{"clean-ldm": "FAILED"}},
	{name: "what is waived is waived in the bundle", with: map[string]string{"recordings": traces + "ldm1-tls", "accept-waivers": "true", "flags": "--overlay=waivers.yaml"}, code: 0, sealed: map[string]string{"ldm1-tls": "WARNED"}},
	{name: "what is not accepted fails in the bundle", with: map[string]string{"recordings": traces + "ldm1-tls", "flags": "--overlay=waivers.yaml"}, code: 1, sealed: map[string]string{"ldm1-tls": "FAILED"}},
	{name: "blanks and line ends", with: map[string]string{"recordings": "  " + traces + "clean-ldm \t\r\n", "flags": " --require=LDM-1 \r\n"}, code: 0, files: page("clean-ldm"), says: "PASS: "},
	{name: "old results", with: map[string]string{"recordings": traces + "clean-ldm"}, stale: true, code: 2, never: page("clean-ldm")},
	{name: "names are no flags", with: map[string]string{"recordings": "--help"}, code: 2},
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: templatesteps SPANRIG")
		os.Exit(2)
	}
	passed, failed, err := all(os.Args[1])
	if err != nil {
		fmt.Println("FAILED:", err)
		failed++
	}
	fmt.Printf("%d passed, %d failed, 0 skipped\n", passed, failed)
	if failed > 0 {
		os.Exit(1)
	}
}

// all runs every trial with both templates, and once the building.
func all(spanrig string) (passed, failed int, err error) {
	if spanrig, err = filepath.Abs(spanrig); err != nil {
		return 0, 0, err
	}
	action, err := loadAction(".github/actions/replay/action.yml")
	if err != nil {
		return 0, 0, err
	}
	job, err := loadJob(".gitlab/replay.yml")
	if err != nil {
		return 0, 0, err
	}
	count := func(name string, err error) {
		if passed++; err != nil {
			passed--
			failed++
			fmt.Printf("FAILED: %s: %v\n", name, err)
		}
	}
	for i := range trials {
		t := &trials[i]
		count("action: "+t.name, t.in(func(dir string) (int, error) { return action.run(dir, spanrig, t.with) }))
		count("GitLab: "+t.name, t.in(func(dir string) (int, error) { return job.run(dir, spanrig, t.with) }))
	}
	built := trial{name: "builds itself", with: map[string]string{"recordings": traces + "clean-ldm"}, files: page("clean-ldm"), says: "PASS: ", source: true, tool: "spanrig v1.2.3"}
	count("action: "+built.name, built.in(func(dir string) (int, error) { return action.run(dir, "", built.with) }))
	return passed, failed, nil
}

// in runs the trial in a temporary checkout.
func (t *trial) in(use func(dir string) (int, error)) error {
	dir, err := os.MkdirTemp("", "spanrig-templates-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := t.prepare(dir); err != nil {
		return err
	}
	code, err := use(dir)
	if err != nil {
		return err
	}
	if code != t.code {
		return fmt.Errorf("exit code %d, want %d", code, t.code)
	}
	return t.check(filepath.Join(dir, results))
}

// results is the folder that the templates leave.
const results = "spanrig-out"

// waivers accept what ldm1-tls breaks.
const waivers = `schema: 1
name: waivers
waivers:
  - {claim: LDM-1, endpoint: flysafe-api.dji.com, reason: known, owner: the lab, expires: 2030-01-31}
  - {claim: LDM-2, endpoint: flysafe-api.dji.com, reason: known, owner: the lab, expires: 2030-01-31}
  - {claim: LDM-3, endpoint: flysafe-api.dji.com, reason: known, owner: the lab, expires: 2030-01-31}
`

// prepare makes the checkout: the files of the repository, and what the trial asks for.
func (t *trial) prepare(dir string) error {
	want := []string{"ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", "fixtures", ".github"}
	if t.source {
		want = append(want, "go.mod", "go.sum", "captures", "drivers", "rig")
	}
	list, err := exec.Command("git", want...).Output()
	if err != nil {
		return err
	}
	for name := range strings.SplitSeq(strings.TrimRight(string(list), "\x00"), "\x00") {
		content, err := os.ReadFile(name)
		if errors.Is(err, os.ErrNotExist) {
			continue // removed, and not committed yet
		}
		if err != nil {
			return err
		}
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			return err
		}
	}
	if t.broken != "" {
		path := filepath.Join(dir, traces, t.broken, "journal.jsonl")
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(strings.Replace(string(content), `"read":"ldm"`, `"read":"rnm"`, 1)), 0o600); err != nil {
			return err
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "waivers.yaml"), []byte(waivers), 0o600); err != nil {
		return err
	}
	if t.stale {
		if err := errors.Join(os.Mkdir(filepath.Join(dir, results), 0o700), os.WriteFile(filepath.Join(dir, results, "old.zip"), nil, 0o600)); err != nil {
			return err
		}
	}
	if t.seal == "" {
		return nil
	}
	return exec.Command("bin/spanrig", "evidence", "seal", "-o", filepath.Join(dir, "last.zip"), traces+t.seal).Run()
}

// check holds the files of the results against what was promised.
func (t *trial) check(out string) error {
	var texts strings.Builder
	wanted := append([]string{"judge.xml", "judge.txt"}, t.files...)
	if t.stale {
		wanted = nil
	}
	for _, name := range wanted {
		if t.code == 2 && name == "judge.xml" {
			continue // an input that cannot be read has no verdicts
		}
		content, err := os.ReadFile(filepath.Join(out, name))
		if err != nil {
			return fmt.Errorf("no %s in the results", name)
		}
		if len(content) == 0 && t.code != 2 {
			return fmt.Errorf("%s is empty", name)
		}
		switch filepath.Ext(name) {
		case ".txt":
			texts.Write(content)
		case ".xml":
			if !strings.Contains(string(content), "<testsuites name=\"spanrig\"") {
				return fmt.Errorf("%s is no JUnit", name)
			}
		case ".html":
			if !strings.HasPrefix(string(content), "<!doctype html>") {
				return fmt.Errorf("%s is no page", name)
			}
		}
	}
	for _, name := range t.never {
		if _, err := os.Stat(filepath.Join(out, name)); err == nil {
			return fmt.Errorf("%s is there", name)
		}
	}
	if !strings.Contains(texts.String(), t.says) {
		return fmt.Errorf("the texts do not say %q", t.says)
	}
	if t.tool != "" {
		var manifest struct {
			Tool string `json:"tool"`
		}
		if err := entry(filepath.Join(out, t.files[0]), "manifest.json", &manifest); err != nil || manifest.Tool != t.tool {
			return fmt.Errorf("%s was sealed by %q, want %q (%v)", t.files[0], manifest.Tool, t.tool, err)
		}
	}
	for name, want := range t.sealed {
		if got, err := sealed(filepath.Join(out, name+".zip")); err != nil || got != want {
			return fmt.Errorf("%s.zip says %q, want %q (%v)", name, got, want, err)
		}
	}
	return nil
}

// entry reads a JSON file of a bundle.
func entry(path, name string, v any) error {
	z, err := zip.OpenReader(path)
	if err != nil {
		return err
	}
	defer z.Close()
	content, err := fs.ReadFile(z, name)
	if err != nil {
		return err
	}
	return json.Unmarshal(content, v)
}

// sealed is the result that a bundle's in-toto statement has.
func sealed(path string) (string, error) {
	var envelope struct {
		Payload []byte `json:"payload"`
	}
	var statement struct {
		Predicate struct {
			Result string `json:"result"`
		} `json:"predicate"`
	}
	err := entry(path, "attestation.json", &envelope)
	if err == nil {
		err = json.Unmarshal(envelope.Payload, &statement)
	}
	return statement.Predicate.Result, err
}
