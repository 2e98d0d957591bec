package evidence

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"

	"github.com/spanrig/spanrig/captures/fact"
	"github.com/spanrig/spanrig/captures/pcapfile"
	"github.com/spanrig/spanrig/rig"
	"github.com/spanrig/spanrig/rig/policy"
	"github.com/spanrig/spanrig/rig/replay"
)

// judgement is what follows from a recording and what it is judged by.
type judgement struct {
	judged   replay.Options
	rec      *rig.Recording
	captures []*intake
	set      *fact.Set
	report   *policy.Report
	ids      *policy.Identities
	looker   *looker // nil without databases
	flows    *flowWriter
	crc      bool // CRCs are wanted
}

// expect makes ready for flows, whose lines go to lines.
func (j *judgement) expect(lines lineSink) error {
	if j.judged.Judge.Geo != nil {
		j.looker = newLooker(j.judged.Judge.Geo)
	}
	parties, err := policy.NewAttributor(j.judged.Policy)
	if err != nil {
		return err
	}
	j.flows = newFlowWriter(lines, j.rec.Files, func(f *fact.Fact) fact.Attribution {
		return j.place(f, policy.Identity{Peer: f.Resp, Party: parties.Party(f)})
	})
	return nil
}

// read takes the traffic in and extracts facts, in one reading. Only where a
// station turned out late to be the device, it is read once more.
func (j *judgement) read(ctx context.Context) error {
	late, err := j.readOnce(ctx, (*intake).reader)
	if err == nil && late {
		j.set = nil // or it would be there twice
		err = j.readWhole(ctx)
	}
	return err
}

// take takes facts that are known.
func (j *judgement) take(set *fact.Set) error {
	j.set = set
	for i := range set.Facts {
		j.flows.add(&set.Facts[i], false)
	}
	return j.flows.flush()
}

func (j *judgement) readOnce(ctx context.Context, open func(*intake, context.Context) (io.ReadCloser, error)) (late bool, err error) {
	src, err := j.source(ctx, open)
	if err != nil {
		return false, err
	}
	// The context ends the reading below: assembling would return before it.
	j.set, late, err = replay.Some(context.WithoutCancel(ctx), j.rec, src, j.judged, j.flows.add)
	return late, errors.Join(err, src.Close(), j.flows.flush())
}

// readWhole reads again and keeps all facts.
func (j *judgement) readWhole(ctx context.Context) error {
	src, err := j.source(ctx, (*intake).again)
	if err != nil {
		return err
	}
	if err := j.flows.restart(); err != nil {
		return errors.Join(err, src.Close())
	}
	set, err := replay.From(context.WithoutCancel(ctx), j.rec, src, j.judged)
	if err == nil {
		err = j.take(set)
	}
	return errors.Join(err, src.Close())
}

func (j *judgement) source(ctx context.Context, open func(*intake, context.Context) (io.ReadCloser, error)) (*pcapfile.Series, error) {
	files := make([]pcapfile.Opener, len(j.captures))
	for i, in := range j.captures {
		files[i] = pcapfile.Opener{Name: baseName(in.name), Open: func() (io.ReadCloser, error) { return open(in, ctx) }}
	}
	return pcapfile.OpenEach(files)
}

// evaluate judges. The digest of the recording is known by now.
func (j *judgement) evaluate() (err error) {
	o := j.judged.Judge
	if j.looker != nil {
		o.Geo = j.looker
	}
	j.report, j.ids, err = policy.Judge(j.judged.Policy, j.rec, j.set, o)
	return err
}

// finishFlows prints the flows of the device, whose identity is known by now.
func (j *judgement) finishFlows() (digest, error) {
	return j.flows.finish(func(f *fact.Fact) fact.Attribution { return j.place(f, j.ids.Of(f)) })
}

// place adds what the databases say of a flow's peer, and how far away it is,
// to whose it is.
func (j *judgement) place(f *fact.Fact, id policy.Identity) fact.Attribution {
	at := fact.Attribution{Party: string(id.Party), Device: id.Device, Services: id.Services, RTT: f.RTT}
	if j.looker != nil && id.Peer.Addr.IsGlobalUnicast() {
		where := j.looker.Locate(id.Peer.Addr)
		at.Country, at.ASN, at.Operator = where.Country, where.ASN, where.Operator
	}
	return at
}

// verdicts prints the report as spanrig judge --json does.
func (j *judgement) verdicts() ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	err := e.Encode(j.report)
	return b.Bytes(), err
}
