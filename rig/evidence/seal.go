package evidence

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spanrig/spanrig/captures/fact"
	"github.com/spanrig/spanrig/rig"
	"github.com/spanrig/spanrig/rig/policy"
	"github.com/spanrig/spanrig/rig/replay"
)

// Options of Seal.
type Options struct {
	replay.Options // by what to judge; Policy is needed

	Tool string             // "spanrig VERSION"
	By   []Person           // who seals, then witnesses; may be empty
	Note string             // of who seals
	Key  ed25519.PrivateKey // signs; nil: the bundle is not signed
	Now  func() time.Time   // nil: time.Now

	// Facts are those of the recording, where this process extracted them while
	// it recorded (record.Result.Facts) and the journal has the digests of the
	// captures. Then these are not read again: a folder gets links to them, where
	// the file system can, a zip gets copies. nil: they are read.
	Facts *fact.Set
}

// Seal judges the recording, a folder or a bare capture, and writes it with its
// verdicts and all that these follow from to a new bundle: a zip where out ends
// in .zip, else a folder. The captures are read once: what is judged is what is
// copied and digested. Where the journal has digests, these must be the same.
//
// Nothing is overwritten, and out appears when it is whole. Errors are those of
// rig.Open and replay.Run, *Difference where the recording holds what cannot be
// sealed, and those of the file system.
func Seal(ctx context.Context, recording, out string, o Options) (*policy.Report, error) {
	r, err := seal(ctx, recording, out, o)
	return r, asked(out, err)
}

func seal(ctx context.Context, recording, out string, o Options) (*policy.Report, error) {
	from, err := originOf(recording)
	if err != nil {
		return nil, err
	}
	defer from.close()
	if err := from.apart(out); err != nil {
		return nil, err
	}
	now := time.Now()
	if o.Now != nil {
		now = o.Now()
	}
	w := &work{from: from, readme: []byte(readme), judgement: judgement{judged: o.Options}, m: Manifest{Tool: o.Tool, Sealed: now.UTC().Format(time.RFC3339Nano)}}
	if o.Key != nil {
		w.m.Signer = KeyID(o.Key.Public().(ed25519.PublicKey))
	}
	w.known = o.Facts
	w.custody = func() ([]byte, Chain, error) { return encodeCustody(custodyOf(w.rec, &o, w.m.Sealed)) }
	if w.sink, err = newSink(out); err != nil {
		return nil, err
	}
	defer w.sink.abandon()
	if err := w.do(ctx); err != nil {
		return nil, err
	}
	if err := w.close(o.Key); err != nil {
		return nil, err
	}
	return w.report, w.sink.commit()
}

// close writes manifest, sums, attestation and key.
func (w *work) close(key ed25519.PrivateKey) error {
	manifest, sum, err := w.manifest()
	if err != nil {
		return err
	}
	payload, err := w.payload(sum)
	if err != nil {
		return err
	}
	e := &envelope{Payload: payload, PayloadType: PayloadType, Signatures: []signature{}}
	files := map[string][]byte{ManifestName: manifest, SumsName: w.m.sums(sum)}
	if key != nil {
		if err := e.sign(key, w.m.Signer); err != nil {
			return err
		}
		files[keyName(w.m.Signer)] = publicPEM(key.Public().(ed25519.PublicKey))
	}
	if files[AttestationName], err = e.encode(); err != nil {
		return err
	}
	if err := w.m.checkRoom(files); err != nil {
		return err
	}
	return putAll(w.sink, files)
}

// origin is where a recording is.
type origin struct {
	ref   RecordingRef             // but for the digest
	names []string                 // of its files, sorted
	fs    fs.FS                    // of its folder
	path  func(name string) string // on this machine; nil in a bundle
	open  func(name string) (*source, error)
	close func() error
}

// file is the name of a file in the bundle.
func (o *origin) file(name string) string {
	if o.ref.Bare {
		return o.ref.Path
	}
	return o.ref.Path + "/" + name
}

// originOf finds the files of a recording.
func originOf(name string) (*origin, error) {
	stat, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	abs, err := filepath.Abs(name) // "." has no name of its own
	if err != nil {
		return nil, err
	}
	base := filepath.Base(abs)
	if err := checkName(recordingFolder + base); err != nil {
		return nil, fmt.Errorf("%q: %w", base, err)
	}
	o := &origin{ref: RecordingRef{Name: base, Path: recordingFolder + base, Bare: !stat.IsDir()}}
	if o.ref.Bare {
		if !stat.Mode().IsRegular() {
			return nil, fmt.Errorf("%s is %w: it is no regular file", base, rig.ErrNotRecording)
		}
		abs = filepath.Dir(abs)
	}
	root, err := os.OpenRoot(abs)
	if err != nil {
		return nil, err
	}
	o.fs, o.close = root.FS(), root.Close
	o.path = func(name string) string { return filepath.Join(abs, name) }
	o.open = func(name string) (*source, error) { return openIn(root, name) }
	if o.names = []string{base}; !o.ref.Bare {
		o.names, err = regularFiles(o.fs)
	}
	if err != nil {
		_ = root.Close()
		return nil, err
	}
	return o, nil
}

// apart refuses a bundle inside of the recording, which would change that.
func (o *origin) apart(out string) error {
	abs, err := filepath.Abs(out)
	if err != nil || o.ref.Bare {
		return err
	}
	if rel, err := filepath.Rel(o.path("."), abs); err == nil && filepath.IsLocal(rel) {
		return fmt.Errorf("%s would be inside the recording %s; name a place beside it", filepath.Base(out), o.ref.Name)
	}
	return nil
}

// regularFiles lists the files of a recording; folders without any are left out.
func regularFiles(dir fs.FS) ([]string, error) {
	var list []string
	err := fs.WalkDir(dir, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		list = append(list, name)
		return checkEntry(name, d)
	})
	slices.Sort(list)
	return list, err
}

// checkEntry refuses what is no file that can be sealed.
func checkEntry(name string, d fs.DirEntry) error {
	if !d.Type().IsRegular() {
		return differs(name, "it is no regular file (%s), which cannot be sealed; copy what it stands for, or take it away", d.Type())
	}
	if err := checkName(name); err != nil {
		return differs(name, "%v", err)
	}
	return nil
}
