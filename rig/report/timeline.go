package report

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spanrig/spanrig/rig"
	"github.com/spanrig/spanrig/rig/policy"
)

// Geometry of the drawings over time: user units, which are CSS pixels at full
// width.
const (
	drawWidth = 1000.0
	gutter    = 132.0 // left of the plot, for labels
	plotWidth = drawWidth - gutter - 12
)

// timeline is the drawing of the whole recording.
type timeline struct {
	Height    px
	Plot      px // bottom of the plot
	Desc      string
	Ticks     []tick
	Bands     []band
	Moves     []box
	Acts      []point
	Tries     []point
	Gaps      []box // between controls
	Dark      box   // after the last line of a journal without an end
	Failing   lane
	Lanes     []lane
	Dense     bool
	BinLength string
	Broken    []brokenFlow
	Unseen    int  // failing flows without a row in Broken
	Cut       bool // a verdict names no more failing flows, though there are
}

// tick is a time on the axis. The label of one at the right edge ends there.
type tick struct {
	X      px
	Label  string
	Anchor string
}

func (s *survey) ticks() (list []tick) {
	const half = 28.0 // of the longest label
	for _, at := range s.axis.ticks() {
		t := tick{px(s.x(s.axis.from + at*1e9)), clock(at), "middle"}
		if float64(t.X) > drawWidth-half {
			t.Anchor = "end"
		}
		list = append(list, t)
	}
	return list
}

// band is a window, with its guard as part of it.
type band struct {
	X, W, Guard, Mid px
	Class, Label     string
	Title            string
}

// box is a rectangle with a tip.
type box struct {
	X, Y, W, H px
	Title      string
}

// point is a moment with a tip.
type point struct {
	X            px
	Class, Title string
}

// lane holds the flows of a party.
type lane struct {
	Class, Label, Count string
	Y, H, Mid, Foot     px
	Bars                []box
	Area                made // of a dense lane
	Peak                string
}

// brokenFlow is a failing flow in the list beneath the drawing.
type brokenFlow struct {
	Flow, At, What, Service, Claims, Anchor string
}

func (s *survey) x(t int64) float64 { return gutter + s.axis.share(t)*plotWidth }

// Rows of the timeline from its top.
const (
	bandTop  = 26.0
	bandH    = 26.0
	actsTop  = bandTop + bandH + 6
	triesTop = actsTop + 22
	failTop  = triesTop + 22
	rowH     = 6.0 // of one bar
	mostRows = 8   // of bars in a lane
	denseH   = 38.0

	mostBands = 1000 // windows, transitions, gaps that are drawn
)

func newTimeline(c *contents, s *survey, anchors map[key]string) timeline {
	t := timeline{Dense: s.dense(), Ticks: s.ticks()}
	for i, w := range s.windows[:min(len(s.windows), mostBands)] {
		if !s.missed(w) {
			t.Bands = append(t.Bands, s.band(c, i, w))
		}
	}
	t.Moves, t.Acts = s.moves(c.rec.Journal), thin(s.acts(c.rec.Journal))
	t.Tries, t.Gaps = thin(s.tryPoints()), s.gaps(c)
	y := failTop
	if len(s.failing) > 0 {
		t.Failing = s.failLane(&y)
	}
	t.Lanes = s.lanes(&y)
	t.Plot, t.Height = px(y), px(y+24)
	t.Dark = s.dark(c)
	t.BinLength = lasting(time.Duration(s.axis.length() / binCount))
	t.Broken, t.Unseen = s.broken(c, anchors)
	for i := range c.verdict.Verdicts {
		v := &c.verdict.Verdicts[i]
		t.Cut = t.Cut || v.Result == policy.Fail && len(v.Evidence) >= policy.MostEvidence
	}
	t.Desc = s.describe(&t)
	return t
}

// dark is the stretch that the rig's journal does not cover, where it was killed.
func (s *survey) dark(c *contents) box {
	if !c.killed() || c.rec.Journal.Last() == 0 {
		return box{}
	}
	last := c.rec.Journal.Last()
	x := s.x(last)
	return box{X: px(x), W: px(gutter + plotWidth - x), Title: "nothing of the rig after its last line at " + s.offset(last)}
}

func (s *survey) band(c *contents, i int, w span) band {
	x, end := s.x(w.from), s.x(w.to)
	b := band{X: px(x), W: px(max(end-x, 1)), Mid: px((x + end) / 2), Class: modes[modeOf(w.mode)].class, Label: fitLabel(i, w.name, end-x)}
	b.Title = fmt.Sprintf("window %d, %s: %s, %s to %s", i+1, w.name, modeTitle(w.mode), s.offset(w.from), s.offset(w.to))
	if s.cut(w) {
		b.Title = fmt.Sprintf("window %d, %s: %s, from %s on, cut off; it was to last until %s", i+1, w.name, modeTitle(w.mode), s.offset(w.from), s.offset(w.to))
	}
	if g := c.guard(w); g > 0 {
		b.Guard = px(min(s.x(w.from+int64(g))-x, end-x))
		b.Title += ", guard " + lasting(g)
	}
	return b
}

// fitLabel is what of a window's number and name fits into the width.
func fitLabel(i int, name string, width float64) string {
	const perRune = 6.6
	n := itoa(uint64(i + 1))
	room := int(width/perRune) - 1
	runes := []rune(clean(n + " " + name))
	switch {
	case len(runes) <= room:
		return string(runes)
	case room >= 10:
		return string(runes[:room-1]) + "…"
	case len(n) <= room+1:
		return n
	}
	return ""
}

// guard of a window, by windows.json.
func (c *contents) guard(w span) time.Duration {
	for i := range c.rec.Windows {
		if o := &c.rec.Windows[i]; o.Name == w.name && o.From == w.from {
			return o.Guard
		}
	}
	return 0
}

// offset words a moment as seconds since the start.
func (s *survey) offset(t int64) string {
	d := t - s.axis.from
	return fmt.Sprintf("%s.%d", clock(d/1e9), d%1e9/1e8)
}

// moves are the transitions: from the step that leaves a mode to the read-back
// of the next one.
func (s *survey) moves(j *rig.Journal) []box {
	if j == nil {
		return nil
	}
	var list []box
	for _, step := range j.Steps {
		if step.Mode == "" || len(list) == mostBands {
			continue
		}
		read := slices.IndexFunc(j.Modes, func(m rig.ModeReading) bool { return m.Time > step.Time && m.At == "entry" })
		if read < 0 {
			continue
		}
		to := j.Modes[read].Time
		x := s.x(step.Time)
		list = append(list, box{X: px(x), W: px(max(s.x(to)-x, 1.5)),
			Title: fmt.Sprintf("transition to %s: asked at %s, read back as %s at %s", modeTitle(step.Mode), s.offset(step.Time), cmp.Or(j.Modes[read].Read, "unread"), s.offset(to))})
	}
	return list
}

// acts are what was done to the device: stimuli, and services switched.
func (s *survey) acts(j *rig.Journal) []point {
	if j == nil {
		return nil
	}
	var list []point
	trouble := func(t int64, text string) {
		list = append(list, point{px(s.x(t)), "trouble", text + " at " + s.offset(t)})
	}
	for _, a := range j.Stimuli {
		if a.Error != "" {
			trouble(a.Time, fmt.Sprintf("stimulus %s failed: %s", a.Stimulus, a.Error))
			continue
		}
		list = append(list, point{px(s.x(a.Time)), "act", fmt.Sprintf("stimulus %s at %s", a.Stimulus, s.offset(a.Time))})
	}
	for _, k := range j.Skipped {
		trouble(k.Time, fmt.Sprintf("window %s not recorded: %s", k.Window, k.Reason))
	}
	for _, c := range j.ClockSteps {
		trouble(c.Time, fmt.Sprintf("the host's clock was set by %+.1f s", c.By))
	}
	for _, a := range j.Services {
		list = append(list, point{px(s.x(a.Time)), "act", fmt.Sprintf("service %s switched %s at %s", a.Service, a.State, s.offset(a.Time))})
	}
	for _, e := range j.Entries {
		if e.Kind == "problem" {
			var keys struct{ Error string }
			_ = json.Unmarshal(e.Line, &keys) // a line that is there has been read before
			trouble(e.Time, "problem of the rig: "+keys.Error)
		}
	}
	return list
}

// States of a try of a control: what was reported, and what the capture has.
const (
	trySeen   = "seen"   // answered, and both directions are in the capture
	tryLost   = "lost"   // answered, and the capture lacks a direction
	trySilent = "silent" // no answer
)

func (t *try) state() string {
	switch {
	case !t.answered:
		return trySilent
	case t.out && t.back:
		return trySeen
	}
	return tryLost
}

var tryWords = map[string]string{trySeen: "answered, seen out and back", tryLost: "answered, but not in the capture in both directions", trySilent: "no answer"}

func (s *survey) tryPoints() []point {
	list := make([]point, 0, len(s.controls.tries))
	for i := range s.controls.tries {
		t := &s.controls.tries[i]
		list = append(list, point{px(s.x(t.at)), t.state(), fmt.Sprintf("control at %s: %s", s.offset(t.at), tryWords[t.state()])})
	}
	return list
}

// describe says the drawing in words.
func (s *survey) describe(t *timeline) string {
	var parts []string
	for i := range t.Bands {
		parts = append(parts, t.Bands[i].Title)
		if i == 19 && len(t.Bands) > 20 {
			parts = append(parts, fmt.Sprintf("and %d windows more", len(t.Bands)-20))
			break
		}
	}
	if left := s.unrecorded(); left > 0 {
		parts = append(parts, plural(left, "window was not recorded|windows were not recorded"))
	}
	text := fmt.Sprintf("Time runs from left to right over %s. Windows: %s. ", lasting(time.Duration(s.axis.length())), strings.Join(parts, "; "))
	parts = nil
	for i, p := range parties {
		if n := s.parties[i].flows; n > 0 {
			parts = append(parts, p.title+" "+Thousands(n))
		}
	}
	return text + "Flows by party: " + strings.Join(parts, ", ") + ". " + plural(len(s.failing), "flow breaks a promise|flows break a promise") + "."
}
