package drift

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/spanrig/spanrig/rig/party"
)

// What counts as moved: the rate of one direction changed by the factor or
// more, and by the bytes or more over the time that OLD had. A handshake more
// or less moves nothing.
const (
	MovedFactor = 2
	MovedBytes  = 10_000
)

// account is whose payload is counted.
type account struct {
	party party.Party
	name  string // of a destination
}

// volumes compares payload, mode by mode: parties as a whole, then those
// destinations of both recordings that moved.
func (c *comparison) volumes() []Volume {
	list := []Volume{}
	for _, mode := range c.common() {
		old, oldSeconds := c.old().counted(c, mode, func(s *situation) []int { return s.old })
		new, newSeconds := c.new().counted(c, mode, func(s *situation) []int { return s.new })
		if oldSeconds == 0 || newSeconds == 0 {
			continue
		}
		for _, a := range accounts(old, new) {
			v := Volume{Mode: mode, Party: a.party, Destination: a.name, Old: old[a], New: new[a]}
			v.Old.Seconds, v.New.Seconds = oldSeconds, newSeconds
			v.Moved = moved(v.Old, v.New)
			_, before := old[a]
			_, now := new[a]
			if a.name == "" || before && now && v.Moved != "" {
				list = append(list, v)
			}
		}
	}
	return list
}

// counted sums up payload by party and by destination over the windows of the
// situations that both recordings have, with their length.
func (s *side) counted(c *comparison, mode string, windows func(*situation) []int) (map[account]Amount, float64) {
	within := map[int]bool{}
	var ns int64
	for i := range c.situations {
		one := &c.situations[i]
		if one.Mode != mode || len(one.old) == 0 || len(one.new) == 0 {
			continue
		}
		for _, w := range windows(one) {
			within[w] = true
			ns += s.Survey.Windows[w].To - s.Survey.Windows[w].From
		}
	}
	sums := map[account]Amount{}
	for i := range s.seen {
		one := &s.seen[i]
		if one.flow == nil || !within[one.window] {
			continue
		}
		for _, a := range [...]account{{party: one.party}, {name: one.name()}} {
			sum := sums[a]
			sum.Sent += one.sent
			sum.Received += one.received
			sums[a] = sum
		}
	}
	return sums, float64(ns) / 1e9
}

func accounts(old, new map[account]Amount) []account {
	all := maps.Clone(old)
	maps.Copy(all, new)
	return slices.SortedFunc(maps.Keys(all), func(a, b account) int {
		return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.party, b.party))
	})
}

// moved says which direction moved, and how; empty where none did.
func moved(old, new Amount) string {
	var parts []string
	for _, d := range [...]struct {
		name     string
		old, new uint64
	}{{"sent", old.Sent, new.Sent}, {"received", old.Received, new.Received}} {
		was, is := float64(d.old), float64(d.new)*old.Seconds/new.Seconds
		switch {
		case is-was >= MovedBytes && is >= MovedFactor*was:
			parts = append(parts, d.name+" more")
		case was-is >= MovedBytes && was >= MovedFactor*is:
			parts = append(parts, d.name+" less")
		}
	}
	return strings.Join(parts, ", ")
}
