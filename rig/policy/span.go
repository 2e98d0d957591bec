package policy

import (
	"math"
	"slices"
	"time"

	"github.com/spanrig/spanrig/captures/flow"
	"github.com/spanrig/spanrig/rig"
)

// A span is a window as it is judged: from the read-back of its mode to the
// first step that leaves the mode, half-open, ns.
type span struct {
	rig.Window
	from, to int64
	settled  int64 // end of the guard

	// What the journal says about this window, repeats told apart.
	entry, end []rig.ModeReading
	apps       []rig.AppReading
	controls   []rig.ControlTry
	failed     string // why the stimulus could not be given; empty where it was
	skipped    string // why the window was not recorded; empty where it was

	asserted bool // a bare capture: the mode is the caller's word
	fitness  []Check
	standing Result // of MODE-1; empty where it is not judged
}

// always bounds the span of a bare capture.
const (
	beginning = math.MinInt64
	forever   = math.MaxInt64
)

// Cuts returns the times at which flows have to be tallied for the rules to
// decide, ascending: for flow.Config.
func Cuts(rec *rig.Recording, o Options) []int64 {
	var cuts []int64
	for _, s := range spansOf(rec, o) {
		cuts = append(cuts, s.from, s.settled, s.to)
	}
	slices.Sort(cuts)
	cuts = slices.DeleteFunc(slices.Compact(cuts), func(t int64) bool { return t == beginning || t == forever })
	if len(cuts) == 0 {
		return []int64{0} // without a cut no tallies are kept
	}
	return cuts
}

// spansOf returns the windows of a recording as they are judged, in order.
func spansOf(rec *rig.Recording, o Options) []span {
	if rec.Bare {
		return []span{bareSpan(o)}
	}
	spans := make([]span, len(rec.Windows))
	for i := range rec.Windows {
		spans[i].Window = rec.Windows[i]
	}
	if rec.Journal != nil {
		deal(spans, rec.Journal)
	}
	for i := range spans {
		spans[i].bound(rec.Journal)
	}
	return spans
}

// bareSpan is the one window of a bare capture: all of it.
func bareSpan(o Options) span {
	w := rig.Window{Name: "capture", Mode: o.Mode}
	if w.Mode == "" {
		w.Mode = rig.ModeStandard
	}
	return span{Window: w, from: beginning, settled: beginning, to: forever, asserted: true}
}

// deal hands each line of the journal that names a window to the repeat of it
// that the line belongs to.
func deal(spans []span, j *rig.Journal) {
	for _, m := range j.Modes {
		if s := owner(spans, m.Window, m.Time, m.At); s == nil {
			continue
		} else if m.At == "end" {
			s.end = append(s.end, m)
		} else {
			s.entry = append(s.entry, m)
		}
	}
	for _, a := range j.Apps {
		if s := owner(spans, a.Window, a.Time, ""); s != nil {
			s.apps = append(s.apps, a)
		}
	}
	for _, c := range j.Controls {
		if s := owner(spans, c.Window, c.Time, ""); s != nil {
			s.controls = append(s.controls, c)
		}
	}
	for _, r := range j.Stimuli {
		if s := owner(spans, r.Window, r.Time, ""); s != nil && r.Error != "" {
			s.failed = r.Error
		}
	}
	for _, k := range j.Skipped {
		if s := owner(spans, k.Window, k.Time, ""); s != nil {
			s.skipped = k.Reason
		}
	}
}

// owner finds the window of that name that a line of time t is about: a
// read-back at entry is about the first that has not ended, one at the end
// about the last that has begun, all else about the nearest.
func owner(spans []span, name string, t int64, at string) *span {
	var best *span
	for i := range spans {
		s := &spans[i]
		if s.Name != name {
			continue
		}
		switch {
		case best == nil:
			best = s
		case at == "entry":
			if t >= best.Window.To {
				best = s
			}
		case at == "end":
			if t >= s.Window.From {
				best = s
			}
		case distance(s, t) < distance(best, t):
			best = s
		}
	}
	return best
}

func distance(s *span, t int64) int64 {
	return max(s.Window.From-t, t-s.Window.To, 0)
}

// bound sets where the span begins and ends.
func (s *span) bound(j *rig.Journal) {
	s.from, s.to = s.Window.From, s.Window.To
	if at, ok := s.readBack(); ok && at < s.to {
		s.from = at
	}
	if j != nil {
		for _, step := range j.Steps {
			if step.Mode != "" && step.Mode != s.Mode && step.Time > s.from && step.Time < s.to {
				s.to = step.Time
				break
			}
		}
	}
	s.settled = min(s.from+int64(s.Guard), s.to)
}

// readBack is when the mode was first read as asked, with no other reading
// after it.
func (s *span) readBack() (at int64, ok bool) {
	for _, m := range slices.Backward(s.entry) {
		if m.Read != s.Mode {
			break
		}
		at, ok = m.Time, true
	}
	return at, ok
}

// seconds is how long after the beginning of the span t is; a bare capture
// begins at origin.
func (s *span) since(t, origin int64) time.Duration {
	if s.from != beginning {
		origin = s.from
	}
	return time.Duration(t - origin)
}

// restricts reports whether the mode promises anything.
func (s *span) restricts() bool {
	return s.Mode == rig.ModeLocalData || s.Mode == rig.ModeRestricted
}

// sum adds up what side d of a flow did in [from, to), which are cuts or the
// ends of time.
func sum(f *flow.Flow, d int, cuts []int64, from, to int64) flow.Side {
	var total flow.Side
	for i := range f.Tallies {
		lo, hi := int64(beginning), int64(forever)
		if n := f.Tallies[i].Segment; n > 0 {
			lo = cuts[n-1]
		}
		if n := f.Tallies[i].Segment; n < len(cuts) {
			hi = cuts[n]
		}
		if lo >= from && hi <= to {
			addSide(&total, &f.Tallies[i].Sides[d])
		}
	}
	return total
}

// addSide adds a later segment to a sum.
func addSide(t, s *flow.Side) {
	if t.FirstOpening.Frame == 0 {
		t.FirstOpening = s.FirstOpening
	}
	if t.FirstPayload.Frame == 0 {
		t.FirstPayload = s.FirstPayload
	}
	if s.Payloads > 0 {
		// An alert closes only what nothing was sent before it.
		t.ClosingAlert = s.ClosingAlert && t.Payloads == 0
		t.Closed = s.Closed
		t.LastPayload = s.LastPayload
	}
	t.Packets += s.Packets
	t.Openings += s.Openings
	t.Payloads += s.Payloads
	t.PayloadBytes += s.PayloadBytes
	t.Keepalives += s.Keepalives
	t.Resets += s.Resets
	t.Fins += s.Fins
	room := flow.MaxFrames - len(t.Frames)
	t.Frames = append(t.Frames[:len(t.Frames):len(t.Frames)], s.Frames[:min(room, len(s.Frames))]...)
}
