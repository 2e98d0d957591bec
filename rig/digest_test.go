package rig

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// recorded is a folder whose journal holds the digest that it says of its capture.
func recorded(t *testing.T, sum string, leafBytes int) string {
	t.Helper()
	var journal bytes.Buffer
	w := NewJournalWriter(&journal)
	keys := map[string]any{"leaf_bytes": leafBytes, "files": []CaptureFile{{Name: "capture.pcapng", Bytes: 3, SHA256: sum, Leaves: []string{sum}}}}
	if err := w.Append(time.Unix(1_790_000_000, 0), 0, KindFiles, keys); err != nil {
		t.Fatal(err)
	}
	return folder(t, map[string]string{"capture.pcapng": "abc", "windows.json": windowsText, "journal.jsonl": journal.String()})
}

const abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

// TestDigests: a capture is what the recorder digested, or the recording is refused.
func TestDigests(t *testing.T) {
	dir := recorded(t, abc, LeafBytes)
	r, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if f := r.Journal.Files; len(f) != 1 || f[0].SHA256 != abc || f[0].Leaves[0] != abc || r.Journal.Head() != chainSum(r.Journal.Entries[0].Line) {
		t.Errorf("%+v", f)
	}
	if known, err := OpenWritten(dir, map[string]string{"capture.pcapng": abc}); err != nil || known.SHA256 != r.SHA256 || known.SHA256 != digestByHand(t, dir) {
		t.Errorf("%+v, %v", known, err)
	}
	if _, err := OpenWritten(dir, map[string]string{"capture.pcapng": strings.Repeat("0", 64)}); !errors.Is(err, ErrChanged) {
		t.Errorf("the digest that was given is not the journal's: %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "capture.pcapng"), []byte("abd"), 0o600); err != nil {
		t.Fatal(err)
	}
	var changed *DigestError
	if _, err := Open(dir); !errors.As(err, &changed) || !errors.Is(err, ErrChanged) || changed.File != "capture.pcapng" || strings.Contains(err.Error(), "\n") {
		t.Errorf("%v", err)
	}
	if err := os.Rename(filepath.Join(dir, "capture.pcapng"), filepath.Join(dir, "capture-0001.pcapng")); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir); !errors.Is(err, ErrChanged) || !strings.Contains(err.Error(), "capture.pcapng is missing") {
		t.Errorf("%v", err)
	}
	if _, err := Open(recorded(t, abc, 1<<20)); err == nil || !strings.Contains(err.Error(), "leaf_bytes 1048576 is not known here") {
		t.Errorf("%v", err)
	}
}

// TestRead reads a folder that is in no file system of this machine.
func TestRead(t *testing.T) {
	dir := recorded(t, abc, LeafBytes)
	r, err := Read(os.DirFS(dir), "elsewhere")
	if err != nil || r.Name != "elsewhere" || r.SHA256 != "" || len(r.Captures) != 0 || len(r.Windows) == 0 || r.Files[0] != "capture.pcapng" {
		t.Errorf("%+v, %v", r, err)
	}
	if err := r.Check(map[string]string{"capture.pcapng": abc}); err != nil {
		t.Error(err)
	}
	if err := r.Check(nil); !errors.Is(err, ErrChanged) {
		t.Error(err)
	}
}
