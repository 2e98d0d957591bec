package evidence

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
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
	Readme     bool        // README.txt is one that this program gives to bundles; else it may say anything
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
	return &Verified{b.manifest, v.work.report, GroundsOf(b.manifest, v.work.judged.Policy, v.work.report), b.signatures, ourReadme(v.work.readme)}, nil
}

type verifying struct {
	b    *Bundle
	o    VerifyOptions
	work *work
}

func (v *verifying) all(ctx context.Context) error {
	if err := v.b.open(); err != nil {
		return err
	}
	if err := v.b.checkSigners(v.o.Keys); err != nil {
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
		if err := v.b.checkFile(f.Name); err != nil {
			return err
		}
	}
	return nil
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
		judgement: judgement{judged: o, crc: v.b.zipped()}, from: v.b.origin(), readme: readme, custody: v.custody, found: v.b.compare,
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
	if at := differAt(manifest, v.b.seal.manifest); at >= 0 {
		return differs(ManifestName, "it is not what follows from the other files, from byte %d on: %s", at, around(v.b.seal.manifest, at))
	}
	if err := v.b.checkStatement(sum, v.work.report, v.b.manifest.captures(v.work.rec)); err != nil {
		return err
	}
	return v.b.checkSealCRCs()
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
