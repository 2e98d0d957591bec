package span

import (
	"context"
	"sync"
)

const maxEvents = 256 // that wait in the channel

// A Recorder is a capture that is going on. All methods may be called from any
// goroutine, also after the end.
type Recorder struct {
	progress *progress
	events   chan Event
	ports    []Port
	stats    func() []Stats
	stop     func() // asks for the end, once

	done    chan struct{} // closed when summary and err are final
	summary Summary
	err     error
}

// Ports says what is recorded and what was done to the interfaces.
func (r *Recorder) Ports() []Port { return r.ports }

// Stats returns the counts of each interface up to now.
func (r *Recorder) Stats() []Stats { return r.stats() }

// Events are the events since the start. Up to 256 wait for a reader, more are
// counted and lost: the recorder waits for nobody. The channel is closed at the end.
func (r *Recorder) Events() <-chan Event { return r.events }

// Done is closed when the capture has ended, whatever the reason.
func (r *Recorder) Done() <-chan struct{} { return r.done }

// Stop ends the capture: what the rings hold is written, then statistics, all
// is synced and hashed, and the interfaces are put back. It waits for that and
// returns what became of the capture; so it does after any other end. The error
// is that of a capture that failed; the summary is valid even then.
func (r *Recorder) Stop() (*Summary, error) {
	r.stop()
	<-r.done
	return &r.summary, r.err
}

// Files returns the files so far, in order.
func (r *Recorder) Files() []FileState { return r.progress.files() }

// AwaitFile waits until the file of the given index (from 0) exists and returns
// its name. The error is io.EOF where the capture ended without it, or ctx's.
func (r *Recorder) AwaitFile(ctx context.Context, index int) (string, error) {
	return r.progress.await(ctx, index)
}

// asker returns a function that closes a channel once.
func asker() (ask func(), asked <-chan struct{}) {
	c := make(chan struct{})
	return sync.OnceFunc(func() { close(c) }), c
}
