package policy

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spanrig/spanrig/rig/party"
	"github.com/spanrig/spanrig/rig/strict"
)

func (b *builder) addExceptions(f *policyFile) {
	e := &b.policy.Exceptions
	e.DNS = e.DNS || f.Exceptions.DNS
	e.NTP = e.NTP || f.Exceptions.NTP
	for _, h := range f.Exceptions.HTTP {
		if !b.need("method", h.Method, h.Host) || !b.need("host", h.Host, h.Method) || !b.need("path", h.Path, h.Host) {
			continue
		}
		if h.Method.Value != strings.ToUpper(h.Method.Value) {
			b.fault(h.Method, "method %q; methods are written in capitals, such as GET", h.Method.Value)
		}
		if !strings.HasPrefix(h.Path.Value, "/") {
			b.fault(h.Path, "path %q; begin it with / and write all of it, for exceptions are exact", h.Path.Value)
		}
		host, err := party.CleanDomain(h.Host.Value)
		if err != nil {
			b.fault(h.Host, "%q: %v; write a host name", h.Host.Value, err)
		}
		e.HTTP = append(e.HTTP, HTTPException{h.Method.Value, host, h.Path.Value, h.Source.Value, h.Sure.Value})
	}
}

var country = regexp.MustCompile(`^[A-Z]{2}$`)

func (b *builder) addGeo(f *policyFile) {
	p := b.policy
	for _, c := range f.Geo.Countries {
		if !country.MatchString(c.Value) {
			b.fault(c, "country %q: say two capital letters such as US (ISO 3166-1)", c.Value)
			continue
		}
		p.Countries = append(p.Countries, c.Value)
	}
	for _, o := range f.Geo.Operators {
		p.Operators = append(p.Operators, o.Value)
	}
	for _, a := range f.Geo.ASNs {
		n, err := strconv.ParseUint(strings.TrimPrefix(a.Value, "AS"), 10, 32)
		if err != nil {
			b.fault(a, "asn %q: say a number such as 16509", a.Value)
			continue
		}
		p.ASNs = append(p.ASNs, uint32(n))
	}
	for _, a := range f.Geo.Anycast {
		prefix, err := parsePrefix(a.Value)
		if err != nil {
			b.fault(a, "%q: %v", a.Value, err)
			continue
		}
		p.Anycast = append(p.Anycast, prefix)
	}
}

// secretWords are what a pattern may find; the judge finds serial numbers itself.
var secretWords = []string{"credential", "cookie", "position"}

func (b *builder) addSecrets(f *policyFile) {
	for _, s := range f.Secrets {
		if !b.need("id", s.ID, s.Pattern) || !b.need("pattern", s.Pattern, s.ID) || !b.once("secret", s.ID.Value, s.ID) {
			continue
		}
		if b.need("what", s.What, s.ID) && !slices.Contains(secretWords, s.What.Value) {
			b.fault(s.What, "what: %q; say one of %s", s.What.Value, strings.Join(secretWords, ", "))
		}
		re, err := regexp.Compile(s.Pattern.Value)
		switch {
		case err != nil:
			b.fault(s.Pattern, "pattern: %v; mend it (RE2 syntax, https://go.dev/s/re2syntax)", err)
		case re.MatchString(""):
			b.fault(s.Pattern, "pattern finds the empty text, which is everywhere; narrow it")
		default:
			b.policy.Secrets = append(b.policy.Secrets, Pattern{s.ID.Value, s.What.Value, re})
		}
	}
}

func (b *builder) addWaivers(f *policyFile) {
	for _, w := range f.Waivers {
		ok := true
		near := firstPlaced(w.Claim, w.Endpoint, w.Reason, w.Owner, w.Expires)
		for _, part := range []struct {
			key   string
			value strict.Text
		}{{"claim", w.Claim}, {"endpoint", w.Endpoint}, {"reason", w.Reason}, {"owner", w.Owner}, {"expires", w.Expires}} {
			ok = b.need(part.key, part.value, near) && ok
		}
		if !ok {
			continue
		}
		if !claimKnown(w.Claim.Value) {
			b.fault(w.Claim, "claim %q is not known; known are %s", w.Claim.Value, strings.Join(knownClaims(), ", "))
		}
		endpoint, err := parseEndpoint(w.Endpoint.Value)
		if err != nil {
			b.fault(w.Endpoint, "endpoint %q: %v", w.Endpoint.Value, err)
		}
		expires, err := time.Parse(time.DateOnly, w.Expires.Value)
		if err != nil {
			b.fault(w.Expires, "expires: %q; say a day such as 2027-01-31", w.Expires.Value)
		}
		b.policy.Waivers = append(b.policy.Waivers, Waiver{w.Claim.Value, endpoint, w.Reason.Value, w.Owner.Value, expires})
	}
}

// parseEndpoint reads what a waiver covers: a domain and all below it, "=host"
// alone, an address or a prefix.
func parseEndpoint(s string) (string, error) {
	if _, err := parsePrefix(s); err == nil {
		return s, nil
	}
	name, alone := strings.CutPrefix(s, "=")
	return parseDomain(name, alone)
}
