package locate

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Config names the files of a Set. The zero value knows nothing.
type Config struct {
	Geo    []string // MMDB databases of countries or cities
	ASN    []string // MMDB databases of autonomous systems
	Ranges []string // range files: see ParseRanges
}

// FileRef names a source by base name and digest, for reports.
type FileRef struct {
	Name   string
	SHA256 string // lower-case hex
	Built  string // by the file itself, RFC 3339 in UTC; empty where it does not say
}

// Set answers from all files of a Config.
type Set struct {
	ranges []*Ranges
	geo    []*database
	asn    []*database
	files  []FileRef
}

// Bounds of a source, bytes: the largest city databases take half of the one,
// the largest geofeeds half of the other.
const (
	maxFile   = 1 << 30
	maxRanges = 64 << 20
)

// Open reads all files of c. An error is one line that names the file, by its
// path as given, and what is wrong; errors.Is finds fs.ErrNotExist.
func Open(c Config) (*Set, error) {
	s := &Set{}
	seen := map[string]string{} // digest to path
	for _, list := range []struct {
		paths []string
		add   func(path string, f *input) error
	}{{c.Geo, s.addGeo}, {c.ASN, s.addASN}, {c.Ranges, s.addRanges}} {
		clear(seen) // one file may well be both --geo and --asn
		for _, path := range list.paths {
			f, err := read(path)
			if err != nil {
				return nil, err
			}
			if first, twice := seen[f.ref.SHA256]; twice {
				return nil, fmt.Errorf("%s: has the same content as %s, and one source given twice is still one; leave it out", path, first)
			}
			seen[f.ref.SHA256] = path
			if err := list.add(path, f); err != nil {
				return nil, err
			}
		}
	}
	return s, nil
}

// HasCountries reports whether a source can tell countries at all.
func (s *Set) HasCountries() bool {
	for _, r := range s.ranges {
		if r.countries {
			return true
		}
	}
	return len(s.geo) > 0
}

// HasOperators reports whether a source can tell operators at all.
func (s *Set) HasOperators() bool {
	for _, r := range s.ranges {
		if r.operators {
			return true
		}
	}
	return len(s.asn) > 0
}

// Files lists the sources: databases of countries, of autonomous systems, then
// ranges, each as they were given.
func (s *Set) Files() []FileRef { return append([]FileRef(nil), s.files...) }

// input is a source in memory. Databases are not mapped: one that is cut while
// it is mapped would end the process.
type input struct {
	ref  FileRef
	data []byte
}

func read(path string) (*input, error) {
	in, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, reason(err))
	}
	defer in.Close()
	stat, err := in.Stat()
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s: %w", path, reason(err))
	case !stat.Mode().IsRegular():
		return nil, fmt.Errorf("%s: is no regular file", path)
	case stat.Size() > maxFile:
		return nil, fmt.Errorf("%s: is larger than %d MiB", path, maxFile>>20)
	}
	data := make([]byte, stat.Size()) // at once: growing would take it thrice
	if _, err := io.ReadFull(in, data); err != nil {
		return nil, fmt.Errorf("%s: %w", path, reason(err))
	}
	sum := sha256.Sum256(data)
	return &input{FileRef{Name: filepath.Base(path), SHA256: hex.EncodeToString(sum[:])}, data}, nil
}

// reason drops the path, which the message has already.
func reason(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

func (s *Set) addRanges(path string, f *input) error {
	if len(f.data) > maxRanges {
		return fmt.Errorf("%s: is larger than %d MiB, which no list of ranges is", path, maxRanges>>20)
	}
	r, err := ParseRanges(f.ref.Name, f.data)
	if err != nil {
		return fmt.Errorf("%s%w", path, err)
	}
	f.ref.Built = r.built
	s.ranges, s.files = append(s.ranges, r), append(s.files, f.ref)
	return nil
}

func (s *Set) addGeo(path string, f *input) error {
	db, err := openDatabase(f)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if db.ofSystems() && !db.ofCountries() {
		return fmt.Errorf("%s: is a database of type %q, not of countries; give it with --asn", path, db.reader.Metadata.DatabaseType)
	}
	s.geo, s.files = append(s.geo, db), append(s.files, f.ref)
	return nil
}

func (s *Set) addASN(path string, f *input) error {
	db, err := openDatabase(f)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if db.ofCountries() && !db.ofSystems() {
		return fmt.Errorf("%s: is a database of type %q, not of autonomous systems; give it with --geo", path, db.reader.Metadata.DatabaseType)
	}
	s.asn, s.files = append(s.asn, db), append(s.files, f.ref)
	return nil
}
