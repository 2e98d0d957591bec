package evidence

import (
	"bytes"
	"net/netip"
	"slices"
	"sync"

	"github.com/spanrig/spanrig/rig/locate"
	"github.com/spanrig/spanrig/rig/policy"
)

// Places are the records of databases that were looked up: a policy.Locator
// that needs no database. An address that nobody looked up is unknown to it.
type Places struct {
	databases Databases
	known     map[netip.Addr]locate.Location
}

// Locate returns what the databases said of addr.
func (p *Places) Locate(addr netip.Addr) locate.Location {
	if l, ok := p.known[plain(addr)]; ok {
		return l
	}
	return locate.Location{Strength: locate.None}
}

// HasCountries reports whether the databases could tell countries at all.
func (p *Places) HasCountries() bool { return p.databases.Countries }

// HasOperators reports whether they could tell operators at all.
func (p *Places) HasOperators() bool { return p.databases.Operators }

// Files lists the databases.
func (p *Places) Files() []locate.FileRef {
	list := make([]locate.FileRef, len(p.databases.Files))
	for i, f := range p.databases.Files {
		list[i] = locate.FileRef(f)
	}
	return list
}

// All returns every record, by address.
func (p *Places) All() map[netip.Addr]locate.Location { return p.known }

func plain(a netip.Addr) netip.Addr { return a.Unmap().WithZone("") }

// looker answers from a locator and keeps what it was asked.
type looker struct {
	policy.Locator
	mu    sync.Mutex
	asked map[netip.Addr]locate.Location
}

func newLooker(l policy.Locator) *looker {
	return &looker{Locator: l, asked: map[netip.Addr]locate.Location{}}
}

// Locate asks once for each address.
func (k *looker) Locate(addr netip.Addr) locate.Location {
	addr = plain(addr)
	k.mu.Lock()
	defer k.mu.Unlock()
	l, ok := k.asked[addr]
	if !ok {
		l = k.Locator.Locate(addr)
		k.asked[addr] = l
	}
	return l
}

func databasesOf(l policy.Locator) Databases {
	d := Databases{Files: []policy.FileRef{}}
	if l == nil {
		return d
	}
	for _, f := range l.Files() {
		d.Files = append(d.Files, policy.FileRef(f))
	}
	d.Countries, d.Operators = l.HasCountries(), l.HasOperators()
	return d
}

// placeLine is a record as places.jsonl has it.
type placeLine struct {
	Addr     netip.Addr    `json:"addr"`
	Country  string        `json:"country,omitempty"`
	Strength string        `json:"strength"`
	Sources  []placeSource `json:"sources,omitempty"`
	Region   string        `json:"region,omitempty"`
	ASN      uint32        `json:"asn,omitempty"`
	Operator string        `json:"operator,omitempty"`
	Anycast  bool          `json:"anycast,omitempty"`
}

type placeSource struct {
	Source  string `json:"source"`
	Kind    string `json:"kind"`
	Country string `json:"country"`
}

// encode prints what was asked, by address.
func (k *looker) encode() ([]byte, error) {
	addrs := make([]netip.Addr, 0, len(k.asked))
	for a := range k.asked {
		addrs = append(addrs, a)
	}
	slices.SortFunc(addrs, netip.Addr.Compare)
	var content []byte
	for _, a := range addrs {
		l := k.asked[a]
		line := placeLine{Addr: a, Country: l.Country, Strength: string(l.Strength), Region: l.Region, ASN: l.ASN, Operator: l.Operator, Anycast: l.Anycast}
		for _, c := range l.Countries {
			line.Sources = append(line.Sources, placeSource{c.Source, string(c.Kind), c.Country})
		}
		b, err := canonical(line)
		if err != nil {
			return nil, err
		}
		content = append(append(content, b...), '\n')
	}
	return content, nil
}

// parsePlaces reads places.jsonl.
func parsePlaces(content []byte, d Databases) (*Places, error) {
	p := &Places{databases: d, known: map[netip.Addr]locate.Location{}}
	var last netip.Addr
	for n := 1; len(content) > 0; n++ {
		end := bytes.IndexByte(content, '\n') + 1
		if end == 0 {
			return nil, differs(PlacesName, "line %d is cut", n)
		}
		var line placeLine
		if err := decode(content[:end], &line); err != nil {
			return nil, differs(PlacesName, "line %d: %v", n, err)
		}
		if n > 1 && line.Addr.Compare(last) <= 0 || line.Addr != plain(line.Addr) {
			return nil, differs(PlacesName, "line %d is out of order", n)
		}
		l := locate.Location{Country: line.Country, Strength: locate.Strength(line.Strength), Region: line.Region, ASN: line.ASN, Operator: line.Operator, Anycast: line.Anycast}
		for _, s := range line.Sources {
			l.Countries = append(l.Countries, locate.Country{Source: s.Source, Kind: locate.Kind(s.Kind), Country: s.Country})
		}
		p.known[line.Addr], last, content = l, line.Addr, content[end:]
	}
	return p, nil
}
