package evidence

import (
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
)

// zipSink writes a zip of the one form that a bundle has.
type zipSink struct {
	out     string
	file    *os.File // under a name of its own; nil after the end
	entries []*entry
	next    int64     // where the next local header goes
	open    *zipEntry // the last one, while nobody knows its size
	renews  bool      // out is replaced
}

func newZipSink(out string) (*zipSink, error) {
	f, err := os.CreateTemp(filepath.Dir(out), "."+filepath.Base(out)+".*") // of mode 0600
	if err != nil {
		return nil, err
	}
	return &zipSink{out: out, file: f}, nil
}

// zipEntry takes the content of a file.
type zipEntry struct {
	sink *zipSink
	*entry
	at      int64 // where the next byte goes
	unsized bool
}

func (z *zipSink) reserve(name string, size int64) (io.WriteCloser, error) {
	if z.open != nil {
		return nil, errors.New("a file of the zip is still being written")
	}
	e := &entry{name: name, size: max(size, 0), offset: z.next}
	z.entries = append(z.entries, e)
	w := &zipEntry{sink: z, entry: e, at: e.content(), unsized: size < 0}
	if w.unsized {
		z.open = w
	} else {
		z.next = e.end()
	}
	return w, nil
}

func (z *zipSink) lines() (lineSink, error) { return newSpool(z, filepath.Dir(z.out)) }

func (w *zipEntry) Write(b []byte) (int, error) {
	n, err := w.sink.file.WriteAt(b, w.at)
	w.at += int64(n)
	w.crc = crc32.Update(w.crc, crc32.IEEETable, b[:n])
	return n, err
}

// Close writes the header, for which size and CRC are known now.
func (w *zipEntry) Close() error {
	have := w.at - w.content()
	switch {
	case w.unsized && have >= large:
		return fmt.Errorf("%s grew beyond 4 GiB; seal into a folder", w.name)
	case w.unsized:
		w.size = have
		w.sink.next, w.sink.open = w.end(), nil
	case have != w.size:
		return fmt.Errorf("%s has %d bytes where it had %d; it changes while it is read", w.name, have, w.size)
	}
	_, err := w.sink.file.WriteAt(w.local(), w.offset)
	return err
}

func (z *zipSink) commit() error {
	var directory []byte
	for _, e := range z.entries {
		directory = append(directory, e.directory()...)
	}
	end := append(directory, ending(len(z.entries), z.next, int64(len(directory)))...)
	if _, err := z.file.WriteAt(end, z.next); err != nil {
		return err
	}
	if err := errors.Join(z.file.Sync(), z.file.Close()); err != nil {
		return err
	}
	give := place
	if z.renews {
		give = os.Rename
	}
	if err := give(z.file.Name(), z.out); err != nil {
		return err
	}
	z.file = nil
	return nil
}

// place gives a file its name, which must be free.
func place(from, to string) error {
	err := os.Link(from, to)
	switch {
	case errors.Is(err, os.ErrExist):
		return taken(to)
	case err == nil:
		return os.Remove(from)
	}
	if _, err := os.Lstat(to); err == nil { // a file system without links
		return taken(to)
	}
	return os.Rename(from, to)
}

func (z *zipSink) abandon() {
	if z.file != nil {
		_ = z.file.Close()
		_ = os.Remove(z.file.Name())
	}
}
