package policy

import (
	"net/netip"
	"slices"

	"github.com/spanrig/spanrig/captures"
	"github.com/spanrig/spanrig/captures/fact"
)

// answers are the names for which the device got an address from DNS.
type answers struct {
	byAddr map[netip.Addr][]fact.Answer // in order
	asked  map[string]bool              // every name that the device asked for
}

func newAnswers(list []fact.Answer, d *device, asked []fact.Question) answers {
	a := answers{byAddr: map[netip.Addr][]fact.Answer{}, asked: map[string]bool{}}
	for _, q := range asked {
		a.asked[q.Name] = true
	}
	for _, one := range list {
		if d.is(one.MAC, one.Client) {
			a.byAddr[one.Addr] = append(a.byAddr[one.Addr], one)
		}
	}
	return a
}

// groups returns the names of addr that the device was told before frame, one
// group for each answer: the queried name and each CNAME on the way.
func (a *answers) groups(addr netip.Addr, before captures.FrameID) [][]string {
	var groups [][]string
	var at captures.FrameID
	for _, one := range a.byAddr[addr] {
		if one.At.Frame >= before {
			break
		}
		if n := len(groups); n > 0 && one.At.Frame == at {
			groups[n-1] = append(groups[n-1], one.Name)
			continue
		}
		groups, at = append(groups, []string{one.Name}), one.At.Frame
	}
	return groups
}

// asks reports whether the device asked for one of the names itself. A later
// answer that only adds a CNAME to a name that was told before does not count.
func (a *answers) asks(group []string) bool {
	return slices.ContainsFunc(group, func(name string) bool { return a.asked[name] })
}

// told reports whether the device got addr for name, at any time before limit.
func (a *answers) told(addr netip.Addr, name string, limit captures.FrameID) bool {
	return slices.ContainsFunc(a.byAddr[addr], func(one fact.Answer) bool { return one.Name == name && one.At.Frame < limit })
}
