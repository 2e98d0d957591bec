package locate

import (
	"net/netip"
	"slices"
)

// Strength says how far the country of a Location may be trusted.
type Strength string

// A range file is the operator's own word: strong alone. Databases guess: two
// that agree are strong, one is weak.
const (
	None          Strength = "none" // no source knows
	Weak          Strength = "weak"
	Strong        Strength = "strong"
	Contradicting Strength = "contradicting" // two sources name different countries
)

// Kind tells sources apart.
type Kind string

// Kinds of sources.
const (
	Range    Kind = "range"    // a cloud's ranges, a geofeed, a list
	Database Kind = "database" // MMDB
)

// Country is what one source says.
type Country struct {
	Source  string // base name of the file
	Kind    Kind
	Country string
}

// Location is what the sources know of an address. The zero value with None as
// Strength is an address that none of them knows.
type Location struct {
	Country   string // that all sources which know one agree on; empty where none knows or two differ
	Strength  Strength
	Countries []Country // by source: range files, then databases, each as they were given
	Region    string    // the cloud's own name of it, such as "us-east-1"; empty where none is known
	ASN       uint32    // autonomous system; 0 unknown
	Operator  string    // who runs it, in words: by a range file, else by the ASN database
	Anycast   bool      // a source says that the address is in many places
}

// StrongCountry returns the country that a range file or two databases say,
// also where another source contradicts; empty where they say none or several.
func (l *Location) StrongCountry() string {
	strong := ""
	for i, c := range l.Countries {
		agrees := func(o Country) bool { return o.Country == c.Country }
		if c.Kind == Database && !slices.ContainsFunc(l.Countries[:i], agrees) {
			continue
		}
		if strong != "" && strong != c.Country {
			return ""
		}
		strong = c.Country
	}
	return strong
}

// Locate says what the sources know of addr; an IPv4 address in IPv6 form
// (::ffff:a.b.c.d) is looked up as IPv4.
func (s *Set) Locate(addr netip.Addr) Location {
	l := Location{Strength: None}
	addr = addr.Unmap().WithZone("")
	if !addr.IsValid() {
		return l
	}
	for _, r := range s.ranges {
		r.locate(addr, &l)
	}
	for _, db := range s.geo {
		db.country(addr, &l)
	}
	for _, db := range s.asn {
		db.operator(addr, &l)
	}
	l.settle()
	return l
}

// settle draws country and strength from what the sources say.
func (l *Location) settle() {
	if len(l.Countries) == 0 {
		return
	}
	first := l.Countries[0].Country
	if slices.ContainsFunc(l.Countries, func(c Country) bool { return c.Country != first }) {
		l.Strength = Contradicting
		return
	}
	l.Country, l.Strength = first, Weak
	if l.Countries[0].Kind == Range || len(l.Countries) > 1 {
		l.Strength = Strong
	}
}

// say notes the country that a source names, if it names one. A source that
// says the same twice is one source.
func (l *Location) say(source string, kind Kind, country string) {
	c := Country{source, kind, countryCode(country)}
	if c.Country != "" && !slices.Contains(l.Countries, c) {
		l.Countries = append(l.Countries, c)
	}
}
