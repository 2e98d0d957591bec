package record

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spanrig/spanrig/rig"
)

// clocks are two that a test sets.
type clocks struct {
	wall time.Time
	mono time.Duration
}

func (c *clocks) read() (time.Time, time.Duration) { return c.wall, c.mono }

func (c *clocks) pass(d time.Duration) {
	c.wall = c.wall.Add(d)
	c.mono += d
}

func testJournal(t *testing.T) (*journal, *clocks, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "journal.jsonl")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	c := &clocks{wall: time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)}
	return journalOn(newSpool(f), c.read), c, path
}

func parsed(t *testing.T, path string) *rig.Journal {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	j, err := rig.ParseJournal(b)
	if err != nil {
		t.Fatalf("%v\n%s", err, b)
	}
	return j
}

// TestClockStep: times never go back, and a clock that was set is told of.
func TestClockStep(t *testing.T) {
	j, c, path := testJournal(t)
	for _, step := range []time.Duration{0, 100 * time.Millisecond, -30 * time.Second, time.Hour} {
		c.pass(time.Second)
		c.wall = c.wall.Add(step)
		j.note("step", nil)
	}
	if got := j.takeSteps(); !slices.Equal(got, []time.Duration{-30 * time.Second, time.Hour}) || !j.stepped {
		t.Errorf("steps %v", got)
	}
	if got := j.takeSteps(); len(got) != 0 {
		t.Errorf("told again: %v", got)
	}
	if err := j.close(nil); err != nil {
		t.Fatal(err)
	}
	read := parsed(t, path)
	for i := 1; i < len(read.Entries); i++ {
		if read.Entries[i].Time <= read.Entries[i-1].Time {
			t.Errorf("line %d: %d after %d", i+1, read.Entries[i].Time, read.Entries[i-1].Time)
		}
	}
	if n := len(read.Entries); n != 5 || read.Entries[3].Mono != int64(4*time.Second) {
		t.Errorf("%d lines: %+v", n, read.Entries)
	}
}

// TestCuts: the watermark passes no cut that is to come.
func TestCuts(t *testing.T) {
	j, c, _ := testJournal(t)
	c.pass(time.Second)
	from := j.enter(rig.KindMode, nil, 3*time.Second)
	c.pass(2 * time.Second)
	j.tick()
	if mark, _ := j.watermark(); mark != c.wall.UnixNano() || len(j.timeline.Cuts()) != 1 {
		t.Errorf("mark %d, cuts %v", mark, j.timeline.Cuts())
	}
	c.pass(2 * time.Second)
	j.tick()
	c.pass(time.Second)
	to := j.leave()
	if got, want := j.timeline.Cuts(), []int64{from.UnixNano(), from.Add(3 * time.Second).UnixNano(), to.UnixNano()}; !slices.Equal(got, want) {
		t.Errorf("cuts %v, want %v", got, want)
	}
	moved := make(chan int64)
	mark, passed := j.watermark()
	go func() {
		<-passed
		m, _ := j.watermark()
		moved <- m
	}()
	if err := j.close(nil); err != nil {
		t.Fatal(err)
	}
	if m := <-moved; m != math.MaxInt64 || mark >= m {
		t.Errorf("mark %d at the end", m)
	}
}

// TestUnwritable: one note that is no JSON ends nothing.
func TestUnwritable(t *testing.T) {
	j, _, path := testJournal(t)
	j.note("step", map[string]any{"ms": math.NaN()})
	j.note("step", map[string]any{"time": "now"})
	j.note("step", map[string]any{"step": "tap"})
	if err := j.close(nil); err != nil || j.failed() != nil {
		t.Fatal(err)
	}
	var kinds []string
	for _, e := range parsed(t, path).Entries {
		kinds = append(kinds, e.Kind)
	}
	if !slices.Equal(kinds, []string{"unwritten", "unwritten", "step", "end"}) {
		t.Error(kinds)
	}
}

// TestFullDisk: after a write that failed the journal ends with a whole line.
func TestFullDisk(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("no /dev/full: ", err)
	}
	f, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	c := &clocks{wall: time.Now()}
	j := journalOn(newSpool(f), c.read)
	j.note("step", nil)
	for range 1000 {
		if j.failed() != nil {
			break
		}
		time.Sleep(time.Millisecond)
	}
	if j.failed() == nil {
		t.Fatal("it never failed")
	}
	j.note("step", nil)
	if err := j.close(nil); err == nil || !strings.Contains(err.Error(), "no space") {
		t.Error(err)
	}
	if errors.Is(j.failed(), os.ErrClosed) {
		t.Error("the first error counts")
	}
}
