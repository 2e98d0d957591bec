package evidence

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spanrig/spanrig/rig"
	"github.com/spanrig/spanrig/rig/replay"
)

// TestCanonical holds the form against examples of RFC 8785.
func TestCanonical(t *testing.T) {
	for text, want := range map[string]string{
		// section 3.2.3, sorting by UTF-16
		`{"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One","\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis"}`: `{"\r":"Carriage Return","1":"One","` + "\u0080" + `":"Control","ö":"Latin Small Letter O With Diaeresis","€":"Euro Sign","😀":"Emoji: Grinning Face","` + "\ufb33" + `":"Hebrew Letter Dalet With Dagesh"}`,
		// section 3.2.2, strings and literals
		`{"string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/","literals":[null,true,false]}`: `{"literals":[null,true,false],"string":"€$\u000f\nA'B\"\\\\\"/"}`,
		`"\b\f\t\u007f\u2028<>&"`:      `"\b\f\t` + "\u007f\u2028" + `<>&"`,
		`[ 1 , -0, 9007199254740992 ]`: `[1,0,9007199254740992]`,
		`[9007199254740993]`:           "",
		`[1.5]`:                        "",
		`{}`:                           `{}`,
	} {
		var v any
		d := json.NewDecoder(strings.NewReader(text))
		d.UseNumber()
		if err := d.Decode(&v); err != nil {
			t.Fatal(err)
		}
		got, err := canonical(v)
		if (err != nil) != (want == "") || err == nil && string(got) != want {
			t.Errorf("%s: %s, %v, want %s", text, got, err, want)
		}
	}
}

// TestLargeZip: entries beyond 4 GiB, and their offsets, as archive/zip reads them.
func TestLargeZip(t *testing.T) {
	path := filepath.Join(t.TempDir(), "large.zip")
	z, err := newZipSink(path)
	if err != nil {
		t.Fatal(err)
	}
	defer z.abandon()
	for _, size := range []int64{large, 7, large - 1, 5 << 30} { // the files are holes
		w, err := z.reserve("recording/"+string('a'+rune(len(z.entries))), size)
		if err != nil {
			t.Fatal(err)
		}
		e := w.(*zipEntry)
		e.at = e.end()
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(put(z, "verdicts.json", []byte("{}")), z.commit()); err != nil {
		t.Skipf("this file system has no holes of 14 GiB: %v", err)
	}
	a, err := openZip(path)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	theirs, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer theirs.Close()
	for i, f := range theirs.File {
		e := a.entries[a.list[i]]
		at, err := f.DataOffset()
		if err != nil || f.Name != e.name || f.UncompressedSize64 != uint64(e.size) || at != e.content() || f.CompressedSize64 != uint64(e.size) {
			t.Errorf("%s: %d bytes at %d, theirs %d at %d, %v", e.name, e.size, e.content(), f.UncompressedSize64, at, err)
		}
	}
	if b, err := readAll(a, "verdicts.json"); err != nil || string(b) != "{}" {
		t.Errorf("%q, %v", b, err)
	}
}

// TestTee: every writer sees every byte, whatever the reader does; a writer
// that fails stops nobody and is told.
func TestTee(t *testing.T) {
	content := make([]byte, 3*chunkBytes+17)
	_, _ = rand.Read(content)
	for _, read := range []int64{0, 1, chunkBytes, int64(len(content)), 1 << 40} {
		all, parts, copied := newWhole(false), newLeaves(), new(bytes.Buffer)
		tee := newTee(bytes.NewReader(content), int64(len(content)), all, parts, copied)
		n, err := io.CopyN(io.Discard, tee, read)
		if n != min(read, int64(len(content))) || err != nil && !errors.Is(err, io.EOF) {
			t.Fatal(n, err)
		}
		if err := tee.Close(); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(copied.Bytes(), content) || all.take().sha256 != digestOf(content).sha256 || len(parts.take()) != 1 {
			t.Errorf("%d bytes read: the writers saw something else", read)
		}
	}
	failed := errors.New("full")
	tee := newTee(bytes.NewReader(content), int64(len(content)), failing{failed})
	if n, err := io.Copy(io.Discard, tee); n != int64(len(content)) || err != nil {
		t.Error(n, err)
	}
	if err := tee.Close(); !errors.Is(err, failed) {
		t.Error(err)
	}
	broken := newTee(io.MultiReader(bytes.NewReader(content), &failing{failed}), 10)
	if _, err := io.Copy(io.Discard, broken); !errors.Is(err, failed) {
		t.Error(err)
	}
	if err := broken.Close(); !errors.Is(err, failed) {
		t.Error(err)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }
func (f failing) Read([]byte) (int, error)  { return 0, f.err }

// TestLeaves: each 4 MiB of a file.
func TestLeaves(t *testing.T) {
	content := make([]byte, 2*rig.LeafBytes+5)
	_, _ = rand.Read(content)
	l := newLeaves()
	for at := 0; at < len(content); at += 1000003 {
		_, _ = l.Write(content[at:min(at+1000003, len(content))])
	}
	got := l.take()
	for i, want := range []string{digestOf(content[:rig.LeafBytes]).sha256, digestOf(content[rig.LeafBytes : 2*rig.LeafBytes]).sha256, digestOf(content[2*rig.LeafBytes:]).sha256} {
		if got[i] != want {
			t.Errorf("leaf %d: %s", i, got[i])
		}
	}
	if len(got) != 3 || len(newLeaves().take()) != 0 {
		t.Errorf("%d leaves", len(got))
	}
}

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
