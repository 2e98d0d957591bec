package policy

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"

	"github.com/spanrig/spanrig/captures"
	"github.com/spanrig/spanrig/captures/dissect"
	"github.com/spanrig/spanrig/captures/fact"
	"github.com/spanrig/spanrig/captures/flow"
	"github.com/spanrig/spanrig/captures/packet"
	"github.com/spanrig/spanrig/rig"
	"github.com/spanrig/spanrig/rig/party"
)

// view is what the rules see of a recording. Nothing in it changes once the
// fitness of its spans is known.
type view struct {
	policy *Policy
	rec    *rig.Recording
	set    *fact.Set
	o      Options

	book      *party.Book
	encrypted *party.Book // known encrypted resolvers
	lan       lan
	device    device
	controls  *controls
	owners    owners
	answers   answers
	search    []string // announced search domains

	cuts      []int64
	spans     []span
	flows     []deviceFlow // in order of first frame
	asked     []fact.Question
	resolvers map[netip.Addr]bool // that DHCP, RA or the bench names
	first     int64               // time of the first frame
}

// deviceFlow is a flow of the device.
type deviceFlow struct {
	*fact.Fact
	side  captures.Dir  // in which the device sends
	peer  flow.Endpoint // the other end
	root  *fact.Fact    // the flow that it goes on with after an idle split, or itself
	who   identity
	index int
}

// begun is when the connection began, idle splits aside.
func (f *deviceFlow) begun() int64 { return f.root.Start }

// transfers reports whether the payload of the transport is an application's:
// the data of an ICMP message is part of the message.
func (f *deviceFlow) transfers() bool { return f.Proto != packet.ICMP && f.Proto != packet.ICMPv6 }

func newView(p *Policy, rec *rig.Recording, set *fact.Set, o Options) (*view, error) {
	v := &view{policy: p, rec: rec, set: set, o: o, first: set.Summary.First, resolvers: map[netip.Addr]bool{}}
	var err error
	if v.book, err = party.NewBook(p.Parties); err != nil {
		return nil, fmt.Errorf("policy %s: %w", p.Name, err)
	}
	if v.encrypted, err = party.NewBook(p.Resolvers); err != nil {
		return nil, fmt.Errorf("policy %s: resolvers: %w", p.Name, err)
	}
	v.lan = lanOf(&rec.Inventory, set)
	if v.device, err = findDevice(rec, set, &v.lan, o.Devices); err != nil {
		return nil, err
	}
	v.cuts, v.spans = Cuts(rec, o), spansOf(rec, o)
	v.network()
	v.questions()
	v.controls, v.owners = newControls(rec.Journal, set), newOwners(rec.Journal)
	v.gather()
	return v, nil
}

// network notes what the network told its stations.
func (v *view) network() {
	for _, a := range v.rec.Inventory.Resolvers {
		v.resolvers[a] = true
	}
	for i := range v.set.Leases {
		for _, a := range v.set.Leases[i].Resolvers {
			v.resolvers[netip.AddrFrom4(a)] = true
		}
		v.search = append(v.search, v.set.Leases[i].Search...)
	}
	for i := range v.set.Routers {
		for _, a := range v.set.Routers[i].Resolvers {
			v.resolvers[a] = true
		}
		v.search = append(v.search, v.set.Routers[i].Search...)
	}
	slices.Sort(v.search)
	v.search = slices.Compact(v.search)
}

// questions keeps what the device asked of resolvers and what it was told.
func (v *view) questions() {
	for _, q := range v.set.Questions {
		if q.Protocol == dissect.DNSProtocol && v.device.is(q.MAC, q.Client.Addr) {
			v.asked = append(v.asked, q)
		}
	}
	v.answers = newAnswers(v.set.Answers, &v.device, v.asked)
}

// gather finds the device's flows and whose their peers are.
func (v *view) gather() {
	byID := make(map[captures.FrameID]*fact.Fact)
	for i := range v.set.Facts {
		byID[v.set.Facts[i].ID] = &v.set.Facts[i]
	}
	for i := range v.set.Facts {
		f := &v.set.Facts[i]
		side, own := v.device.side(f)
		if !own {
			continue
		}
		peer := f.Resp
		if side == captures.Resp {
			peer = f.Orig
		}
		v.flows = append(v.flows, deviceFlow{Fact: f, side: side, peer: peer, root: rootOf(f, byID)})
	}
	slices.SortStableFunc(v.flows, func(a, b deviceFlow) int { return cmp.Compare(a.ID, b.ID) })
	for i := range v.flows {
		v.flows[i].index = i
		v.flows[i].who = v.identify(&v.flows[i])
	}
}

// rootOf follows a flow back over its idle splits.
func rootOf(f *fact.Fact, byID map[captures.FrameID]*fact.Fact) *fact.Fact {
	for f.Continues != 0 {
		before, ok := byID[f.Continues]
		if !ok || before.ID >= f.ID {
			break
		}
		f = before
	}
	return f
}

// beyond reports whether the peer counts as beyond the LAN: by its address, or
// because its name is the first party's, which a proxy or sinkhole on the LAN
// does not hide.
func (v *view) beyond(f *deviceFlow) bool {
	return !f.who.lan || f.who.party == party.First || f.who.party == party.Provider || f.who.ambiguous != ""
}

// present reports whether the flow has a frame in the span: then it has its
// facts there.
func (v *view) present(f *deviceFlow, s *span) bool {
	return sum(f.Flow, 0, v.cuts, s.from, s.to).Packets+sum(f.Flow, 1, v.cuts, s.from, s.to).Packets > 0
}

// contact is what the device sent to a peer in an interval, with an opening
// packet or payload in it.
type contact struct {
	*deviceFlow
	did flow.Side
}

// at is the first moment of the contact.
func (c *contact) at() int64 {
	o, p := c.did.FirstOpening, c.did.FirstPayload
	if o.Frame != 0 && (p.Frame == 0 || o.Time < p.Time) {
		return o.Time
	}
	return p.Time
}

// contacts lists the device's contacts in [from, to), in order of flow.
func (v *view) contacts(from, to int64) []contact {
	var list []contact
	for i := range v.flows {
		f := &v.flows[i]
		did := sum(f.Flow, int(f.side), v.cuts, from, to)
		if did.Openings > 0 || did.Payloads > 0 && f.transfers() {
			list = append(list, contact{f, did})
		}
	}
	return list
}

// fresh lists the contacts of a span on flows that began in it; what began
// before is LDM-4's alone.
func (v *view) fresh(s *span) []contact {
	return slices.DeleteFunc(v.contacts(s.from, s.to), func(c contact) bool { return c.begun() < s.from })
}
