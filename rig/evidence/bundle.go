package evidence

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/spanrig/spanrig/rig"
	"github.com/spanrig/spanrig/rig/policy"
	"github.com/spanrig/spanrig/rig/replay"
)

// Bundle is a sealed bundle that is open for reading. What it returns is what
// stands in it: that this follows from the recording is what Verify finds out.
// It is safe for concurrent use.
type Bundle struct {
	store      store
	seal       *sealParts
	manifest   *Manifest // of the seal
	signatures []Signature
}

// Open opens a bundle, a folder or a zip, and checks its seal: that manifest,
// SHA256SUMS and attestation are about each other, that the signatures are valid
// and the sealer's is there, and that the files are those of the manifest, by name
// and size. It reads none of them. Close it.
//
// The error is a *Difference where the bundle is not as it was sealed, else
// that of the file system.
func Open(path string) (*Bundle, error) {
	s, err := openStore(path)
	if err != nil {
		return nil, err
	}
	b := &Bundle{store: s}
	if err := b.open(); err != nil {
		_ = s.Close()
		return nil, err
	}
	return b, nil
}

func (b *Bundle) open() (err error) {
	if b.seal, err = readSeal(b.store); err != nil {
		return err
	}
	b.manifest = b.seal.m
	if err := b.checkNames(); err != nil {
		return err
	}
	if err := b.checkSignatures(); err != nil {
		return err
	}
	return b.checkFolders()
}

// checkFolders refuses folders without a file, which are not sealed. Where one had
// a file, that it is missing was said before.
func (b *Bundle) checkFolders() error {
	if f, ok := b.store.(*folder); ok && len(f.empty) > 0 {
		return differs(f.empty[0], "it is an empty folder, which cannot be sealed; take it away")
	}
	return nil
}

// checkNames holds the names of the files, and their sizes, against the manifest.
func (b *Bundle) checkNames() error {
	missing := map[string]int64{ManifestName: -1, SumsName: -1, AttestationName: -1}
	for _, f := range b.manifest.Files {
		missing[f.Name] = f.Bytes
	}
	var added []string
	var changed error
	for _, name := range b.store.names() {
		size, known := missing[name]
		if delete(missing, name); !known && !isKeyName(name) {
			added = append(added, name)
		}
		if !known || size < 0 || changed != nil {
			continue
		}
		in, err := b.store.open(name)
		if err != nil {
			return err
		}
		if _ = in.Close(); in.Size() != size {
			changed = differs(name, "it has %d bytes, and was sealed with %d", in.Size(), size)
		}
	}
	gone := slices.Sorted(maps.Keys(missing))
	switch {
	case len(added) == 1 && len(gone) == 1:
		return differs(added[0], "it is not in the manifest, and %s is missing: it may be that, renamed", gone[0])
	case len(added) > 0:
		return differs(added[0], "it is not in the manifest: it was added after the sealing")
	case len(gone) > 0:
		return differs(gone[0], "it is missing")
	}
	return changed
}

// isKeyName reports whether a file is the public key of a signature.
func isKeyName(name string) bool {
	id, found := strings.CutPrefix(name, keysFolder)
	id, pem := strings.CutSuffix(id, ".pem")
	return found && pem && isHex(id, 64)
}

func isHex(s string, n int) bool {
	return len(s) == n && strings.Trim(s, "0123456789abcdef") == ""
}

// Close closes the bundle.
func (b *Bundle) Close() error { return b.store.Close() }

// Manifest returns what the bundle says it holds. It is not to be changed.
func (b *Bundle) Manifest() *Manifest { return b.manifest }

// Names lists all files of the bundle in the order in which they are stored,
// with slashes: "recording/NAME/screens/0001.png", "verdicts.json".
func (b *Bundle) Names() []string { return b.store.names() }

// OpenFile opens a file of the bundle.
func (b *Bundle) OpenFile(name string) (io.ReadCloser, error) { return b.store.open(name) }

// ReadFile reads a file of the bundle that is no capture, of at most 256 MiB.
func (b *Bundle) ReadFile(name string) ([]byte, error) { return readAll(b.store, name) }

// Recording returns what stands beside the traffic: windows, inventory,
// journal. Captures is empty: OpenFile reads them by RecordingFile.
func (b *Bundle) Recording() (*rig.Recording, error) {
	ref := b.manifest.Recording
	if ref.Bare {
		return &rig.Recording{Name: ref.Name, SHA256: ref.SHA256, Files: []string{ref.Name}, Bare: true}, nil
	}
	rec, err := rig.Read(tree{b.store, ref.Path + "/"}, ref.Name)
	if err != nil {
		return nil, err
	}
	rec.SHA256 = ref.SHA256
	return rec, nil
}

// RecordingFile is the name in the bundle of a file of the recording: a
// screenshot that the journal names, a capture.
func (b *Bundle) RecordingFile(name string) string {
	if b.manifest.Recording.Bare {
		return b.manifest.Recording.Path
	}
	return b.manifest.Recording.Path + "/" + name
}

// Report returns the verdicts, as spanrig judge prints them.
func (b *Bundle) Report() (*policy.Report, error) {
	content, err := b.ReadFile(VerdictsName)
	if err != nil {
		return nil, err
	}
	return parseReport(content)
}

// Policy returns the policy that the bundle was judged by, from its own files:
// claims with their quotes, endpoints, services, waivers.
func (b *Bundle) Policy() (*policy.Policy, error) {
	var sources []policy.Source
	for _, f := range b.manifest.Judged.Policy.Files {
		content, err := b.ReadFile(f.Path)
		if err != nil {
			return nil, err
		}
		sources = append(sources, policy.Source{File: baseName(f.Path), Content: content, Main: f.Main})
	}
	return policy.Parse(sources)
}

// Baseline returns the system baseline; nil where there is none.
func (b *Bundle) Baseline() (*policy.Baseline, error) {
	name := b.manifest.Judged.Baseline
	if name == "" {
		return nil, nil
	}
	content, err := b.ReadFile(name)
	if err != nil {
		return nil, err
	}
	return policy.ReadBaseline(baseName(name), content)
}

// Places returns the records that were looked up in the databases: an
// Options.Geo that needs none. It is nil where there were no databases.
func (b *Bundle) Places() (*Places, error) {
	if b.manifest.file(PlacesName) == nil {
		return nil, nil
	}
	content, err := b.ReadFile(PlacesName)
	if err != nil {
		return nil, err
	}
	return parsePlaces(content, b.manifest.Judged.Databases)
}

// Options returns all that the recording was judged by, for judging it again.
func (b *Bundle) Options() (o replay.Options, err error) {
	if o.Policy, err = b.Policy(); err != nil {
		return o, err
	}
	j := &b.manifest.Judged
	o.Judge = policy.Options{Mode: j.Mode, Allow: j.Allow, Devices: j.Devices, Trust: j.Trust, Require: j.Require, AcceptWaivers: j.AcceptWaivers}
	places, err := b.Places()
	if err != nil {
		return o, err
	}
	if places != nil {
		o.Judge.Geo = places
	}
	o.Judge.Baseline, err = b.Baseline()
	return o, err
}

// Custody returns who had the bundle when, oldest first.
func (b *Bundle) Custody() ([]Custody, error) {
	content, err := b.ReadFile(CustodyName)
	if err != nil {
		return nil, err
	}
	return parseCustody(content)
}

// tree is a folder of a store, as far as rig.Read needs it.
type tree struct {
	store  store
	prefix string // ends with a slash
}

// Open opens a file of the folder.
func (t tree) Open(name string) (fs.File, error) {
	in, err := t.store.open(t.prefix + name)
	if err != nil {
		return nil, err
	}
	return leaf{in, name}, nil
}

// ReadDir lists the files of the folder itself.
func (t tree) ReadDir(string) ([]fs.DirEntry, error) {
	var list []fs.DirEntry
	for _, name := range t.store.names() {
		if rest, ok := strings.CutPrefix(name, t.prefix); ok && !strings.Contains(rest, "/") {
			in, err := t.store.open(name)
			if err != nil {
				return nil, err
			}
			list = append(list, fs.FileInfoToDirEntry(leafStat{rest, in.Size()}))
			if err := in.Close(); err != nil {
				return nil, err
			}
		}
	}
	return list, nil
}

func parseReport(content []byte) (*policy.Report, error) {
	r := new(policy.Report)
	if err := unmarshalStrict(content, r); err != nil {
		return nil, differs(VerdictsName, "%v", err)
	}
	if r.Schema != 1 {
		return nil, differs(VerdictsName, "schema %d is not known here, expected 1", r.Schema)
	}
	return r, nil
}

func baseName(name string) string { return name[strings.LastIndexByte(name, '/')+1:] }

// wrapped puts a file's name before an error that has none.
func wrapped(name string, err error) error {
	var d *Difference
	if err == nil || errors.As(err, &d) {
		return err
	}
	return fmt.Errorf("%s: %w", name, err)
}
