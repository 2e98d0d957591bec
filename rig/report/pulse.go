package report

import (
	"fmt"
	"strings"
	"time"

	"github.com/spanrig/spanrig/rig"
)

// pulse is the drawing of the sensor's fitness over time: what shows that it
// saw, on the axis of the timeline.
type pulse struct {
	Height px
	Foot   px
	Desc   string
	Ticks  []tick
	Bands  []band
	Rows   []pulseRow
	Rate   made // path of the frames captured over time
	RateY  px
	Peak   string
	Losses []point
	Gaps   []box // between controls
	Dark   box   // as in the timeline
}

// pulseRow is one kind of reading.
type pulseRow struct {
	Label  string
	Y, Mid px
	Points []point
}

const (
	pulseTop = 58.0
	pulseH   = 24.0
	rateH    = 44.0
)

func newPulse(b *builder, t *timeline) pulse {
	p := pulse{Ticks: t.Ticks, Bands: t.Bands, Gaps: t.Gaps, Dark: t.Dark}
	j := b.c.rec.Journal
	y := pulseTop
	row := func(label string, points []point) {
		p.Rows = append(p.Rows, pulseRow{label, px(y), px(y + pulseH/2), thin(points)})
		y += pulseH
	}
	row("Controls", t.Tries)
	if j != nil {
		row("Mode read back", b.s.modePoints(j))
		row("App", b.s.appPoints(j))
		row("Routes", b.s.routePoints(j))
		p.RateY = px(y + rateH)
		p.Rate, p.Peak, p.Losses = b.s.rate(j, y+rateH)
		y += rateH + 6
	}
	p.Foot, p.Height = px(y), px(y+22)
	p.Desc = b.s.pulseWords(j)
	return p
}

func (s *survey) modePoints(j *rig.Journal) (list []point) {
	for _, m := range j.Modes {
		class, word := "ok", "as asked"
		if m.Read != m.Asked {
			class, word = "bad", "not as asked"
		}
		list = append(list, point{px(s.x(m.Time)), class, fmt.Sprintf("mode read at %s: %s, %s (by %s)", s.offset(m.Time), m.Read, word, m.Witness)})
	}
	return list
}

func (s *survey) appPoints(j *rig.Journal) (list []point) {
	for _, a := range j.Apps {
		class, word := "ok", "awake and in the foreground"
		switch {
		case a.PID != nil && *a.PID == 0:
			class, word = "bad", "not running"
		case !a.Awake:
			class, word = "bad", "screen asleep"
		case !a.Foreground:
			class, word = "bad", "in the background"
		}
		list = append(list, point{px(s.x(a.Time)), class, fmt.Sprintf("app at %s: %s", s.offset(a.Time), word)})
	}
	return list
}

func (s *survey) routePoints(j *rig.Journal) (list []point) {
	for _, r := range j.Routes {
		class, others := "ok", []string(nil)
		for _, i := range r.Interfaces {
			if i.Name != r.Captured && i.Name != "lo" && !strings.HasPrefix(i.Name, "dummy") && (i.Default4 || i.Default6) {
				class, others = "bad", append(others, i.Name)
			}
		}
		word := "only " + r.Captured + " has a default route"
		if others != nil {
			word = enumerate(others) + " also has a default route"
		}
		list = append(list, point{px(s.x(r.Time)), class, fmt.Sprintf("routes at %s: %s", s.offset(r.Time), word)})
	}
	return list
}

// rate draws the frames that the capture counted between two readings, per
// second, and marks where it lost some. Readings closer than a pixel are one.
func (s *survey) rate(j *rig.Journal, foot float64) (path made, peak string, losses []point) {
	list, losses := s.rates(j)
	most := 0.0
	for _, one := range list {
		most = max(most, one.rate)
	}
	if most == 0 {
		return "", "", losses
	}
	var b strings.Builder
	for _, one := range list {
		h := px(one.rate / most * (rateH - 8))
		w := px(max(s.x(one.to)-s.x(one.from)-0.5, 0.5))
		fmt.Fprintf(&b, "M%s %sv-%sh%sv%sz", px(s.x(one.from)), px(foot), h, w, h)
	}
	return made(b.String()), fmt.Sprintf("peak %.0f/s", most), losses
}

// counted are the frames a second between two readings of the capture.
type counted struct {
	from, to int64
	rate     float64
}

func (s *survey) rates(j *rig.Journal) (list []counted, losses []point) {
	begun, last := map[string]rig.StatsReading{}, map[string]rig.StatsReading{}
	for _, r := range j.Stats {
		before, known := last[r.Interface]
		last[r.Interface] = r
		if lost := r.Dropped + r.Freezes; lost > before.Dropped+before.Freezes {
			losses = append(losses, point{px(s.x(r.Time)), "bad", fmt.Sprintf("%s lost %s frames by %s", r.Interface, Thousands(lost-before.Dropped-before.Freezes), s.offset(r.Time))})
		}
		from := begun[r.Interface]
		switch {
		case !known || r.Time <= before.Time || r.Received < before.Received:
			begun[r.Interface] = r
		case s.x(r.Time)-s.x(from.Time) >= 1:
			list = append(list, counted{from.Time, r.Time, float64(r.Received-from.Received) / (float64(r.Time-from.Time) / 1e9)})
			begun[r.Interface] = r
		}
	}
	return list, thin(losses)
}

func (s *survey) pulseWords(j *rig.Journal) string {
	if j == nil {
		return "There is no journal: nothing shows that the sensor was alive."
	}
	states := map[string]int{}
	for i := range s.controls.tries {
		states[s.controls.tries[i].state()]++
	}
	text := fmt.Sprintf("%s in %s: %d answered and seen out and back, %d answered but not in the capture in both directions, %d without an answer. ",
		plural(len(s.controls.tries), "control try|control tries"), lasting(time.Duration(s.axis.length())), states[trySeen], states[tryLost], states[trySilent])
	wrong := 0
	for _, m := range j.Modes {
		if m.Read != m.Asked {
			wrong++
		}
	}
	text += fmt.Sprintf("%s of the mode, %d not as asked. %s of the app. ", plural(len(j.Modes), "reading"), wrong, plural(len(j.Apps), "reading"))
	if n := len(j.Stats); n > 0 {
		final := j.Stats[n-1]
		text += fmt.Sprintf("Frames received at the last count: %s; lost: %s.", Thousands(final.Received), Thousands(final.Dropped))
	}
	return text
}
