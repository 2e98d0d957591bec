package drift

import (
	"net/netip"
	"strings"

	"github.com/spanrig/spanrig/rig/party"
)

// unreadable stands for every name that cannot be read.
const unreadable = "(unreadable name)"

// domainOf is the registrable domain of a name, or the name itself where it
// has none; empty for an address. Reverse names are one domain: they are
// addresses, and these rotate.
func domainOf(name string) string {
	name = strings.TrimPrefix(name, "*.")
	if _, err := netip.ParseAddr(name); err == nil {
		return ""
	}
	for _, zone := range [...]string{"in-addr.arpa", "ip6.arpa"} {
		if name == zone || strings.HasSuffix(name, "."+zone) {
			return zone
		}
	}
	if d := party.Registrable(name); d != "" {
		return d
	}
	return name
}

// family is what a host name has in common with its shards: below the
// registrable domain, numbers and dashes beside them are left out, and labels
// that look like a digest are one. "s27.cdn.example" and "s1.cdn.example" are
// "s.cdn.example".
func family(host string) string {
	domain := domainOf(host)
	sub, below := strings.CutSuffix(host, "."+domain)
	if !below {
		return host
	}
	labels := strings.Split(sub, ".")
	for i, l := range labels {
		if isDigest(l) {
			labels[i] = "#"
			continue
		}
		labels[i] = strings.Trim(strings.ReplaceAll(withoutDigits(l), "--", "-"), "-")
	}
	return strings.Join(labels, ".") + "." + domain
}

func withoutDigits(label string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return -1
		}
		return r
	}, label)
}

// isDigest reports labels of eight or more hexadecimal digits, letters and
// numbers mixed.
func isDigest(label string) bool {
	return len(label) >= 8 && strings.Trim(label, "0123456789abcdef") == "" && strings.ContainsAny(label, "0123456789") && strings.ContainsAny(label, "abcdef")
}
