package report

import (
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/spanrig/spanrig/rig"
	"github.com/spanrig/spanrig/rig/evidence"
)

// controls ties the tries of the journal to flows of the capture.
type controls struct {
	tries []try
	byEnd map[exchange][]int
}

// try is one try of a control.
type try struct {
	at       int64
	name     string // may be empty
	window   string
	answered bool // as the device or the rig reports it
	out      bool // the capture has what was sent
	back     bool // and an answer
}

type exchange struct {
	proto      string
	orig, resp netip.AddrPort
}

// protoNames are the protocols of controls as flows spell them.
var protoNames = map[uint8]string{1: "icmp", 6: "tcp", 17: "udp", 58: "ipv6-icmp"}

func newControls(j *rig.Journal) controls {
	c := controls{byEnd: map[exchange][]int{}}
	if j == nil {
		return c
	}
	for i, t := range j.Controls {
		c.tries = append(c.tries, try{at: t.Time, name: t.Name, window: t.Window, answered: t.Answered})
		k := exchange{protoNames[t.Flow.Proto], t.Flow.Orig, t.Flow.Resp}
		c.byEnd[k] = append(c.byEnd[k], i)
	}
	return c
}

// near is how long before the line of a try its flow may have begun, ns.
const near = int64(4e9)

// match notes what the capture has of a control where the flow is one.
func (c *controls) match(l line) {
	k := exchange{l.Proto, netip.AddrPortFrom(l.Orig.Addr, l.Orig.Port), netip.AddrPortFrom(l.Resp.Addr, l.Resp.Port)}
	for _, i := range c.byEnd[k] {
		t := &c.tries[i]
		if l.begin() > t.at || l.begin() < t.at-near || !t.named(l) {
			continue
		}
		t.out = t.out || l.OrigPackets > 0
		t.back = t.back || l.RespPackets > 0
	}
}

// named reports whether the names of the flow allow it to be the try's: each
// try has a name of its own, where it has one. A flow shows all names that its
// address got so far, or as many as a list holds.
func (t *try) named(l line) bool {
	return t.name == "" || len(l.Names) == 0 || l.MoreNames > 0 || slices.ContainsFunc(l.Names, func(n evidence.Name) bool { return n.Name == t.name })
}

// gaps are the stretches of windows without a control that was seen, as CAP-1
// counts them: a control may be late by half a period.
func (s *survey) gaps(c *contents) []box {
	var list []box
	for i, w := range s.windows {
		every := c.every(w)
		if every == 0 {
			continue
		}
		last, slack := w.from, every/2
		check := func(t, most int64, what string) {
			if t-last > most && len(list) < mostBands {
				x := s.x(last)
				list = append(list, box{X: px(x), W: px(max(s.x(t)-x, 1)), Title: fmt.Sprintf("no control for %s in window %d%s", lasting(time.Duration(t-last)), i+1, what)})
			}
			last = t
		}
		first := true
		for j := range s.controls.tries {
			t := &s.controls.tries[j]
			if t.at < w.from || t.at > w.to || t.state() != trySeen {
				continue
			}
			if first {
				check(t.at, slack, ", at its start")
			} else {
				check(t.at, every+slack, "")
			}
			first = false
		}
		check(w.to, slack, ", at its end")
	}
	return list
}

// every is the period of a window's controls by windows.json, ns; 0 unknown.
func (c *contents) every(w span) int64 {
	for i := range c.rec.Windows {
		if o := &c.rec.Windows[i]; o.Name == w.name && o.From == w.from {
			return int64(o.ControlEvery)
		}
	}
	return 0
}
