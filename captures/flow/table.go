package flow

// table holds the flows that may go on, by key, and all flows that were not
// handed over yet, in order of their last frame. Entries live in chunks that
// never move and are used again.
type table struct {
	slots   []slot // open addressing with linear probing; a power of two
	used    int    // slots
	chunks  [][]entry
	free    ref // list of unused entries, by next
	fresh   ref // entries from here on were never used
	oldest  ref // list by last frame
	newest  ref
	settled ref // the entry that settle moved last
	held    int // entries in that list
	hash    hasher
}

// ref is the number of an entry; none is no entry.
type ref uint32

const none ref = 0

// slot points to an entry. Its hash saves most looks at the entry, and all
// when the table grows.
type slot struct {
	hash  uint32
	entry ref
}

const chunkBits = 10 // entries in a chunk

func newTable() *table {
	return &table{slots: make([]slot, 1<<chunkBits), fresh: 1, hash: newHasher()}
}

func (t *table) at(r ref) *entry {
	return &t.chunks[r>>chunkBits][r&(1<<chunkBits-1)]
}

// find returns the flow of k that may go on, nil where there is none.
func (t *table) find(k *key, hash uint32) *entry {
	mask := uint32(len(t.slots) - 1)
	for i := hash & mask; ; i = (i + 1) & mask {
		s := t.slots[i]
		if s.entry == none {
			return nil
		}
		if s.hash == hash {
			if e := t.at(s.entry); e.key == *k {
				return e
			}
		}
	}
}

// add returns a new flow of k, which has none, as the newest.
func (t *table) add(k *key, hash uint32) *entry {
	if t.used*4 >= len(t.slots)*3 {
		t.grow()
	}
	t.insert(slot{hash, t.take()})
	t.used++
	e := t.at(t.newest)
	e.key, e.hash, e.findable = *k, hash, true
	return e
}

// take puts an unused entry at the end of the list.
func (t *table) take() ref {
	r := t.free
	if r != none {
		t.free = t.at(r).next
	} else {
		r = t.fresh
		if int(r>>chunkBits) == len(t.chunks) {
			t.chunks = append(t.chunks, make([]entry, 1<<chunkBits))
		}
		t.fresh++
	}
	e := t.at(r)
	*e = entry{self: r}
	t.link(e, t.newest)
	t.held++
	return r
}

func (t *table) insert(s slot) {
	mask := uint32(len(t.slots) - 1)
	i := s.hash & mask
	for t.slots[i].entry != none {
		i = (i + 1) & mask
	}
	t.slots[i] = s
}

func (t *table) grow() {
	old := t.slots
	t.slots = make([]slot, 2*len(old))
	for _, s := range old {
		if s.entry != none {
			t.insert(s)
		}
	}
}

// hide makes e a flow that does not go on: its key may have another. e keeps
// its place in the list.
func (t *table) hide(e *entry) {
	if !e.findable {
		return
	}
	e.findable = false
	t.used--
	mask := uint32(len(t.slots) - 1)
	i := e.hash & mask
	for t.slots[i].entry != e.self {
		i = (i + 1) & mask
	}
	// Close the hole: move back each slot behind it that its own place allows.
	for j := (i + 1) & mask; t.slots[j].entry != none; j = (j + 1) & mask {
		if home := t.slots[j].hash & mask; (j-home)&mask >= (j-i)&mask {
			t.slots[i] = t.slots[j]
			i = j
		}
	}
	t.slots[i] = slot{}
}

// remove gives back the entry of a flow that was handed over.
func (t *table) remove(e *entry) {
	t.hide(e)
	if t.settled == e.self {
		t.settled = none
	}
	t.unlink(e)
	t.held--
	e.cold = nil
	e.next = t.free
	t.free = e.self
}

// touch moves e, which has the newest frame, to the end of the list.
func (t *table) touch(e *entry) {
	if e.self != t.newest {
		t.unlink(e)
		t.link(e, t.newest)
	}
}

// settle moves e, whose last frame came late out of a datagram that never was
// complete, to its place in the list. Such datagrams come in order of age, so
// it looks from the end and from the last such place at once.
func (t *table) settle(e *entry) {
	if t.settled == e.self {
		t.settled = e.prev
	}
	t.unlink(e)
	place, from := t.newest, t.settled
	if from != none && t.at(from).last > e.last {
		from = none
	}
	for place != none && t.at(place).last > e.last {
		place = t.at(place).prev
		if from == none {
			continue
		}
		next := t.at(from).next
		if next == none || t.at(next).last > e.last {
			place = from
			break
		}
		from = next
	}
	t.link(e, place)
	t.settled = e.self
}

// link puts e into the list behind after.
func (t *table) link(e *entry, after ref) {
	e.prev = after
	if after == none {
		e.next, t.oldest = t.oldest, e.self
	} else {
		e.next = t.at(after).next
		t.at(after).next = e.self
	}
	if e.next == none {
		t.newest = e.self
	} else {
		t.at(e.next).prev = e.self
	}
}

func (t *table) unlink(e *entry) {
	if e.prev == none {
		t.oldest = e.next
	} else {
		t.at(e.prev).next = e.next
	}
	if e.next == none {
		t.newest = e.prev
	} else {
		t.at(e.next).prev = e.prev
	}
}
