package evidence

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
)

// store is where the files of a bundle are: a folder or a zip.
type store interface {
	// names lists all files, in the order of storedBefore.
	names() []string
	// open opens a file of names.
	open(name string) (*source, error)
	// size is how many bytes a file of names has.
	size(name string) (int64, error)
	io.Closer
}

// source is an open file of a bundle.
type source struct {
	*io.SectionReader
	close func() error
}

func (s *source) Close() error { return s.close() }

// openStore tells a folder from a zip.
func openStore(path string) (store, error) {
	stat, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, err
	case stat.IsDir():
		return openFolder(path)
	case !stat.Mode().IsRegular():
		return nil, fmt.Errorf("%s is neither a folder nor a file; a bundle is a folder or a .zip", filepath.Base(path))
	}
	return openZip(path)
}

// folder is a bundle in a folder. Nothing outside of it is ever opened.
type folder struct {
	root  *os.Root
	list  []string
	empty []string // folders without a file, sorted
}

func openFolder(dir string) (*folder, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	f := &folder{root: root}
	if f.list, f.empty, err = walk(root.FS()); err != nil {
		_ = root.Close()
		return nil, err
	}
	return f, nil
}

// walk lists the files below a folder in the order of a bundle, and the folders
// without one. It refuses all that is no regular file.
func walk(dir fs.FS) (list, empty []string, err error) {
	folders := map[string]bool{}
	err = fs.WalkDir(dir, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case name == ".":
			return nil
		case d.IsDir():
			folders[name] = true
			return nil
		case len(list) == maxFiles:
			return differs("", "it has more than %d files", maxFiles)
		}
		list = append(list, name)
		return checkEntry(name, d)
	})
	if err != nil {
		return nil, nil, err
	}
	for _, name := range list {
		for dir := path.Dir(name); folders[dir]; dir = path.Dir(dir) {
			delete(folders, dir)
		}
	}
	slices.SortFunc(list, storeOrder)
	return list, slices.Sorted(maps.Keys(folders)), nil
}

func storeOrder(a, b string) int {
	switch {
	case storedBefore(a, b):
		return -1
	case storedBefore(b, a):
		return 1
	}
	return 0
}

func (f *folder) names() []string { return f.list }

func (f *folder) open(name string) (*source, error) { return openIn(f.root, name) }

func (f *folder) size(name string) (int64, error) {
	stat, err := f.root.Lstat(name)
	if err != nil {
		return 0, unpath(err)
	}
	return stat.Size(), nil
}

func (f *folder) Close() error { return f.root.Close() }

// openIn opens a regular file below a root; no link is followed to it.
func openIn(root *os.Root, name string) (*source, error) {
	before, err := root.Lstat(name)
	if err != nil {
		return nil, unpath(err)
	}
	if !before.Mode().IsRegular() {
		return nil, differs(name, "it is no regular file")
	}
	file, err := root.Open(name)
	if err != nil {
		return nil, unpath(err)
	}
	stat, err := file.Stat()
	if err == nil && !os.SameFile(before, stat) {
		err = differs(name, "it changes while it is read")
	}
	if err != nil {
		_ = file.Close()
		return nil, err
	}
	return &source{io.NewSectionReader(file, 0, stat.Size()), file.Close}, nil
}

// unpath keeps paths of this machine out of messages.
func unpath(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return fmt.Errorf("%s: %w", filepath.ToSlash(p.Path), p.Err)
	}
	return err
}

// readAll reads a file of a store that is no capture.
func readAll(s store, name string) ([]byte, error) { return readUpTo(s, name, maxText) }

func readUpTo(s store, name string, most int64) ([]byte, error) {
	in, err := s.open(name)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	if in.Size() > most {
		return nil, differs(name, "it has %d bytes, and %d is the most", in.Size(), most)
	}
	content := make([]byte, in.Size())
	if _, err := io.ReadFull(in, content); err != nil {
		return nil, differs(name, "it cannot be read: %v", unpath(err))
	}
	return content, nil
}
