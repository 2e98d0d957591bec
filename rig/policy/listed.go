package policy

import (
	"cmp"
	"net"
	"slices"
	"time"

	"github.com/spanrig/spanrig/captures"
	"github.com/spanrig/spanrig/captures/flow"
	"github.com/spanrig/spanrig/rig/party"
)

// windows words the spans with their fitness.
func (v *view) windows() []WindowFit {
	list := make([]WindowFit, len(v.spans))
	for i := range v.spans {
		s := &v.spans[i]
		from, to := s.from, s.to
		if s.asserted {
			from, to = v.first, v.set.Summary.Last
		}
		list[i] = WindowFit{Name: s.Name, Mode: s.Mode, From: timeText(from), To: timeText(to), Fit: s.unmet() == "", Fitness: s.fitness}
		if s.fitness == nil {
			list[i].Fitness = []Check{}
		}
	}
	return list
}

func timeText(ns int64) string { return time.Unix(0, ns).UTC().Format(time.RFC3339Nano) }

func (v *view) databases() []FileRef {
	list := []FileRef{}
	if v.o.Geo == nil {
		return list
	}
	for _, f := range v.o.Geo.Files() {
		list = append(list, FileRef(f))
	}
	return list
}

// notes are what a reader must know beside the verdicts.
func (v *view) notes() []string {
	notes := []string{v.lan.source}
	if v.device.note != "" {
		notes = append(notes, v.device.note)
	}
	if v.rec.Bare && v.o.Mode == "" {
		notes = append(notes, "no mode given: the capture is one window of mode standard, and only claims of every mode are judged")
	}
	if j := v.rec.Journal; j != nil && !j.Ended {
		notes = append(notes, "the journal has no end: the rig was interrupted, what it covers is judged")
	}
	notes = append(notes, v.expiredNotes()...)
	return append(notes, "a SPAN port does not see the radio link to the aircraft nor the aircraft's own cellular modem: nothing here speaks of them")
}

// mostListed bounds what is listed; the last entry then counts the rest.
const mostListed = 500

// listed is the traffic that decides nothing but is not hidden, window by
// window, then that of other hosts.
func (v *view) listed() []Listed {
	var list []Listed
	for i := range v.spans {
		if s := &v.spans[i]; s.restricts() {
			list = append(list, v.listedIn(s)...)
		}
	}
	list = append(list, v.others()...)
	if more := len(list) - mostListed; more > 0 {
		list = append(list[:mostListed:mostListed], Listed{What: "further entries left out", Count: uint64(more)})
	}
	return list
}

// listedIn lists what the device sent in a window and no claim counts.
func (v *view) listedIn(s *span) []Listed {
	type kind struct{ what, endpoint string }
	index := map[kind]int{}
	var list []Listed
	for i := range v.flows {
		f := &v.flows[i]
		did := sum(f.Flow, int(f.side), v.cuts, s.from, s.to)
		what := v.remark(f, s, &did)
		if did.Packets == 0 || what == "" {
			continue
		}
		key := kind{what, endpointText(f)}
		k, known := index[key]
		if !known {
			k = len(list)
			index[key] = k
			c := v.cite(f.ID, did.Frames)[0]
			list = append(list, Listed{Window: s.Name, What: what, Endpoint: key.endpoint, Party: string(f.who.party),
				Flow: f.ID.Number(), File: v.fileOf(f.ID), FramesFile: c.file, Frames: c.frames})
		}
		list[k].Count += did.Packets
	}
	slices.SortStableFunc(list, func(a, b Listed) int { return cmp.Or(cmp.Compare(a.What, b.What), cmp.Compare(a.Flow, b.Flow)) })
	return list
}

// remark says what traffic is that no claim counts; empty for what is judged
// and for the LAN, where nothing was promised.
func (v *view) remark(f *deviceFlow, s *span, did *flow.Side) string {
	switch p := f.who.party; {
	case p == party.Control:
		return "control of the rig"
	case !v.beyond(f):
		return ""
	case p == party.System && f.who.byPolicy:
		return "system noise by the policy's list"
	case p == party.System:
		return "system noise by the baseline"
	case did.Openings == 0 && (did.Payloads == 0 || !f.transfers()):
		return "no contact: acknowledgements, closings, keepalives or answers"
	case f.begun() < s.from && s.to > s.settled && sum(f.Flow, int(f.side), v.cuts, s.settled, s.to).Payloads == 0:
		return "flow from before the mode change, silent after the guard"
	}
	return ""
}

// others lists the stations whose flows are not the device's.
func (v *view) others() []Listed {
	index := map[string]int{}
	var list []Listed
	for i := range v.set.Facts {
		f := &v.set.Facts[i]
		if _, own := v.device.side(f); own {
			continue
		}
		name := f.Orig.Addr.String()
		if m := f.MAC[captures.Orig]; m != (captures.MAC{}) {
			name = net.HardwareAddr(m[:]).String()
		}
		k, ok := index[name]
		if !ok {
			k = len(list)
			index[name] = k
			list = append(list, Listed{What: "flows opened by another host", Endpoint: name})
		}
		list[k].Count++
	}
	slices.SortStableFunc(list, func(a, b Listed) int { return cmp.Compare(a.Endpoint, b.Endpoint) })
	return list
}
