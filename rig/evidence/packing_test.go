package evidence

import (
	"archive/zip"
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestFiles removes and renames each file.
func TestFiles(t *testing.T) {
	whole := trace(t, sealedTrace)
	for _, name := range slices.Sorted(maps.Keys(whole)) {
		f := maps.Clone(whole)
		delete(f, name)
		found(t, verified(t, f.folder(t), testPublic(1)), name)
		found(t, verified(t, f.zip(t), testPublic(1)), name)
		f[name+"x"] = whole[name]
		err := verified(t, f.zip(t), testPublic(1))
		found(t, err, name, name+"x")
		if err != nil && !strings.Contains(err.Error(), name) {
			t.Errorf("%s was renamed: %v", name, err)
		}
	}
}

// TestPacking packs the same files otherwise.
func TestPacking(t *testing.T) {
	f := trace(t, sealedTrace)
	path := f.zip(t)
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	z, err := openZip(path)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	last := z.entries[z.list[len(z.list)-1]]
	write := func(b []byte) string {
		path := filepath.Join(t.TempDir(), "bundle.zip")
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for name, b := range map[string][]byte{
		"bytes behind":   append(bytes.Clone(good), 0),
		"bytes before":   append([]byte("#!/bin/sh\n"), good...),
		"bytes between":  slices.Insert(bytes.Clone(good), int(last.end()), 0, 0),
		"comment":        append(bytes.Clone(good[:len(good)-2]), 1, 0, 'x'),
		"cut":            good[:len(good)-1],
		"cut in half":    good[:len(good)/2],
		"only the end":   good[len(good)-lenEnd:],
		"empty":          {},
		"another format": []byte("PK, but not really"),
	} {
		t.Run(name, func(t *testing.T) {
			found(t, verified(t, write(b), testPublic(1)), "bundle.zip", z.list[0], ReadmeName)
		})
	}
	hostile := maps.Clone(f)
	hostile["../../evil"] = []byte("x")
	for name, c := range map[string]struct {
		b    []byte
		want string
	}{
		"deflated":         {repacked(t, f, zip.Deflate, slices.Sorted(maps.Keys(f))), "bundle.zip: it was packed again by another program; unzip it and verify the folder"},
		"stored anew":      {repacked(t, f, zip.Store, z.list), "bundle.zip: it was packed again by another program"},
		"with folders":     {repacked(t, f, zip.Deflate, append([]string{"recording/", "policy/"}, z.list...)), "bundle.zip: it was packed again by another program"},
		"with a traversal": {repacked(t, hostile, zip.Store, append(slices.Clone(z.list), "../../evil")), `bundle.zip: the entry "../../evil" of the zip, which another program packed: the name is no plain path`},
		"with one twice":   {repacked(t, f, zip.Store, append(slices.Clone(z.list), last.name)), last.name + ": it stands twice in the zip"},
		"one put in":       {putIn(t, good, "extra.txt"), "extra.txt: it was put into the zip by another program"},
	} {
		t.Run(name, func(t *testing.T) {
			if err := verified(t, write(c.b), testPublic(1)); err == nil || !strings.HasPrefix(err.Error(), c.want) {
				t.Errorf("%v, want %s", err, c.want)
			}
		})
	}
	t.Run("an entry twice", func(t *testing.T) {
		found(t, verified(t, write(f.packed(append(slices.Clone(z.list), last.name))), testPublic(1)), last.name)
	})
	t.Run("order", func(t *testing.T) {
		names := slices.Clone(z.list)
		names[3], names[4] = names[4], names[3]
		found(t, verified(t, write(f.packed(names)), testPublic(1)), z.list[3], z.list[4])
	})
	if err := verified(t, write(f.packed(z.list)), testPublic(1)); err != nil {
		t.Errorf("the same zip again: %v", err)
	}
}

// repacked is a zip as archive/zip writes it.
func repacked(t *testing.T, f files, method uint16, names []string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, name := range names {
		out, err := w.CreateHeader(&zip.FileHeader{Name: name, Method: method})
		if err == nil {
			_, err = out.Write(f[name])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// putIn adds an entry to a zip as another program does, and leaves the rest.
func putIn(t *testing.T, good []byte, name string) []byte {
	t.Helper()
	directory, count, at, err := readEnding(bytes.NewReader(good), int64(len(good)))
	if err != nil {
		t.Fatal(err)
	}
	e := &entry{name: name, size: 1, crc: digestOf([]byte("x")).crc, offset: at}
	local, line := e.local(), e.directory()
	copy(local[10:], []byte{1, 2, 3, 4}) // time and date
	copy(line[12:], []byte{1, 2, 3, 4})
	out := append(append(bytes.Clone(good[:at]), local...), 'x')
	start := int64(len(out))
	directory = append(directory, line...)
	return append(append(out, directory...), ending(count+1, start, int64(len(directory)))...)
}

// TestFolder: what is in a folder beside files.
func TestFolder(t *testing.T) {
	f := trace(t, sealedTrace)
	elsewhere := filepath.Join(t.TempDir(), "verdicts.json")
	if err := os.WriteFile(elsewhere, f[VerdictsName], 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		change func(dir string) error
		file   string
	}{
		"link":         {func(dir string) error { return os.Symlink(elsewhere, filepath.Join(dir, "link")) }, "link"},
		"link instead": {func(dir string) error { return relink(elsewhere, filepath.Join(dir, VerdictsName)) }, VerdictsName},
		"link inside":  {func(dir string) error { return relink("verdicts.json", filepath.Join(dir, FlowsName)) }, FlowsName},
		"folder link":  {func(dir string) error { return os.Symlink(dir, filepath.Join(dir, "recording", "self")) }, "recording/self"},
		"empty folder": {func(dir string) error { return os.Mkdir(filepath.Join(dir, "baseline"), 0o700) }, "baseline"},
		"odd name":     {func(dir string) error { return os.WriteFile(filepath.Join(dir, "a\\b"), nil, 0o600) }, "a\\b"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := f.folder(t)
			if err := c.change(dir); err != nil {
				t.Fatal(err)
			}
			found(t, verified(t, dir, testPublic(1)), c.file)
		})
	}
	for name := range f { // the folder of a removed file is left behind
		dir := f.folder(t)
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
		found(t, verified(t, dir, testPublic(1)), name)
	}
	dir := f.folder(t)
	if err := os.Chmod(filepath.Join(dir, FlowsName), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := verified(t, dir, testPublic(1)); err != nil {
		t.Errorf("modes are not sealed, for copies lose them: %v", err)
	}
}

func relink(to, path string) error {
	if err := os.Remove(path); err != nil {
		return err
	}
	return os.Symlink(to, path)
}
