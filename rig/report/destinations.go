package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spanrig/spanrig/rig/locate"
)

// destinations is the table of endpoints beyond the LAN, by party.
type destinations struct {
	Groups  []partyGroup
	Streams *streams
	Located bool // a database was asked at all
	Shown   int
	All     int
}

type partyGroup struct {
	Class, Title, Means string
	Rows                []destination
	Cut                 string // of rows that are left out
	Sum                 string
}

type destination struct {
	Name     string
	Addrs    string
	Ports    string
	Country  string
	Operator string
	Flows    string
	Out, In  string
	Modes    []modeMark
	Evidence []proof
}

// modeMark says in which modes flows to the destination began.
type modeMark struct {
	Letter, Title, Class string
	In                   bool
}

// proof is one thing that says what a destination is, or where.
type proof struct{ Kind, Text string }

// mostPlaceRows bounds the rows of one party.
const mostPlaceRows = 60

func (b *builder) destinations() destinations {
	list := b.s.places.sorted()
	d := destinations{All: len(list), Located: len(b.c.verdict.Databases) > 0}
	for i := range beyondParties {
		g := partyGroup{Class: parties[i].class, Title: parties[i].title, Means: parties[i].means}
		var sum, cut volume
		cutRows := 0
		for _, p := range list {
			if p.party != i {
				continue
			}
			sum.sum(p.volume)
			if len(g.Rows) == mostPlaceRows {
				cut.sum(p.volume)
				cutRows++
				continue
			}
			g.Rows = append(g.Rows, b.destination(p))
		}
		if rest := b.s.places.rest[i]; rest.flows > 0 {
			sum.sum(rest)
			cut.sum(rest)
			cutRows++
		}
		if cutRows > 0 {
			g.Cut = fmt.Sprintf("%s more with %s and %s are left out here", plural(cutRows, "destination"), plural(cut.flows, "flow"), Size(cut.bytes()))
		}
		if sum.flows > 0 {
			g.Sum = fmt.Sprintf("%s, %s out, %s in", plural(sum.flows, "flow"), Size(sum.out), Size(sum.in))
			d.Groups = append(d.Groups, g)
			d.Shown += len(g.Rows)
		}
	}
	d.Streams = newStreams(list)
	return d
}

func (b *builder) destination(p *place) destination {
	d := destination{Name: p.name, Country: p.country, Operator: p.operator, Flows: Thousands(p.flows), Out: Size(p.out), In: Size(p.in),
		Ports: strings.Join(p.ports, ", ")}
	if p.asn != 0 {
		d.Operator = strings.TrimSpace(fmt.Sprintf("%s (AS%d)", p.operator, p.asn))
	}
	d.Addrs = addresses(p)
	for i, m := range modes {
		mark := modeMark{Title: m.title, Class: m.class, In: p.modes[i]}
		mark.Letter = strings.ToUpper(m.title[:1])
		d.Modes = append(d.Modes, mark)
	}
	d.Evidence = b.proofs(p)
	return d
}

func addresses(p *place) string {
	texts := make([]string, 0, len(p.addrs))
	for _, a := range p.addrs {
		texts = append(texts, a.String())
	}
	if len(texts) == 1 && texts[0] == p.name {
		return ""
	}
	text := strings.Join(texts, ", ")
	if len(texts) == mostAddrs {
		text += " …"
	}
	return text
}

// roundTrip words the quickest handshake, and what it says of the place.
func (b *builder) roundTrip(p *place) string {
	text := "under 0.1 ms"
	if p.rtt >= 100*time.Microsecond {
		text = strconv.FormatFloat(float64(p.rtt)/1e6, 'f', 1, 64) + " ms"
	}
	text += ", flow " + p.near.String()
	vantage := b.c.rec.Inventory.Vantage
	if vantage == "" {
		return text
	}
	text += ", from " + vantage
	if p.country != "" && locate.Supports(p.country, vantage, p.rtt) {
		text += ": too near for another continent"
	}
	return text
}

// sourceWords are the sources of names.
var sourceWords = map[string]string{"sni": "SNI", "quic": "SNI (QUIC)", "host": "HTTP host", "target": "proxy target", "cert": "certificate", "dns": "DNS"}

// proofs are what says the name of a destination, and where it is.
func (b *builder) proofs(p *place) []proof {
	var list []proof
	if len(p.names) == 0 {
		list = append(list, proof{"no name", "first in flow " + p.first.String()})
	}
	for _, n := range p.names {
		text := "flow " + n.flow.String()
		if n.name != p.name {
			text = n.name + ", " + text
		}
		if i := slices.IndexFunc(list, func(x proof) bool { return x.Kind == sourceWord(n.source) }); i >= 0 {
			list[i].Text += "; " + text
			continue
		}
		list = append(list, proof{sourceWord(n.source), text})
	}
	list = append(list, b.located(p)...)
	if p.rtt > 0 {
		list = append(list, proof{"RTT", b.roundTrip(p)})
	}
	return list
}

func sourceWord(source string) string {
	if w, ok := sourceWords[source]; ok {
		return w
	}
	return source
}

// saying is what sources say of addresses alike.
type saying struct {
	kind, text string
	sources    []string
	addrs      int
}

// located words what the databases say of the addresses of a destination, one
// line for those of which they say the same.
func (b *builder) located(p *place) []proof {
	var list []saying
	add := func(kind, text, source string, fresh bool) {
		i := slices.IndexFunc(list, func(s saying) bool { return s.kind == kind && s.text == text })
		if i < 0 {
			list = append(list, saying{kind: kind, text: text})
			i = len(list) - 1
		}
		list[i].sources = appendNew(list[i].sources, source, 8)
		if fresh {
			list[i].addrs++
		}
	}
	for _, a := range p.addrs {
		w, known := b.c.places[a]
		if !known {
			continue
		}
		for i, c := range w.Countries {
			kind, text := "database", c.Country
			if c.Kind == locate.Range {
				kind = "range"
				if w.Region != "" {
					text += ", region " + w.Region
				}
			}
			before := slices.ContainsFunc(w.Countries[:i], func(o locate.Country) bool { return o.Kind == c.Kind && o.Country == c.Country })
			add(kind, text, c.Source, !before)
		}
		if w.Anycast {
			add("anycast", "in many places", "", true)
		}
	}
	proofs := make([]proof, 0, len(list))
	for _, s := range list {
		text := s.text
		if by := enumerate(s.sources); by != "" {
			text += " by " + by
		}
		if s.addrs < len(p.addrs) {
			text += fmt.Sprintf(" (%d of %d addresses)", s.addrs, len(p.addrs))
		}
		proofs = append(proofs, proof{s.kind, text})
	}
	return proofs
}
