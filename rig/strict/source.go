package strict

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Builtin lists the names of the files NAME.yaml in a folder of a file system
// that the program carries.
func Builtin(files embed.FS, folder string) []string {
	entries, err := files.ReadDir(folder)
	if err != nil {
		return nil
	}
	var names []string
	for _, e := range entries {
		if name, ok := strings.CutSuffix(e.Name(), ".yaml"); ok {
			names = append(names, name)
		}
	}
	return names
}

// Source returns the bytes of a built-in what ("policy") or of a file, and the
// base name. The error leaves the name out.
func Source(files embed.FS, folder, what, name string) (content []byte, file string, err error) {
	if slices.Contains(Builtin(files, folder), name) {
		file = name + ".yaml"
		content, err = files.ReadFile(folder + "/" + file)
		return content, file, err
	}
	file = filepath.Base(name)
	if content, err = sourceFile(what, name); errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("no such %s; built-in are %s, or give the path of a file", what, strings.Join(Builtin(files, folder), ", "))
	}
	return content, file, err
}

// sourceFile reads a file that a person wrote.
func sourceFile(what, path string) ([]byte, error) {
	stat, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, unpathed(err)
	case !stat.Mode().IsRegular():
		return nil, fmt.Errorf("no regular file; give a %s file", what)
	case stat.Size() > MaxBytes:
		return nil, errors.New(TooLarge(what))
	}
	content, err := os.ReadFile(path)
	return content, unpathed(err)
}

func unpathed(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// File returns the bytes of a what and its base name, from a file alone. The
// error is a Finding without a place.
func File(what, path string) (content []byte, file string, err error) {
	file = filepath.Base(path)
	if content, err = sourceFile(what, path); err != nil {
		return nil, file, Finding{File: file, What: err.Error() + "; check the path"}
	}
	return content, file, nil
}
