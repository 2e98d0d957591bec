package report

import (
	"fmt"
	"strconv"
	"time"
)

// axis is the time of a recording, ns since the Unix epoch.
type axis struct{ from, to int64 }

func (a *axis) cover(t int64) {
	if t == 0 {
		return
	}
	if a.from == 0 || t < a.from {
		a.from = t
	}
	a.to = max(a.to, t)
}

func (a *axis) length() int64 { return max(a.to-a.from, 1) }

// share is where t is on the axis, 0 to 1.
func (a *axis) share(t int64) float64 {
	return min(max(float64(t-a.from)/float64(a.length()), 0), 1)
}

// bin is the part of the axis that t falls into.
func (a *axis) bin(t int64) int { return min(int(a.share(t)*binCount), binCount-1) }

// steps between ticks, s.
var steps = []int64{1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400}

// ticks are round times from the start of the axis, s, at most ten steps apart.
func (a *axis) ticks() []int64 {
	seconds := a.length() / 1e9
	longest := steps[len(steps)-1]
	step := (seconds/10/longest + 1) * longest
	for _, s := range steps {
		if seconds/s <= 10 {
			step = s
			break
		}
	}
	var list []int64
	for t := int64(0); t <= seconds; t += step {
		list = append(list, t)
	}
	return list
}

// clock words seconds since the start: 1:05 or 1:02:05.
func clock(seconds int64) string {
	if h := seconds / 3600; h > 0 {
		return fmt.Sprintf("%d:%02d:%02d", h, seconds%3600/60, seconds%60)
	}
	return fmt.Sprintf("%d:%02d", seconds/60, seconds%60)
}

// made is text that is made here of numbers, the path of a drawing or a filter:
// no text from a bundle is in it, and no length of it is cut off.
type made string

// thin leaves out marks of a kind that would lie on one another: a drawing of a
// day has thousands, and room for hundreds.
func thin(list []point) []point {
	const plenty = 400
	if len(list) <= plenty {
		return list
	}
	seen := map[point]bool{}
	var kept []point
	for _, p := range list {
		at := point{X: px(int(p.X)), Class: p.Class}
		if !seen[at] {
			seen[at] = true
			kept = append(kept, p)
		}
	}
	return kept
}

// px is a length in a drawing, printed with one decimal at most.
type px float64

func (p px) String() string {
	return strconv.FormatFloat(float64(int64(float64(p)*10+0.5))/10, 'f', -1, 64)
}

func day(ns int64) string { return time.Unix(0, ns).UTC().Format("2 January 2006") }

func moment(ns int64) string { return time.Unix(0, ns).UTC().Format("15:04:05") }
