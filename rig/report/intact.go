package report

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"path"
	"slices"

	"github.com/spanrig/spanrig/rig/evidence"
)

// intact holds every file that a page may show against its SHA-256 in the
// manifest, so that no page is made of files that were changed by themselves.
// Captures are not read: no page shows them. Whether the manifest itself is the
// one that was sealed is evidence.Verify's to say.
func (c *contents) intact(b *evidence.Bundle) error {
	for i := range c.manifest.Files {
		f := &c.manifest.Files[i]
		if slices.ContainsFunc(c.rec.Files, func(name string) bool {
			return f.Name == c.manifest.Recording.Path || f.Name == path.Join(c.manifest.Recording.Path, name)
		}) {
			continue
		}
		sum, err := sumOf(b, f.Name)
		if err != nil {
			return err
		}
		if sum != f.SHA256 {
			return &evidence.Difference{File: f.Name, What: "it is not the file that was sealed: its SHA-256 differs; make the page from an untouched copy"}
		}
	}
	return nil
}

func sumOf(b *evidence.Bundle, name string) (string, error) {
	in, err := b.OpenFile(name)
	if err != nil {
		return "", err
	}
	defer in.Close()
	h := sha256.New()
	if _, err := io.Copy(h, in); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
