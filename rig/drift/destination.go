package drift

import (
	"net/netip"
	"slices"

	"github.com/spanrig/spanrig/captures"
	"github.com/spanrig/spanrig/rig/policy"
)

// destinations lists those that are new, then those that are gone.
func (c *comparison) destinations() []Destination {
	list := []Destination{}
	for _, p := range c.new().destinations() {
		if d, ok := c.destination(New, p, c.new(), c.old()); ok {
			list = append(list, d)
		}
	}
	for _, p := range c.old().destinations() {
		if d, ok := c.destination(Gone, p, c.old(), c.new()); ok {
			list = append(list, d)
		}
	}
	return list
}

// destination describes a place that one recording has, if the other lacks it
// in some mode: in any mode where it has it nowhere, else in those that both
// recordings have.
func (c *comparison) destination(change string, p place, have, lack *side) (Destination, bool) {
	elsewhere, in := lack.modesOf(p), have.modesOf(p)
	if len(elsewhere) > 0 {
		common := c.common()
		in = slices.DeleteFunc(in, func(m string) bool { return lack.has(p, m) || !slices.Contains(common, m) })
	}
	if len(in) == 0 {
		return Destination{}, false
	}
	d := Destination{Change: change, Modes: in, Elsewhere: elsewhere, Domain: p.domain, Services: []string{}, Countries: []string{}, Hosts: []string{}, Addresses: []addr{}, Evidence: []policy.Evidence{}}
	have.describe(&d, p)
	return d, true
}

// mostCited bounds the flows that are named for one destination.
const mostCited = 8

// describe fills in what the sightings of a place say in d.Modes.
func (s *side) describe(d *Destination, p place) {
	cited := map[captures.FrameID]bool{}
	for _, one := range s.at[p] {
		if !slices.Contains(d.Modes, one.mode) {
			continue
		}
		if d.Name == "" {
			d.Name, d.Party, d.Services = one.name(), one.party, append(d.Services, one.services...)
		}
		d.Sent += one.sent
		d.Received += one.received
		host := one.choices[0].host
		if one.flow != nil {
			d.Contacted = d.Contacted || one.contact
			s.locate(d, one.flow)
		}
		if host != "" && len(d.Hosts) < MostHosts && !slices.Contains(d.Hosts, host) {
			d.Hosts = append(d.Hosts, host)
		}
		if one.counts() && len(cited) < mostCited && !cited[one.id] {
			cited[one.id] = true
			d.Evidence = append(d.Evidence, s.cite(one)...)
		}
	}
	slices.Sort(d.Hosts)
	slices.Sort(d.Countries)
	slices.SortFunc(d.Addresses, netip.Addr.Compare)
}

// locate adds where a flow went.
func (s *side) locate(d *Destination, f *policy.SurveyFlow) {
	if w := &f.Where; w.Country != "" && !slices.Contains(d.Countries, w.Country) {
		d.Countries = append(d.Countries, w.Country)
	}
	if d.Operator == "" && d.ASN == 0 {
		d.Operator, d.ASN = f.Where.Operator, f.Where.ASN
	}
	if len(d.Addresses) < MostHosts && !slices.Contains(d.Addresses, f.Peer.Addr) {
		d.Addresses = append(d.Addresses, f.Peer.Addr)
	}
}

// cite points to the flow and frames of a sighting.
func (s *side) cite(one *sighting) []policy.Evidence {
	if one.flow == nil {
		return s.Survey.Cite(one.id, one.frames, "DNS query for "+one.question.Name)
	}
	return s.Survey.Cite(one.id, one.frames, one.flow.Text)
}
