package evidence

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/netip"
	"runtime"

	"github.com/spanrig/spanrig/captures/fact"
	"github.com/spanrig/spanrig/captures/pcapfile"
	"github.com/spanrig/spanrig/rig"
	"github.com/spanrig/spanrig/rig/policy"
	"github.com/spanrig/spanrig/rig/replay"
)

// intake is a capture that is read once.
type intake struct {
	name string // in the bundle
	open func() (*source, error)
	copy io.WriteCloser // also takes every byte
	read bool           // to the end: the digest is known
	digest
}

// reader begins the reading.
func (in *intake) reader(ctx context.Context) (io.ReadCloser, error) {
	src, err := in.open()
	if err != nil {
		return nil, err
	}
	all, parts := newWhole(), newLeaves()
	t := newTee(&obedient{ctx, src}, all, parts, in.copy)
	return &taking{t, func() error {
		err := errors.Join(t.Close(), src.Close())
		in.digest, in.read = all.take(), err == nil
		in.leaves = parts.take()
		return err
	}}, nil
}

// complete ends the copy. A capture that nobody came to read, for one before it
// is none, is read now.
func (in *intake) complete() error {
	if !in.read {
		r, err := in.reader(context.Background())
		if err == nil {
			err = r.Close()
		}
		if err != nil {
			return errors.Join(err, in.copy.Close())
		}
	}
	return in.copy.Close()
}

// taking is a tee that leaves its digests behind when it is closed.
type taking struct {
	io.Reader
	close func() error
}

func (t *taking) Close() error { return t.close() }

// obedient is a reader that ends with its context. Assembling would return
// while the reader is still in use.
type obedient struct {
	ctx context.Context
	in  io.Reader
}

func (o *obedient) Read(b []byte) (int, error) {
	if o.ctx.Err() != nil {
		return 0, context.Cause(o.ctx)
	}
	return o.in.Read(b)
}

// judgement is what follows from a recording and what it is judged by.
type judgement struct {
	rec      *rig.Recording
	set      *fact.Set
	report   *policy.Report
	ids      *policy.Identities
	looker   *looker // nil without databases
	judged   replay.Options
	captures []*intake
}

// read takes the traffic in and extracts facts, in one reading.
func (j *judgement) read(ctx context.Context) error {
	files := make([]pcapfile.Opener, len(j.captures))
	for i, in := range j.captures {
		files[i] = pcapfile.Opener{Name: baseName(in.name), Open: func() (io.ReadCloser, error) { return in.reader(ctx) }}
	}
	src, err := pcapfile.OpenEach(files)
	if err != nil {
		return err
	}
	j.set, err = replay.From(context.WithoutCancel(ctx), j.rec, src, j.judged)
	return errors.Join(err, src.Close())
}

// evaluate judges. The digest of the recording is known by now.
func (j *judgement) evaluate() (err error) {
	o := j.judged.Judge
	if o.Geo != nil {
		j.looker = newLooker(o.Geo)
		o.Geo = j.looker
	}
	j.report, j.ids, err = policy.Judge(j.judged.Policy, j.rec, j.set, o)
	return err
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

// flowBatch is how many flows are printed at once.
const flowBatch = 1024

// flows prints all flows, on every core, in order.
func (j *judgement) flows(w io.Writer) error {
	type batch struct {
		facts []fact.Fact
		text  []byte
		done  chan struct{}
	}
	workers := runtime.GOMAXPROCS(0)
	todo, queue := make(chan *batch, workers), make(chan *batch, workers)
	for range workers {
		go func() {
			e := fact.Encoder{Files: j.rec.Files}
			for b := range todo {
				for i := range b.facts {
					b.text = e.Append(b.text, &b.facts[i], j.attribute(&b.facts[i]))
				}
				close(b.done)
			}
		}()
	}
	go func() {
		facts := j.set.Facts
		for len(facts) > 0 {
			n := min(len(facts), flowBatch)
			b := &batch{facts: facts[:n], done: make(chan struct{})}
			facts = facts[n:]
			queue <- b
			todo <- b
		}
		close(todo)
		close(queue)
	}()
	var err error
	for b := range queue {
		<-b.done
		if err == nil {
			_, err = w.Write(b.text)
		}
	}
	return err
}

// attribute is whose a flow is and where, as the judgement took it.
func (j *judgement) attribute(f *fact.Fact) fact.Attribution {
	id := j.ids.Of(f)
	at := fact.Attribution{Party: string(id.Party), Device: id.Device, Services: id.Services, RTT: f.RTT}
	if j.looker != nil && placed(id.Peer.Addr) {
		where := j.looker.Locate(id.Peer.Addr)
		at.Country, at.ASN, at.Operator = where.Country, where.ASN, where.Operator
	}
	return at
}

// placed reports whether an address is one that databases may know.
func placed(a netip.Addr) bool { return a.IsGlobalUnicast() }
