package drift

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// settle gives every sighting its place, the same on both sides.
func (c *comparison) settle() {
	shared := c.shared()
	services := map[string][]string{} // of families of host names
	for _, s := range c.sides {
		for i := range s.seen {
			one := &s.seen[i]
			one.choose(shared)
			if host := one.choices[0].host; host != "" && len(one.services) > 0 {
				if have := services[family(host)]; have == nil || slices.Compare(one.services, have) < 0 {
					services[family(host)] = one.services
				}
			}
		}
	}
	for _, s := range c.sides {
		for i := range s.seen {
			if one := &s.seen[i]; len(one.services) == 0 && one.choices[0].host != "" {
				one.services = services[family(one.choices[0].host)]
			}
		}
		s.settle()
	}
}

// shared are the domains that both recordings may mean.
func (c *comparison) shared() map[string]bool {
	sets := [2]map[string]bool{{}, {}}
	for n, s := range c.sides {
		for i := range s.seen {
			for _, one := range s.seen[i].choices {
				sets[n][one.domain] = true
			}
		}
	}
	both := map[string]bool{}
	for domain := range sets[0] {
		both[domain] = sets[1][domain] && domain != ""
	}
	return both
}

// settle gives the sightings of one recording their places. One whose operator
// nobody knows, as it is with a question, belongs to a contact of the same
// domain and service.
func (s *side) settle() {
	operators := map[place]string{}
	for i := range s.seen {
		one := &s.seen[i]
		one.place = one.placed()
		if p := one.place; p.domain != "" && p.operator != "" {
			if key := p.unoperated(); operators[key] == "" || p.operator < operators[key] {
				operators[key] = p.operator
			}
		}
	}
	for i := range s.seen {
		one := &s.seen[i]
		if p := &one.place; p.domain != "" && p.operator == "" {
			p.operator = operators[*p]
		}
		s.at[one.place] = append(s.at[one.place], one)
		if one.counts() {
			s.add(one.place, one.mode)
		}
	}
}

// placed is the place of a sighting by what it shows itself.
func (s *sighting) placed() place {
	p := place{domain: s.choices[0].domain, services: strings.Join(s.services, ","), operator: s.operator}
	if p.domain == "" && p.operator == "" {
		p.address = s.flow.Peer.Addr.String()
	}
	return p
}

// unoperated is the place without its operator.
func (p place) unoperated() place {
	p.operator = ""
	return p
}

// same reports whether two places are one destination. An unknown operator is
// no other operator.
func (p place) same(q place) bool {
	if p == q {
		return true
	}
	return p.domain != "" && p.unoperated() == q.unoperated() && (p.operator == "" || q.operator == "")
}

// has reports whether the recording has the destination in a mode.
func (s *side) has(p place, mode string) bool {
	return slices.ContainsFunc(s.places[mode][p.unoperated()], p.same)
}

// modesOf lists the modes in which the recording has the destination.
func (s *side) modesOf(p place) []string {
	return slices.DeleteFunc(slices.Clone(modes), func(m string) bool { return !s.has(p, m) })
}

// add notes that the recording has a destination in a mode.
func (s *side) add(p place, mode string) {
	of := s.places[mode]
	if of == nil {
		of = map[place][]place{}
		s.places[mode] = of
	}
	if key := p.unoperated(); !slices.Contains(of[key], p) {
		of[key] = append(of[key], p)
	}
}

// destinations lists the places of a recording by name and service.
func (s *side) destinations() []place {
	known := map[place]bool{}
	for _, of := range s.places {
		for _, list := range of {
			for _, p := range list {
				known[p] = true
			}
		}
	}
	return slices.SortedFunc(maps.Keys(known), func(p, q place) int {
		return cmp.Or(cmp.Compare(p.domain, q.domain), cmp.Compare(p.services, q.services), cmp.Compare(p.operator, q.operator), cmp.Compare(p.address, q.address))
	})
}
