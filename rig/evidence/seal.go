package evidence

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

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
	s := &sealing{o: o, now: time.Now().UTC()}
	if o.Now != nil {
		s.now = o.Now().UTC()
	}
	defer s.close()
	if err := s.openRecording(recording); err != nil {
		return nil, err
	}
	var err error
	if s.sink, err = newSink(out); err != nil {
		return nil, err
	}
	if err := s.write(ctx); err != nil {
		return nil, err
	}
	return s.report, s.sink.commit()
}

// sealing is a bundle in the making.
type sealing struct {
	judgement
	o      Options
	now    time.Time
	root   *os.Root // of the recording's folder, or of the folder a bare capture is in
	names  []string // files of the recording, as they are named in root
	folder string   // of them in the bundle, with a slash; of a bare capture recording/
	sink   sink
	m      Manifest
}

func (s *sealing) close() {
	if s.sink != nil {
		s.sink.abandon()
	}
	if s.root != nil {
		_ = s.root.Close()
	}
}

// openRecording finds the files of the recording and reads what stands beside
// its traffic.
func (s *sealing) openRecording(name string) error {
	stat, err := os.Stat(name)
	if err != nil {
		return err
	}
	abs, err := filepath.Abs(name) // "." has no name of its own
	if err != nil {
		return err
	}
	base := filepath.Base(abs)
	if err := checkName(recordingFolder + base); err != nil {
		return fmt.Errorf("%q: %w", base, err)
	}
	s.judged = s.o.Options
	s.m.Recording = RecordingRef{Name: base, Path: recordingFolder + base, Bare: !stat.IsDir()}
	if stat.IsDir() {
		return s.openFolder(abs, base)
	}
	if s.root, err = os.OpenRoot(filepath.Dir(abs)); err != nil {
		return err
	}
	s.folder, s.names = recordingFolder, []string{base}
	s.rec = &rig.Recording{Name: base, Files: []string{base}, Bare: true}
	return nil
}

func (s *sealing) openFolder(dir, base string) (err error) {
	if s.root, err = os.OpenRoot(dir); err != nil {
		return err
	}
	s.folder = recordingFolder + base + "/"
	if s.names, err = regularFiles(s.root.FS()); err != nil {
		return err
	}
	s.rec, err = rig.Read(s.root.FS(), base)
	return err
}

// regularFiles lists the files of a recording; folders without any are left out.
func regularFiles(dir fs.FS) ([]string, error) {
	var list []string
	err := fs.WalkDir(dir, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil || d.IsDir():
			return err
		case !d.Type().IsRegular():
			return differs(name, "it is no regular file (%s), which cannot be sealed; copy what it stands for, or take it away", d.Type())
		case checkName(name) != nil:
			return differs(name, "%v", checkName(name))
		}
		list = append(list, name)
		return nil
	})
	slices.Sort(list)
	return list, err
}

// write writes all files of the bundle in their order.
func (s *sealing) write(ctx context.Context) error {
	if err := s.writeRecording(ctx); err != nil {
		return err
	}
	if err := s.evaluate(); err != nil {
		return err
	}
	if err := s.writeJudgement(); err != nil {
		return err
	}
	return s.writeSeal()
}

// writeRecording copies the recording. Room for the captures is made in their
// place; they are written while they are judged.
func (s *sealing) writeRecording(ctx context.Context) error {
	byName := map[string]*intake{}
	for _, name := range s.rec.Files {
		in := &intake{name: s.folder + name, open: func() (*source, error) { return openIn(s.root, name) }}
		byName[name] = in
		s.captures = append(s.captures, in)
	}
	sums := map[string]string{}
	files := make([]File, len(s.names))
	for i, name := range s.names {
		d, err := s.copyFile(name, byName[name])
		if err != nil {
			return err
		}
		sums[name] = d.sha256
		files[i] = File{Name: s.folder + name, Bytes: d.bytes, SHA256: d.sha256}
	}
	if err := s.read(ctx); err != nil {
		return err
	}
	for i, name := range s.names {
		if in := byName[name]; in != nil {
			if err := in.copy.Close(); err != nil {
				return err
			}
			sums[name] = in.sha256
			files[i] = File{in.name, in.bytes, in.sha256, in.leaves}
		}
	}
	s.m.Files = files
	s.rec.SHA256 = rig.Sum(sums)
	if s.rec.Bare {
		s.rec.SHA256 = s.captures[0].sha256
	}
	s.m.Recording.SHA256 = s.rec.SHA256
	return s.check(sums)
}

// copyFile copies a file, or makes room for a capture that is copied later.
func (s *sealing) copyFile(name string, in *intake) (digest, error) {
	src, err := openIn(s.root, name)
	if err != nil {
		return digest{}, err
	}
	defer src.Close()
	w, err := s.sink.reserve(s.folder+name, src.Size())
	if err != nil {
		return digest{}, err
	}
	if in != nil {
		in.copy = w
		return digest{}, nil
	}
	d, err := digestFrom(io.TeeReader(src, w))
	return d, errors.Join(err, w.Close())
}

// add writes a file of the manifest.
func (s *sealing) add(name string, content []byte) error {
	d := digestOf(content)
	s.m.Files = append(s.m.Files, File{Name: name, Bytes: d.bytes, SHA256: d.sha256})
	return put(s.sink, name, content)
}

// writeJudgement writes what the verdicts follow from, and them.
func (s *sealing) writeJudgement() error {
	s.describe()
	if err := s.add(ReadmeName, []byte(readme)); err != nil {
		return err
	}
	if b := s.judged.Judge.Baseline; b != nil {
		ref, content := b.File()
		s.m.Judged.Baseline = baselineFolder + ref.Name
		if err := s.add(s.m.Judged.Baseline, content); err != nil {
			return err
		}
	}
	custody, chain, err := encodeCustody(custodyOf(s.rec, &s.o, s.now))
	if err != nil {
		return err
	}
	s.m.Custody = chain
	if err := s.add(CustodyName, custody); err != nil {
		return err
	}
	if err := s.addFlows(); err != nil {
		return err
	}
	if s.looker != nil {
		places, err := s.places()
		if err != nil {
			return err
		}
		if err := s.add(PlacesName, places); err != nil {
			return err
		}
	}
	for i, src := range s.judged.Policy.Sources {
		name := policyFolder + strconv.Itoa(i+1) + "/" + src.File
		s.m.Judged.Policy.Files = append(s.m.Judged.Policy.Files, PolicyFile{name, src.Main})
	}
	if err := s.addPolicy(); err != nil {
		return err
	}
	verdicts, err := s.verdicts()
	if err != nil {
		return err
	}
	return s.add(VerdictsName, verdicts)
}

// addPolicy writes the files of the policy in the order of a bundle, which is
// by name, and so not that of their numbers beyond nine.
func (s *sealing) addPolicy() error {
	type numbered struct {
		name    string
		content []byte
	}
	var list []numbered
	for i, f := range s.m.Judged.Policy.Files {
		list = append(list, numbered{f.Path, s.judged.Policy.Sources[i].Content})
	}
	slices.SortFunc(list, func(a, b numbered) int { return strings.Compare(a.name, b.name) })
	for _, f := range list {
		if err := checkName(f.name); err != nil {
			return fmt.Errorf("policy file %q: %w", path.Base(f.name), err)
		}
		if err := s.add(f.name, f.content); err != nil {
			return err
		}
	}
	return nil
}

// addFlows writes flows.jsonl, which may be large.
func (s *sealing) addFlows() error {
	w, err := s.sink.reserve(FlowsName, -1)
	if err != nil {
		return err
	}
	sum := newWhole()
	if err := s.flows(io.MultiWriter(w, sum)); err != nil {
		return errors.Join(err, w.Close())
	}
	d := sum.take()
	s.m.Files = append(s.m.Files, File{Name: FlowsName, Bytes: d.bytes, SHA256: d.sha256})
	return w.Close()
}

// describe fills the manifest but for the files.
func (s *sealing) describe() {
	m, o := &s.m, &s.judged
	m.Schema, m.Tool, m.Sealed, m.LeafBytes = Schema, s.o.Tool, s.now.Format(time.RFC3339Nano), rig.LeafBytes
	if s.o.Key != nil {
		m.Signer = KeyID(s.o.Key.Public().(ed25519.PublicKey))
	}
	m.Device, m.Result = subjectOf(&s.rec.Inventory), s.report.Result
	m.Judged = Judged{
		Policy:    PolicyRef{Name: o.Policy.Name, Title: o.Policy.Title, SHA256: o.Policy.SHA256},
		Databases: databasesOf(o.Judge.Geo), Mode: o.Judge.Mode, Allow: list(o.Judge.Allow), Devices: list(o.Judge.Devices),
		Trust: o.Judge.Trust, Require: list(o.Judge.Require), AcceptWaivers: o.Judge.AcceptWaivers,
	}
	m.Journal = journalChain(s.rec)
}

func journalChain(rec *rig.Recording) Chain {
	if rec.Journal == nil {
		return Chain{}
	}
	return Chain{len(rec.Journal.Entries), rec.Journal.Head()}
}

// list is a JSON list also where there is nothing.
func list(l []string) []string {
	if l == nil {
		return []string{}
	}
	return l
}

// writeSeal writes manifest, sums, attestation and key.
func (s *sealing) writeSeal() error {
	manifest, err := canonical(&s.m)
	if err != nil {
		return err
	}
	manifest = append(manifest, '\n')
	sum := digestOf(manifest).sha256
	payload, err := attestationOf(&s.m, sum, s.report, s.rec)
	if err != nil {
		return err
	}
	e := &envelope{Payload: payload, PayloadType: PayloadType, Signatures: []signature{}}
	files := map[string][]byte{ManifestName: manifest, SumsName: s.m.sums(sum)}
	if s.o.Key != nil {
		if err := e.sign(s.o.Key, s.m.Signer); err != nil {
			return err
		}
		files[keyName(s.m.Signer)] = publicPEM(s.o.Key.Public().(ed25519.PublicKey))
	}
	if files[AttestationName], err = e.encode(); err != nil {
		return err
	}
	return putAll(s.sink, files)
}
