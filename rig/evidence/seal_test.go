package evidence

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spanrig/spanrig/rig"
	"github.com/spanrig/spanrig/rig/policy"
	"github.com/spanrig/spanrig/rig/replay"
)

// TestRefusals: what cannot be sealed, and that nothing is left of it.
func TestRefusals(t *testing.T) {
	const trace = "../../fixtures/traces/clean-ldm"
	o, err := testOptions()
	if err != nil {
		t.Fatal(err)
	}
	copied := func(t *testing.T) string {
		dir := filepath.Join(t.TempDir(), "run")
		if err := os.CopyFS(dir, os.DirFS(trace)); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	for name, c := range map[string]struct {
		change func(dir string) error
		want   string
	}{
		"link":       {func(dir string) error { return os.Symlink("/etc/passwd", filepath.Join(dir, "x")) }, "x: it is no regular file"},
		"link dir":   {func(dir string) error { return os.Symlink("/etc", filepath.Join(dir, "x")) }, "x: it is no regular file"},
		"odd name":   {func(dir string) error { return os.WriteFile(filepath.Join(dir, "a:b"), nil, 0o600) }, "a:b: the name has a backslash or a colon"},
		"no UTF-8":   {func(dir string) error { return os.WriteFile(filepath.Join(dir, "a\xffb"), nil, 0o600) }, "no plain path"},
		"newline":    {func(dir string) error { return os.WriteFile(filepath.Join(dir, "a\nb"), nil, 0o600) }, "characters that are no text"},
		"journal":    {func(dir string) error { return beginWith(filepath.Join(dir, "journal.jsonl"), "{}\n") }, "hash chain broken"},
		"no windows": {func(dir string) error { return os.Remove(filepath.Join(dir, "windows.json")) }, "not a recording"},
		"no capture": {func(dir string) error {
			return os.WriteFile(filepath.Join(dir, "capture.pcapng"), []byte("no capture"), 0o600)
		}, "not a capture"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := copied(t)
			if err := c.change(dir); err != nil {
				t.Fatal(err)
			}
			for _, out := range []string{"out", "out.zip"} {
				place := t.TempDir()
				_, err := Seal(t.Context(), dir, filepath.Join(place, out), o)
				if err == nil || !strings.Contains(err.Error(), c.want) {
					t.Errorf("%v, want %s", err, c.want)
				}
				empty(t, place)
			}
		})
	}
	t.Run("exists", func(t *testing.T) {
		for _, out := range []string{"out", "out.zip"} {
			path := filepath.Join(t.TempDir(), out)
			if err := os.WriteFile(path, []byte("mine"), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := Seal(t.Context(), trace, path, o); err == nil || !strings.Contains(err.Error(), "not overwritten") {
				t.Error(err)
			}
			if b, _ := os.ReadFile(path); string(b) != "mine" {
				t.Error("it was overwritten")
			}
		}
	})
	t.Run("inside", func(t *testing.T) {
		dir := copied(t)
		for _, out := range []string{dir, filepath.Join(dir, "out.zip"), filepath.Join(dir, "screens", "..", "out")} {
			if _, err := Seal(t.Context(), dir, out, o); err == nil || !strings.Contains(err.Error(), "inside the recording") {
				t.Error(err)
			}
		}
	})
	t.Run("interrupted", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		place := t.TempDir()
		if _, err := Seal(ctx, trace, filepath.Join(place, "out.zip"), o); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		empty(t, place)
	})
}

// empty checks that nothing is left in a folder.
func empty(t *testing.T, dir string) {
	t.Helper()
	left, err := os.ReadDir(dir)
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// beginWith puts text before the content of a file.
func beginWith(path, text string) error {
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return os.WriteFile(path, append([]byte(text), content...), 0o600)
}

// TestDigests: a capture that is not what its journal says was recorded is not sealed.
func TestDigests(t *testing.T) {
	o, err := testOptions()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "run")
	if err := os.CopyFS(dir, os.DirFS("../../fixtures/traces/clean-ldm")); err != nil {
		t.Fatal(err)
	}
	digested(t, dir)
	out := filepath.Join(t.TempDir(), "out.zip")
	if _, err := Seal(t.Context(), dir, out, o); err != nil {
		t.Fatal(err)
	}
	if err := verified(t, out); err != nil {
		t.Error(err)
	}
	noteFiles(t, dir, rig.CaptureFile{Name: "capture.pcapng", SHA256: strings.Repeat("0", 64), Leaves: []string{}})
	if _, err := Seal(t.Context(), dir, out+".zip", o); !errors.Is(err, rig.ErrChanged) {
		t.Errorf("%v", err)
	}
	if _, err := rig.Open(dir); !errors.Is(err, rig.ErrChanged) {
		t.Errorf("%v", err)
	}
}

// TestKnownFacts: a recording whose facts and digests are known is sealed into
// the same bundle, and its captures are not copied into a folder.
func TestKnownFacts(t *testing.T) {
	o, err := testOptions()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "run")
	if err := os.CopyFS(dir, os.DirFS("../../fixtures/traces/ldm1-tls")); err != nil {
		t.Fatal(err)
	}
	digested(t, dir)
	rec, err := rig.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	known := o
	if known.Facts, err = replay.Facts(t.Context(), rec, o.Options); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"bundle", "bundle.zip"} {
		place := t.TempDir()
		read, written := filepath.Join(place, "read-"+name), filepath.Join(place, "written-"+name)
		if _, err := Seal(t.Context(), dir, read, o); err != nil {
			t.Fatal(err)
		}
		if _, err := Seal(t.Context(), dir, written, known); err != nil {
			t.Fatal(err)
		}
		if err := verified(t, written); err != nil {
			t.Error(err)
		}
		if a, b := contents(t, read), contents(t, written); !maps.EqualFunc(a, b, bytes.Equal) {
			t.Errorf("%s: another bundle than by reading", name)
		}
	}
	one, err := os.Stat(filepath.Join(dir, "capture.pcapng"))
	if err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(filepath.Dir(dir), "linked")
	if _, err := Seal(t.Context(), dir, out, known); err != nil {
		t.Fatal(err)
	}
	if two, err := os.Stat(filepath.Join(out, "recording/run/capture.pcapng")); err != nil || !os.SameFile(one, two) {
		t.Errorf("the capture was copied: %v", err)
	}
}

// contents are all files of a bundle.
func contents(t *testing.T, path string) files {
	t.Helper()
	s, err := openStore(path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	f := files{}
	for _, name := range s.names() {
		if f[name], err = readAll(s, name); err != nil {
			t.Fatal(err)
		}
	}
	return f
}

// digested puts the digests of its capture into the journal of a recording, as
// a recorder does.
func digested(t *testing.T, dir string) {
	t.Helper()
	capture, err := os.ReadFile(filepath.Join(dir, "capture.pcapng"))
	if err != nil {
		t.Fatal(err)
	}
	sum := digestOf(capture).sha256
	noteFiles(t, dir, rig.CaptureFile{Name: "capture.pcapng", Bytes: int64(len(capture)), SHA256: sum, Leaves: []string{sum}})
}

func noteFiles(t *testing.T, dir string, f rig.CaptureFile) {
	t.Helper()
	path := filepath.Join(dir, "journal.jsonl")
	journal, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.Split(bytes.TrimSuffix(journal, []byte("\n")), []byte("\n"))
	lines = slices.DeleteFunc(lines, func(l []byte) bool { return bytes.Contains(l, []byte(`"kind":"files"`)) })
	line, err := json.Marshal(map[string]any{"seq": 1, "time": "2026-11-23T10:00:00Z", "mono_ns": 0, "kind": rig.KindFiles, "prev": "",
		"leaf_bytes": rig.LeafBytes, "files": []rig.CaptureFile{f}})
	if err != nil {
		t.Fatal(err)
	}
	lines = append(lines[:len(lines)-1], line, lines[len(lines)-1])
	if err := os.WriteFile(path, rechain(t, lines), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestManyPolicies: more files than digits sort.
func TestManyPolicies(t *testing.T) {
	o, err := testOptions()
	if err != nil {
		t.Fatal(err)
	}
	var overlays []string
	for i := range 11 {
		path := filepath.Join(t.TempDir(), "lab.yaml")
		text := fmt.Sprintf("schema: 1\nparties:\n  operator:\n    - {domain: f%d.lab.example}\n", i)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		overlays = append(overlays, path)
	}
	if o.Policy, err = policy.Load("dji-pilot2", overlays...); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "out.zip")
	if _, err := Seal(t.Context(), "../../fixtures/traces/clean-ldm", out, o); err != nil {
		t.Fatal(err)
	}
	if err := verified(t, out); err != nil {
		t.Error(err)
	}
	b, err := Open(out)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if p, err := b.Policy(); err != nil || p.SHA256 != o.Policy.SHA256 || len(p.Sources) != 12 {
		t.Errorf("%+v, %v", p, err)
	}
}
