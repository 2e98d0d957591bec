package flow

import (
	"github.com/spanrig/spanrig/captures"
	"github.com/spanrig/spanrig/captures/packet"
)

// maxRemembered bounds how many idle connections are remembered.
const maxRemembered = 1 << 16

// memory knows the TCP connections that fell silent without an end, so that
// what comes later on one of them is told from a new one. The oldest are
// forgotten.
type memory struct {
	index map[key]int
	ring  []idled
	next  int // in ring, once it is full

	// marks has a bit for the hash of each key in index, and of some that were
	// there: it answers nearly every look-up of a new connection, which would
	// else miss the cache (a twentieth of a run over short connections).
	marks [1 << (markBits - 6)]uint64
}

// markBits makes marks 64 KiB: one in eight look-ups of a full memory goes on
// to the index.
const markBits = 19

func (m *memory) mark(hash uint32) { m.marks[hash>>6%uint32(len(m.marks))] |= 1 << (hash & 63) }
func (m *memory) marked(hash uint32) bool {
	return m.marks[hash>>6%uint32(len(m.marks))]>>(hash&63)&1 != 0
}

// remark forgets the marks of keys that are no longer in the index.
func (m *memory) remark() {
	clear(m.marks[:])
	for i := range m.ring {
		m.mark(m.ring[i].hash)
	}
}

// idled is what is remembered of a connection.
type idled struct {
	key    key
	hash   uint32 // of key
	flow   captures.FrameID
	origin side
	ends   [2]tcpEnd
}

// remember notes e, which is handed over because of its silence until now.
func (a *assembler) remember(e *entry, now int64) {
	orig, resp := e.ends[captures.Orig].state, e.ends[captures.Resp].state
	over := orig == reset || resp == reset || orig == closed && resp == closed
	if e.key.proto() != packet.TCP || !e.findable || over || now < e.end {
		return
	}
	m := &a.memory
	i := idled{e.key, e.hash, e.first, e.origin, e.ends}
	m.mark(e.hash)
	if len(m.ring) < maxRemembered {
		if m.index == nil {
			m.index = make(map[key]int)
			m.ring = make([]idled, 0, maxRemembered)
		}
		m.index[e.key] = len(m.ring)
		m.ring = append(m.ring, i)
		return
	}
	if old := m.ring[m.next].key; m.index[old] == m.next {
		delete(m.index, old)
	}
	m.index[e.key] = m.next
	m.ring[m.next] = i
	if m.next = (m.next + 1) % maxRemembered; m.next == 0 {
		m.remark()
	}
}

// resume makes e, whose first packet is p, go on with what is remembered of
// its connection, if p does not open another.
func (a *assembler) resume(e *entry, p *packet.Packet) {
	if p.Proto != packet.TCP || !a.memory.marked(e.hash) {
		return
	}
	i, found := a.memory.index[e.key]
	if !found {
		return
	}
	delete(a.memory.index, e.key)
	if p.Flags&packet.SYN != 0 {
		return
	}
	old := &a.memory.ring[i]
	e.continues, e.guessed = old.flow, false
	if e.origin != old.origin {
		e.flip()
	}
	for d := range e.ends {
		was := &old.ends[d]
		e.ends[d] = tcpEnd{edge: was.edge, hasEdge: was.hasEdge, acked: was.acked, hasAcked: was.hasAcked}
	}
}
