package evidence

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// sink is where a bundle is written: a folder or a zip, under a name of its own
// until it is whole.
type sink interface {
	// reserve makes the next file of the bundle, in the order of storedBefore,
	// whose content may be written later. size is that of the content; -1 where
	// nobody knows it, and then the content comes before the next reserve.
	reserve(name string, size int64) (io.WriteCloser, error)
	// lines takes flows.jsonl, whose turn in the order comes when it finishes.
	lines() (lineSink, error)
	// commit gives the whole bundle its name.
	commit() error
	// abandon takes away what there is. After commit it does nothing.
	abandon()
}

// newSink tells by the name which one is wanted. Nothing is overwritten.
func newSink(out string) (sink, error) {
	if _, err := os.Lstat(out); err == nil {
		return nil, taken(out)
	} else if !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	if strings.EqualFold(filepath.Ext(out), ".zip") {
		return newZipSink(out)
	}
	return newFolderSink(out)
}

func taken(out string) error {
	return fmt.Errorf("%s exists and is not overwritten; give another name", out)
}

// put writes a file whose content is at hand.
func put(s sink, name string, content []byte) error {
	w, err := s.reserve(name, int64(len(content)))
	if err != nil {
		return err
	}
	_, err = w.Write(content)
	return ended(w, err)
}

// ended closes what was written. Where it could not be written, nothing is said of
// what is missing.
func ended(w io.Closer, err error) error {
	closing := w.Close()
	if err != nil {
		return err
	}
	return closing
}

// asked puts the name that was asked for into an error of a file that has a name
// of its own, beside that, until it is whole.
func asked(out string, err error) error {
	var p *fs.PathError
	if !errors.As(err, &p) {
		return err
	}
	clean := filepath.Clean(out)
	for _, own := range []string{"." + filepath.Base(clean) + ".", spoolName} {
		if strings.HasPrefix(filepath.Clean(p.Path), filepath.Join(filepath.Dir(clean), own)) {
			p.Path = out
		}
	}
	return err
}

// putAll writes several files in their order.
func putAll(s sink, files map[string][]byte) error {
	for _, name := range slices.SortedFunc(maps.Keys(files), storeOrder) {
		if err := put(s, name, files[name]); err != nil {
			return err
		}
	}
	return nil
}

// folderSink writes a folder.
type folderSink struct {
	out, dir string // dir: until it is whole; empty after that
}

func newFolderSink(out string) (*folderSink, error) {
	out = filepath.Clean(out)
	dir, err := os.MkdirTemp(filepath.Dir(out), "."+filepath.Base(out)+".*") // of mode 0700
	if err != nil {
		return nil, err
	}
	return &folderSink{out, dir}, nil
}

func (f *folderSink) reserve(name string, _ int64) (io.WriteCloser, error) {
	path := filepath.Join(f.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	return synced{file}, nil
}

func (f *folderSink) lines() (lineSink, error) { return newSpool(f, filepath.Dir(f.dir)) }

// link makes a file of the bundle that is also the one at path.
func (f *folderSink) link(path, name string) error {
	to := filepath.Join(f.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	return os.Link(path, to)
}

// synced brings a file to the disk before it counts as written.
type synced struct{ *os.File }

func (s synced) Close() error { return errors.Join(s.Sync(), s.File.Close()) }

func (f *folderSink) commit() error {
	if _, err := os.Lstat(f.out); err == nil {
		return taken(f.out)
	}
	if err := os.Rename(f.dir, f.out); err != nil {
		return err
	}
	f.dir = ""
	return nil
}

func (f *folderSink) abandon() {
	if f.dir != "" {
		_ = os.RemoveAll(f.dir)
	}
}
