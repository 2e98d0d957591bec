package evidence

import (
	"archive/zip"
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spanrig/spanrig/rig"
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
