package policy

import (
	"fmt"
	"net/netip"

	"golang.org/x/net/publicsuffix"

	"github.com/spanrig/spanrig/rig/party"
	"github.com/spanrig/spanrig/rig/strict"
)

// addEntry appends one endpoint of a list; what is "entry" or "resolver".
func (b *builder) addEntry(list []party.Entry, what string, whose party.Party, e *entryFile) []party.Entry {
	key, ok := b.oneKey(e)
	if !ok {
		return list
	}
	out := party.Entry{Party: whose, Owner: e.Owner.Value, Source: e.Source.Value, Sure: e.Sure.Value, File: b.file, Line: key.Line}
	if whose != party.Operator { // a lab knows its own endpoints
		b.need("source", e.Source, key)
		b.sure(e.Sure, key)
	}
	for _, s := range e.Services {
		b.named = append(b.named, mention{b.file, s})
		out.Services = append(out.Services, s.Value)
	}
	var err error
	if e.Prefix.Value != "" {
		out.Prefix, err = parsePrefix(key.Value)
	} else {
		out.Domain, err = parseDomain(key.Value, e.Host.Value != "")
	}
	if err != nil {
		b.fault(key, "%q: %v", key.Value, err)
		return list
	}
	canonical := out.Domain
	if canonical == "" {
		canonical = out.Prefix.String()
	}
	if !b.once(what, canonical, key) {
		return list
	}
	return append(list, out)
}

// oneKey finds which of domain, host and prefix an entry has.
func (b *builder) oneKey(e *entryFile) (key strict.Text, ok bool) {
	kinds := 0
	for _, t := range []strict.Text{e.Domain, e.Host, e.Prefix} {
		if t.Value != "" {
			kinds++
			key = t
		}
	}
	if kinds == 1 {
		return key, true
	}
	near := firstPlaced(append([]strict.Text{key, e.Source, e.Owner, e.Sure}, e.Services...)...)
	b.fault(near, "an entry has exactly one of domain, host and prefix, this one has %d; mend it", kinds)
	return key, false
}

// firstPlaced is the first of several values that stands in the file.
func firstPlaced(list ...strict.Text) strict.Text {
	for _, t := range list {
		if t.Line > 0 {
			return t
		}
	}
	return strict.Text{}
}

// parseDomain returns a name as party.Entry holds it.
func parseDomain(s string, alone bool) (string, error) {
	name, err := party.CleanDomain(s)
	switch {
	case err != nil:
		return "", fmt.Errorf("%w; write a name such as www.example.com", err)
	case alone:
		return "=" + name, nil
	}
	if suffix, managed := publicsuffix.PublicSuffix(name); managed && suffix == name {
		return "", fmt.Errorf("a public suffix covers the names of everybody; write the domain below it")
	}
	return name, nil
}

// parsePrefix reads a prefix or a single address, IPv4 also in its IPv6 form.
func parsePrefix(s string) (netip.Prefix, error) {
	if addr, err := netip.ParseAddr(s); err == nil && addr.Zone() == "" {
		return netip.PrefixFrom(addr.Unmap(), addr.Unmap().BitLen()), nil
	}
	p, err := netip.ParsePrefix(s)
	if err != nil {
		return p, fmt.Errorf("neither an address nor a prefix; write one such as 203.0.113.0/24")
	}
	if p.Addr().Is4In6() && p.Bits() >= 96 {
		p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
	}
	return p.Masked(), nil
}
