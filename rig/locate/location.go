package locate

import "net/netip"

// Strength says how much the sources of a country bear.
type Strength int

const (
	None          Strength = iota // no source knows the address
	Weak                          // one database
	Contradicting                 // sources disagree
	Strong                        // a range file, or two databases that agree
)

// Country is what one source says of an address.
type Country struct {
	Source  string // base name of the file
	Country string // ISO 3166-1 alpha-2, upper case
	Range   bool   // of a range file, which its operator publishes; else of a database
}

// Location is where an endpoint is and who runs it, as far as the files know.
type Location struct {
	Country   string    // that the sources agree on; empty where none knows it or they disagree
	Strength  Strength  // of Country
	Countries []Country // by each source that knows one, in the order of Set.Files
	Region    string    // of a cloud, as its range file calls it
	ASN       uint32    // autonomous system, 0 where no source knows it
	Operator  string    // of a range file, else the organisation of the autonomous system
	Anycast   bool      // announced from many places: no country holds
}

// answer is what one source says of an address; its zero value is nothing.
type answer struct {
	country, region, operator string
	asn                       uint32
	anycast                   bool
}

// Locate asks every source. Addresses in IPv6 form (::ffff:a.b.c.d) are the
// IPv4 addresses that they hold.
func (s *Set) Locate(addr netip.Addr) Location {
	addr = addr.Unmap().WithZone("")
	var l Location
	for _, src := range s.sources {
		a := src.find(addr)
		if a.country != "" {
			l.Countries = append(l.Countries, Country{src.file.Name, a.country, src.ranges})
		}
		if l.Region == "" {
			l.Region = a.region
		}
		if l.Operator == "" {
			l.Operator = a.operator
		}
		if l.ASN == 0 {
			l.ASN = a.asn
		}
		l.Anycast = l.Anycast || a.anycast
	}
	l.Country, l.Strength = agree(l.Countries)
	return l
}

// agree weighs what the sources say.
func agree(list []Country) (string, Strength) {
	if len(list) == 0 {
		return "", None
	}
	strong := len(list) > 1
	for _, c := range list {
		if c.Country != list[0].Country {
			return "", Contradicting
		}
		strong = strong || c.Range
	}
	if strong {
		return list[0].Country, Strong
	}
	return list[0].Country, Weak
}
