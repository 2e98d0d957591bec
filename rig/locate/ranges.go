package locate

import (
	"bytes"
	"net/netip"
	"slices"
	"strings"

	"github.com/gaissmai/bart"
)

// Ranges is one range file: who runs a prefix and where.
type Ranges struct {
	name      string
	table     bart.Table[place]
	built     string
	countries bool // at least one prefix has one
	operators bool
}

// place is what a range file says of a prefix.
type place struct {
	countries []string // more than one where the file contradicts itself
	region    string
	operator  string
	anycast   bool
}

// ParseRanges reads a range file. Its format is told from its content:
//   - JSON of AWS (ip-ranges.json), Google (cloud.json, goog.json), Azure
//     (ServiceTags_*.json), Fastly (public-ip-list) or Cloudflare (client/v4/ips);
//   - CSV that begins with the header "prefix,country,operator", or the first two of these;
//   - a geofeed of RFC 8805: "prefix,country,region,city,postal code"; a line of
//     three fields whose third is no region (ISO 3166-2) names the operator there;
//   - a bare list of prefixes, one a line: an anycast network. A comment
//     "# operator: NAME" says whose.
//
// Regions of clouds are turned into countries by tables (regions.go); one
// that it does not have leaves the country unknown. An error starts with
// ":LINE: " or ": " so that it can follow a path.
func ParseRanges(name string, data []byte) (*Ranges, error) {
	r := &Ranges{name: name}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	parse := r.parseLines
	if trimmed := bytes.TrimLeft(data, " \t\r\n"); len(trimmed) > 0 && trimmed[0] == '{' {
		parse = r.parseJSON
	}
	if err := parse(data); err != nil {
		return nil, err
	}
	return r, nil
}

// add notes a prefix. What is said of the same prefix twice is joined: clouds
// list one for each service that uses it.
func (r *Ranges) add(prefix netip.Prefix, p place) {
	p.countries = slices.DeleteFunc(p.countries, func(c string) bool { return c == "" })
	r.countries = r.countries || len(p.countries) > 0
	r.operators = r.operators || p.operator != ""
	r.table.Modify(unmapped(prefix), func(old place, known bool) (place, bool) {
		if known {
			p = old.join(p)
		}
		return p, false
	})
}

func (p place) join(q place) place {
	for _, c := range q.countries {
		if !slices.Contains(p.countries, c) {
			p.countries = append(p.countries, c)
		}
	}
	if p.region == "" {
		p.region = q.region
	}
	if p.operator == "" {
		p.operator = q.operator
	}
	p.anycast = p.anycast || q.anycast
	return p
}

// locate adds what the file says of addr. The longest prefix decides; what it
// leaves open the next longer one fills in, unless it is anycast: then the
// region around it says nothing.
func (r *Ranges) locate(addr netip.Addr, l *Location) {
	var found place
	for _, p := range r.table.Supernets(netip.PrefixFrom(addr, addr.BitLen())) {
		if len(found.countries) == 0 && !found.anycast {
			found.countries, found.anycast = p.countries, p.anycast
			if found.region == "" {
				found.region = p.region
			}
		}
		if found.operator == "" {
			found.operator = p.operator
		}
	}
	for _, c := range found.countries {
		l.say(r.name, Range, c)
	}
	if l.Region == "" {
		l.Region = found.region
	}
	if l.Operator == "" {
		l.Operator = found.operator
	}
	l.Anycast = l.Anycast || found.anycast
}

// unmapped turns ::ffff:a.b.c.d/n into the IPv4 prefix that it is.
func unmapped(p netip.Prefix) netip.Prefix {
	if p.Addr().Is4In6() && p.Bits() >= 96 {
		p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
	}
	return p.Masked()
}

// parsePrefix reads a prefix or a single address.
func parsePrefix(s string) (netip.Prefix, error) {
	if strings.Contains(s, "/") {
		return netip.ParsePrefix(s)
	}
	a, err := netip.ParseAddr(s)
	if err != nil {
		return netip.Prefix{}, err
	}
	return netip.PrefixFrom(a.WithZone(""), a.BitLen()), nil
}

// countryCode returns an ISO 3166-1 alpha-2 code in upper case, empty where s
// is none. ZZ is "do not say" of RFC 8805; EU and AP stand in old databases
// for "somewhere there".
func countryCode(s string) string {
	s = strings.ToUpper(strings.TrimSpace(s))
	if !isCode(s) || s == "ZZ" || s == "EU" || s == "AP" {
		return ""
	}
	return s
}

// isCode reports whether s has the form of a country code.
func isCode(s string) bool {
	return len(s) == 2 && s[0] >= 'A' && s[0] <= 'Z' && s[1] >= 'A' && s[1] <= 'Z'
}
