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
	clock    clock
	mu       sync.Mutex
	spool    *spool
	writer   *rig.JournalWriter
	last     time.Time     // given
	wall     time.Time     // at the last look at the clocks
	mono     time.Duration // at the same moment
	steps    []time.Duration
	stepped  bool // ever
	timeline flow.Timeline
	err      error // of the first write that failed

	passed  chan struct{} // closed, and replaced, when the watermark moves
	mark    int64         // no cut will be at or before it, ns
	settles int64         // when the guard of the open window ends; 0: it has, or none is open
}

// clock reads the host's clock, which may be set, and one that runs evenly.
type clock func() (wall time.Time, mono time.Duration)

func clockFrom(began time.Time) clock {
	return func() (time.Time, time.Duration) {
		t := time.Now()
		return t.Round(0), t.Sub(began)
	}
}

func newJournal(path string) (*journal, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	return journalOn(newSpool(f), clockFrom(time.Now())), nil
}

func journalOn(out *spool, c clock) *journal {
	j := &journal{clock: c, spool: out, writer: rig.NewJournalWriter(out), passed: make(chan struct{})}
	j.wall, j.mono = c()
	return j
}

// aStep is how far the host's clock must be set between two looks at it, of
// which there are several a second, to count as one: NTP slews by far less.
const aStep = time.Second / 4

// now is the present by the host's clock, later than every time given before.
// The lock is held.
func (j *journal) now() time.Time {
	t, mono := j.clock()
	if step := t.Sub(j.wall) - (mono - j.mono); step > aStep || step < -aStep {
		j.steps, j.stepped = append(j.steps, step), true
	}
	j.wall, j.mono = t, mono
	if !t.After(j.last) {
		t = j.last.Add(time.Nanosecond)
	}
	j.last = t
	return t
}

// takeSteps are those of the host's clock since it was asked last.
func (j *journal) takeSteps() []time.Duration {
	j.mu.Lock()
	defer j.mu.Unlock()
	steps := j.steps
	j.steps = nil
	return steps
}

// note appends a line. It never fails: what failed is told by failed.
func (j *journal) note(kind string, keys map[string]any) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.append(j.now(), kind, keys)
}

// append appends a line; in the place of one that cannot be written as JSON
// stands a line that says so.
func (j *journal) append(t time.Time, kind string, keys map[string]any) {
	if j.err != nil {
		return
	}
	err := j.writer.Append(t, j.mono, kind, keys)
	if err != nil && j.spool.failed() == nil {
		err = j.writer.Append(t, j.mono, "unwritten", map[string]any{"what": kind, "error": err.Error()})
	}
	if err != nil {
		j.err = fmt.Errorf("journal: %w", err)
	}
}

// failed is the error after which nothing more was written.
func (j *journal) failed() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.err == nil {
		return j.spool.failed()
	}
	return j.err
}

// enter appends the line with which a window begins and cuts there.
func (j *journal) enter(kind string, keys map[string]any, guard time.Duration) time.Time {
	j.mu.Lock()
	defer j.mu.Unlock()
	t := j.now()
	j.append(t, kind, keys)
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

// close appends the last line, lets all frames pass and closes the file. No
// tick may follow.
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
