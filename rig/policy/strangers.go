package policy

import (
	"maps"
	"net/netip"

	"github.com/spanrig/spanrig/captures"
	"github.com/spanrig/spanrig/captures/fact"
	"github.com/spanrig/spanrig/captures/flow"
	"github.com/spanrig/spanrig/rig"
)

// Strangers tells flows that are not the device's from its own while the
// traffic is still being read, so that little of them need be kept: a capture
// of a busy LAN has far more of them. Of a stranger, a judgement reads only what
// Stub keeps.
//
// The device's addresses become known on the way. Where one turns out to be its
// own that flows of strangers had, Late says so, and the traffic has to be read
// again with all facts kept.
type Strangers struct {
	device device
	named  map[netip.Addr]bool // by the caller: who has one of them is the device
	nobody bool                // is known to be a stranger
	tries  map[flowKey]bool

	bindings, leases int // of the set, that device knows
	addrs            map[netip.Addr]bool
	macs             map[captures.MAC]bool
	stubs            map[station]*flow.Flow
}

// station is who opened a flow.
type station struct {
	mac  captures.MAC
	addr netip.Addr
}

// NewStrangers tells strangers in a recording that will be judged with o. Where
// the device has to be guessed, there are none.
func NewStrangers(rec *rig.Recording, o Options) *Strangers {
	s := &Strangers{
		device: device{macs: map[captures.MAC]bool{}, addrs: map[netip.Addr]bool{}}, tries: map[flowKey]bool{},
		addrs: map[netip.Addr]bool{}, macs: map[captures.MAC]bool{}, stubs: map[station]*flow.Flow{},
	}
	for _, m := range rec.Inventory.Device.MACs {
		s.device.macs[m] = true
	}
	for _, text := range o.Devices {
		s.nobody = s.nobody || s.device.name(text) != nil // a name that is none is refused later
	}
	s.named = maps.Clone(s.device.addrs)
	s.nobody = s.nobody || len(s.device.macs)+len(s.named) == 0 || s.device.macs[captures.MAC{}]
	if rec.Journal != nil {
		for i := range rec.Journal.Controls {
			s.tries[tryKey(&rec.Journal.Controls[i])] = true
		}
	}
	return s
}

// Is reports whether f, the next flow after those of set, is a stranger's by
// what is known so far.
func (s *Strangers) Is(set *fact.Set, f *fact.Fact) bool {
	if s.nobody {
		return false
	}
	s.learn(set)
	if _, own := s.device.side(f); own || s.tries[factKey(f)] {
		return false
	}
	for _, end := range []captures.Dir{captures.Orig, captures.Resp} {
		s.macs[f.MAC[end]] = true
	}
	s.addrs[f.Orig.Addr], s.addrs[f.Resp.Addr] = true, true
	return true
}

// learn takes the bindings and leases that are new.
func (s *Strangers) learn(set *fact.Set) {
	d := &s.device
	again := false
	for ; s.bindings < len(set.Bindings); s.bindings++ {
		b := &set.Bindings[s.bindings]
		if s.named[b.Addr] && !d.macs[b.MAC] {
			d.macs[b.MAC], again = true, true
		}
		if d.macs[b.MAC] {
			d.addrs[b.Addr] = true
		}
	}
	for ; s.leases < len(set.Leases); s.leases++ {
		if l := &set.Leases[s.leases]; d.macs[l.MAC] {
			d.addrs[netip.AddrFrom4(l.Addr)] = true
		}
	}
	if again { // what its station had before
		d.tie(set)
	}
}

// Stub is what a judgement reads of a stranger's flow: who opened it.
func (s *Strangers) Stub(f *fact.Fact) fact.Fact {
	who := station{f.MAC[captures.Orig], f.Orig.Addr}
	stub := s.stubs[who]
	if stub == nil {
		stub = &flow.Flow{MAC: [2]captures.MAC{who.mac}, Orig: flow.Endpoint{Addr: who.addr}}
		s.stubs[who] = stub
	}
	return fact.Fact{Flow: stub}
}

// Late reports whether a flow that was taken for a stranger's is the device's
// after all, now that the set is complete.
func (s *Strangers) Late(set *fact.Set) bool {
	s.learn(set)
	for m := range s.device.macs {
		if s.macs[m] {
			return true
		}
	}
	for a := range s.device.addrs {
		if s.addrs[a] {
			return true
		}
	}
	return s.orphaned(set)
}

// orphaned reports whether a flow goes on with one that was not kept.
func (s *Strangers) orphaned(set *fact.Set) bool {
	whole := map[captures.FrameID]bool{}
	for i := range set.Facts {
		if f := &set.Facts[i]; f.ID != 0 {
			whole[f.ID] = true
		}
	}
	for i := range set.Facts {
		if f := &set.Facts[i]; f.Continues != 0 && !whole[f.Continues] {
			return true
		}
	}
	return false
}
