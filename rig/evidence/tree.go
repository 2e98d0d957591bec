package evidence

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"time"
)

// leaf is an open file as io/fs wants it.
type leaf struct {
	*source
	name string
}

// Stat says that it is a regular file of so many bytes; nothing else is known.
func (l leaf) Stat() (fs.FileInfo, error) { return leafStat{l.name, l.Size()}, nil }

type leafStat struct {
	name string
	size int64
}

func (l leafStat) Name() string       { return baseName(l.name) }
func (l leafStat) Size() int64        { return l.size }
func (l leafStat) Mode() fs.FileMode  { return 0o600 }
func (l leafStat) ModTime() time.Time { return time.Time{} }
func (l leafStat) IsDir() bool        { return false }
func (l leafStat) Sys() any           { return nil }

// unmarshalStrict reads one JSON value with no unknown members and nothing
// behind it.
func unmarshalStrict(content []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(content))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows its end")
	}
	return nil
}
