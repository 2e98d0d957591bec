package span

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/spanrig/spanrig/captures"
	"github.com/spanrig/spanrig/captures/pcapfile"
)

const testBlock = 1 << 12

// testMachine has lanes over rings in ordinary memory, of four blocks each,
// that the test fills in the kernel's place.
func testMachine(t *testing.T, lanes int) *machine {
	t.Helper()
	m := &machine{tape: testTape(t, Config{})}
	t.Cleanup(func() { _, _ = m.tape.end() })
	m.tape.gathered, m.tape.unwritten = make([]uint64, lanes), make([]uint64, lanes)
	for i := range lanes {
		m.lanes = append(m.lanes, &lane{number: uint32(i), ring: &ring{fd: -1, memory: make([]byte, 4*testBlock), size: testBlock, blocks: 4}})
	}
	// The tape has one interface; what is tested here has more.
	for i := 1; i < lanes; i++ {
		m.tape.buf = pcapfile.AppendInterface(m.tape.buf, pcapfile.Interface{Name: "more", Link: 1})
	}
	return m
}

// hand gives a lane's ring a block with frames at the given seconds.
func hand(l *lane, number int, seconds ...uint32) {
	var slots []slot
	for _, s := range seconds {
		slots = append(slots, slot{seconds: s, data: frameOf(byte(s), 60), length: 60})
	}
	copy(l.ring.memory[number*testBlock:], ringBlock(testBlock, slots...))
}

// step collects and merges at a time after the start, as a pass does.
func step(t *testing.T, m *machine, at time.Duration, all bool) (wait time.Duration) {
	t.Helper()
	now := time.Unix(100, 0).Add(at)
	for _, l := range m.lanes {
		must(t, l.collect(now))
	}
	wait = m.merge(now, all)
	must(t, m.err)
	return wait
}

// written are the seconds of the frames in the file, in order.
func written(t *testing.T, m *machine) []int64 {
	t.Helper()
	must(t, m.tape.flush())
	b, err := os.ReadFile(filepath.Join(m.tape.dir, "capture.pcapng"))
	must(t, err)
	var list []int64
	for block, err := range pcapfile.Blocks(bytes.NewReader(b)) {
		must(t, err)
		if body := block.Body(); block.Type == pcapfile.EnhancedPacket {
			list = append(list, int64(uint64(binary.LittleEndian.Uint32(body[4:]))<<32|uint64(binary.LittleEndian.Uint32(body[8:])))/1e9)
		}
	}
	return list
}

func wantWritten(t *testing.T, m *machine, want ...int64) {
	t.Helper()
	if got := written(t, m); !slices.Equal(got, want) {
		t.Fatalf("written %v, want %v", got, want)
	}
}

// TestHold lets frames wait for a silent lane, for a bounded time.
func TestHold(t *testing.T) {
	m := testMachine(t, 2)
	a, b := m.lanes[0], m.lanes[1]
	hand(a, 0, 1, 3, 5)
	if wait := step(t, m, 0, false); wait > look || wait <= 0 {
		t.Errorf("waits %v", wait)
	}
	wantWritten(t, m)
	hand(b, 0, 2, 4)
	step(t, m, 10*time.Millisecond, false)
	wantWritten(t, m, 1, 2, 3, 4) // 5 waits for what b may bring
	step(t, m, reorder-time.Millisecond, false)
	wantWritten(t, m, 1, 2, 3, 4)
	if wait := step(t, m, reorder, false); wait != time.Second {
		t.Errorf("waits %v for nothing", wait)
	}
	wantWritten(t, m, 1, 2, 3, 4, 5)
	if a.ring.held != 0 || b.ring.held != 0 {
		t.Errorf("%d and %d blocks are not given back", a.ring.held, b.ring.held)
	}
	// What is later than the window is written all the same, and counted.
	hand(b, 1, 4, 6)
	step(t, m, time.Second, true)
	wantWritten(t, m, 1, 2, 3, 4, 5, 4, 6)
	if m.summary.Late != 1 || a.stats.Recorded != 3 || b.stats.Recorded != 4 || b.stats.Last != 6e9 {
		t.Errorf("late %d, %+v, %+v", m.summary.Late, a.stats, b.stats)
	}
}

// TestHoldCrowded gives up waiting where the kernel may soon have no room.
func TestHoldCrowded(t *testing.T) {
	m := testMachine(t, 2)
	a := m.lanes[0]
	for i := range 3 {
		hand(a, i, uint32(i+1))
	}
	step(t, m, 0, false)
	wantWritten(t, m, 1) // then no more than half of the ring is ours
	if a.ring.held != 2 {
		t.Errorf("%d blocks are ours", a.ring.held)
	}
}

// TestHoldAlone does not wait for an interface that is gone, or for none.
func TestHoldAlone(t *testing.T) {
	m := testMachine(t, 2)
	hand(m.lanes[0], 0, 1)
	m.lanes[1].ring = nil
	step(t, m, 0, false)
	wantWritten(t, m, 1)
	m = testMachine(t, 1)
	for i := range 4 { // the whole ring at once
		hand(m.lanes[0], i, uint32(2*i+1), uint32(2*i+2))
	}
	step(t, m, 0, false)
	wantWritten(t, m, 1, 2, 3, 4, 5, 6, 7, 8)
	hand(m.lanes[0], 0, 9)
	step(t, m, 0, false)
	wantWritten(t, m, 1, 2, 3, 4, 5, 6, 7, 8, 9)
}

// TestThreeLanes merges more than two.
func TestThreeLanes(t *testing.T) {
	m := testMachine(t, 3)
	hand(m.lanes[0], 0, 5, 6, 9)
	hand(m.lanes[1], 0, 1, 7, 8)
	hand(m.lanes[2], 0, 2, 3, 4)
	step(t, m, 0, false)
	wantWritten(t, m, 1, 2, 3, 4)
	step(t, m, reorder, false)
	wantWritten(t, m, 1, 2, 3, 4, 5, 6, 7, 8, 9)
}

// TestLeftOut counts what is not written: frames of the rig where the kernel
// could not exclude them, and those of neighbours.
func TestLeftOut(t *testing.T) {
	m := testMachine(t, 1)
	m.filter = newDeviceFilter([]captures.MAC{{7, 7, 7, 7, 7, 7}})
	l := m.lanes[0]
	copy(l.ring.memory, ringBlock(testBlock,
		slot{seconds: 1, data: frameOf(7, 60), length: 60},
		slot{seconds: 2, data: frameOf(7, 60), length: 60, kind: kindOurs},
		slot{seconds: 3, data: frameOf(2, 60), length: 60}))
	step(t, m, 0, false)
	wantWritten(t, m, 1)
	if s := l.stats; s.Recorded != 1 || s.Own != 1 || s.LeftOut != 1 {
		t.Errorf("%+v", s)
	}
	if got := l.statistics(5).Comment; got != "frames of neighbours left out: 1, frames of the rig left out: 1" {
		t.Errorf("the file says %q", got)
	}
}

// TestMissed counts what the card lost since the start, also when the interface
// went away and came back with counters of its own.
func TestMissed(t *testing.T) {
	l := &lane{missedBase: 10}
	for i, c := range []struct {
		state linkState
		want  uint64
	}{{linkState{}, 0}, {linkState{hasCounts: true, missed: 13}, 3}, {linkState{hasCounts: true, missed: 2}, 3}} {
		if l.learn(c.state); l.stats.Missed != c.want {
			t.Errorf("%d: missed %d, want %d", i, l.stats.Missed, c.want)
		}
	}
	l.missedHere, l.missedBase = l.stats.Missed, 0
	if l.learn(linkState{hasCounts: true, missed: 4}); l.stats.Missed != 7 || l.stats.Lost() != 7 {
		t.Errorf("missed %d", l.stats.Missed)
	}
}

// TestBadRing ends the capture where a ring holds what no kernel writes.
func TestBadRing(t *testing.T) {
	m := testMachine(t, 1)
	hand(m.lanes[0], 0, 1, 2)
	binary.NativeEndian.PutUint32(m.lanes[0].ring.memory[blockHead+frameNext:], 3)
	if err := m.lanes[0].collect(time.Now()); err == nil {
		t.Error("read")
	}
}
