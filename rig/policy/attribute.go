package policy

import (
	"net/netip"

	"github.com/spanrig/spanrig/captures/fact"
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
