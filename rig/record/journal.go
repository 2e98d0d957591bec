package record

import (
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/spanrig/spanrig/captures/flow"
	"github.com/spanrig/spanrig/rig"
)

// journal is journal.jsonl while it is written, and the clock of the session:
// the lines, the cuts of the timeline and the watermark of the live facts get
// their times under one lock, so that none is earlier than one given before.
type journal struct {
	mu       sync.Mutex
	spool    *spool
	writer   *rig.JournalWriter
	began    time.Time // for the monotonic times
	last     time.Time
	timeline flow.Timeline
	err      error // of the first write that failed

	passed  chan struct{} // closed, and replaced, when the watermark moves
	mark    int64         // no cut will be at or before it, ns
	settles int64         // when the guard of the open window ends; 0: it has, or none is open
}

func newJournal(path string) (*journal, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	out := newSpool(f)
	return &journal{spool: out, writer: rig.NewJournalWriter(out), began: time.Now(), passed: make(chan struct{})}, nil
}

// now is the present, later than every time given before. The lock is held.
func (j *journal) now() time.Time {
	t := time.Now()
	if !t.After(j.last) {
		t = j.last.Add(time.Nanosecond)
	}
	j.last = t
	return t
}

// note appends a line. It never fails: the first error is kept for the end.
func (j *journal) note(kind string, keys map[string]any) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.append(j.now(), kind, keys)
}

func (j *journal) append(t time.Time, kind string, keys map[string]any) {
	if j.err != nil {
		return
	}
	if err := j.writer.Append(t, t.Sub(j.began), kind, keys); err != nil {
		j.err = fmt.Errorf("journal: %w", err)
	}
}

// enter appends the read-back with which a window begins and cuts there.
func (j *journal) enter(keys map[string]any, guard time.Duration) time.Time {
	j.mu.Lock()
	defer j.mu.Unlock()
	t := j.now()
	j.append(t, rig.KindMode, keys)
	j.timeline.Cut(t.UnixNano())
	j.settles = t.Add(guard).UnixNano()
	return t
}

// leave cuts where a window ends.
func (j *journal) leave() time.Time {
	j.mu.Lock()
	defer j.mu.Unlock()
	t := j.now()
	j.settle(t.UnixNano())
	j.settles = 0
	j.timeline.Cut(t.UnixNano())
	return t
}

// settle cuts where the guard of the open window has ended by t.
func (j *journal) settle(t int64) {
	if j.settles != 0 && j.settles <= t {
		j.timeline.Cut(j.settles)
		j.settles = 0
	}
}

// tick moves the watermark to the present.
func (j *journal) tick() {
	j.mu.Lock()
	defer j.mu.Unlock()
	t := j.now().UnixNano()
	j.settle(t)
	j.pass(t)
}

func (j *journal) pass(t int64) {
	j.mark = t
	close(j.passed)
	j.passed = make(chan struct{})
}

// watermark returns up to when every cut is known, and what tells of the next.
func (j *journal) watermark() (int64, <-chan struct{}) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.mark, j.passed
}

// sync brings what was appended to the disk.
func (j *journal) sync() error { return j.spool.file.Sync() }

// close appends the last line, lets all frames pass and closes the file.
func (j *journal) close(keys map[string]any) error {
	j.note(rig.KindEnd, keys)
	j.mu.Lock()
	defer j.mu.Unlock()
	j.pass(1<<63 - 1)
	if err := j.spool.Close(); j.err == nil {
		j.err = err
	}
	return j.err
}
