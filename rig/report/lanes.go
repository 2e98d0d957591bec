package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/spanrig/spanrig/rig/policy"
)

// lanes are the flows of each party that has some, from y downwards.
func (s *survey) lanes(y *float64) []lane {
	byParty := make([][]bar, partyCount)
	for _, b := range s.bars {
		byParty[b.party] = append(byParty[b.party], b)
	}
	var list []lane
	for i, p := range parties {
		n := s.parties[i].flows
		if n == 0 {
			continue
		}
		l := lane{Class: p.class, Label: p.title, Count: Thousands(n), Y: px(*y)}
		if s.dense() {
			l.Area, l.Peak = s.area(i, *y)
			l.H = denseH + 6
		} else {
			l.Bars, l.H = s.rows(byParty[i], *y)
		}
		l.Mid, l.Foot = px(*y)+l.H/2, px(*y)+l.H
		*y += float64(l.H)
		list = append(list, l)
	}
	return list
}

// rows packs bars so that they do not cover each other, as long as there are
// rows for it.
func (s *survey) rows(bars []bar, y float64) ([]box, px) {
	slices.SortStableFunc(bars, func(a, b bar) int { return cmp.Compare(a.from, b.from) })
	var ends []float64
	boxes := make([]box, len(bars))
	for i, b := range bars {
		x := s.x(b.from)
		w := max(s.x(b.to)-x, 2)
		row := slices.IndexFunc(ends, func(end float64) bool { return end+1 <= x })
		switch {
		case row >= 0:
		case len(ends) < mostRows:
			row = len(ends)
			ends = append(ends, 0)
		default:
			row = i % mostRows // they overlap
		}
		ends[row] = x + w
		boxes[i] = box{X: px(x), Y: px(y + 5 + float64(row)*rowH), W: px(w), H: rowH - 1.5, Title: b.title}
	}
	return boxes, px(max(10+rowH*float64(len(ends)), 24))
}

// area is the count of flows over time as a path, scaled to its own peak.
func (s *survey) area(party int, y float64) (path made, peak string) {
	bins := &s.bins[party]
	most := slices.Max(bins[:])
	if most == 0 {
		return "", ""
	}
	foot := y + denseH + 2
	var b strings.Builder
	width := plotWidth / binCount
	for i, n := range bins {
		if n == 0 {
			continue
		}
		h := max(float64(n)/float64(most)*(denseH-4), 1)
		fmt.Fprintf(&b, "M%s %sv-%sh%sv%sz", px(gutter+float64(i)*width), px(foot), px(h), px(max(width-0.4, 0.8)), px(h))
	}
	return made(b.String()), "peak " + Thousands(uint64(most))
}

// failLane holds each failing flow alone. Marks that fall onto the same tenth
// of a pixel are one.
func (s *survey) failLane(y *float64) lane {
	l := lane{Class: "fail", Label: "Breaks a promise", Count: Thousands(uint64(len(s.failing))), Y: px(*y)}
	const h = 26.0
	seen := map[px]bool{}
	for _, k := range s.failingKeys() {
		f := s.cited[k]
		if f == nil {
			continue
		}
		x := px(float64(int64(s.x(f.begin())*10)) / 10)
		if seen[x] {
			continue
		}
		seen[x] = true
		l.Bars = append(l.Bars, box{X: x, Y: px(*y + 4), H: h - 8, Title: f.brief()})
	}
	if tips := 1000; len(l.Bars) > tips { // beyond, a path says the same in less
		var path strings.Builder
		for _, b := range l.Bars[tips:] {
			fmt.Fprintf(&path, "M%s %sv%s", b.X, b.Y, b.H)
		}
		l.Area = made(path.String())
		l.Bars = l.Bars[:tips]
	}
	l.H, l.Mid, l.Foot = h, px(*y+h/2), px(*y+h)
	*y += h
	return l
}

// failingKeys are the failing flows in the order of the recording.
func (s *survey) failingKeys() []key {
	list := make([]key, 0, len(s.failing))
	for k := range s.failing {
		list = append(list, k)
	}
	slices.SortFunc(list, func(a, b key) int { return cmp.Or(strings.Compare(a.file, b.file), cmp.Compare(a.flow, b.flow)) })
	return list
}

// mostBroken bounds the list of failing flows beneath the timeline.
const mostBroken = 12

// broken lists the failing flows with the claims that they break.
func (s *survey) broken(c *contents, anchors map[key]string) (list []brokenFlow, more int) {
	claims, details := map[key][]string{}, map[key]string{}
	for i := range c.verdict.Verdicts {
		v := &c.verdict.Verdicts[i]
		if v.Result != policy.Fail {
			continue
		}
		for _, e := range v.Evidence {
			k := key{e.File, e.Flow}
			claims[k] = appendNew(claims[k], v.Claim, 8)
			details[k] = cmp.Or(details[k], e.Detail)
		}
	}
	for _, k := range s.failingKeys() {
		f := s.cited[k]
		if f == nil || len(list) == mostBroken {
			more++
			continue
		}
		list = append(list, brokenFlow{Flow: k.String(), At: s.offset(f.begin()), Claims: enumerate(claims[k]),
			What: cmp.Or(details[k], f.name()), Service: f.service(), Anchor: anchors[k]})
	}
	return list, more
}
