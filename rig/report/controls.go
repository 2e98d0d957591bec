package report

import (
	"net/netip"

	"github.com/spanrig/spanrig/rig"
)

// controls ties the tries of the journal to flows of the capture.
type controls struct {
	tries []try
	byEnd map[exchange][]int
}

// try is one try of a control.
type try struct {
	at       int64
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
		c.tries = append(c.tries, try{at: t.Time, window: t.Window, answered: t.Answered})
		k := exchange{protoNames[t.Flow.Proto], t.Flow.Orig, t.Flow.Resp}
		c.byEnd[k] = append(c.byEnd[k], i)
	}
	return c
}

// near is how long before the line of a try its flow may have begun, ns; a try
// takes some seconds at most.
const near = int64(20e9)

// match notes what the capture has of a control where the flow is one.
func (c *controls) match(l line) {
	k := exchange{l.Proto, netip.AddrPortFrom(l.Orig.Addr, l.Orig.Port), netip.AddrPortFrom(l.Resp.Addr, l.Resp.Port)}
	for _, i := range c.byEnd[k] {
		t := &c.tries[i]
		if l.begin() > t.at || l.End.UnixNano() < t.at-near {
			continue
		}
		t.out = t.out || l.OrigPackets > 0
		t.back = t.back || l.RespPackets > 0
	}
}
