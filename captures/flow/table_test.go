package flow

import (
	"math/rand/v2"
	"testing"

	"github.com/spanrig/spanrig/captures"
)

// TestTable plays random steps on a table and on a map with a slice.
func TestTable(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	table := newTable()
	model := map[key]ref{}
	frame := captures.FrameID(100)
	for range 50_000 {
		frame++
		k := key{low: end{0, rng.Uint64N(3000)}, rest: rng.Uint64N(2)}
		hash := table.hash.sum(&k) & 0xff // so that probes run into each other
		e := table.find(&k, hash)
		if known, ok := model[k]; ok != (e != nil) || ok && known != e.self {
			t.Fatalf("find %v: %v, want %v", k, e, known)
		}
		switch step := rng.IntN(10); {
		case e == nil:
			e = table.add(&k, hash)
			e.last = frame
			model[k] = e.self
		case step < 5:
			e.last = frame
			table.touch(e)
		case step < 6:
			e.last = max(e.last, frame-captures.FrameID(rng.IntN(100)))
			table.settle(e)
		case step < 8:
			table.hide(e)
			delete(model, k)
		default:
			oldest := table.at(table.oldest)
			if oldest.findable {
				delete(model, oldest.key)
			}
			table.remove(oldest)
		}
	}
	if table.used != len(model) {
		t.Errorf("%d keys, want %d", table.used, len(model))
	}
	last, n := captures.FrameID(0), 0
	for r := table.oldest; r != none; r = table.at(r).next {
		e := table.at(r)
		if e.last < last {
			t.Fatal("the list is not in order of last frame")
		}
		last = e.last
		n++
	}
	if n != table.held {
		t.Errorf("%d in the list, want %d", n, table.held)
	}
}

func TestSettle(t *testing.T) {
	table := newTable()
	var entries []*entry
	for i := range 5 {
		k := key{rest: uint64(i)}
		e := table.add(&k, table.hash.sum(&k))
		e.last = captures.FrameID(10 * (i + 1))
		entries = append(entries, e)
	}
	for _, c := range []struct {
		entry int
		last  captures.FrameID
	}{{0, 25}, {4, 5}, {2, 30}, {1, 60}} {
		entries[c.entry].last = c.last
		table.settle(entries[c.entry])
	}
	want := []int{4, 0, 2, 3, 1}
	for r := table.oldest; r != none; r = table.at(r).next {
		if table.at(r) != entries[want[0]] {
			t.Fatalf("entry %d is in the wrong place", want[0])
		}
		want = want[1:]
	}
	if len(want) != 0 {
		t.Errorf("%d entries are not in the list", len(want))
	}
}
