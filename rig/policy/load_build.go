package policy

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spanrig/spanrig/rig/party"
)

// builder makes a Policy from files and notes what is wrong with them.
type builder struct {
	policy   *Policy
	sums     []byte
	file     string
	findings []Finding
	seen     map[string]bool // what must not stand twice
	named    []text          // service ids that entries name, with their places
	files    []string        // of named
}

func newBuilder() *builder {
	return &builder{policy: &Policy{}, seen: map[string]bool{}}
}

func (b *builder) fault(at text, format string, args ...any) {
	b.findings = append(b.findings, Finding{b.file, max(at.line, 1), max(at.col, 1), fmt.Sprintf(format, args...)})
}

// once notes a value that must not stand twice, and reports whether it is the first.
func (b *builder) once(what string, at text) bool {
	key := what + " " + at.value
	if b.seen[key] {
		b.fault(at, "%s %q stands twice; leave one out", what, at.value)
		return false
	}
	b.seen[key] = true
	return true
}

// need reports a value that is missing; near is something of the same entry
// that has a place.
func (b *builder) need(key string, value, near text) bool {
	if value.value == "" {
		b.fault(near, "%s is missing; add %s:", key, key)
		return false
	}
	return true
}

func (b *builder) add(file string, f *policyFile, depth int) {
	b.file = file
	p := b.policy
	if f.Schema != 1 {
		b.fault(text{}, "schema: %d is not known; this program reads schema: 1", f.Schema)
	}
	if depth == 0 || p.Name == "" {
		b.need("name", f.Name, text{})
		p.Name, p.Title = f.Name.value, f.Title.value
	}
	b.addClaims(f)
	for _, s := range f.Services {
		if b.need("id", s.ID, s.Title) && b.once("service", s.ID) {
			b.sure(s.Sure, s.ID)
			p.Services = append(p.Services, Service{s.ID.value, s.Title.value, s.Source.value, s.Sure.value})
		}
	}
	for _, list := range []struct {
		party   party.Party
		entries []entryFile
	}{
		{party.First, f.Parties.First}, {party.Provider, f.Parties.Provider}, {party.Operator, f.Parties.Operator},
		{party.System, f.Parties.System}, {party.Third, f.Parties.Third},
	} {
		for i := range list.entries {
			p.Parties = b.addEntry(p.Parties, list.party, &list.entries[i])
		}
	}
	for i := range f.Resolvers {
		p.Resolvers = b.addEntry(p.Resolvers, party.Third, &f.Resolvers[i])
	}
	b.addExceptions(f)
	b.addGeo(f)
	b.addSecrets(f)
	b.addWaivers(f)
}

func (b *builder) addClaims(f *policyFile) {
	for _, c := range f.Claims {
		if !b.need("id", c.ID, c.Title) || !b.once("claim", c.ID) {
			continue
		}
		if !claimKnown(c.ID.value) {
			b.fault(c.ID, "claim %q is not known; known are %s", c.ID.value, strings.Join(knownClaims(), ", "))
			continue
		}
		b.need("title", c.Title, c.ID)
		b.policy.Claims = append(b.policy.Claims, Claim{c.ID.value, c.Title.value, c.Quote.value, c.Source.value})
	}
}

func claimKnown(id string) bool { return slices.Contains(knownClaims(), id) }

var sureWords = []string{"high", "medium", "low"}

func (b *builder) sure(at, near text) {
	if at.value != "" && !slices.Contains(sureWords, at.value) {
		b.fault(at, "sure: %q; say high, medium or low", at.value)
	} else if at.value == "" {
		b.need("sure", at, near)
	}
}

// addEntry appends one endpoint of a list.
func (b *builder) addEntry(list []party.Entry, whose party.Party, e *entryFile) []party.Entry {
	kinds := 0
	key := e.Source
	for _, t := range []text{e.Domain, e.Host, e.Prefix} {
		if t.value != "" {
			kinds++
			key = t
		}
	}
	if kinds != 1 {
		b.fault(key, "an entry has exactly one of domain, host and prefix; this one has %d", kinds)
		return list
	}
	out := party.Entry{Party: whose, Owner: e.Owner.value, Source: e.Source.value, Sure: e.Sure.value, Line: key.line}
	if whose != party.Operator { // a lab knows its own endpoints
		b.need("source", e.Source, key)
		b.sure(e.Sure, key)
	}
	for _, s := range e.Services {
		b.named, b.files = append(b.named, s), append(b.files, b.file)
		out.Services = append(out.Services, s.value)
	}
	switch {
	case e.Prefix.value != "":
		prefix, err := parsePrefix(e.Prefix.value)
		if err != nil {
			b.fault(e.Prefix, "prefix %q is neither an address nor a prefix such as 203.0.113.0/24", e.Prefix.value)
			return list
		}
		out.Prefix = prefix
	default:
		name, err := party.CleanDomain(key.value)
		if err != nil {
			b.fault(key, "%q is not a domain name: %v", key.value, err)
			return list
		}
		if out.Domain = name; e.Host.value != "" {
			out.Domain = "=" + name
		}
	}
	if !b.once("entry", key) {
		return list
	}
	return append(list, out)
}

func parsePrefix(s string) (netip.Prefix, error) {
	if addr, err := netip.ParseAddr(s); err == nil {
		return netip.PrefixFrom(addr.Unmap(), addr.Unmap().BitLen()), nil
	}
	p, err := netip.ParsePrefix(s)
	return p.Masked(), err
}

func (b *builder) addExceptions(f *policyFile) {
	e := &b.policy.Exceptions
	e.DNS = e.DNS || f.Exceptions.DNS
	e.NTP = e.NTP || f.Exceptions.NTP
	for _, h := range f.Exceptions.HTTP {
		if b.need("method", h.Method, h.Host) && b.need("host", h.Host, h.Method) && b.need("path", h.Path, h.Host) {
			e.HTTP = append(e.HTTP, HTTPException{h.Method.value, h.Host.value, h.Path.value, h.Source.value, h.Sure.value})
		}
	}
}

var country = regexp.MustCompile(`^[A-Z]{2}$`)

func (b *builder) addGeo(f *policyFile) {
	p := b.policy
	for _, c := range f.Geo.Countries {
		if !country.MatchString(c.value) {
			b.fault(c, "country %q: say two capital letters such as US (ISO 3166-1)", c.value)
			continue
		}
		p.Countries = append(p.Countries, c.value)
	}
	for _, o := range f.Geo.Operators {
		p.Operators = append(p.Operators, o.value)
	}
	for _, a := range f.Geo.ASNs {
		n, err := strconv.ParseUint(strings.TrimPrefix(a.value, "AS"), 10, 32)
		if err != nil {
			b.fault(a, "asn %q: say a number such as 16509", a.value)
			continue
		}
		p.ASNs = append(p.ASNs, uint32(n))
	}
	for _, a := range f.Geo.Anycast {
		prefix, err := parsePrefix(a.value)
		if err != nil {
			b.fault(a, "anycast %q is not a prefix such as 203.0.113.0/24", a.value)
			continue
		}
		p.Anycast = append(p.Anycast, prefix)
	}
}

func (b *builder) addSecrets(f *policyFile) {
	for _, s := range f.Secrets {
		if !b.need("id", s.ID, s.Pattern) || !b.need("pattern", s.Pattern, s.ID) || !b.once("secret", s.ID) {
			continue
		}
		re, err := regexp.Compile(s.Pattern.value)
		if err != nil {
			b.fault(s.Pattern, "pattern: %v (RE2 syntax)", err)
			continue
		}
		b.policy.Secrets = append(b.policy.Secrets, Pattern{s.ID.value, s.What.value, re})
	}
}

func (b *builder) addWaivers(f *policyFile) {
	for _, w := range f.Waivers {
		ok := b.need("claim", w.Claim, w.Endpoint)
		for _, part := range []struct {
			key   string
			value text
		}{{"endpoint", w.Endpoint}, {"reason", w.Reason}, {"owner", w.Owner}, {"expires", w.Expires}} {
			ok = b.need(part.key, part.value, w.Claim) && ok
		}
		if !ok {
			continue
		}
		if !claimKnown(w.Claim.value) {
			b.fault(w.Claim, "claim %q is not known; known are %s", w.Claim.value, strings.Join(knownClaims(), ", "))
			continue
		}
		expires, err := time.Parse(time.DateOnly, w.Expires.value)
		if err != nil {
			b.fault(w.Expires, "expires: %q; say a day such as 2027-01-31", w.Expires.value)
			continue
		}
		b.policy.Waivers = append(b.policy.Waivers, Waiver{
			w.Claim.value, strings.ToLower(w.Endpoint.value), w.Reason.value, w.Owner.value, expires})
	}
}

// finish checks what only all files together can tell.
func (b *builder) finish() {
	known := map[string]bool{}
	for _, s := range b.policy.Services {
		known[s.ID] = true
	}
	for i, s := range b.named {
		if !known[s.value] {
			b.file = b.files[i]
			b.fault(s, "service %q is not in services; add it there or mend the name", s.value)
		}
	}
	if _, err := party.NewBook(b.policy.Parties); err != nil && len(b.findings) == 0 {
		b.fault(text{}, "%v", err)
	}
}
