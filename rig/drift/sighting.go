package drift

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/spanrig/spanrig/captures"
	"github.com/spanrig/spanrig/captures/fact"
	"github.com/spanrig/spanrig/rig/locate"
	"github.com/spanrig/spanrig/rig/party"
	"github.com/spanrig/spanrig/rig/policy"
)

type addr = netip.Addr

// side is one recording with what its device had to do with.
type side struct {
	*Side
	seen   []sighting
	places map[string]map[place][]place // the destinations of each mode, by place without operator
	at     map[place][]*sighting        // in order
}

// sighting is one endpoint in one window.
type sighting struct {
	window   int // -1 between the windows
	mode     string
	choices  []choice // of which one is meant; the first after settle
	place    place    // after settle
	flow     *policy.SurveyFlow
	question *policy.SurveyQuestion // where flow is nil
	services []string
	party    party.Party
	operator string // key; empty where nobody knows
	contact  bool
	at       int64  // of the contact or question, ns
	sent     uint64 // payload bytes
	received uint64
	id       captures.FrameID // of the flow
	frames   []captures.FrameID
}

// choice is a name that an endpoint may have; empty where nothing names it.
type choice struct{ domain, host string }

// place is what a destination is known by.
type place struct {
	domain   string
	services string // ids, with commas
	operator string // key; empty where nobody knows
	address  string // where neither domain nor operator is known
}

// collect lists the sightings of a recording: everything beyond the LAN but
// controls and the resolver of the network.
func collect(p *policy.Policy, s *Side) *side {
	one := &side{Side: s, places: map[string]map[place][]place{}, at: map[place][]*sighting{}}
	for i := range s.Survey.Flows {
		f := &s.Survey.Flows[i]
		if !f.Beyond || f.Party == party.Control || f.Resolver {
			continue
		}
		one.flow(f, operatorKey(p, &f.Where))
	}
	for i := range s.Survey.Questions {
		q := &s.Survey.Questions[i]
		name := choice{domainOf(q.Name), q.Name}
		if !q.Legible {
			name = choice{unreadable, unreadable}
		}
		one.seen = append(one.seen, sighting{window: q.Window, mode: one.mode(q.Window), choices: []choice{name}, question: q, at: q.At,
			services: q.Services, party: q.Party, id: q.Flow, frames: []captures.FrameID{q.Frame}})
	}
	return one
}

func (s *side) mode(window int) string {
	if window < 0 {
		return ""
	}
	return s.Survey.Windows[window].Mode
}

// flow adds the sightings of a flow, one for each window and endpoint.
func (s *side) flow(f *policy.SurveyFlow, operator string) {
	endpoints := endpointsOf(f)
	outside := f.Whole.Contact
	for _, e := range f.In {
		s.exchange(f, operator, endpoints, e)
		outside = outside && !e.Contact
	}
	if outside {
		s.exchange(f, operator, endpoints, f.Whole)
	}
}

// exchange adds a flow in one window. The bytes of a flow that goes on to
// several endpoints, such as a proxy's, are counted for the first.
func (s *side) exchange(f *policy.SurveyFlow, operator string, endpoints [][]choice, e policy.Exchange) {
	for i, choices := range endpoints {
		one := sighting{window: e.Window, mode: s.mode(e.Window), choices: slices.Clone(choices), flow: f, services: f.Services, party: f.Party,
			operator: operator, contact: e.Contact, at: e.At, id: f.ID, frames: e.Frames}
		if i == 0 {
			one.sent, one.received = e.Sent, e.Received
		}
		s.seen = append(s.seen, one)
	}
}

// endpointsOf lists the endpoints behind a flow, each with the names that it
// may have. What a flow shows itself is an endpoint each; DNS and a
// certificate name one, and leave a choice.
func endpointsOf(f *policy.SurveyFlow) [][]choice {
	var list [][]choice
	switch f.Source {
	case fact.FromDNS:
		var choices []choice
		for _, g := range f.Names {
			choices = append(choices, choice{domainOf(g[0]), g[0]})
		}
		list = append(list, choices)
	case fact.FromCert:
		var choices []choice
		for _, name := range f.Names[0] {
			choices = append(choices, choice{domainOf(name), name})
		}
		list = append(list, choices)
	default:
		for _, g := range f.Names {
			if d := domainOf(g[0]); d != "" {
				list = append(list, []choice{{d, g[0]}})
			}
		}
	}
	if len(list) == 0 {
		return [][]choice{{{}}}
	}
	return list
}

// operatorKey tells operators apart: by the policy's word for one, else by the
// number of its system, else by its name.
func operatorKey(p *policy.Policy, w *locate.Location) string {
	name := strings.ToLower(w.Operator)
	for _, word := range p.Operators {
		if name != "" && strings.Contains(name, strings.ToLower(word)) {
			return strings.ToLower(word)
		}
	}
	if w.ASN != 0 {
		return fmt.Sprintf("as%d", w.ASN)
	}
	return name
}

// operatorText names an operator for a person; empty where nobody knows.
func operatorText(w *locate.Location) string {
	switch {
	case w.ASN == 0:
		return w.Operator
	case w.Operator == "":
		return fmt.Sprintf("AS%d", w.ASN)
	}
	return fmt.Sprintf("%s (AS%d)", w.Operator, w.ASN)
}

// counts reports whether the sighting makes a destination: a contact, or a
// question to DNS.
func (s *sighting) counts() bool { return s.contact || s.flow == nil }

// name of the destination for a person.
func (s *sighting) name() string {
	switch {
	case s.place.domain != "":
		return s.place.domain
	case s.place.operator != "":
		return "unnamed, run by " + operatorText(&s.flow.Where)
	}
	return s.place.address
}

// port names what was spoken with an endpoint that nothing names: "udp/9999".
func (s *sighting) port() string {
	return fmt.Sprintf("%s/%d", fact.ProtoName(s.flow.Proto), s.flow.Peer.Port)
}

// choose puts the name first that the other recording knows as well, else the
// first by spelling: the order of answers is no difference.
func (s *sighting) choose(shared map[string]bool) {
	slices.SortStableFunc(s.choices, func(a, b choice) int {
		if shared[a.domain] != shared[b.domain] {
			if shared[a.domain] {
				return -1
			}
			return 1
		}
		return cmp.Or(strings.Compare(a.domain, b.domain), strings.Compare(a.host, b.host))
	})
}
