package policy

import (
	"net/netip"

	"github.com/spanrig/spanrig/captures"
	"github.com/spanrig/spanrig/captures/fact"
	"github.com/spanrig/spanrig/captures/flow"
	"github.com/spanrig/spanrig/rig"
	"github.com/spanrig/spanrig/rig/party"
)

// Attributor says whose a responder is by names, address and a policy's lists
// alone: what a listing of flows can tell without device, windows and journal.
type Attributor struct {
	book *party.Book
}

// NewAttributor takes the lists of p; nil: no lists.
func NewAttributor(p *Policy) (*Attributor, error) {
	if p == nil {
		p = &Policy{}
	}
	book, err := party.NewBook(p.Parties)
	if err != nil {
		return nil, err
	}
	return &Attributor{book}, nil
}

// Party is the first that applies of first, provider, operator, LAN, system,
// third, unknown. A name of DNS counts only where the flow shows none itself.
func (a *Attributor) Party(f *fact.Fact) party.Party {
	found := map[party.Party]bool{}
	own := len(f.Names) > 0 && f.Names[0].Source != fact.FromDNS
	for _, n := range f.Names {
		if own && n.Source == fact.FromDNS {
			break
		}
		if e, ok := a.book.ByName(n.Name); ok {
			found[e.Party] = true
		}
	}
	if e, ok := a.book.ByAddr(f.Resp.Addr); ok {
		found[e.Party] = true
	}
	found[party.LAN] = isLocal(f.Resp.Addr)
	for _, p := range []party.Party{party.First, party.Provider, party.Operator, party.LAN, party.System, party.Third} {
		if found[p] {
			return p
		}
	}
	if len(f.Names) > 0 {
		return party.Third
	}
	return party.Unknown
}

// isLocal is the LAN where neither bench nor DHCP names one: contract section 5.
func isLocal(addr netip.Addr) bool {
	l := lan{prefixes: privatePrefixes}
	return l.contains(addr)
}

// Identity is what a judgement takes a flow for.
type Identity struct {
	Device   string // the end that is the device, "orig" or "resp"; empty: neither, and nothing of it was judged
	Peer     flow.Endpoint
	Party    party.Party
	Services []string // ids that the policy's entries tie to the peer
}

// Identities tells what the flows of one recording were taken for.
type Identities struct {
	device map[captures.FrameID]*deviceFlow
	lists  Attributor
}

// Of returns the identity of a flow of the set that was judged. The party of a
// flow that is not the device's is that of its responder by the lists alone.
func (i *Identities) Of(f *fact.Fact) Identity {
	own := i.device[f.ID]
	if own == nil {
		return Identity{Peer: f.Resp, Party: i.lists.Party(f)}
	}
	return Identity{own.side.String(), own.peer, own.who.party, own.who.services}
}

// Judge is Evaluate that also tells what each flow was taken for.
func Judge(p *Policy, rec *rig.Recording, set *fact.Set, o Options) (*Report, *Identities, error) {
	v, err := look(p, rec, set, o)
	if err != nil {
		return nil, nil, err
	}
	ids := &Identities{device: make(map[captures.FrameID]*deviceFlow, len(v.flows)), lists: Attributor{v.book}}
	for i := range v.flows {
		ids.device[v.flows[i].ID] = &v.flows[i]
	}
	return v.report(), ids, nil
}
