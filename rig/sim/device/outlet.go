package device

import (
	"context"
	"sync"
)

// outlet is a link of the device that can be away, for several reasons at once.
// Make one with newOutlet.
type outlet struct {
	mu      sync.Mutex
	reasons map[string]bool
	changed chan struct{} // closed at the next change
}

func newOutlet() *outlet { return &outlet{reasons: map[string]bool{}, changed: make(chan struct{})} }

// set says that the link is away for a reason, or is not any more.
func (o *outlet) set(reason string, away bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if away {
		o.reasons[reason] = true
	} else {
		delete(o.reasons, reason)
	}
	close(o.changed)
	o.changed = make(chan struct{})
}

func (o *outlet) state() (away bool, changed <-chan struct{}) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.reasons) > 0, o.changed
}

// serve runs something while the link is there, each time anew, until ctx ends
// or it fails by itself.
func (o *outlet) serve(ctx context.Context, run func(context.Context) error) error {
	for ctx.Err() == nil {
		away, changed := o.state()
		if away {
			select {
			case <-ctx.Done():
			case <-changed:
			}
			continue
		}
		inner, cancel := context.WithCancel(ctx)
		go o.await(inner, cancel)
		err := run(inner)
		cancel()
		if err != nil {
			return err
		}
	}
	return nil
}

// await ends a run once the link is away.
func (o *outlet) await(ctx context.Context, cancel context.CancelFunc) {
	for {
		away, changed := o.state()
		if away {
			cancel()
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-changed:
		}
	}
}
