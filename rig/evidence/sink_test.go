package evidence

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestFullDisk: what cannot be written does not change while it is read.
func TestFullDisk(t *testing.T) {
	z, err := newZipSink(filepath.Join(t.TempDir(), "run.zip"))
	if err != nil {
		t.Fatal(err)
	}
	defer z.abandon()
	own := z.file
	defer own.Close()
	if z.file, err = os.OpenFile("/dev/full", os.O_WRONLY, 0); err != nil {
		t.Skipf("no device that is always full: %v", err)
	}
	err = put(z, "policy/1/dji-pilot2.yaml", []byte("content"))
	if !errors.Is(err, syscall.ENOSPC) || strings.Contains(err.Error(), "changes") {
		t.Errorf("%v", err)
	}
	if err := z.file.Close(); err != nil {
		t.Fatal(err)
	}
	z.file = own // is what abandon takes away
}

// TestAskedNames: errors have the name that was asked for, not that of a file
// that is not whole yet.
func TestAskedNames(t *testing.T) {
	o, err := testOptions()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for out, want := range map[string]string{
		filepath.Join(dir, "nodir", "x.zip"):   "open " + filepath.Join(dir, "nodir", "x.zip") + ": no such file or directory",
		filepath.Join(dir, "nodir", "x") + "/": "stat " + filepath.Join(dir, "nodir") + ": no such file or directory",
	} {
		if _, err := Seal(t.Context(), "../../fixtures/traces/clean-ldm", out, o); !errors.Is(err, fs.ErrNotExist) || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
	for _, c := range []struct{ own, out, want string }{
		{"./.x.zip.123", "x.zip", "x.zip"},
		{"/run/.x.123/recording/a", "/run/x/", "/run/x/"},
		{"/run/.flows.7", "/run/x.zip", "/run/x.zip"},
		{"/run/rec/capture.pcapng", "/run/x.zip", "/run/rec/capture.pcapng"},
	} {
		err := asked(c.out, &fs.PathError{Op: "write", Path: c.own, Err: syscall.ENOSPC})
		if err.Error() != "write "+c.want+": no space left on device" {
			t.Error(err)
		}
	}
}
