package pcapfile

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spanrig/spanrig/captures"
)

func store(t testing.TB, name string, contents []byte) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, contents, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestOpen(t *testing.T) {
	small := smallFiles()["pcapng"]
	f, err := Open(store(t, "small.bin", gzipped(t, small.file)))
	if err != nil {
		t.Fatal(err)
	}
	frames, err := drain(f)
	if err != io.EOF || len(frames) != 3 || f.Name() != "small.bin" {
		t.Errorf("%s: %d frames, %v", f.Name(), len(frames), err)
	}
	if read, size := f.Progress(); read != size || size == 0 {
		t.Errorf("%d of %d bytes read at the end", read, size)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
}

// TestOpenStdin reads a pipe, which has no size.
func TestOpenStdin(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	stdin := os.Stdin
	os.Stdin = r
	defer func() { os.Stdin = stdin }()
	_, err1 := w.Write(smallFiles()["pcap"].file)
	if err := errors.Join(err1, w.Close()); err != nil {
		t.Fatal(err)
	}
	f, err := Open("-")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	frames, err := drain(f)
	if _, size := f.Progress(); err != io.EOF || len(frames) != 3 || f.Name() != "-" || size != 0 {
		t.Errorf("%s: %d frames, %v, of %d bytes", f.Name(), len(frames), err, size)
	}
}

// TestOpenEmpty wants no error of a capture without frames.
func TestOpenEmpty(t *testing.T) {
	for name, small := range smallFiles() {
		f, err := Open(store(t, name, small.file[:small.clean[0]]))
		if err != nil {
			t.Fatal(err)
		}
		if frames, err := drain(f); err != io.EOF || len(frames) != 0 {
			t.Errorf("%s: %d frames, %v", name, len(frames), err)
		}
	}
}

// TestOpenErrors wants one line that names the file and says what to do.
func TestOpenErrors(t *testing.T) {
	for _, test := range []struct {
		name     string
		contents string
		want     string
		is       error
	}{
		{"x.txt", "hello", "x.txt is not a capture: starts with 68656c6c; expected pcap or pcapng (also gzip, zstd)", ErrFormat},
		{"x.gz", string(gzipped(t, []byte("hello"))), "x.gz is not a capture: starts with 68656c6c; expected", ErrFormat},
		{"empty", "", "empty: the file is empty: expected pcap or pcapng (also gzip, zstd) at byte 0", io.ErrUnexpectedEOF},
		{"short", "\xd4\xc3\xb2\xa1\x02\x00", "short: header cut after 6 of 24 bytes at byte 0", io.ErrUnexpectedEOF},
		{"tiny", "\xd4", "tiny: header cut after 1 of 4 bytes at byte 0", io.ErrUnexpectedEOF},
		{"version", "\xd4\xc3\xb2\xa1\x09\x00" + strings.Repeat("\x00", 18), "version: pcap version 9.0 is unknown", nil},
	} {
		_, err := Open(store(t, test.name, []byte(test.contents)))
		if err == nil || !strings.HasPrefix(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v\nwant %s", test.name, err, test.want)
		}
		if test.is != nil && !errors.Is(err, test.is) {
			t.Errorf("%s: %v is not %v", test.name, err, test.is)
		}
	}
	dir := t.TempDir()
	if _, err := Open(dir); err == nil || !strings.HasSuffix(err.Error(), "is a directory: name a capture file in it") {
		t.Error(err)
	}
	if _, err := Open(filepath.Join(dir, "missing")); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}

func TestSeries(t *testing.T) {
	a, b := smallFiles()["pcap"], smallFiles()["pcapng"]
	s, err := OpenAll([]string{store(t, "1", a.file), store(t, "2", b.file), store(t, "3", a.file)})
	if err != nil {
		t.Fatal(err)
	}
	frames, err := drain(s)
	if err != io.EOF {
		t.Fatal(err)
	}
	want := []captures.FrameID{1, 2, 3, 1<<48 | 1, 1<<48 | 2, 1<<48 | 4, 2<<48 | 1, 2<<48 | 2, 2<<48 | 3}
	if len(frames) != len(want) {
		t.Fatalf("%d frames, want %d", len(frames), len(want))
	}
	for i, f := range frames {
		if f.ID != want[i] {
			t.Errorf("frame %d has ID %x, want %x", i, f.ID, want[i])
		}
	}
	stats := s.Stats()
	if stats.Frames != 9 || len(stats.Interfaces) != 4 || len(s.FileStats()) != 3 {
		t.Errorf("stats %+v", stats)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// TestSeriesWithoutHeader wants the files beside one that a killed recorder
// left without its header, and an error where there is no other.
func TestSeriesWithoutHeader(t *testing.T) {
	a := smallFiles()["pcapng"].file
	empty, cut, good := store(t, "test", nil), store(t, "cut", a[:9]), store(t, "good", a)
	for _, paths := range [][]string{{empty, good}, {good, empty}, {empty, cut, good}} {
		s, err := OpenAll(paths)
		if err != nil {
			t.Fatal(err)
		}
		frames, err := drain(s)
		wantFault(t, err, 0, "the file is empty")
		if len(frames) != 3 || len(s.FileStats()) != len(paths) {
			t.Errorf("%d frames, want 3", len(frames))
		}
	}
	_, err := OpenAll([]string{empty, cut})
	wantFault(t, err, 0, "the file is empty")
}

// TestSeriesFault wants the files after a damaged one, and the fault at the end.
func TestSeriesFault(t *testing.T) {
	a := smallFiles()["pcap"].file
	s, err := OpenAll([]string{store(t, "good", a), store(t, "test", a[:len(a)-1]), store(t, "cut", a[:len(a)-2]), store(t, "last", a)})
	if err != nil {
		t.Fatal(err)
	}
	frames, err := drain(s)
	wantFault(t, err, int64(len(a)-17), "record cut")
	if len(frames) != 10 || s.Stats().Frames != 10 {
		t.Errorf("%d frames, want 10", len(frames))
	}
	if again := s.Next(new(captures.Batch)); again != err {
		t.Error(again)
	}
}

func TestSeriesErrors(t *testing.T) {
	good := store(t, "good", smallFiles()["pcap"].file)
	for _, paths := range [][]string{{}, {good, "-"}, {"-", good}, {good, store(t, "x", []byte("hello"))}, {store(t, "x", []byte("hello")), good}} {
		if s, err := OpenAll(paths); err == nil || s != nil {
			t.Errorf("%q: opened", paths)
		}
	}
}
