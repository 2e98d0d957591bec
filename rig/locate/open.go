package locate

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"time"
)

// Config names the files of a Set. Each may be empty.
type Config struct {
	Geo    []string // MMDB databases of countries or cities
	ASN    []string // MMDB databases of autonomous systems
	Ranges []string // range files: of clouds (JSON), geofeeds (RFC 8805), lists of prefixes
}

// FileRef names a file that answers come from.
type FileRef struct {
	Name   string // base name
	SHA256 string // lower-case hex
	Built  string // RFC 3339, UTC; empty where the file does not say
}

// Set answers from the files of a Config. It is safe for concurrent use and
// holds no file open.
type Set struct {
	sources   []source
	countries bool
	operators bool
}

// source is one file, read.
type source struct {
	file   FileRef
	ranges bool
	find   func(netip.Addr) answer
}

// maxFileBytes bounds a file: the largest city databases are a tenth of it.
const maxFileBytes = 1 << 30

// Open reads all files of c. An error is one line that names the file and what
// to do; nothing is opened in part.
func Open(c Config) (*Set, error) {
	s := &Set{}
	for _, list := range []struct {
		paths []string
		read  func(*Set, *source, []byte) error
	}{{c.Ranges, (*Set).readRanges}, {c.Geo, (*Set).readGeo}, {c.ASN, (*Set).readASN}} {
		from := len(s.sources)
		for _, path := range list.paths {
			if err := s.add(path, from, list.read); err != nil {
				return nil, err
			}
		}
	}
	return s, nil
}

// add reads one file. The same file twice is refused, for it would agree with
// itself.
func (s *Set) add(path string, from int, read func(*Set, *source, []byte) error) error {
	content, err := readFile(path)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(content)
	src := source{file: FileRef{Name: filepath.Base(path), SHA256: hex.EncodeToString(sum[:])}}
	for _, other := range s.sources[from:] {
		if other.file.SHA256 == src.file.SHA256 {
			return fmt.Errorf("%s is the same file as %s; give it once", src.file.Name, other.file.Name)
		}
	}
	if err := read(s, &src, content); err != nil {
		return fmt.Errorf("%s: %w", src.file.Name, err)
	}
	s.sources = append(s.sources, src)
	return nil
}

func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	content, err := io.ReadAll(io.LimitReader(f, maxFileBytes+1))
	if err != nil {
		return nil, err
	}
	if len(content) > maxFileBytes {
		return nil, errors.New(filepath.Base(path) + ": larger than 1 GiB; is it a database?")
	}
	return content, nil
}

// HasCountries reports whether a source can tell a country at all.
func (s *Set) HasCountries() bool { return s.countries }

// HasOperators reports whether a source can tell an operator at all.
func (s *Set) HasOperators() bool { return s.operators }

// Files lists the sources: range files, country databases, ASN databases, each
// in the order of the Config. A file that serves as both stands twice.
func (s *Set) Files() []FileRef {
	list := make([]FileRef, len(s.sources))
	for i := range s.sources {
		list[i] = s.sources[i].file
	}
	return list
}

// built words a build date.
func built(t time.Time) string {
	if t.Unix() <= 0 {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
