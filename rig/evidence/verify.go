package evidence

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/spanrig/spanrig/captures/pcapfile"
	"github.com/spanrig/spanrig/rig"
	"github.com/spanrig/spanrig/rig/policy"
)

// VerifyOptions shape Verify. The zero value checks everything but who signed.
type VerifyOptions struct {
	Keys     []ed25519.PublicKey // each must have signed
	Tool     string              // this program, to be named where it computes something else than the one that sealed
	Progress func(frames, bytes uint64)
}

// Verified is a bundle in which nothing differs.
type Verified struct {
	Manifest   *Manifest
	Report     *policy.Report
	Grounds    *Grounds    // which the sealer chose, and the reader must agree with
	Signatures []Signature // all valid; none: the bundle is not signed
}

// Verify checks a bundle, with nothing but what is in it: names, digests,
// chains and signatures, and then makes flows, facts and verdicts again from the
// recording and compares every byte, down to those of the zip. Each capture is
// read once.
//
// The error is a *Difference for the first thing that is not as it was sealed,
// else that of the file system or of ctx.
func Verify(ctx context.Context, path string, o VerifyOptions) (*Verified, error) {
	s, err := openStore(path)
	if err != nil {
		return nil, err
	}
	b := &Bundle{store: s}
	defer b.Close()
	v := &verifying{b: b, o: o}
	if err := v.all(ctx); err != nil {
		return nil, v.explain(err, filepath.Base(filepath.Clean(path)))
	}
	return &Verified{b.manifest, v.work.report, GroundsOf(b.manifest, v.work.judged.Policy, v.work.report), v.signatures}, nil
}

type verifying struct {
	b          *Bundle
	o          VerifyOptions
	seal       *sealParts
	signatures []Signature
	work       *work
}

func (v *verifying) all(ctx context.Context) error {
	var err error
	if v.seal, err = readSeal(v.b.store); err != nil {
		return err
	}
	v.b.manifest = v.seal.m
	if err := v.b.checkNames(); err != nil {
		return err
	}
	if err := v.checkSignatures(); err != nil {
		return err
	}
	if err := v.checkInputs(); err != nil {
		return err
	}
	if err := v.again(ctx); err != nil {
		return err
	}
	return v.compareSeal()
}

// explain makes a Difference of errors that a changed bundle leads to.
func (v *verifying) explain(err error, bundle string) error {
	var d *Difference
	var chain *rig.ChainError
	var file *rig.FileError
	var digest *rig.DigestError
	switch {
	case errors.As(err, &d):
		if d.File == "" {
			d.File = bundle
		}
		return d
	case errors.As(err, &chain):
		return differs(v.b.RecordingFile(chain.File), "line %d: hash chain broken: %s", chain.Line, chain.What)
	case errors.As(err, &file):
		return differs(v.b.RecordingFile(file.File), "%v", file)
	case errors.As(err, &digest):
		return differs(v.b.RecordingFile(digest.File), "%v", digest)
	case errors.Is(err, pcapfile.ErrFormat), errors.Is(err, rig.ErrNotRecording), errors.Is(err, policy.ErrUsage), errors.Is(err, policy.ErrOtherFirmware):
		return differs(bundle, "it cannot be judged again: %v", err)
	}
	return err
}

// checkInputs digests what the verdicts follow from beside the recording,
// before any of it is believed. What follows is compared later, by its bytes.
func (v *verifying) checkInputs() error {
	for i := range v.b.manifest.Files {
		f := &v.b.manifest.Files[i]
		if rank(f.Name) == 0 || f.Name == FlowsName || f.Name == VerdictsName {
			continue
		}
		if err := v.checkFile(f.Name); err != nil {
			return err
		}
	}
	return nil
}

func (v *verifying) checkFile(name string) error {
	in, err := v.b.store.open(name)
	if err != nil {
		return err
	}
	defer in.Close()
	d, err := digestFrom(in, v.zipped())
	if err != nil {
		return wrapped(name, err)
	}
	return v.compare(&File{Name: name, Bytes: d.bytes, SHA256: d.sha256}, d.crc)
}

// compare holds a digest against the manifest's, and a CRC against the zip's.
func (v *verifying) compare(have *File, crc uint32) error {
	want := v.b.manifest.file(have.Name)
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
	return v.compareCRC(have.Name, crc)
}

// zipped reports whether there are CRCs to be held against.
func (v *verifying) zipped() bool {
	_, ok := v.b.store.(*archive)
	return ok
}

func (v *verifying) compareCRC(name string, crc uint32) error {
	if z, ok := v.b.store.(*archive); ok && z.entries[name].crc != crc {
		return differs(name, "its CRC in the zip is %08x, that of its bytes %08x", z.entries[name].crc, crc)
	}
	return nil
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

// again makes the bundle again out of its own recording, and compares.
func (v *verifying) again(ctx context.Context) error {
	m := v.b.manifest
	o, err := v.b.Options()
	if err != nil {
		return differs("", "what it was judged by cannot be read: %v", err)
	}
	if o.Policy.SHA256 != m.Judged.Policy.SHA256 {
		return differs(m.Judged.Policy.Files[0].Path, "it is not a file of the policy that was judged by: the digest of that is %s", m.Judged.Policy.SHA256)
	}
	o.Progress = v.o.Progress
	readme, err := v.b.ReadFile(ReadmeName)
	if err != nil {
		return err
	}
	v.work = &work{
		judgement: judgement{judged: o, crc: v.zipped()}, from: v.b.origin(), readme: readme, custody: v.custody, found: v.compare,
		sink: &comparison{v}, m: Manifest{Tool: m.Tool, Sealed: m.Sealed, Signer: m.Signer},
	}
	return v.work.do(ctx)
}

// custody checks the chain of custody, and the record that the journal makes.
func (v *verifying) custody() ([]byte, Chain, error) {
	content, err := v.b.ReadFile(CustodyName)
	if err != nil {
		return nil, Chain{}, err
	}
	records, err := parseCustody(content)
	if err != nil {
		return nil, Chain{}, err
	}
	recorded := recordedOf(v.work.rec)
	for i := range recorded {
		recorded[i].Seq = i + 1
		if len(records) <= i || records[i] != recorded[i] {
			return nil, Chain{}, differs(CustodyName, "what it says of the recording is not what the journal says")
		}
	}
	sealed := len(recorded)
	m := v.b.manifest
	if len(records) <= sealed || records[sealed].Action != Sealed || records[sealed].Time != m.Sealed || records[sealed].Tool != m.Tool {
		return nil, Chain{}, differs(CustodyName, "it does not say who sealed when the manifest says")
	}
	again, chain, err := encodeCustody(records)
	if err == nil && !bytes.Equal(again, content) {
		err = differs(CustodyName, "it is not in its one form")
	}
	return content, chain, err
}

// compareSeal holds the seal against what was made again.
func (v *verifying) compareSeal() error {
	if _, err := time.Parse(time.RFC3339Nano, v.b.manifest.Sealed); err != nil {
		return differs(ManifestName, "it was sealed at %q, which is no time", v.b.manifest.Sealed)
	}
	manifest, sum, err := v.work.manifest()
	if err != nil {
		return err
	}
	if at := differAt(manifest, v.seal.manifest); at >= 0 {
		return differs(ManifestName, "it is not what follows from the other files, from byte %d on: %s", at, around(v.seal.manifest, at))
	}
	payload, err := v.work.payload(sum)
	if err != nil {
		return err
	}
	if at := differAt(payload, v.seal.envelope.Payload); at >= 0 {
		return differs(AttestationName, "its statement is not what follows from manifest and verdicts, from byte %d on: %s", at, around(v.seal.envelope.Payload, at))
	}
	for _, name := range v.b.Names() {
		if rank(name) == 2 {
			if err := v.checkCRC(name); err != nil {
				return err
			}
		}
	}
	return nil
}

func (v *verifying) checkCRC(name string) error {
	content, err := v.b.ReadFile(name)
	if err != nil {
		return err
	}
	return v.compareCRC(name, digestOf(content).crc)
}

// around shows the text at an offset.
func around(b []byte, at int) string {
	return fmt.Sprintf("%.60q", b[min(max(at-10, 0), len(b)):])
}

// origin is the bundle's own recording.
func (b *Bundle) origin() *origin {
	o := &origin{ref: b.manifest.Recording, close: func() error { return nil }}
	o.ref.SHA256 = ""
	prefix := o.ref.Path + "/"
	if o.ref.Bare {
		prefix = recordingFolder
	}
	for _, name := range b.Names() {
		if rest, ok := strings.CutPrefix(name, prefix); ok {
			o.names = append(o.names, rest)
		}
	}
	o.fs = tree{b.store, prefix}
	o.open = func(name string) (*source, error) { return b.store.open(prefix + name) }
	return o
}
