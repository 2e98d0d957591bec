package policy

import (
	"net/netip"
	"slices"
	"time"

	"github.com/spanrig/spanrig/captures"
	"github.com/spanrig/spanrig/captures/dissect"
	"github.com/spanrig/spanrig/captures/fact"
	"github.com/spanrig/spanrig/captures/flow"
	"github.com/spanrig/spanrig/captures/packet"
	"github.com/spanrig/spanrig/rig"
)

// controls ties the tries of the journal to flows of the capture.
type controls struct {
	tries    map[flowKey][]rig.ControlTry
	attempts []rig.Attempt
	flows    map[flowKey][]*fact.Fact
	names    map[string]bool
}

// flowKey names a flow whoever opened it: where a request was not captured,
// the answer looks like the opening.
type flowKey struct {
	proto uint8
	a, b  netip.AddrPort // a < b
	echo  uint16
}

// near is how far a frame of a try may be from its line in the journal.
const near = int64(time.Minute)

func keyOf(proto uint8, x, y netip.AddrPort, echo uint16) flowKey {
	if y.Compare(x) < 0 {
		x, y = y, x
	}
	return flowKey{proto, x, y, echo}
}

func factKey(f *fact.Fact) flowKey {
	return keyOf(f.Proto, netip.AddrPortFrom(f.Orig.Addr, f.Orig.Port), netip.AddrPortFrom(f.Resp.Addr, f.Resp.Port), f.EchoID)
}

func tryKey(c *rig.ControlTry) flowKey {
	var echo uint16
	if c.Flow.ICMPID != nil {
		echo = *c.Flow.ICMPID
	}
	return keyOf(c.Flow.Proto, c.Flow.Orig, c.Flow.Resp, echo)
}

func newControls(j *rig.Journal, set *fact.Set) *controls {
	c := &controls{tries: map[flowKey][]rig.ControlTry{}, flows: map[flowKey][]*fact.Fact{}, names: map[string]bool{}}
	if j == nil {
		return c
	}
	for _, try := range j.Controls {
		k := tryKey(&try)
		c.tries[k] = append(c.tries[k], try)
		if try.Name != "" {
			c.names[try.Name] = true
		}
	}
	c.attempts = j.Proving
	for _, a := range j.Proving {
		if a.Name != "" {
			c.names[a.Name] = true
		}
	}
	for i := range set.Facts {
		f := &set.Facts[i]
		if k := factKey(f); c.tries[k] != nil {
			c.flows[k] = append(c.flows[k], f)
		}
	}
	return c
}

// sighting is what the capture shows of a try.
type sighting struct {
	out, back bool
	at        int64      // of the first frame seen; 0 where none
	flow      *fact.Fact // nil where none
}

// see looks a try up in the capture.
func (c *controls) see(try *rig.ControlTry) sighting {
	for _, f := range c.flows[tryKey(try)] {
		if s := seeIn(f, try); s.flow != nil {
			return s
		}
	}
	return sighting{}
}

func seeIn(f *fact.Fact, try *rig.ControlTry) sighting {
	if f.Proto == packet.ICMP || f.Proto == packet.ICMPv6 {
		return seeEcho(f, try)
	}
	if f.Start > try.Time+near || f.End < try.Time-near {
		return sighting{}
	}
	out := captures.Orig
	if (flow.Endpoint{Addr: try.Flow.Orig.Addr(), Port: try.Flow.Orig.Port()}) != f.Orig {
		out = captures.Resp
	}
	return sighting{out: f.Packets[out] > 0, back: f.Packets[out.Reverse()] > 0, at: f.Start, flow: f}
}

func seeEcho(f *fact.Fact, try *rig.ControlTry) (s sighting) {
	for _, e := range f.Echoes {
		if try.Flow.ICMPSeq != nil && e.Seq != *try.Flow.ICMPSeq || e.Time > try.Time+near || e.Time < try.Time-near {
			continue
		}
		if s.flow == nil {
			s.flow, s.at = f, e.Time
		}
		s.out, s.back = s.out || !e.Reply, s.back || e.Reply
	}
	return s
}

// owns reports whether all of a flow is controls: exact flow, id and name as
// the journal has them.
func (c *controls) owns(f *fact.Fact) bool {
	tries := c.tries[factKey(f)]
	if len(tries) == 0 {
		return f.App.DNS != nil && c.asks(f.App.DNS) || slices.ContainsFunc(c.attempts, func(a rig.Attempt) bool { return attempted(f, &a) })
	}
	if f.Proto == packet.ICMP || f.Proto == packet.ICMPv6 {
		return !slices.ContainsFunc(f.Echoes, func(e flow.Echo) bool { return !echoed(tries, e) })
	}
	return slices.ContainsFunc(tries, func(t rig.ControlTry) bool {
		return f.Start <= t.Time+near && f.End >= t.Time-near && sameName(f, t.Name)
	})
}

// attempted reports whether a flow is what the device was about to send, of
// which the rig never heard: to the control's target, from the port that the rig
// gave it.
func attempted(f *fact.Fact, a *rig.Attempt) bool {
	return f.Proto == packet.TCP && f.Resp == flow.Endpoint{Addr: a.Target.Addr(), Port: a.Target.Port()} && f.Orig.Port == a.Port &&
		f.Start <= a.Time+near && f.End >= a.Time-near && sameName(f, a.Name)
}

// asks reports whether a DNS flow asks for names of controls and nothing else.
func (c *controls) asks(d *dissect.DNS) bool {
	return len(d.Queries) > 0 && d.MoreQueries == 0 && !slices.ContainsFunc(d.Queries, func(name string) bool { return !c.names[name] })
}

func echoed(tries []rig.ControlTry, e flow.Echo) bool {
	return slices.ContainsFunc(tries, func(t rig.ControlTry) bool {
		return (t.Flow.ICMPSeq == nil || *t.Flow.ICMPSeq == e.Seq) && e.Time <= t.Time+near && e.Time >= t.Time-near
	})
}

// sameName reports whether the flow shows no other name than the control's.
func sameName(f *fact.Fact, name string) bool {
	return name == "" || !slices.ContainsFunc(f.Names, func(n fact.Name) bool { return n.Source != fact.FromDNS && n.Name != name })
}

// isControl reports whether the flow is the rig's own proof.
func (v *view) isControl(f *deviceFlow) bool { return v.controls.owns(f.Fact) }

// controlled says up to when controls are known, and why not after. A try is
// written when it is over: where the rig was killed, all that follows the last
// of them may be one more, unless each is announced.
func (v *view) controlled() (to int64, why string) {
	j := v.rec.Journal
	switch {
	case j == nil || len(j.Controls)+len(j.Proving) == 0:
		if v.o.Trust != "" {
			return forever, "" // somebody says that the capture is without
		}
		return beginning, "the recording does not say what in it is a control of the rig"
	case j.Ended:
		return forever, ""
	case len(j.Proving) == 0:
		to = j.Controls[len(j.Controls)-1].Time
	default:
		to = j.Last()
	}
	return to, "the journal has no end, and this is after what it covers: it may be a control of the rig"
}
