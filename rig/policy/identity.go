package policy

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/spanrig/spanrig/captures"
	"github.com/spanrig/spanrig/captures/dissect"
	"github.com/spanrig/spanrig/captures/fact"
	"github.com/spanrig/spanrig/rig/party"
)

// identity says whose the peer of a flow is, and by which names.
type identity struct {
	party     party.Party
	names     [][]string // that decided, in order: alternatives, each with the names of one endpoint
	ambiguous string     // why the names may be the first party's or not; empty where they are clear
	services  []string   // ids, sorted: candidates by the policy's entries
	lan       bool       // the address is on the LAN
	byPolicy  bool       // system only by the policy's list, not by a baseline
}

// name is the name of the peer to print, else its address.
func (f *deviceFlow) name() string {
	if len(f.who.names) > 0 {
		return f.who.names[0][0]
	}
	return f.peer.Addr.String()
}

// naming is what the names of a flow come to, before lists are asked.
type naming struct {
	groups [][]string // alternatives; the names of one group are one endpoint's
	source fact.NameSource
	outer  []string // names of an outer hello that DNS does not support
}

// anyFrame is after every frame: an answer at any time counts.
const anyFrame = captures.FrameID(math.MaxUint64)

// identify finds the party of a flow: the first that applies of control,
// first, provider, operator, LAN, system, third, unknown.
func (v *view) identify(f *deviceFlow) identity {
	n := v.naming(f)
	id := identity{lan: v.lan.contains(f.peer.Addr), names: n.groups}
	id.services = v.services(f, n.groups)
	switch {
	case v.isControl(f):
		id.party = party.Control
		return id
	case v.addressParty(f) == party.First:
		id.party = party.First
		return id
	}
	id.party, id.ambiguous = v.firstParty(f, n)
	if id.party == "" {
		id.party = v.otherParty(f, n, id.lan)
	}
	if id.ambiguous != "" {
		id.party = party.Unknown
	}
	id.byPolicy = id.party == party.System && !v.baselineCovers(f, n)
	return id
}

// naming takes the names of a flow in the contract's order: SNI, HTTP Host,
// CONNECT or SOCKS target; certificate; DNS.
func (v *view) naming(f *deviceFlow) naming {
	var n naming
	if f.side == captures.Resp { // the names are the device's own
		n.groups, n.source = v.alternatives(f), fact.FromDNS
		return n
	}
	hidden := offersECH(&f.root.App) // after an idle split the head is where the connection began
	var cert []string
	for _, name := range f.root.Names {
		switch name.Source {
		case fact.FromSNI, fact.FromQUIC:
			if hidden && !v.answers.told(f.peer.Addr, name.Name, f.root.ID) {
				n.outer = append(n.outer, name.Name)
				continue
			}
		case fact.FromCert:
			cert = append(cert, name.Name)
			continue
		case fact.FromDNS:
			continue
		}
		if n.source == "" {
			n.source = name.Source
		}
		n.groups = append(n.groups, []string{name.Name})
	}
	switch {
	case len(n.groups) > 0:
	case len(cert) > 0:
		n.groups, n.source = [][]string{cert}, fact.FromCert
	default:
		n.groups, n.source = v.alternatives(f), fact.FromDNS
	}
	return n
}

// alternatives are the names of the peer by DNS. Of several, those that only
// came as a CNAME of another are none, unless they are the first party's.
func (v *view) alternatives(f *deviceFlow) [][]string {
	groups := v.answers.groups(f.peer.Addr, f.root.ID)
	if len(groups) < 2 {
		return groups
	}
	return slices.DeleteFunc(groups, func(g []string) bool { return !v.answers.asks(g) && !v.hasFirst(g) })
}

// offersECH reports whether the hello may hide another one inside (0xfe0d;
// GREASE looks the same).
func offersECH(app *dissect.Facts) bool {
	return app.TLS != nil && app.TLS.ECH || app.QUIC != nil && app.QUIC.TLS != nil && app.QUIC.TLS.ECH
}

// firstParty decides by names whether the peer is the first party's, or may be.
func (v *view) firstParty(f *deviceFlow, n naming) (is party.Party, ambiguous string) {
	var first, other string
	for _, g := range n.groups {
		for _, name := range g {
			if v.nameParty(name) == party.First {
				first = cmp.Or(first, name)
			} else if n.source == fact.FromCert {
				other = cmp.Or(other, name)
			}
		}
		if n.source == fact.FromDNS && !v.hasFirst(g) {
			other = cmp.Or(other, g[0])
		}
	}
	switch {
	case first != "" && other == "":
		return party.First, ""
	case first != "" && n.source == fact.FromCert:
		return "", fmt.Sprintf("its certificate names %s and also %s", first, other)
	case first != "":
		return "", fmt.Sprintf("DNS gave that address for %s and also for %s", first, other)
	}
	for _, name := range n.outer {
		if v.nameParty(name) == party.First {
			return "", fmt.Sprintf("its hello names %s but may hide another name (ECH), and DNS did not give that address for it", name)
		}
	}
	return "", v.contradicted(f, n)
}

// contradicted says so where DNS gave the address for a first-party name and
// never for a name that the flow itself shows.
func (v *view) contradicted(f *deviceFlow, n naming) string {
	if n.source == fact.FromDNS || n.source == fact.FromTarget || len(n.groups) == 0 {
		return ""
	}
	for _, g := range n.groups {
		for _, name := range g {
			if v.answers.told(f.peer.Addr, name, anyFrame) {
				return ""
			}
		}
	}
	for _, g := range v.answers.groups(f.peer.Addr, f.root.ID) {
		for _, name := range g {
			if v.nameParty(name) == party.First {
				return fmt.Sprintf("it says %s, but DNS gave that address for %s and never for %s", n.groups[0][0], name, n.groups[0][0])
			}
		}
	}
	return ""
}

func (v *view) hasFirst(group []string) bool {
	return slices.ContainsFunc(group, func(name string) bool { return v.nameParty(name) == party.First })
}

// otherParty is what follows the first party in the order.
func (v *view) otherParty(f *deviceFlow, n naming, local bool) party.Party {
	for _, p := range []party.Party{party.Provider, party.Operator} {
		if v.addressParty(f) == p || v.anyNamed(n, p) {
			return p
		}
	}
	switch {
	case local:
		return party.LAN
	case v.baselineCovers(f, n), v.listCovers(f, n):
		return party.System
	case len(n.groups) > 0, v.addressParty(f) == party.Third:
		return party.Third
	}
	return party.Unknown
}

func (v *view) anyNamed(n naming, p party.Party) bool {
	for _, g := range n.groups {
		for _, name := range g {
			if v.nameParty(name) == p {
				return true
			}
		}
	}
	return false
}

// listCovers reports whether the policy's system list explains the flow: each
// alternative has a name on it; without names, the address is.
func (v *view) listCovers(f *deviceFlow, n naming) bool {
	if len(n.groups) == 0 {
		return v.addressParty(f) == party.System
	}
	return !slices.ContainsFunc(n.groups, func(g []string) bool {
		return !slices.ContainsFunc(g, func(name string) bool { return v.nameParty(name) == party.System })
	})
}

// baselineCovers is the same for the baseline file.
func (v *view) baselineCovers(f *deviceFlow, n naming) bool {
	b := v.o.Baseline
	if b == nil {
		return false
	}
	if len(n.groups) == 0 {
		return b.Covers("", f.peer.Addr)
	}
	return !slices.ContainsFunc(n.groups, func(g []string) bool {
		return !slices.ContainsFunc(g, func(name string) bool { return b.Covers(name, f.peer.Addr) })
	})
}

// nameParty is what the lists say of a name; empty where nothing.
func (v *view) nameParty(name string) party.Party {
	e, ok := v.book.ByName(strings.TrimPrefix(name, "*."))
	if !ok {
		return ""
	}
	return e.Party
}

func (v *view) addressParty(f *deviceFlow) party.Party {
	e, ok := v.book.ByAddr(f.peer.Addr)
	if !ok {
		return ""
	}
	return e.Party
}

// services are the candidates by every entry that matches a name or the address.
func (v *view) services(f *deviceFlow, groups [][]string) []string {
	var ids []string
	for _, g := range groups {
		for _, name := range g {
			if e, ok := v.book.ByName(strings.TrimPrefix(name, "*.")); ok {
				ids = append(ids, e.Services...)
			}
		}
	}
	if e, ok := v.book.ByAddr(f.peer.Addr); ok {
		ids = append(ids, e.Services...)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}
