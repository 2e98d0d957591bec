package report

import (
	"cmp"
	"net/netip"
	"slices"
	"time"
)

// places sums flows by destination: party, name and where it is.
type places struct {
	index map[placeKey]*place
	rest  [partyCount]volume // beyond mostPlaces
}

type placeKey struct {
	party    int
	name     string // or address
	country  string
	operator string
	asn      uint32
}

// place is one destination.
type place struct {
	placeKey
	volume
	addrs []netip.Addr // the first few
	ports []string
	names []witness // who says the name
	modes [modeCount]bool
	first key
	rtt   time.Duration // of the quickest handshake; 0: none seen
	near  key           // its flow
}

// witness is one source of a name, with the first flow that showed it.
type witness struct {
	source string
	name   string
	flow   key
}

// What is kept of destinations, and of one.
const (
	mostPlaces    = 10000
	mostAddrs     = 4
	mostPorts     = 4
	mostWitnesses = 5
)

func newPlaces() places { return places{index: map[placeKey]*place{}} }

func (p *places) add(l line, party, mode int) {
	k := placeKey{party, l.name(), l.Country, l.Operator, l.ASN}
	at := p.index[k]
	if at == nil {
		if len(p.index) >= mostPlaces {
			p.rest[party].add(l)
			return
		}
		at = &place{placeKey: k, first: l.key()}
		p.index[k] = at
	}
	at.add(l)
	at.modes[mode] = true
	if rtt := time.Duration(l.RTT); rtt > 0 && (at.rtt == 0 || rtt < at.rtt) {
		at.rtt, at.near = rtt, l.key()
	}
	at.addrs = appendNew(at.addrs, l.peer().Addr, mostAddrs)
	at.ports = appendNew(at.ports, l.service(), mostPorts)
	if l.inbound() {
		return // names are those of the responder
	}
	for _, n := range l.Names {
		if !slices.ContainsFunc(at.names, func(w witness) bool { return w.source == n.Source && w.name == n.Name }) && len(at.names) < mostWitnesses {
			at.names = append(at.names, witness{n.Source, n.Name, l.key()})
		}
	}
}

func appendNew[T comparable](list []T, v T, most int) []T {
	if len(list) >= most || slices.Contains(list, v) {
		return list
	}
	return append(list, v)
}

// sorted lists destinations by party, then by bytes.
func (p *places) sorted() []*place {
	list := make([]*place, 0, len(p.index))
	for _, v := range p.index {
		list = append(list, v)
	}
	slices.SortFunc(list, func(a, b *place) int {
		return cmp.Or(cmp.Compare(a.party, b.party), cmp.Compare(b.bytes(), a.bytes()), cmp.Compare(a.name, b.name),
			cmp.Compare(a.country, b.country), cmp.Compare(a.operator, b.operator), cmp.Compare(a.asn, b.asn))
	})
	return list
}
