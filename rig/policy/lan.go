package policy

import (
	"net/netip"
	"strings"

	"github.com/spanrig/spanrig/captures/fact"
	"github.com/spanrig/spanrig/rig"
)

// lan is what belongs to the local network. It is told by address, never by
// protocol or port.
type lan struct {
	prefixes []netip.Prefix
	source   string // a clause for the verdict
}

var (
	privatePrefixes = mustPrefixes("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7") // RFC 1918, RFC 4193

	// alwaysLAN are link-local (RFC 3927, RFC 4291), limited broadcast, local
	// network control and administratively scoped multicast (RFC 5771, RFC 2365).
	alwaysLAN = mustPrefixes("169.254.0.0/16", "255.255.255.255/32", "224.0.0.0/24", "239.0.0.0/8", "fe80::/10")
)

func mustPrefixes(list ...string) []netip.Prefix {
	prefixes := make([]netip.Prefix, len(list))
	for i, s := range list {
		prefixes[i] = netip.MustParsePrefix(s)
	}
	return prefixes
}

// lanOf takes the prefixes of the bench; else those seen in DHCP and RA; else
// the private ones.
func lanOf(inv *rig.Inventory, set *fact.Set) lan {
	if len(inv.LAN) > 0 {
		return lan{inv.LAN, "LAN as the bench says: " + prefixList(inv.LAN)}
	}
	var seen []netip.Prefix
	add := func(p netip.Prefix) {
		for _, q := range seen {
			if p == q {
				return
			}
		}
		seen = append(seen, p)
	}
	for i := range set.Leases {
		mask, bits := set.Leases[i].Mask, 0
		for bits < 32 && mask[bits/8]&(0x80>>(bits%8)) != 0 {
			bits++
		}
		if bits > 0 {
			add(netip.PrefixFrom(netip.AddrFrom4(set.Leases[i].Addr), bits).Masked())
		}
	}
	for i := range set.Routers {
		for _, p := range set.Routers[i].Prefixes {
			add(p.Masked())
		}
	}
	if len(seen) > 0 {
		return lan{seen, "LAN as DHCP and router advertisements show it: " + prefixList(seen)}
	}
	return lan{privatePrefixes, "LAN assumed to be RFC 1918 and fc00::/7, for neither the bench nor DHCP nor a router says"}
}

func prefixList(list []netip.Prefix) string {
	texts := make([]string, len(list))
	for i, p := range list {
		texts[i] = p.String()
	}
	return strings.Join(texts, ", ")
}

// contains reports whether a is on the local network.
func (l *lan) contains(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	if a.IsUnspecified() {
		return true // a station that has no address yet talks on its link
	}
	if a.Is6() && a.IsMulticast() {
		return scope(a) <= organisationScope
	}
	for _, p := range alwaysLAN {
		if p.Contains(a) {
			return true
		}
	}
	for _, p := range l.prefixes {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

const organisationScope = 8

// scope of an IPv6 multicast address (RFC 4291 section 2.7).
func scope(a netip.Addr) byte {
	b := a.As16()
	return b[1] & 0x0f
}
