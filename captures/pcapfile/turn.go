package pcapfile

import "sync"

// turn lets Close come from another goroutine while Next reads: whoever of the
// two ends last frees what both use.
type turn struct {
	mu              sync.Mutex
	reading, closed bool
}

// begin begins a read; ok is false after Close.
func (t *turn) begin() (ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.reading = !t.closed
	return t.reading
}

// end ends a read and reports whether the reader has to free everything.
func (t *turn) end() (free bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.reading = false
	return t.closed
}

// close ends all reads after the one that goes on, and reports whether the
// closer has to free everything; else interrupt may end that read earlier.
func (t *turn) close(interrupt func()) (free bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	again := t.closed
	t.closed = true
	if t.reading {
		interrupt()
	}
	return !t.reading && !again
}

// change does what an interrupt must not see half done.
func (t *turn) change(f func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	f()
}
