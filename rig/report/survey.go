package report

import (
	"time"

	"github.com/spanrig/spanrig/rig/policy"
)

// volume sums flows.
type volume struct{ flows, out, in uint64 }

func (v *volume) add(l line) {
	v.flows++
	v.out += l.sent()
	v.in += l.received()
}

func (v *volume) sum(o volume) {
	v.flows += o.flows
	v.out += o.out
	v.in += o.in
}

func (v volume) bytes() uint64 { return v.out + v.in }

// survey is what one walk over the flows of a bundle sums up. Its size depends
// on the report and on limits, not on the number of flows.
type survey struct {
	axis    axis
	windows []span
	total   volume
	modes   [modeCount][partyCount]volume // of the flows that begin in a window of the mode
	bars    []bar                         // up to mostBars, then none
	bins    [partyCount][binCount]uint32  // flows that begin in each part of the axis
	parties [partyCount]volume

	places   places
	secrets  secrets
	controls controls
	cited    map[key]*line // flows that verdicts point to
	failing  map[key]bool
}

// span is a window. Where the rig was killed in it, it ends as it was planned.
type span struct {
	name, mode string
	from, to   int64
	skipped    string // why it was not recorded; empty where it was
}

// bar is one flow on the timeline.
type bar struct {
	from, to int64
	party    int
	title    string
}

// Above mostBars flows, the timeline counts them in bins.
const (
	mostBars = 2000
	binCount = 240
)

// take walks over the flows.
func take(c *contents) (*survey, error) {
	s := &survey{cited: map[key]*line{}, failing: map[key]bool{}}
	s.windows, s.axis = spans(c)
	if c.killed() {
		last, err := c.lastFrame()
		if err != nil {
			return nil, err
		}
		s.axis.to = max(s.axis.from, c.rec.Journal.Last(), last)
	}
	s.controls = newControls(c.rec.Journal)
	s.places, s.secrets = newPlaces(), newSecrets()
	s.wanted(c.verdict)
	for f, err := range c.flows {
		if err != nil {
			return nil, err
		}
		s.add(line{f})
	}
	return s, nil
}

// wanted notes the flows that the verdicts point to.
func (s *survey) wanted(r *policy.Report) {
	for i := range r.Verdicts {
		v := &r.Verdicts[i]
		for n, e := range v.Evidence {
			k := key{e.File, e.Flow}
			if v.Result == policy.Fail {
				s.failing[k] = true
			}
			if n < mostEvidence || v.Result == policy.Fail {
				s.cited[k] = nil
			}
		}
	}
}

// spans are the windows of the recording, and the axis over all of it.
func spans(c *contents) ([]span, axis) {
	var list []span
	a := axis{}
	for i := range c.verdict.Windows {
		w := &c.verdict.Windows[i]
		from, to := nanos(w.From), nanos(w.To)
		list = append(list, span{w.Name, w.Mode, from, to, c.skipped(w.Name, from, to)})
		a.cover(from)
		a.cover(to)
	}
	if j := c.rec.Journal; j != nil && len(j.Entries) > 0 {
		a.cover(j.Entries[0].Time)
		a.cover(j.Last())
	}
	return list, a
}

func nanos(text string) int64 {
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return 0
	}
	return t.UnixNano()
}

func (s *survey) add(l line) {
	s.controls.match(l)
	p, mode := l.party(), s.modeAt(l.begin())
	s.total.add(l)
	s.parties[p].add(l)
	s.modes[mode][p].add(l)
	s.draw(l, p)
	if p < beyondParties {
		s.places.add(l, p, mode)
		s.secrets.add(l, p, mode)
	}
	if _, wanted := s.cited[l.key()]; wanted {
		s.cited[l.key()] = &l
	}
}

// modeAt is the index of the mode of the window at t.
func (s *survey) modeAt(t int64) int {
	for i := range s.windows {
		if w := &s.windows[i]; t >= w.from && t < w.to {
			return modeOf(w.mode)
		}
	}
	return modeCount - 1
}

// draw puts the flow on the timeline.
func (s *survey) draw(l line, p int) {
	from, to := l.begin(), l.End.UnixNano()
	s.bins[p][s.axis.bin(from)]++
	if s.total.flows > mostBars {
		s.bars = nil
		return
	}
	s.bars = append(s.bars, bar{from, to, p, l.brief()})
}

// dense reports whether the timeline counts flows instead of drawing each.
func (s *survey) dense() bool { return s.total.flows > mostBars }

// length is how long windows of a mode are together, s.
func (s *survey) length(mode string) (seconds float64) {
	for _, w := range s.windows {
		if w.mode == mode {
			seconds += float64(s.until(w)-w.from) / 1e9
		}
	}
	return seconds
}
