package party

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"unicode/utf8"

	"github.com/gaissmai/bart"
	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
)

// Book looks endpoints up in a list of entries.
type Book struct {
	domains map[string]Entry // that cover all below them, too
	hosts   map[string]Entry // that stand for themselves alone
	prefix  bart.Table[Entry]
}

// order is in which parties apply where entries of several match (contract
// section 5): the lowest wins.
var order = map[Party]int{Control: 0, First: 1, Provider: 2, Operator: 3, LAN: 4, System: 5, Third: 6, Unknown: 7}

// NewBook makes a Book. Two entries of different parties for the same domain
// or prefix are an error.
func NewBook(entries []Entry) (*Book, error) {
	b := &Book{domains: make(map[string]Entry, len(entries)), hosts: map[string]Entry{}}
	for _, e := range entries {
		switch {
		case (e.Domain == "") != e.Prefix.IsValid():
			return nil, fmt.Errorf("entry of line %d: give either a domain or a prefix", e.Line)
		case e.Domain != "":
			names, name := b.domains, e.Domain
			if host, ok := strings.CutPrefix(name, "="); ok {
				names, name = b.hosts, host
			}
			if old, ok := names[name]; ok && old.Party != e.Party {
				return nil, fmt.Errorf("%s is both %s (line %d) and %s (line %d); leave one out", name, old.Party, old.Line, e.Party, e.Line)
			}
			names[name] = e
		default:
			prefix := unmapped(e.Prefix)
			if old, ok := b.prefix.Get(prefix); ok && old.Party != e.Party {
				return nil, fmt.Errorf("%s is both %s (line %d) and %s (line %d); leave one out", prefix, old.Party, old.Line, e.Party, e.Line)
			}
			b.prefix.Insert(prefix, e)
		}
	}
	return b, nil
}

// unmapped turns ::ffff:a.b.c.d/n into the IPv4 prefix that it is.
func unmapped(p netip.Prefix) netip.Prefix {
	if p.Addr().Is4In6() && p.Bits() >= 96 {
		return netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96).Masked()
	}
	return p.Masked()
}

// ByName returns the entry of a name: that of the party that comes first in
// the contract's order, and of its entries the most specific. Domains match on
// label boundaries: notdji.com is not dji.com.
func (b *Book) ByName(name string) (Entry, bool) {
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	best, found := b.hosts[name]
	for suffix := name; suffix != ""; {
		if e, ok := b.domains[suffix]; ok && (!found || order[e.Party] < order[best.Party]) {
			best, found = e, true
		}
		_, suffix, _ = strings.Cut(suffix, ".")
	}
	return best, found
}

// ByAddr returns the entry of an address: as ByName, that of the party that
// comes first, and of its prefixes the longest.
func (b *Book) ByAddr(addr netip.Addr) (best Entry, found bool) {
	addr = addr.Unmap().WithZone("")
	if !addr.IsValid() {
		return Entry{}, false
	}
	for _, e := range b.prefix.Supernets(netip.PrefixFrom(addr, addr.BitLen())) {
		if !found || order[e.Party] < order[best.Party] {
			best, found = e, true
		}
	}
	return best, found
}

// Registrable returns the registrable domain of a name (public suffix and one
// label more), empty where it has none.
func Registrable(name string) string {
	d, err := publicsuffix.EffectiveTLDPlusOne(strings.ToLower(strings.TrimSuffix(name, ".")))
	if err != nil {
		return ""
	}
	return d
}

// CleanDomain returns a domain as lists hold it: lower case, no final dot,
// international names in their ASCII form (RFC 5891).
func CleanDomain(s string) (string, error) {
	if strings.Contains(s, "*") {
		return "", errors.New("a domain covers all below it; leave the * out")
	}
	if !utf8.ValidString(s) { // idna would make a name of its own of it
		return "", errors.New("no valid domain name")
	}
	ascii, err := idna.Lookup.ToASCII(strings.TrimSuffix(strings.TrimSpace(s), "."))
	if err != nil {
		return "", errors.New("no valid domain name")
	}
	if ascii == "" || len(ascii) > 253 || strings.Contains("."+ascii+".", "..") {
		return "", errors.New("no valid domain name")
	}
	if _, err := netip.ParseAddr(ascii); err == nil {
		return "", errors.New("an address; write it as prefix")
	}
	return ascii, nil
}
