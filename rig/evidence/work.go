package evidence

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/spanrig/spanrig/captures/fact"
	"github.com/spanrig/spanrig/rig"
)

// work makes a bundle out of a recording: to write it, or, from a bundle's own
// recording and with a sink that compares, to verify it.
type work struct {
	judgement
	from    *origin
	sink    sink
	readme  []byte
	custody func() ([]byte, Chain, error)
	known   *fact.Set // of the recording; nil: read it
	m       Manifest  // Tool, Sealed and Signer are given

	// found is told the digest of each file of the recording as soon as it is
	// known, before anything follows from it; may be nil.
	found func(f *File, crc uint32) error
}

// do does all but the seal.
func (w *work) do(ctx context.Context) error {
	if err := w.beside(); err != nil {
		return err
	}
	lines, err := w.sink.lines()
	if err != nil {
		return err
	}
	defer lines.close()
	if err := w.takeIn(ctx, lines); err != nil {
		return err
	}
	if err := w.evaluate(); err != nil {
		return err
	}
	w.describe()
	return w.writeJudgement()
}

// beside reads what stands beside the traffic.
func (w *work) beside() (err error) {
	ref := &w.from.ref
	if w.m.Recording = *ref; ref.Bare {
		w.rec = &rig.Recording{Name: ref.Name, Files: []string{ref.Name}, Bare: true}
		return nil
	}
	w.rec, err = rig.Read(w.from.fs, ref.Name)
	return err
}

// takeIn takes the recording in: all files but the captures, for which only
// room is made in their place, then those, which are read by all at once.
func (w *work) takeIn(ctx context.Context, lines lineSink) error {
	if err := w.expect(lines); err != nil {
		return err
	}
	written := w.written()
	byName := map[string]*intake{}
	for _, name := range w.rec.Files {
		if written[name] == nil {
			in := &intake{name: w.from.file(name), crc: w.crc, open: func() (*source, error) { return w.from.open(name) }}
			byName[name] = in
			w.captures = append(w.captures, in)
		}
	}
	w.m.Files = make([]File, len(w.from.names))
	for i, name := range w.from.names {
		f, crc, err := w.copyFile(name, byName[name], written[name])
		if err != nil {
			return err
		}
		w.m.Files[i] = f
		if byName[name] != nil {
			continue
		}
		if err := w.tell(i, crc); err != nil {
			return err
		}
	}
	if written != nil {
		return errors.Join(w.take(w.known), w.sum())
	}
	reading := w.read(ctx)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err := w.complete(byName); err != nil {
		return err // which is why reading failed, if it did
	}
	return errors.Join(reading, w.sum())
}

// written are the captures that need not be read, by name, with their digests;
// nil where they have to be.
func (w *work) written() map[string]*rig.CaptureFile {
	if w.known == nil || w.rec.Journal == nil {
		return nil
	}
	digests := map[string]*rig.CaptureFile{}
	for i := range w.rec.Journal.Files {
		digests[w.rec.Journal.Files[i].Name] = &w.rec.Journal.Files[i]
	}
	for _, name := range w.rec.Files {
		if digests[name] == nil {
			return nil
		}
	}
	return digests
}

// complete ends the copies of the captures, whose digests are known now.
func (w *work) complete(captures map[string]*intake) error {
	for i, name := range w.from.names {
		in := captures[name]
		if in == nil {
			continue
		}
		if err := in.complete(); err != nil {
			return err
		}
		w.m.Files[i] = File{in.name, in.sum.bytes, in.sum.sha256, in.sum.leaves}
		if err := w.tell(i, in.sum.crc); err != nil {
			return err
		}
	}
	return nil
}

func (w *work) tell(i int, crc uint32) error {
	if w.found == nil {
		return nil
	}
	return w.found(&w.m.Files[i], crc)
}

// copyFile copies a file. Of a capture that is read later it only makes room; of
// one whose digests are known it may make a link.
func (w *work) copyFile(name string, in *intake, written *rig.CaptureFile) (f File, crc uint32, err error) {
	f.Name = w.from.file(name)
	if to, ok := w.sink.(*folderSink); ok && written != nil && to.link(w.from.path(name), f.Name) == nil {
		f.Bytes, f.SHA256, f.Leaves = written.Bytes, written.SHA256, written.Leaves
		return f, 0, nil
	}
	src, err := w.from.open(name)
	if err != nil {
		return f, 0, err
	}
	defer src.Close()
	out, err := w.sink.reserve(f.Name, src.Size())
	if err != nil {
		return f, 0, err
	}
	if in != nil {
		in.copy = out
		return f, 0, nil
	}
	if written != nil {
		f.Bytes, f.SHA256, f.Leaves = written.Bytes, written.SHA256, written.Leaves
		_, err = io.CopyBuffer(out, src, make([]byte, chunkBytes))
		return f, 0, ended(out, err)
	}
	d, err := digestFrom(io.TeeReader(src, out), w.crc)
	f.Bytes, f.SHA256 = d.bytes, d.sha256
	return f, d.crc, ended(out, err)
}

// sum digests the recording and holds it against its journal.
func (w *work) sum() error {
	sums := map[string]string{}
	for i, name := range w.from.names {
		sums[name] = w.m.Files[i].SHA256
	}
	if w.rec.SHA256 = rig.Sum(sums); w.rec.Bare {
		w.rec.SHA256 = w.m.Files[0].SHA256
	}
	w.m.Recording.SHA256 = w.rec.SHA256
	if err := w.rec.Check(sums); err != nil {
		return fmt.Errorf("%s: %w", w.rec.Name, err)
	}
	return nil
}

// describe fills the manifest but for the files.
func (w *work) describe() {
	m, o := &w.m, &w.judged
	m.Schema, m.LeafBytes = Schema, rig.LeafBytes
	m.Device, m.Result = subjectOf(&w.rec.Inventory), w.report.Result
	m.Judged = Judged{
		Policy:    PolicyRef{Name: o.Policy.Name, Title: o.Policy.Title, SHA256: o.Policy.SHA256, Files: []PolicyFile{}},
		Databases: databasesOf(o.Judge.Geo), Mode: o.Judge.Mode, Allow: list(o.Judge.Allow), Devices: list(o.Judge.Devices),
		Trust: o.Judge.Trust, Require: list(o.Judge.Require), AcceptWaivers: o.Judge.AcceptWaivers,
	}
	for i, src := range o.Policy.Sources {
		m.Judged.Policy.Files = append(m.Judged.Policy.Files, PolicyFile{policyFolder + strconv.Itoa(i+1) + "/" + src.File, src.Main})
	}
	if j := w.rec.Journal; j != nil {
		m.Journal = Chain{len(j.Entries), j.Head()}
	}
}

// list is a JSON list also where there is nothing.
func list(l []string) []string {
	if l == nil {
		return []string{}
	}
	return l
}

// writeJudgement writes what the verdicts follow from, and them, in the order
// of a bundle.
func (w *work) writeJudgement() error {
	for _, step := range []func() error{w.addReadme, w.addBaseline, w.addCustody, w.addFlows, w.addPlaces, w.addPolicy, w.addVerdicts} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// add writes a file of the manifest.
func (w *work) add(name string, content []byte) error {
	if err := checkName(name); err != nil {
		return fmt.Errorf("%q: %w", baseName(name), err)
	}
	d := digestOf(content)
	w.m.Files = append(w.m.Files, File{Name: name, Bytes: d.bytes, SHA256: d.sha256})
	return put(w.sink, name, content)
}

func (w *work) addReadme() error { return w.add(ReadmeName, w.readme) }

func (w *work) addBaseline() error {
	b := w.judged.Judge.Baseline
	if b == nil {
		return nil
	}
	ref, content := b.File()
	w.m.Judged.Baseline = baselineFolder + ref.Name
	return w.add(w.m.Judged.Baseline, content)
}

func (w *work) addCustody() error {
	content, chain, err := w.custody()
	if err != nil {
		return err
	}
	w.m.Custody = chain
	return w.add(CustodyName, content)
}

// addFlows writes flows.jsonl, which may be large.
func (w *work) addFlows() error {
	d, err := w.finishFlows()
	w.m.Files = append(w.m.Files, File{Name: FlowsName, Bytes: d.bytes, SHA256: d.sha256})
	return err
}

func (w *work) addPlaces() error {
	if w.looker == nil {
		return nil
	}
	content, err := w.looker.encode()
	if err != nil {
		return err
	}
	return w.add(PlacesName, content)
}

// addPolicy writes the files of the policy by name, which is not the order of
// their numbers beyond nine.
func (w *work) addPolicy() error {
	files := w.m.Judged.Policy.Files
	order := make([]int, len(files))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return strings.Compare(files[a].Path, files[b].Path) })
	for _, i := range order {
		if err := w.add(files[i].Path, w.judged.Policy.Sources[i].Content); err != nil {
			return err
		}
	}
	return nil
}

func (w *work) addVerdicts() error {
	content, err := w.verdicts()
	if err != nil {
		return err
	}
	return w.add(VerdictsName, content)
}

// manifest prints the manifest of what was made, and its digest.
func (w *work) manifest() (content []byte, sum string, err error) {
	content, err = canonical(&w.m)
	if err != nil {
		return nil, "", err
	}
	content = append(content, '\n')
	return content, digestOf(content).sha256, nil
}

// payload is the statement on it.
func (w *work) payload(manifestSum string) ([]byte, error) {
	return canonical(attest(&w.m, manifestSum, w.report, w.m.captures(w.rec)))
}
