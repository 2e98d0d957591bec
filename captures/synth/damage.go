package synth

import (
	"bytes"
	"time"
)

// damage is what goes wrong with the recording itself.
type damage struct {
	finished       bool
	dropped        int // frames a window, as the kernel counts
	freezes        int // of the ring, a window
	interfaceDrops uint64
	truncated      int // bytes cut off the end of the capture
	chain          bool
	noJournal      bool
	cellularAtEnd  bool
	dummy          bool
	forgotten      map[string]bool
	interrupted    time.Time
	torn           bool // the last line of the journal
}

// Drop lets the kernel drop n frames in each window.
func (r *Recording) Drop(n int) *Recording { r.damage.dropped = n; return r }

// Freeze lets the ring freeze n times in each window.
func (r *Recording) Freeze(n int) *Recording { r.damage.freezes = n; return r }

// DropAtInterface puts n drops into the capture's interface statistics.
func (r *Recording) DropAtInterface(n uint64) *Recording { r.damage.interfaceDrops = n; return r }

// Truncate cuts n bytes off the end of the capture.
func (r *Recording) Truncate(n int) *Recording { r.damage.truncated = n; return r }

// Snaplen cuts each frame after n bytes.
func (r *Recording) Snaplen(n uint32) *Recording { r.snaplen = n; return r }

// BreakChain edits one line of the journal after the fact.
func (r *Recording) BreakChain() *Recording { r.damage.chain = true; return r }

// CellularAtEnd gives the device a second default route, seen at the end.
func (r *Recording) CellularAtEnd() *Recording { r.damage.cellularAtEnd = true; return r }

// DummyRoutes gives lo and dummy0 default routes, as Android does.
func (r *Recording) DummyRoutes() *Recording { r.damage.dummy = true; return r }

// Forget removes all lines of a kind from the journal.
func (r *Recording) Forget(kind string) *Recording {
	if r.damage.forgotten == nil {
		r.damage.forgotten = map[string]bool{}
	}
	r.damage.forgotten[kind] = true
	return r
}

// Interrupt ends the journal d before the recording's end, without an end line.
func (r *Recording) Interrupt(d time.Duration) *Recording {
	r.damage.interrupted = r.now.Add(-d)
	return r.Forget("end")
}

// WithoutJournal leaves no journal at all.
func (r *Recording) WithoutJournal() *Recording { r.damage.noJournal = true; return r }

// TearLine cuts the last line of the journal in half, as a crash of the host does.
func (r *Recording) TearLine() *Recording { r.damage.torn = true; return r }

func (d *damage) loses(e entry) bool {
	return d.forgotten[e.kind] || !d.interrupted.IsZero() && e.at.After(d.interrupted)
}

// cut tears the last line of a journal where the damage asks for it.
func (d *damage) cut(journal []byte) []byte {
	if !d.torn {
		return journal
	}
	last := bytes.LastIndexByte(journal[:len(journal)-1], '\n') + 1
	return journal[:last+(len(journal)-last)/2]
}

// OneWay shows only frames that leave the device, as a mirror of one direction does.
func (r *Recording) OneWay() *Recording {
	r.mirror = func(f frame) []frame {
		if [6]byte(f.data[6:12]) == Device.MAC {
			return []frame{f}
		}
		return nil
	}
	return r
}

// Doubled shows every frame twice, as a mirror of two ports does: the copy
// 60 µs later, with one hop less on its TTL.
func (r *Recording) Doubled() *Recording {
	r.mirror = func(f frame) []frame {
		again := frame{f.at.Add(60 * time.Microsecond), hop(f.data), f.wire}
		return []frame{f, again}
	}
	return r
}

// Tagged shows every frame inside 802.1Q tags, outermost first.
func (r *Recording) Tagged(ids ...uint16) *Recording {
	r.mirror = func(f frame) []frame {
		for i := range ids {
			f.data = VLAN(ids[len(ids)-1-i], f.data)
			f.wire += 4
		}
		return []frame{f}
	}
	return r
}

// Tunnelled shows every frame inside ERSPAN type II, as a remote mirror sends it.
func (r *Recording) Tunnelled() *Recording {
	sequence := uint32(0)
	r.mirror = func(f frame) []frame {
		sequence++
		f.data = ERSPAN(sequence, f.data)
		f.wire = len(f.data)
		return []frame{f}
	}
	return r
}
