package drift

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/spanrig/spanrig/captures/dissect"
	"github.com/spanrig/spanrig/captures/fact"
	"github.com/spanrig/spanrig/rig/policy"
)

// aspect is one kind of value that a contact shows.
type aspect struct {
	what string
	of   func(s *sighting) []value
	// fresh: a destination that is new itself shows something new where the
	// other recording has the value nowhere. Else only those count that both have.
	fresh bool
	// looked: where the other recording has no value at all, nobody looked it up.
	looked bool
}

// value is a value by the key that tells it from others, with its text.
type value struct{ key, text string }

var aspects = []aspect{
	{what: Service, of: servicesOf, fresh: true},
	{what: Operator, of: operatorOf, fresh: true, looked: true},
	{what: Country, of: countryOf, fresh: true, looked: true},
	{what: Host, of: hostOf},
	{what: Version, of: versionOf, fresh: true},
	{what: Fingerprint, of: fingerprintOf, fresh: true},
}

func servicesOf(s *sighting) []value {
	list := make([]value, len(s.services))
	for i, id := range s.services {
		list[i] = value{id, id}
	}
	return list
}

func operatorOf(s *sighting) []value { return one(s.operator, operatorText(&s.flow.Where)) }
func countryOf(s *sighting) []value  { return one(s.flow.Where.Country, s.flow.Where.Country) }

func hostOf(s *sighting) []value {
	host := s.choices[0].host
	if host == "" || host == s.place.domain {
		return one(host, host)
	}
	return one(family(host), host)
}

func fingerprintOf(s *sighting) []value {
	switch app := &s.flow.App; {
	case app.QUIC != nil:
		return one(app.QUIC.JA4, app.QUIC.JA4)
	case app.TLS != nil:
		return one(app.TLS.JA4, app.TLS.JA4)
	}
	return nil
}

func one(key, text string) []value {
	if key == "" {
		return nil
	}
	return []value{{key, text}}
}

func versionOf(s *sighting) []value {
	text := versionText(s.flow)
	return one(text, text)
}

// versionText says what carries the payload of a flow; empty where there is
// none, or where the beginning of the flow is not in it.
func versionText(f *policy.SurveyFlow) string {
	switch app := &f.App; {
	case f.Form == fact.NoPayload, f.Continues != 0:
		return ""
	case app.QUIC != nil:
		return "QUIC " + dissect.QUICVersionName(app.QUIC.Version)
	case app.TLS != nil && app.TLS.Version != 0:
		return tlsText(dissect.VersionName(app.TLS.Version))
	case app.TLS != nil:
		return "" // no answer, or no hello
	case f.Form == fact.Cleartext:
		return string(app.Protocol) + " in the clear"
	case app.Protocol != "":
		return string(app.Protocol)
	}
	return "unknown protocol"
}

func tlsText(version string) string {
	if rest, ok := strings.CutPrefix(version, "dtls"); ok {
		return "DTLS " + rest
	}
	if strings.HasPrefix(version, "ssl") {
		return strings.ToUpper(version)
	}
	return "TLS " + version
}

// held are the values of one mode: key, then name of the destination, then text.
type held map[string]map[string]string

// hold collects the values that the contacts of a mode show, and the names of
// all destinations there.
func (s *side) hold(a *aspect, mode string) (values held, names map[string]bool) {
	values, names = held{}, map[string]bool{}
	for i := range s.seen {
		one := &s.seen[i]
		if one.mode != mode || one.flow == nil || !one.contact {
			continue
		}
		name := one.name()
		names[name] = true
		for _, v := range a.of(one) {
			if values[v.key] == nil {
				values[v.key] = map[string]string{}
			}
			if have, known := values[v.key][name]; !known || v.text < have {
				values[v.key][name] = v.text
			}
		}
	}
	return values, names
}

// at lists the destinations that have some value.
func (h held) at() map[string]bool {
	names := map[string]bool{}
	for _, of := range h {
		for name := range of {
			names[name] = true
		}
	}
	return names
}

// changes lists the values that are new or gone, mode by mode.
func (c *comparison) changes() []Change {
	list := []Change{}
	for _, mode := range c.common() {
		for i := range aspects {
			a := &aspects[i]
			was, before := c.old().hold(a, mode)
			is, now := c.new().hold(a, mode)
			list = append(list, a.compare(New, mode, is, was, before)...)
			list = append(list, a.compare(Gone, mode, was, is, now)...)
		}
	}
	return list
}

// compare lists the values of one recording that the other lacks. known are
// the destinations of the other.
func (a *aspect) compare(change, mode string, have, other held, known map[string]bool) []Change {
	var list []Change
	looked := other.at()
	if a.looked && len(looked) == 0 {
		return nil
	}
	for _, key := range slices.Sorted(maps.Keys(have)) {
		row := Change{What: a.what, Change: change, Mode: mode, Known: len(other[key]) > 0}
		for _, name := range slices.Sorted(maps.Keys(have[key])) {
			_, both := other[key][name]
			switch {
			case both, a.looked && known[name] && !looked[name]:
				continue
			case !known[name] && (!a.fresh || row.Known):
				continue
			}
			row.At = append(row.At, name)
			row.Value = cmp.Or(row.Value, have[key][name])
		}
		if len(row.At) > 0 {
			list = append(list, row)
		}
	}
	return list
}
