package drift

import (
	"fmt"
	"net/netip"
	"testing"

	"github.com/spanrig/spanrig/captures"
	"github.com/spanrig/spanrig/captures/fact"
	"github.com/spanrig/spanrig/captures/flow"
	"github.com/spanrig/spanrig/rig"
	"github.com/spanrig/spanrig/rig/party"
	"github.com/spanrig/spanrig/rig/policy"
)

// crowd is a side of n flows, each to a destination of its own.
func crowd(name string, n int) Side {
	s := Side{Report: &policy.Report{Windows: []policy.WindowFit{{Fit: true}}}, Survey: &policy.Survey{Windows: []policy.SurveyWindow{{Window: rig.Window{Name: "w", Mode: "standard"}, To: 60e9}}}}
	for i := range n {
		f := &flow.Flow{ID: captures.FrameID(i + 1)}
		e := policy.Exchange{Sent: 100, Contact: true, Frames: []captures.FrameID{f.ID}}
		s.Survey.Flows = append(s.Survey.Flows, policy.SurveyFlow{Fact: &fact.Fact{Flow: f}, Party: party.Third, Beyond: true, Source: fact.FromSNI,
			Peer: flow.Endpoint{Addr: netip.MustParseAddr("203.0.113.1"), Port: 443}, Names: [][]string{{fmt.Sprintf("%s%d.example", name, i)}}, Whole: e, In: []policy.Exchange{e}})
	}
	return s
}

// BenchmarkCompare is the worst case: 100,000 destinations a side, all other.
// Its time must grow as the flows do.
func BenchmarkCompare(b *testing.B) {
	for _, n := range []int{10_000, 100_000} {
		old, new := crowd("a", n), crowd("b", n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				c := &comparison{policy: &policy.Policy{}, situations: situations(&old, &new)}
				c.sides = [2]*side{collect(c.policy, &old), collect(c.policy, &new)}
				c.settle()
				c.changes()
				if len(c.new().destinations()) != n || len(c.volumes()) == 0 {
					b.Fatal("lost")
				}
				for _, p := range c.new().destinations() {
					if c.novelty(p).doubt != "" {
						b.Fatal("doubt")
					}
				}
			}
		})
	}
}
