package record

import (
	"context"

	"github.com/spanrig/spanrig/captures"
	"github.com/spanrig/spanrig/captures/fact"
	"github.com/spanrig/spanrig/rig/replay"
)

// facts are computed while the capture is written.
type facts struct {
	done chan struct{}
	set  *fact.Set
	err  error
}

// follow begins to compute facts from what the recorder has written.
func follow(ctx context.Context, src captures.Source, j *journal) *facts {
	f := &facts{done: make(chan struct{})}
	go func() {
		defer close(f.done)
		f.set, f.err = fact.Extract(ctx, &behind{src, ctx, j}, replay.Live(&j.timeline))
	}()
	return f
}

// behind holds frames back until every cut up to them is known.
type behind struct {
	captures.Source
	ctx     context.Context
	journal *journal
}

// Next is Source.Next, behind the watermark.
func (b *behind) Next(batch *captures.Batch) error {
	if err := b.Source.Next(batch); err != nil {
		return err
	}
	latest := int64(0)
	for i := range batch.Frames {
		latest = max(latest, batch.Frames[i].Time)
	}
	for {
		mark, moved := b.journal.watermark()
		if latest <= mark {
			return nil
		}
		select {
		case <-moved:
		case <-b.ctx.Done():
			return context.Cause(b.ctx)
		}
	}
}
