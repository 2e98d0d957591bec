package serial

import (
	"fmt"
	"regexp"
	"sync"
	"time"

	"github.com/spanrig/spanrig/drivers"
)

// OvertakenError says that bytes left the window before a cursor looked at
// them. The cursor now stands at the oldest byte that is there.
type OvertakenError struct{ Missed int64 }

func (e *OvertakenError) Error() string {
	return fmt.Sprintf("%d bytes left the console's window before they were looked at; look more often, or make the window larger", e.Missed)
}

// window is the end of what a console read, and who waits for more of it.
type window struct {
	mu      sync.Mutex
	max     int
	buf     []byte
	start   int64 // what came in before buf[0]
	stamps  []stamp
	waiters map[*waiter]struct{}
	rescan  *time.Timer   // nil: none is due
	changed chan struct{} // closed with each arrival
	last    time.Time     // of the last arrival, or of the opening
	err     error         // nothing more will come
}

// stamp says when the bytes before an offset had come.
type stamp struct {
	end int64
	at  time.Time
}

// waiter is a cursor that waits for one of its patterns.
type waiter struct {
	pos      int64
	scanned  int64 // end of what the patterns were tried on
	patterns []*regexp.Regexp
	result   chan result // of capacity 1
}

type result struct {
	match drivers.Match
	pos   int64
	err   error
}

func newWindow(size int) *window {
	return &window{max: size, waiters: map[*waiter]struct{}{}, changed: make(chan struct{}), last: time.Now()}
}

func (w *window) end() int64 { return w.start + int64(len(w.buf)) }

// add takes in what came, lets waiters look, and only then drops what is old.
func (w *window) add(p []byte, at time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.buf = append(w.buf, p...)
	w.stamp(at)
	w.touch(at)
	drop := w.surplus()
	for wt := range w.waiters {
		if wt.due(w.end(), w.start+drop) {
			w.scan(wt)
		} else {
			w.scanLater()
		}
	}
	if drop > 0 {
		w.drop(drop)
	}
}

// surplus is how many bytes to drop: none until an eighth too many are there,
// so that not every arrival moves the whole window.
func (w *window) surplus() int64 {
	if len(w.buf) <= w.max+w.max/8 {
		return 0
	}
	return int64(len(w.buf) - w.max)
}

// due says whether a waiter must look now. Trying patterns costs time in
// proportion to what is pending, so a long text is looked at when it has grown
// by an eighth, when it is about to be dropped, or a moment later.
func (wt *waiter) due(end, kept int64) bool {
	pending := end - wt.pos
	return pending <= 4096 || end-wt.scanned >= pending/8 || wt.pos < kept
}

// scanLater lets all waiters look in a moment. It is called with mu held.
func (w *window) scanLater() {
	if w.rescan != nil {
		return
	}
	w.rescan = time.AfterFunc(10*time.Millisecond, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.rescan = nil
		for wt := range w.waiters {
			w.scan(wt)
		}
	})
}

// scan tries a waiter's patterns and wakes it where one matches.
func (w *window) scan(wt *waiter) {
	if wt.scanned == w.end() {
		return
	}
	wt.scanned = w.end()
	if m, pos, ok := w.match(wt.pos, wt.patterns); ok {
		w.wake(wt, result{match: m, pos: pos})
	}
}

func (w *window) wake(wt *waiter, r result) {
	delete(w.waiters, wt)
	wt.result <- r
}

// drop forgets the oldest bytes, and tells waiters that had not passed them.
func (w *window) drop(n int64) {
	w.buf = append(w.buf[:0], w.buf[n:]...)
	w.start += n
	for wt := range w.waiters {
		if missed := w.start - wt.pos; missed > 0 {
			w.wake(wt, result{pos: w.start, err: &OvertakenError{missed}})
		}
	}
	old := 0
	for old < len(w.stamps)-1 && w.stamps[old].end <= w.start {
		old++
	}
	w.stamps = append(w.stamps[:0], w.stamps[old:]...)
}

// stamp remembers when bytes came, to the millisecond, so that a device that
// sends one at a time does not fill the memory with times.
func (w *window) stamp(at time.Time) {
	if n := len(w.stamps); n > 0 && at.Sub(w.stamps[n-1].at) < time.Millisecond {
		w.stamps[n-1].end = w.end()
		return
	}
	w.stamps = append(w.stamps, stamp{w.end(), at})
}

// when returns the time at which the bytes before an offset had come.
func (w *window) when(offset int64) time.Time {
	for _, s := range w.stamps {
		if s.end >= offset {
			return s.at
		}
	}
	return w.last
}

// touch tells those who wait for silence that there is none.
func (w *window) touch(at time.Time) {
	w.last = at
	close(w.changed)
	w.changed = make(chan struct{})
}

// match tries patterns on what is behind pos.
func (w *window) match(pos int64, patterns []*regexp.Regexp) (m drivers.Match, next int64, ok bool) {
	text := w.buf[pos-w.start:]
	var best []int
	for i, p := range patterns {
		if loc := p.FindSubmatchIndex(text); loc != nil && (best == nil || loc[1] < best[1]) {
			best, m.Pattern = loc, i
		}
	}
	if best == nil {
		return m, pos, false
	}
	m.Before, m.Text = string(text[:best[0]]), string(text[best[0]:best[1]])
	for i := 2; i < len(best); i += 2 {
		group := ""
		if best[i] >= 0 {
			group = string(text[best[i]:best[i+1]])
		}
		m.Groups = append(m.Groups, group)
	}
	next = pos + int64(best[1])
	m.At = w.when(next)
	return m, next, true
}

// fail wakes everybody: nothing more will come.
func (w *window) fail(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.err = err
	for wt := range w.waiters {
		w.scan(wt)
	}
	for wt := range w.waiters {
		w.wake(wt, result{pos: wt.pos, err: err})
	}
	close(w.changed)
	w.changed = make(chan struct{})
}
