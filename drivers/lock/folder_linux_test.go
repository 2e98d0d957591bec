package lock

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/spanrig/spanrig/drivers"
)

// folder is a folder of locks that all may use, as Take would find it.
func folder(t *testing.T) *os.File {
	t.Helper()
	f, err := openShared(filepath.Join(t.TempDir(), "shared"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// TestFolders: the shared one is made, or opened to all where it is ours; what
// is none is left alone, and the user's own takes its place.
func TestFolders(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	for _, err := range []error{os.Mkdir(at("target"), 0o700), os.Symlink(at("target"), at("link")), os.WriteFile(at("file"), nil, 0o600),
		os.Mkdir(at("older"), 0o700), os.Mkdir(at("open"), 0o700), os.Chmod(at("open"), 0o770)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"link", "file", "no/parent"} {
		if f, err := openShared(at(name)); err == nil {
			f.Close()
			t.Errorf("%s was taken for a shared folder", name)
		}
		f, err := openFolder(at(name), at("own"))
		if err != nil || filepath.Base(f.Name()) != "own" {
			t.Fatalf("openFolder = %v, %v, want the user's own", f, err)
		}
		f.Close()
	}
	for _, name := range []string{"link", "file", "open"} {
		if f, err := openPrivate(at(name)); err == nil {
			f.Close()
			t.Errorf("%s was taken for a private folder", name)
		}
	}
	for _, name := range []string{"new", "older"} {
		f, err := openFolder(at(name), at("own"))
		if err != nil || filepath.Base(f.Name()) != name {
			t.Fatalf("openFolder = %v, %v, want the shared one", f, err)
		}
		if st, err := f.Stat(); err != nil || st.Mode() != os.ModeDir|os.ModeSticky|0o777 {
			t.Errorf("%s: %v, %v", name, st, err)
		}
		f.Close()
	}
	if _, err := openFolder(at("file"), at("link")); err == nil {
		t.Error("there is no folder, and no error")
	}
}

// TestFileTricks: a lock file that leads elsewhere is refused, and what it leads
// to stays as it is.
func TestFileTricks(t *testing.T) {
	for name, plant := range map[string]func(victim, file string) error{
		"link":      os.Symlink,
		"hard link": os.Link,
		"folder":    func(_, file string) error { return os.Mkdir(file, 0o777) },
		"pipe":      func(_, file string) error { return unix.Mkfifo(file, 0o666) },
	} {
		f := folder(t)
		victim := filepath.Join(f.Name(), "victim")
		if err := errors.Join(os.WriteFile(victim, []byte("whole"), 0o600), plant(victim, filepath.Join(f.Name(), fileName("x")))); err != nil {
			t.Fatal(err)
		}
		if l, err := take(f, "", []string{"x"}); err == nil || l != nil || !strings.Contains(err.Error(), "remove it") {
			t.Errorf("%s: %v, %v", name, l, err)
		}
		if b, _ := os.ReadFile(victim); string(b) != "whole" {
			t.Errorf("%s: its target now holds %q", name, b)
		}
	}
}

// TestForgedHolder: what another user wrote into a lock file is bounded, and no
// command for a terminal.
func TestForgedHolder(t *testing.T) {
	f := folder(t)
	held, err := take(f, "mine", []string{"x"})
	if err != nil {
		t.Fatal(err)
	}
	defer held.Release()
	forged := `{"pid":1,"who":"\u001b[2Jroot","reason":"` + strings.Repeat("x", 3000) + `"}`
	if err := os.WriteFile(filepath.Join(f.Name(), fileName("x")), []byte(forged), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = take(f, "me too", []string{"x"})
	busy, ok := errors.AsType[*drivers.BusyError](err)
	if !ok || busy.Holder.Who != "?[2Jroot" || len(busy.Holder.Reason) > wordMax+3 {
		t.Errorf("refused by %.300q", err)
	}
	if err := os.WriteFile(filepath.Join(f.Name(), fileName("x")), []byte(strings.Repeat("x", 1<<20)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err = take(f, "me too", []string{"x"}); err == nil || !strings.Contains(err.Error(), "in use by another process") {
		t.Errorf("refused by %.300q", err)
	}
}
