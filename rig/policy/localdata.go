package policy

import (
	"fmt"

	"github.com/spanrig/spanrig/captures"
	"github.com/spanrig/spanrig/captures/flow"
	"github.com/spanrig/spanrig/captures/packet"
	"github.com/spanrig/spanrig/rig/party"
)

// judgeFirstParty is LDM-1: no contact with the first party, whatever the
// protocol, port or IP version.
func judgeFirstParty(v *view, s *span) outcome {
	var list []finding
	for _, c := range v.fresh(s) {
		switch {
		case c.who.party == party.First:
			list = append(list, contactFinding(&c, Fail, "flow~ to first-party endpoints"))
		case c.who.ambiguous != "":
			f := contactFinding(&c, Inconclusive, "flow~ to endpoints that may be the first party's")
			f.endpoint += ", " + c.who.ambiguous
			list = append(list, f)
		}
	}
	o := weigh(list, s, v.first, "no contact with a first-party endpoint")
	if o.result == Fail && s.standing == Pass {
		o.because += "; the screen says local data mode (MODE-1 passes) and the wire does not (LDM-1 fails)"
	}
	return o
}

// judgeBeyond is LDM-2: no contact beyond the LAN that the system baseline
// does not explain.
func judgeBeyond(v *view, s *span) outcome {
	var list []finding
	for _, c := range v.fresh(s) {
		if !v.beyond(c.deviceFlow) {
			continue
		}
		switch p := c.who.party; {
		case c.who.ambiguous != "":
			list = append(list, contactFinding(&c, Fail, "flow~ beyond the LAN to endpoints of an ambiguous party"))
		case p == party.Control, p == party.System:
		case p == party.Unknown && v.apps(c.deviceFlow):
			list = append(list, contactFinding(&c, Fail, "flow~ of the app beyond the LAN to endpoints without a name"))
		case p == party.Unknown:
			list = append(list, contactFinding(&c, Inconclusive, "flow~ beyond the LAN to endpoints without a name"))
		default:
			list = append(list, contactFinding(&c, Fail, fmt.Sprintf("flow~ beyond the LAN to %s endpoints", partyText(p))))
		}
	}
	return v.onLAN(weigh(list, s, v.first, "no contact beyond the LAN outside the system baseline"))
}

// onLAN makes an outcome say what was taken for the LAN.
func (v *view) onLAN(o outcome) outcome {
	o.because += " (" + v.lan.source + ")"
	return o
}

func partyText(p party.Party) string {
	switch p {
	case party.First, party.Third:
		return string(p) + "-party"
	}
	return string(p)
}

// openFlow is a connection of the device, over its idle splits.
type openFlow struct {
	*deviceFlow // the part that is named in evidence: the last one before or in the span
	parts       []*deviceFlow
}

// connections puts the parts of each connection that began before the span together.
func (v *view) connections(s *span) []openFlow {
	var list []openFlow
	index := map[captures.FrameID]int{}
	for i := range v.flows {
		f := &v.flows[i]
		if f.begun() >= s.from || f.Start >= s.to {
			continue
		}
		n, ok := index[f.root.ID]
		if !ok {
			n = len(list)
			index[f.root.ID] = n
			list = append(list, openFlow{})
		}
		list[n].deviceFlow = f
		list[n].parts = append(list[n].parts, f)
	}
	return list
}

// did sums one side over the parts.
func (o *openFlow) did(v *view, d captures.Dir, from, to int64) flow.Side {
	var total flow.Side
	for _, f := range o.parts {
		side := sum(f.Flow, int(d), v.cuts, from, to)
		addSide(&total, &side)
	}
	return total
}

// closedBy reports whether a TCP connection could carry no device payload any
// more: the device sent FIN, or either end RST.
func (o *openFlow) closedBy(v *view, t int64) bool {
	own, other := o.did(v, o.side, beginning, t), o.did(v, o.side.Reverse(), beginning, t)
	return own.Fins+own.Resets+other.Resets > 0
}

// established reports whether the peer ever answered.
func (o *openFlow) established() bool { return o.State != flow.S0 && o.State != flow.RSTOS0 }

// judgeOpenFlows is LDM-4: what was open when the mode changed is silent after
// the guard.
func judgeOpenFlows(v *view, s *span) outcome {
	var list []finding
	for _, o := range v.connections(s) {
		if p := o.who.party; p == party.Control || p == party.System || !v.beyond(o.deviceFlow) {
			continue
		}
		after := o.did(v, o.side, s.settled, s.to)
		if !o.transfers() {
			after.Payloads, after.FirstPayload = after.Openings, after.FirstOpening // an ICMP request is a message of the device
		}
		switch {
		case after.Payloads == 1 && after.ClosingAlert && after.Closed:
		case after.Payloads > 0:
			list = append(list, finding{result: Fail, what: "flow~ from before the mode change with payload of the device after the guard",
				endpoint: endpointText(o.deviceFlow), at: after.FirstPayload.Time, names: o.who.names, addr: o.peer.Addr, flow: o.ID, frames: after.Frames})
		case o.Proto == packet.TCP && o.established() && !o.closedBy(v, s.to):
			list = append(list, finding{result: Inconclusive, what: "flow~ from before the mode change still open and silent at the window's end",
				endpoint: endpointText(o.deviceFlow), names: o.who.names, addr: o.peer.Addr, flow: o.ID, frames: []captures.FrameID{o.ID, o.Last}})
		}
	}
	return weigh(list, s, v.first, "no flow from before the mode change carried payload of the device after the guard")
}

// disturbed are the events through which LDM-5 wants the others to hold.
var disturbed = []string{"reboot", "restart", "relaunch", "link", "unlink", "relink", "plug", "unplug", "replug"}

// judgeThrough is LDM-5, from the verdicts on LDM-1 to LDM-4 in the same window.
func judgeThrough(s *span, others []Verdict) outcome {
	if !under(s, disturbed...) {
		return unlooked("no window under reboot, app restart, link, unlink, plug or unplug")
	}
	worst, because := Pass, ""
	for _, v := range others {
		if weight[v.Result] > weight[worst] {
			worst, because = v.Result, fmt.Sprintf("%s does not hold under %s: %s", v.Claim, s.Stimulus, v.Because)
		}
	}
	if worst == Pass {
		because = "LDM-1 to LDM-4 hold under " + s.Stimulus
	}
	return outcome{result: worst, because: because, derived: others}
}
