package rig

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// Recording is recorded traffic with what is known about how it was made.
type Recording struct {
	Name     string   // base name of the folder or file
	SHA256   string   // lower-case hex; see Open
	Captures []string // paths of the capture files in their order
	Files    []string // their base names

	// Bare: a capture file alone. Inventory is empty, Windows and Journal are nil.
	Bare      bool
	Inventory Inventory
	Windows   []Window
	Journal   *Journal // nil where a folder has none
}

// Open reads what stands beside the traffic of a recording folder (contract
// section 7), or names a bare capture. Frames are not read but for the digest.
//
// SHA256 of a bare capture is that of the file. That of a folder is taken over
// one line "NAME SHA256\n" for each file in it, sorted by NAME, which has
// slashes where it is in a folder below.
//
// Where the journal holds the digests of the captures, as a recorder leaves
// them there, these must be what the files have.
//
// Errors: ErrNotRecording where path holds neither, *ChainError where the
// journal and *DigestError where a capture was changed, *FileError where a file
// cannot be understood, else those of the file system.
func Open(path string) (*Recording, error) {
	stat, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if stat.IsDir() {
		return openFolder(path, nil)
	}
	if !stat.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is %w: it is no regular file; save the capture to a file first", filepath.Base(path), ErrNotRecording)
	}
	sum, err := fileSum(path)
	if err != nil {
		return nil, err
	}
	name := filepath.Base(path)
	return &Recording{Name: name, SHA256: sum, Captures: []string{path}, Files: []string{name}, Bare: true}, nil
}

// OpenWritten is Open for a folder whose captures this process has just
// written, and digested on the way: known holds these digests, lower-case hex,
// by base name. Those files are not read again.
func OpenWritten(dir string, known map[string]string) (*Recording, error) {
	return openFolder(dir, known)
}

func openFolder(dir string, known map[string]string) (*Recording, error) {
	abs, err := filepath.Abs(dir) // "." has no name of its own
	if err != nil {
		return nil, err
	}
	r, err := Read(os.DirFS(dir), filepath.Base(abs))
	if err != nil {
		return nil, err
	}
	for _, name := range r.Files {
		r.Captures = append(r.Captures, filepath.Join(dir, name))
	}
	sums, err := folderSums(dir, known)
	if err != nil {
		return nil, err
	}
	if err := r.Check(sums); err != nil {
		return nil, fmt.Errorf("%s: %w", r.Name, err)
	}
	r.SHA256 = Sum(sums)
	return r, nil
}

// Read reads what stands beside the traffic in a recording folder, wherever the
// folder is. It neither opens captures nor digests anything: Captures and
// SHA256 stay empty, and Check is for the caller. Errors as those of Open.
func Read(dir fs.FS, name string) (*Recording, error) {
	r := &Recording{Name: name}
	var err error
	if r.Files, err = captureFiles(dir); err == nil {
		err = r.read(dir)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return r, nil
}

// Check holds the digests of a recording's files, by name, against those that
// the journal has. The error is a *DigestError.
func (r *Recording) Check(sums map[string]string) error {
	if r.Journal == nil {
		return nil
	}
	for _, f := range r.Journal.Files {
		if have := sums[f.Name]; have != f.SHA256 {
			return &DigestError{File: f.Name, Want: f.SHA256, Have: have}
		}
	}
	return nil
}

// read reads windows, inventory and journal. Only the windows must be there:
// what another file would have said stays unread, and claims that need it are
// inconclusive.
func (r *Recording) read(dir fs.FS) error {
	b, err := readCapped(dir, "windows.json")
	if errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("%w: it has no windows.json; name its capture file to judge that alone", ErrNotRecording)
	}
	if err == nil {
		r.Windows, err = ParseWindows(b)
	}
	if err != nil {
		return inFile("windows.json", err)
	}
	slices.SortStableFunc(r.Windows, func(a, b Window) int { return compare(a.From, b.From) })
	b, err = readCapped(dir, "inventory.json")
	switch inv := (*Inventory)(nil); {
	case errors.Is(err, os.ErrNotExist):
	case err != nil:
		return inFile("inventory.json", err)
	default:
		if inv, err = ParseInventory(b); err != nil {
			return inFile("inventory.json", err)
		}
		r.Inventory = *inv
	}
	b, err = readCapped(dir, journalFile)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err == nil {
		r.Journal, err = ParseJournal(b)
	}
	return err
}

func inFile(name string, err error) error { return &FileError{File: name, Err: err} }

func compare(a, b int64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// Find returns the windows of that name in order, which are repeats of each
// other. The error wraps ErrStale where there is none.
func (r *Recording) Find(name string) ([]Window, error) {
	var list []Window
	for _, w := range r.Windows {
		if w.Name == name {
			list = append(list, w)
		}
	}
	if list == nil {
		return nil, fmt.Errorf("%w: %s has no window %q; record it again", ErrStale, r.Name, name)
	}
	return list, nil
}
