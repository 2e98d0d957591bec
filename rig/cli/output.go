package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spanrig/spanrig/rig/evidence"
)

// mayWrite says why a result may not be written to a path, before any work is
// done: it is read here, or inside what is, or inside a bundle; or something
// stands there that no spanrig has written. inputs are paths that need not exist.
func (s Streams) mayWrite(path string, inputs ...string) error {
	refuse := func(why string) error { return &exit{exitUsage, fmt.Errorf("%s %s; name another file", path, why)} }
	if path == "-" {
		return &exit{exitUsage, errors.New("- is standard output, where the result itself goes; name a file")}
	}
	stat, err := os.Stat(path)
	switch {
	case err == nil && stat.IsDir():
		return refuse("is a folder")
	case err == nil && !stat.Mode().IsRegular():
		return nil // a device or a pipe is written into
	case err != nil:
		if link, failed := os.Lstat(path); failed == nil && link.Mode()&os.ModeSymlink != 0 {
			return refuse("is a link that leads nowhere")
		}
		return apart(path, inputs...) // whatever else is wrong is found when it is made
	}
	for _, name := range inputs {
		if input, err := os.Stat(name); err == nil && os.SameFile(stat, input) {
			return refuse("is read here, and is not written over")
		}
	}
	if out, is := s.Out.(*os.File); is {
		if standard, err := out.Stat(); err == nil && os.SameFile(stat, standard) {
			return refuse("is where standard output goes")
		}
	}
	if err := apart(path, inputs...); err != nil {
		return err
	}
	old, err := os.Open(path)
	if err != nil {
		return &exit{exitUsage, err}
	}
	defer old.Close()
	if !marked(old) {
		return refuse("exists, and is neither a page nor JUnit: it is not overwritten")
	}
	return nil
}

// marked reports whether a file is markup, as all results are that are
// written anew, or empty.
func marked(old io.Reader) bool {
	var first [1]byte
	n, err := old.Read(first[:])
	return n == 0 && err == io.EOF || n == 1 && first[0] == '<'
}

// apart says why nothing may be added where a path leads: a folder above it is
// one of the inputs, or a bundle, which both hold what was sealed or recorded
// and nothing else.
func apart(path string, inputs ...string) error {
	for _, above := range foldersAbove(path) {
		for _, name := range inputs {
			if input, err := os.Stat(name); err == nil && os.SameFile(above.stat, input) {
				return &exit{exitUsage, fmt.Errorf("%s is inside %s, which is read here and stays as it is; name a place elsewhere", path, name)}
			}
		}
		if above.isBundle() {
			return &exit{exitUsage, fmt.Errorf("%s is inside the bundle %s, which stays as it was sealed; name a place elsewhere", path, above.path)}
		}
	}
	return nil
}

// folder is one that exists, by its path without links.
type folder struct {
	path string
	stat os.FileInfo
}

// foldersAbove lists the folders that path is in, or will be, the nearest first.
func foldersAbove(path string) []folder {
	at, err := filepath.Abs(path)
	if err != nil {
		return nil
	}
	if real, err := filepath.EvalSymlinks(at); err == nil {
		at = real
	}
	var list []folder
	for next := filepath.Dir(at); next != at; next = filepath.Dir(at) {
		at = next
		real, err := filepath.EvalSymlinks(at)
		if err != nil {
			continue // it is made later
		}
		at = real
		if stat, err := os.Stat(at); err == nil {
			list = append(list, folder{at, stat})
		}
	}
	return list
}

// isBundle reports whether a folder is an evidence bundle.
func (f *folder) isBundle() bool {
	for _, name := range [...]string{evidence.ManifestName, evidence.SumsName} {
		if stat, err := os.Stat(filepath.Join(f.path, name)); err != nil || !stat.Mode().IsRegular() {
			return false
		}
	}
	return true
}

// writeFile writes a result of mode 0600, if mayWrite lets it. One of an
// earlier run is replaced, by a rename, so that a reader never sees half of it;
// a link is followed; what is no regular file, such as a device, is written into.
func writeFile(path string, write func(io.Writer) error) error {
	stat, err := os.Stat(path)
	if err == nil && !stat.Mode().IsRegular() && !stat.IsDir() {
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return &exit{exitUsage, err}
		}
		if err := errors.Join(write(f), f.Close()); err != nil {
			return &exit{exitRig, err}
		}
		return nil
	}
	target := path
	if real, err := filepath.EvalSymlinks(path); err == nil {
		target = real
	}
	f, err := os.CreateTemp(filepath.Dir(target), "."+filepath.Base(target)+".*")
	if err != nil {
		return &exit{exitUsage, fmt.Errorf("write %s: %w", path, errors.Unwrap(err))}
	}
	defer os.Remove(f.Name())
	if err := errors.Join(write(f), f.Close()); err != nil {
		return &exit{exitRig, err}
	}
	if err := os.Rename(f.Name(), target); err != nil {
		return &exit{exitUsage, err}
	}
	return nil
}
