package evidence

import (
	"github.com/spanrig/spanrig/captures/fact"
)

// lineSink takes the lines of flows.jsonl in order, some of them later.
type lineSink interface {
	line(b []byte) error
	// later leaves room for a line that only finish knows.
	later() error
	// restart forgets all lines.
	restart() error
	// finish fills the room that was left: next returns these lines in order.
	finish(next func() []byte) (digest, error)
	close()
}

// flowWriter prints flows while others are still being assembled, in a goroutine
// of its own. A flow of the device has to wait until all of the recording is
// known, for only then it is known what the judgement took it for.
type flowWriter struct {
	sink      lineSink
	encoder   fact.Encoder
	attribute func(*fact.Fact) fact.Attribution // of others' flows
	own       []fact.Fact                       // that wait

	batch []flowItem
	full  chan []flowItem
	done  chan error
}

type flowItem struct {
	fact    fact.Fact
	another bool // another station's
}

const flowBatch = 512

func newFlowWriter(sink lineSink, files []string, attribute func(*fact.Fact) fact.Attribution) *flowWriter {
	return &flowWriter{sink: sink, encoder: fact.Encoder{Files: files}, attribute: attribute}
}

// add takes the next flow.
func (w *flowWriter) add(f *fact.Fact, another bool) {
	if w.full == nil {
		w.full, w.done = make(chan []flowItem, 4), make(chan error, 1)
		go w.run(w.full)
	}
	if w.batch = append(w.batch, flowItem{*f, another}); len(w.batch) == flowBatch {
		w.full <- w.batch
		w.batch = make([]flowItem, 0, flowBatch)
	}
}

func (w *flowWriter) run(in <-chan []flowItem) {
	var err error
	var b []byte
	for batch := range in {
		for i := range batch {
			switch item := &batch[i]; {
			case err != nil:
			case item.another:
				b = w.encoder.Append(b[:0], &item.fact, w.attribute(&item.fact))
				err = w.sink.line(b)
			default:
				w.own = append(w.own, item.fact)
				err = w.sink.later()
			}
		}
	}
	w.done <- err
}

// flush waits until all flows that were added are printed.
func (w *flowWriter) flush() error {
	if w.full == nil {
		return nil
	}
	w.full <- w.batch
	close(w.full)
	w.batch, w.full = nil, nil
	return <-w.done
}

// restart forgets all flows.
func (w *flowWriter) restart() error {
	w.own = nil
	return w.sink.restart()
}

// finish prints those of the device.
func (w *flowWriter) finish(attribute func(*fact.Fact) fact.Attribution) (digest, error) {
	var b []byte
	i := 0
	return w.sink.finish(func() []byte {
		f := &w.own[i]
		i++
		b = w.encoder.Append(b[:0], f, attribute(f))
		return b
	})
}
