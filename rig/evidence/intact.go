package evidence

import (
	"fmt"

	"github.com/spanrig/spanrig/rig"
	"github.com/spanrig/spanrig/rig/policy"
)

// Intact holds every file but the captures against its digest in the manifest,
// and the statement against manifest and verdicts. It is for those who show or
// sign a bundle without making its verdicts again, and takes no longer than
// reading these files does.
//
// The error is a *Difference where a file is not as it was sealed, else that of
// the file system.
func (b *Bundle) Intact() error {
	for i := range b.manifest.Files {
		if f := &b.manifest.Files[i]; len(f.Leaves) == 0 { // captures have some
			if err := b.checkFile(f.Name); err != nil {
				return err
			}
		}
	}
	rec, err := b.Recording()
	if err != nil {
		return err
	}
	report, err := b.Report()
	if err != nil {
		return err
	}
	if err := b.checkStatement(b.seal.sum, report, b.manifest.captures(rec)); err != nil {
		return err
	}
	return b.checkSealCRCs()
}

// checkStatement holds the statement against the one that follows from the manifest,
// whose digest is sum, and the verdicts. captures are their names in the bundle.
func (b *Bundle) checkStatement(sum string, r *policy.Report, captures []string) error {
	payload, err := canonical(attest(b.manifest, sum, r, captures))
	if err != nil {
		return err
	}
	if at := differAt(payload, b.seal.envelope.Payload); at >= 0 {
		return differs(AttestationName, "its statement is not what follows from manifest and verdicts, from byte %d on: %s", at, around(b.seal.envelope.Payload, at))
	}
	return nil
}

func (b *Bundle) checkFile(name string) error {
	in, err := b.store.open(name)
	if err != nil {
		return err
	}
	defer in.Close()
	d, err := digestFrom(in, b.zipped())
	if err != nil {
		return wrapped(name, err)
	}
	return b.compare(&File{Name: name, Bytes: d.bytes, SHA256: d.sha256}, d.crc)
}

// compare holds a digest against the manifest's, and a CRC against the zip's.
func (b *Bundle) compare(have *File, crc uint32) error {
	want := b.manifest.file(have.Name)
	switch {
	case want == nil:
		return differs(have.Name, "it is not in the manifest")
	case want.SHA256 != have.SHA256 && len(have.Leaves) > 0 && len(want.Leaves) == len(have.Leaves):
		return differs(have.Name, "it was changed after it was sealed: %s", changedLeaves(want.Leaves, have.Leaves))
	case want.SHA256 != have.SHA256 || want.Bytes != have.Bytes:
		return differs(have.Name, "it was changed after it was sealed: its SHA-256 is %s, and was %s", have.SHA256, want.SHA256)
	case len(have.Leaves) > 0 && differLeaves(want.Leaves, have.Leaves):
		return differs(have.Name, "its leaves in the manifest are not those of its bytes")
	}
	return b.compareCRC(have.Name, crc)
}

// zipped reports whether there are CRCs to be held against.
func (b *Bundle) zipped() bool {
	_, ok := b.store.(*archive)
	return ok
}

func (b *Bundle) compareCRC(name string, crc uint32) error {
	if z, ok := b.store.(*archive); ok && z.entries[name].crc != crc {
		return differs(name, "its CRC in the zip is %08x, that of its bytes %08x", z.entries[name].crc, crc)
	}
	return nil
}

// around shows the text at an offset.
func around(b []byte, at int) string {
	return fmt.Sprintf("%.60q", b[min(max(at-10, 0), len(b)):])
}

func differLeaves(a, b []string) bool {
	return len(a) != len(b) || firstChanged(a, b) >= 0
}

func firstChanged(a, b []string) int {
	for i := range a {
		if a[i] != b[i] {
			return i
		}
	}
	return -1
}

// changedLeaves says where in a file the first change is.
func changedLeaves(want, have []string) string {
	n := 0
	for i := range want {
		if want[i] != have[i] {
			n++
		}
	}
	i := int64(firstChanged(want, have))
	if i < 0 {
		return "its SHA-256 is another, though every leaf of it is the same"
	}
	return fmt.Sprintf("%d of its %d leaves of 4 MiB are others, the first from byte %d on", n, len(want), i*rig.LeafBytes)
}

// checkSealCRCs holds the CRCs that a zip has of the files of the seal against
// these.
func (b *Bundle) checkSealCRCs() error {
	for _, name := range b.Names() {
		if rank(name) != 2 {
			continue
		}
		content, err := b.ReadFile(name)
		if err != nil {
			return err
		}
		if err := b.compareCRC(name, digestOf(content).crc); err != nil {
			return err
		}
	}
	return nil
}
