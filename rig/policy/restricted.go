package policy

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spanrig/spanrig/captures/packet"
	"github.com/spanrig/spanrig/rig"
	"github.com/spanrig/spanrig/rig/party"
)

// outside lists the contacts of an interval that RNM judges: beyond the LAN,
// outside baseline and control.
func (v *view) outside(from, to int64) []contact {
	return slices.DeleteFunc(v.contacts(from, to), func(c contact) bool {
		return !v.beyond(c.deviceFlow) || c.who.party == party.Control || c.who.party == party.System
	})
}

// state of a service in a window: "on", "off", or empty where nobody says.
func (v *view) state(s *span, service string) string {
	switch {
	case s.Mode == rig.ModeStandard:
		return "on"
	case s.asserted && slices.Contains(v.o.Allow, service):
		return "on"
	case s.asserted:
		return "off"
	}
	return s.Services[service]
}

// judgeServices is RNM-1: every contact is for a service that is switched on.
func judgeServices(v *view, s *span) outcome {
	contacts := v.outside(s.settled, s.to)
	var list []finding
	for _, c := range contacts {
		if f, bad := v.serviceFinding(s, &c); bad {
			list = append(list, f)
		}
	}
	absent := "no contact beyond the LAN outside the system baseline"
	if len(contacts) > 0 {
		absent = count(len(contacts), "flow~") + " beyond the LAN outside the system baseline, each to services that are switched on"
	}
	return v.onLAN(weigh(list, s, v.first, absent))
}

func (v *view) serviceFinding(s *span, c *contact) (finding, bool) {
	var on, off int
	for _, id := range c.who.services {
		switch v.state(s, id) {
		case "on":
			on++
		case "off":
			off++
		}
	}
	all := len(c.who.services)
	services := strings.Join(c.who.services, ", ")
	switch {
	case c.who.ambiguous != "":
		f := contactFinding(c, Inconclusive, "flow~ to endpoints of an ambiguous party")
		f.endpoint += ", " + c.who.ambiguous
		return f, true
	case all > 0 && on == all:
		return finding{}, false
	case all > 0 && off == all:
		return contactFinding(c, Fail, "flow~ to services that are switched off ("+services+")"), true
	case all == 1:
		return contactFinding(c, Inconclusive, "flow~ to a service of which nobody says whether it is on ("+services+")"), true
	case all > 0:
		return contactFinding(c, Inconclusive, "flow~ to endpoints that several services share, of which not all are on ("+services+")"), true
	case c.who.party != party.Unknown:
		return contactFinding(c, Fail, "flow~ to "+partyText(c.who.party)+" endpoints of no service"), true
	case v.named(c.at()):
		return contactFinding(c, Fail, "flow~ to endpoints without a name, although the recording covers the Wi-Fi attach and DNS was readable"), true
	}
	return contactFinding(c, Inconclusive, "flow~ to endpoints without a name"), true
}

// named reports whether a name that led to a contact at t would have been
// seen: the device attached before in this recording, and its DNS was readable,
// the answers too.
func (v *view) named(t int64) bool {
	return len(v.asked) > 0 && len(v.answers.byAddr) > 0 && v.attached(t) && len(v.concealed(beginning, forever)) == 0
}

// routerSolicitation is the ICMPv6 type with which a station joins (RFC 4861).
const routerSolicitation = 133

// attached reports whether the device joined the network before t: it got a
// lease, or asked for routers.
func (v *view) attached(t int64) bool {
	for i := range v.set.Leases {
		if l := &v.set.Leases[i]; v.device.macs[l.MAC] && l.At.Time < t {
			return true
		}
	}
	return slices.ContainsFunc(v.flows, func(f deviceFlow) bool {
		return f.Proto == packet.ICMPv6 && f.ICMPType == routerSolicitation && f.Start < t
	})
}

// judgeSilence is RNM-2: a service that is switched off is silent under a
// stimulus that made it speak while it was on.
func judgeSilence(v *view, s *span) outcome {
	off := v.switchedOff(s)
	if len(off) == 0 {
		return unlooked("no service is switched off in a window of mode rnm")
	}
	contacts := v.outside(s.settled, s.to)
	var list []finding
	var silent []string
	for _, id := range off {
		found := v.silenceFindings(s, id, contacts)
		if len(found) == 0 && v.spoke(id, s.Stimulus) {
			silent = append(silent, id)
		}
		list = append(list, found...)
	}
	if len(list) == 0 && len(silent) == 0 {
		return unlooked("every service that is switched off is judged in a window of another stimulus")
	}
	return weigh(list, s, v.first, fmt.Sprintf("silent under stimulus %q, which made them speak while on: %s", s.Stimulus, strings.Join(silent, ", ")))
}

// switchedOff lists the services that are off in a window: as it says, else
// all of the policy that the caller did not allow.
func (v *view) switchedOff(s *span) []string {
	ids := v.policy.serviceIDs()
	if !s.asserted {
		ids = slices.Sorted(maps.Keys(s.Services))
	}
	return slices.DeleteFunc(ids, func(id string) bool { return v.state(s, id) != "off" })
}

// silenceFindings is what speaks against one service.
func (v *view) silenceFindings(s *span, id string, contacts []contact) (list []finding) {
	shared := false
	for _, c := range contacts {
		switch {
		case c.who.ambiguous != "" || !slices.Contains(c.who.services, id):
		case len(c.who.services) == 1:
			list = append(list, contactFinding(&c, Fail, "flow~ to service "+id+", which is switched off"))
		default:
			shared = true
		}
	}
	switch {
	case len(list) > 0:
		return list
	case shared:
		return []finding{{result: Inconclusive, what: "service~ with contacts only to endpoints that it shares", endpoint: id}}
	case !v.spoke(id, s.Stimulus) && !v.testedElsewhere(s, id):
		return []finding{{result: Inconclusive, what: "service~ that never spoke while on under stimulus " + fmt.Sprintf("%q", s.Stimulus), endpoint: id}}
	}
	return nil
}

// spoke reports whether a contact of the recording maps to the service alone,
// while it was on and under the stimulus.
func (v *view) spoke(id, stimulus string) bool {
	for i := range v.spans {
		s := &v.spans[i]
		if s.Stimulus != stimulus || s.failed != "" || s.Mode == rig.ModeLocalData || v.state(s, id) != "on" {
			continue
		}
		from := s.settled
		if s.Mode == rig.ModeStandard {
			from = s.from // nothing has to settle where all is on
		}
		for _, c := range v.contacts(from, s.to) {
			if c.who.ambiguous == "" && len(c.who.services) == 1 && c.who.services[0] == id {
				return true
			}
		}
	}
	return false
}

// testedElsewhere reports whether another window has the service off under a
// stimulus that made it speak.
func (v *view) testedElsewhere(s *span, id string) bool {
	for i := range v.spans {
		w := &v.spans[i]
		if w.Mode == rig.ModeRestricted && w.Name != s.Name && v.state(w, id) == "off" && v.spoke(id, w.Stimulus) {
			return true
		}
	}
	return false
}
