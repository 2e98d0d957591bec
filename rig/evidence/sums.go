package evidence

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"hash/crc32"
	"io"

	"github.com/spanrig/spanrig/rig"
)

// sums is SHA256SUMS: what sha256sum -c reads, for every file of the manifest
// and the manifest itself.
func (m *Manifest) sums(manifestSum string) []byte {
	var b []byte
	for _, f := range m.Files {
		b = append(append(append(b, f.SHA256...), "  "...), f.Name+"\n"...)
	}
	return append(append(append(b, manifestSum...), "  "...), ManifestName+"\n"...)
}

// digest is what is known of the bytes of a file once they were all seen.
type digest struct {
	bytes  int64
	sha256 string
	crc    uint32
	leaves []string
}

func digestOf(content []byte) digest {
	sum := sha256.Sum256(content)
	return digest{bytes: int64(len(content)), sha256: hex.EncodeToString(sum[:]), crc: crc32.ChecksumIEEE(content)}
}

// digestFrom reads r to its end.
func digestFrom(r io.Reader, crc bool) (digest, error) {
	w := newWhole(crc)
	_, err := io.CopyBuffer(w, r, make([]byte, 1<<17))
	return w.take(), err
}

// whole digests a file as one.
type whole struct {
	hash hash.Hash
	crc  bool // also computes that
	d    digest
}

func newWhole(crc bool) *whole { return &whole{hash: sha256.New(), crc: crc} }

// Write never fails.
func (w *whole) Write(b []byte) (int, error) {
	_, _ = w.hash.Write(b)
	if w.crc {
		w.d.crc = crc32.Update(w.d.crc, crc32.IEEETable, b)
	}
	w.d.bytes += int64(len(b))
	return len(b), nil
}

func (w *whole) take() digest {
	w.d.sha256 = hex.EncodeToString(w.hash.Sum(nil))
	return w.d
}

// leaves digests each rig.LeafBytes of a file.
type leaves struct {
	hash hash.Hash
	have int // bytes in the leaf
	list []string
}

func newLeaves() *leaves { return &leaves{hash: sha256.New()} }

// Write never fails.
func (l *leaves) Write(b []byte) (int, error) {
	n := len(b)
	for len(b) > 0 {
		part := b[:min(len(b), rig.LeafBytes-l.have)]
		_, _ = l.hash.Write(part)
		b = b[len(part):]
		if l.have += len(part); l.have == rig.LeafBytes {
			l.seal()
		}
	}
	return n, nil
}

func (l *leaves) seal() {
	l.list = append(l.list, hex.EncodeToString(l.hash.Sum(nil)))
	l.hash.Reset()
	l.have = 0
}

func (l *leaves) take() []string {
	if l.have > 0 {
		l.seal()
	}
	return l.list
}
