package policy

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/spanrig/spanrig/rig/locate"
	"github.com/spanrig/spanrig/rig/party"
)

// site is one first-party endpoint of a window.
type site struct {
	*deviceFlow // the first flow to it
	where       locate.Location
}

// places lists the first-party endpoints that have a frame in the window, by address.
func (v *view) places(s *span) []site {
	var list []site
	seen := map[netip.Addr]bool{}
	for i := range v.flows {
		f := &v.flows[i]
		if f.who.party != party.First || seen[f.peer.Addr] || !v.present(f, s) {
			continue
		}
		seen[f.peer.Addr] = true
		list = append(list, site{f, v.o.Geo.Locate(f.peer.Addr)})
	}
	slices.SortStableFunc(list, func(a, b site) int { return a.peer.Addr.Compare(b.peer.Addr) })
	return list
}

// unplaced is the outcome without a database: where the window has no
// first-party flow, nobody missed it.
func (v *view) unplaced(s *span, reason string) outcome {
	for i := range v.flows {
		if f := &v.flows[i]; f.who.party == party.First && v.present(f, s) {
			return unlooked(reason)
		}
	}
	return none(reason)
}

// judgeCountry is GEO-1: first-party endpoints are in the allowed countries.
func judgeCountry(v *view, s *span) outcome {
	if v.o.Geo == nil || !v.o.Geo.HasCountries() {
		return v.unplaced(s, "no database of countries (give --geo or --ranges)")
	}
	places := v.places(s)
	if len(places) == 0 {
		return none("no first-party flow")
	}
	var list []finding
	for _, p := range places {
		if r, what, remark := v.country(&p); r != Pass {
			list = append(list, v.flowFinding(p.deviceFlow, s, r, what, remark))
		}
	}
	return weigh(list, s, v.first, fmt.Sprintf("%s in %s", count(len(places), "first-party endpoint~"), strings.Join(v.policy.Countries, ", ")))
}

// country judges where one endpoint is.
func (v *view) country(p *site) (r Result, what, remark string) {
	allowed := v.allowsCountry(p.where.Country)
	strong := p.where.StrongCountry()
	switch {
	case p.where.Anycast || v.anycast(p.peer.Addr):
		return Inconclusive, "endpoint~ behind an anycast address, which is in many places", p.where.Country
	case p.where.Strength == locate.Contradicting && strong != "" && !v.allowsCountry(strong):
		return Fail, v.outsideCountries(), strong + ", though " + contradiction(&p.where)
	case p.where.Strength == locate.Contradicting:
		return Inconclusive, "endpoint~ whose country the sources contradict", contradiction(&p.where)
	case p.where.Country == "":
		return Inconclusive, "endpoint~ whose country no source knows", ""
	case p.where.Strength == locate.Strong, v.nearEnough(p):
		if allowed {
			return Pass, "", ""
		}
		return Fail, v.outsideCountries(), p.where.Country
	}
	return Inconclusive, "endpoint~ whose country only one database says", p.where.Country
}

func (v *view) allowsCountry(country string) bool {
	return slices.ContainsFunc(v.policy.Countries, func(c string) bool { return strings.EqualFold(c, country) })
}

func (v *view) outsideCountries() string {
	return "endpoint~ outside the allowed countries (" + strings.Join(v.policy.Countries, ", ") + ")"
}

func contradiction(w *locate.Location) string {
	texts := make([]string, 0, len(w.Countries))
	for _, c := range w.Countries {
		texts = append(texts, c.Source+" says "+c.Country)
	}
	return strings.Join(texts, ", ")
}

func (v *view) anycast(a netip.Addr) bool {
	return slices.ContainsFunc(v.policy.Anycast, func(p netip.Prefix) bool { return p.Contains(a) })
}

// nearEnough reports whether the handshake's round trip, seen from the
// recording's vantage, supports the country that one database says.
func (v *view) nearEnough(p *site) bool {
	rtt := time.Duration(0)
	for i := range v.flows {
		if f := &v.flows[i]; f.peer.Addr == p.peer.Addr && f.RTT > 0 && (rtt == 0 || f.RTT < rtt) {
			rtt = f.RTT
		}
	}
	vantage := v.rec.Inventory.Vantage
	return rtt > 0 && vantage != "" && locate.Supports(p.where.Country, vantage, rtt)
}

// judgeOperator is GEO-2: first-party endpoints are run by allowed operators.
func judgeOperator(v *view, s *span) outcome {
	if v.o.Geo == nil || !v.o.Geo.HasOperators() {
		return v.unplaced(s, "no database of operators (give --asn or --ranges)")
	}
	places := v.places(s)
	if len(places) == 0 {
		return none("no first-party flow")
	}
	var list []finding
	for _, p := range places {
		switch {
		case v.allowsOperator(&p.where):
		case p.where.ASN == 0 && p.where.Operator == "":
			list = append(list, v.flowFinding(p.deviceFlow, s, Inconclusive, "endpoint~ whose operator no source knows", ""))
		default:
			list = append(list, v.flowFinding(p.deviceFlow, s, Fail, "endpoint~ run by operators that are not allowed", operatorText(&p.where)))
		}
	}
	return weigh(list, s, v.first, count(len(places), "first-party endpoint~")+" run by allowed operators")
}

func (v *view) allowsOperator(w *locate.Location) bool {
	if w.ASN != 0 && slices.Contains(v.policy.ASNs, w.ASN) {
		return true
	}
	name := strings.ToLower(w.Operator)
	return name != "" && slices.ContainsFunc(v.policy.Operators, func(o string) bool { return strings.Contains(name, strings.ToLower(o)) })
}

func operatorText(w *locate.Location) string {
	if w.ASN == 0 {
		return w.Operator
	}
	return fmt.Sprintf("%s (AS%d)", cmp.Or(w.Operator, "unnamed"), w.ASN)
}
