package world

import (
	"fmt"
	"net/netip"
	"strings"
)

// Endpoints returns the table of the simulated world, which is the same in
// every run.
func Endpoints() []Endpoint {
	var list []Endpoint
	for _, g := range groups {
		for _, r := range g.rows {
			e := Endpoint{Party: g.party, Switch: r.use, Country: g.at.country, ASN: g.at.asn, Operator: g.at.operator, Services: g.services}
			name, alias, _ := strings.Cut(r.name, " = ")
			e.Name, e.Wild = strings.CutPrefix(name, "*.")
			e.Alias = alias
			if e.Name != OnlyIPv6 {
				e.Addr4 = netip.MustParseAddr(fmt.Sprint(g.at.prefix4, r.last))
			}
			e.Addr6 = netip.MustParseAddr(fmt.Sprint(g.at.prefix6, r.last))
			list = append(list, e)
		}
	}
	return list
}
