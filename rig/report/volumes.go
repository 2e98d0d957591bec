package report

import (
	"cmp"
	"fmt"
)

// volumes is the drawing of bytes by mode, and its table.
type volumes struct {
	Height px
	Desc   string
	Rows   []volumeRow
	Legend []share
}

// volumeRow is a mode.
type volumeRow struct {
	Class, Title    string
	Y, Mid          px
	Out, In         []segment
	OutY, InY       px
	OutEnd, InEnd   px
	OutText, InText string
	Flows, Length   string
	Count           string // of the flows, with the word
	PerMinute       string
	Parties         []share
}

// segment is a party's part of a bar.
type segment struct {
	X, W         px
	Class, Title string
}

const (
	volumeRowH = 58.0
	volumeBarH = 17.0
	volumeMax  = plotWidth - 110 // of the longest bar, leaving room for its number
)

// newVolumes counts bytes of flows beyond the LAN, controls left out: each where
// it begins.
func newVolumes(s *survey) volumes {
	v := volumes{}
	most := uint64(1)
	var sums [modeCount]volume
	for m := range modeCount {
		for p := range beyondParties {
			sums[m].sum(s.modes[m][p])
		}
		most = max(most, sums[m].out, sums[m].in)
	}
	scale := volumeMax / float64(most)
	y := 8.0
	used := [beyondParties]volume{}
	for m, word := range modes {
		seconds := s.length(word.mode)
		if seconds == 0 && sums[m].flows == 0 {
			continue
		}
		row := volumeRow{Class: word.class, Title: word.title, Y: px(y), Mid: px(y + volumeRowH/2 - 4), OutY: px(y), InY: px(y + volumeBarH + 4),
			OutText: Size(sums[m].out), InText: Size(sums[m].in), Flows: Thousands(sums[m].flows), Count: plural(sums[m].flows, "flow")}
		if seconds > 0 {
			row.Length = lasting(durationOf(seconds))
			row.PerMinute = Size(uint64(float64(sums[m].bytes()) / seconds * 60))
		}
		row.Out, row.OutEnd = bars(&s.modes[m], scale, func(v volume) uint64 { return v.out })
		row.In, row.InEnd = bars(&s.modes[m], scale, func(v volume) uint64 { return v.in })
		for p := range beyondParties {
			one := s.modes[m][p]
			used[p].sum(one)
			row.Parties = append(row.Parties, share{parties[p].class, parties[p].title, plural(one.flows, "flow"), Size(one.out) + " out, " + Size(one.in) + " in"})
		}
		v.Rows = append(v.Rows, row)
		y += volumeRowH
	}
	v.trim(&used)
	v.Height = px(y + 2)
	v.Desc = v.words()
	return v
}

// trim leaves out parties that no mode has.
func (v *volumes) trim(used *[beyondParties]volume) {
	for i := range v.Rows {
		var kept []share
		for p, one := range v.Rows[i].Parties {
			if used[p].flows > 0 {
				kept = append(kept, one)
			}
		}
		v.Rows[i].Parties = kept
	}
	for p := range beyondParties {
		if used[p].flows > 0 {
			v.Legend = append(v.Legend, share{Class: parties[p].class, Title: parties[p].title})
		}
	}
}

func bars(of *[partyCount]volume, scale float64, count func(volume) uint64) (list []segment, end px) {
	x := gutter
	for p := range beyondParties {
		n := count(of[p])
		if n == 0 {
			continue
		}
		w := max(float64(n)*scale, 1.5)
		list = append(list, segment{px(x), px(w), parties[p].class, fmt.Sprintf("%s: %s", parties[p].title, Size(n))})
		x += w
	}
	return list, px(x + 8)
}

func (v *volumes) words() string {
	text := ""
	for _, r := range v.Rows {
		text += fmt.Sprintf("%s: %s sent, %s received in %s. ", r.Title, r.OutText, r.InText, r.Count)
	}
	return cmp.Or(text, "No flow beyond the LAN.")
}
