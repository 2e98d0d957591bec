package evidence

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// maxDirectory bounds the central directory of a zip, bytes.
const maxDirectory = maxFiles * (lenDirectory + 256)

// archive is a bundle in a zip whose form has been found to be ours, byte by
// byte but for the contents of files and their CRCs.
type archive struct {
	file    *os.File
	list    []string
	entries map[string]*entry
}

func openZip(path string) (*archive, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	a := &archive{file: f}
	stat, err := f.Stat()
	if err == nil {
		err = a.read(f, stat.Size())
	}
	if err != nil {
		_ = f.Close()
		var d *Difference
		if errors.As(err, &d) && d.File == "" {
			d.File = filepath.Base(path)
		}
		return nil, err
	}
	return a, nil
}

func (a *archive) names() []string { return a.list }

func (a *archive) open(name string) (*source, error) {
	e := a.entries[name]
	if e == nil {
		return nil, &os.PathError{Op: "open", Path: name, Err: os.ErrNotExist}
	}
	return &source{io.NewSectionReader(a.file, e.content(), e.size), func() error { return nil }}, nil
}

func (a *archive) size(name string) (int64, error) { return a.entries[name].size, nil }

func (a *archive) Close() error { return a.file.Close() }

// read finds the central directory, and compares what it says with the one form
// that a zip of these files has.
func (a *archive) read(r io.ReaderAt, size int64) error {
	directory, count, at, err := readEnding(r, size)
	if err != nil {
		return err
	}
	entries, err := parseDirectory(directory, count)
	if err != nil {
		return err
	}
	a.entries = make(map[string]*entry, len(entries))
	if err := checkPacked(r, entries); err != nil {
		return err
	}
	var again []byte
	next := int64(0)
	for i := range entries {
		e := &entries[i]
		if err := e.compareLocal(r); err != nil {
			return err
		}
		if err := checkName(e.name); err != nil {
			return differs("", "the entry %q of the zip: %v", e.name, err)
		}
		if a.entries[e.name] != nil {
			return differs(e.name, "it stands twice in the zip")
		}
		if i > 0 && storedBefore(e.name, a.list[i-1]) {
			return differs(e.name, "it is out of order in the zip")
		}
		if e.offset != next {
			return differs(e.name, "the directory of the zip says that it begins at byte %d, which is %d", e.offset, next)
		}
		if next = e.end(); next > at || next < 0 {
			return differs(e.name, "it goes on beyond the end of the zip")
		}
		a.entries[e.name], a.list = e, append(a.list, e.name)
		again = append(again, e.directory()...)
	}
	if next != at {
		return differs("", "the zip has %d bytes between its last file and its directory", at-next)
	}
	return compareDirectory(again, directory, entries)
}

// checkPacked tells a zip that another program packed, which is mostly innocent
// and hides nothing once it is unzipped, from one that was changed. What such a
// zip must not hold all the same is named.
func checkPacked(r io.ReaderAt, entries []entry) error {
	first, n := "", 0
	seen := map[string]bool{}
	for i := range entries {
		e := &entries[i]
		if !e.foreign(r) {
			seen[e.name] = true
			continue
		}
		switch err := checkName(strings.TrimSuffix(e.name, "/")); { // others pack folders too
		case err != nil:
			return differs("", "the entry %q of the zip, which another program packed: %v", e.name, err)
		case seen[e.name]:
			return differs(e.name, "it stands twice in the zip, which another program packed")
		case n == 0:
			first = e.name
		}
		seen[e.name] = true
		n++
	}
	switch n {
	case 0:
		return nil
	case len(entries):
		return differs("", "it was packed again by another program; unzip it and verify the folder")
	}
	return differs(first, "it was put into the zip by another program; if nothing else differs, unzip it and verify the folder")
}

// foreign reports whether another program packed the entry: its header and the
// directory agree on flags, method, time or date that this one never writes.
func (e *entry) foreign(r io.ReaderAt) bool {
	if bytes.Equal(e.form, ours) {
		return false
	}
	var have [14]byte
	_, err := r.ReadAt(have[:], e.offset)
	return err == nil && binary.LittleEndian.Uint32(have[:]) == sigLocal && bytes.Equal(have[6:], e.form)
}

// readEnding reads the end of the zip, whose form depends on where the
// directory is, how long, and how many files it has.
func readEnding(r io.ReaderAt, size int64) (directory []byte, count int, at int64, err error) {
	foreign := differs("", "it does not end as a zip of this program does: it was cut, changed or packed again; if it can be unzipped, verify the folder")
	tail := make([]byte, min(size, lenEnd+lenLocator64+lenEnd64))
	if _, err := r.ReadAt(tail, size-int64(len(tail))); err != nil || len(tail) < lenEnd {
		return nil, 0, 0, foreign
	}
	last := tail[len(tail)-lenEnd:]
	n, length, start := int64(binary.LittleEndian.Uint16(last[10:])), int64(binary.LittleEndian.Uint32(last[12:])), int64(binary.LittleEndian.Uint32(last[16:]))
	if len(tail) == lenEnd+lenLocator64+lenEnd64 && binary.LittleEndian.Uint32(tail) == sigEnd64 {
		n, length, start = int64(binary.LittleEndian.Uint64(tail[32:])), int64(binary.LittleEndian.Uint64(tail[40:])), int64(binary.LittleEndian.Uint64(tail[48:]))
	}
	if n < 0 || n > maxFiles || length < 0 || length > maxDirectory || start < 0 || start > size {
		return nil, 0, 0, foreign
	}
	end := ending(int(n), start, length)
	if start+length+int64(len(end)) != size || !bytes.HasSuffix(tail, end) {
		return nil, 0, 0, foreign
	}
	directory = make([]byte, length)
	if _, err := r.ReadAt(directory, start); err != nil {
		return nil, 0, 0, foreign
	}
	return directory, int(n), start, nil
}

// parseDirectory reads names, sizes, CRCs and offsets; that nothing else stands
// there is found by making it again.
func parseDirectory(b []byte, count int) ([]entry, error) {
	list := make([]entry, 0, count)
	for i := range count {
		if len(b) < lenDirectory || binary.LittleEndian.Uint32(b) != sigDirectory {
			return nil, differs("", "entry %d of the zip's directory is none", i+1)
		}
		name, extra := int(binary.LittleEndian.Uint16(b[28:])), int(binary.LittleEndian.Uint16(b[30:]))
		if len(b) < lenDirectory+name+extra {
			return nil, differs("", "entry %d of the zip's directory is cut", i+1)
		}
		e := entry{
			name: string(b[lenDirectory : lenDirectory+name]), crc: binary.LittleEndian.Uint32(b[16:]),
			size: int64(binary.LittleEndian.Uint32(b[24:])), offset: int64(binary.LittleEndian.Uint32(b[42:])), form: b[8:16],
		}
		e.enlarge(b[lenDirectory+name : lenDirectory+name+extra])
		if e.size < 0 || e.offset < 0 {
			return nil, differs(e.name, "its entry in the zip's directory has no size or place")
		}
		list = append(list, e)
		b = b[lenDirectory+name+extra:]
	}
	if len(b) > 0 {
		return nil, differs("", "%d bytes follow the entries of the zip's directory", len(b))
	}
	return list, nil
}

// enlarge takes the values of a large file from the extra field.
func (e *entry) enlarge(extra []byte) {
	if len(extra) < 4 {
		return
	}
	extra = extra[4:]
	if e.size == large && len(extra) >= 16 {
		e.size = int64(binary.LittleEndian.Uint64(extra))
		extra = extra[16:]
	}
	if e.offset == large && len(extra) >= 8 {
		e.offset = int64(binary.LittleEndian.Uint64(extra))
	}
}

// compareLocal holds the local header against the one that the entry makes.
func (e *entry) compareLocal(r io.ReaderAt) error {
	want := e.local()
	have := make([]byte, len(want))
	if _, err := r.ReadAt(have, e.offset); err != nil {
		return differs(e.name, "its header in the zip cannot be read")
	}
	at := differAt(want, have)
	if at < 0 {
		return nil
	}
	if end := lenLocal + len(e.name); at >= lenLocal && at < end {
		return differs(e.name, "the zip's directory has that name, and its header has %q", have[lenLocal:end])
	}
	return differs(e.name, "its header in the zip and its entry in the zip's directory differ (byte %d of the zip)", e.offset+int64(at))
}

func compareDirectory(want, have []byte, entries []entry) error {
	at := differAt(want, have)
	if at < 0 {
		return nil
	}
	for i := range entries {
		if n := len(entries[i].directory()); at >= n {
			at -= n
			continue
		}
		return differs(entries[i].name, "its entry in the zip's directory is not as this program writes it (byte %d of the entry)", at)
	}
	return differs("", "the zip's directory is longer than its entries")
}
