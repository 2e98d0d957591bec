package policy

import (
	"net/netip"
	"slices"

	"github.com/spanrig/spanrig/captures"
	"github.com/spanrig/spanrig/captures/fact"
	"github.com/spanrig/spanrig/captures/flow"
	"github.com/spanrig/spanrig/rig"
	"github.com/spanrig/spanrig/rig/locate"
	"github.com/spanrig/spanrig/rig/party"
)

// Survey is what the device said in a recording, window by window, with whose
// each peer is: what the rules see, for what compares recordings. It holds no
// verdict.
type Survey struct {
	Windows   []SurveyWindow   // as they are judged, in the order of Report.Windows
	Flows     []SurveyFlow     // of the device, in order of first frame
	Questions []SurveyQuestion // in order

	// ControlsTo is up to when the recording tells the rig's controls from the
	// device's own contacts, ns since the Unix epoch; Uncontrolled says why not
	// after that, and is empty where it does to its end.
	ControlsTo   int64
	Uncontrolled string

	v *view
}

// SurveyWindow is a window as it is judged: from the read-back of its mode to
// the first step that leaves the mode. That of a bare capture is all of it.
type SurveyWindow struct {
	rig.Window
	From, To int64 // ns since the Unix epoch, half-open
}

// SurveyFlow is a flow of the device.
type SurveyFlow struct {
	*fact.Fact
	Side      captures.Dir  // in which the device sends
	Peer      flow.Endpoint // the other end
	Text      string        // names the peer for a person
	Party     party.Party
	Ambiguous string          // why the names may be the first party's or not; empty where they are clear
	Names     [][]string      // that decided: alternatives, each with the names of one endpoint, one that the device asked for first
	Source    fact.NameSource // of Names; empty where there are none
	Services  []string        // ids, sorted: candidates by the policy's entries
	Beyond    bool            // counts as beyond the LAN
	Resolver  bool            // DNS with a resolver that the network or the bench names
	Where     locate.Location // of the peer; the zero value on the LAN, and without a locator
	Whole     Exchange        // in the whole recording; its Window is -1
	In        []Exchange      // in each window where it has a frame, in order
}

// Exchange is what device and peer sent in an interval, in bytes of transport
// payload: retransmissions included, mirror duplicates not, none for ICMP.
type Exchange struct {
	Window         int // index in Survey.Windows
	Sent, Received uint64
	Contact        bool               // the device sent an opening packet or payload
	At             int64              // first moment of the contact, ns since the Unix epoch
	Frames         []captures.FrameID // of the contact, at most flow.MaxFrames
}

// SurveyQuestion is a DNS question of the device for a name that is not of the
// LAN nor of a control. Search domains that the network announces are stripped.
type SurveyQuestion struct {
	Name     string
	Legible  bool        // else Name is a remark in angle brackets
	Party    party.Party // first, provider, operator, system or third
	Services []string
	Window   int   // index in Survey.Windows; -1 between them
	At       int64 // ns since the Unix epoch
	Flow     captures.FrameID
	Frame    captures.FrameID
}

// Look surveys a recording. The arguments and the errors are those of Evaluate.
func Look(p *Policy, rec *rig.Recording, set *fact.Set, o Options) (*Survey, error) {
	v, err := look(p, rec, set, o)
	if err != nil {
		return nil, err
	}
	s := &Survey{v: v}
	s.ControlsTo, s.Uncontrolled = v.controlled()
	for i := range v.spans {
		w := SurveyWindow{v.spans[i].Window, v.spans[i].from, v.spans[i].to}
		if v.spans[i].asserted {
			w.From, w.To = v.first, set.Summary.Last
		}
		s.Windows = append(s.Windows, w)
	}
	places := map[netip.Addr]locate.Location{}
	for i := range v.flows {
		s.Flows = append(s.Flows, v.surveyed(&v.flows[i], places))
	}
	for i := range v.asked {
		if q, counts := v.surveyedQuestion(&v.asked[i]); counts {
			s.Questions = append(s.Questions, q)
		}
	}
	return s, nil
}

func (v *view) surveyed(f *deviceFlow, places map[netip.Addr]locate.Location) SurveyFlow {
	n := v.naming(f)
	one := SurveyFlow{Fact: f.Fact, Side: f.side, Peer: f.peer, Text: endpointText(f), Party: f.who.party, Ambiguous: f.who.ambiguous,
		Names: v.askedFirst(f.who.names), Source: n.source, Services: f.who.services, Beyond: v.beyond(f),
		Resolver: v.resolvers[f.peer.Addr] && names(f)}
	if len(one.Names) == 0 {
		one.Source = ""
	}
	if v.o.Geo != nil && one.Beyond {
		where, known := places[f.peer.Addr]
		if !known {
			where = v.o.Geo.Locate(f.peer.Addr)
			places[f.peer.Addr] = where
		}
		one.Where = where
	}
	one.Whole, _ = v.exchange(f, -1, beginning, forever)
	for i := range v.spans {
		if e, present := v.exchange(f, i, v.spans[i].from, v.spans[i].to); present {
			one.In = append(one.In, e)
		}
	}
	return one
}

// exchange sums up both sides of a flow in [from, to).
func (v *view) exchange(f *deviceFlow, window int, from, to int64) (e Exchange, present bool) {
	own, other := sum(f.Flow, int(f.side), v.cuts, from, to), sum(f.Flow, int(f.side.Reverse()), v.cuts, from, to)
	e = Exchange{Window: window, Sent: own.PayloadBytes, Received: other.PayloadBytes, Contact: own.Openings > 0 || own.Payloads > 0 && f.transfers()}
	if e.Contact {
		e.Frames, e.At = own.Frames, (&contact{f, own}).at()
	}
	return e, own.Packets+other.Packets > 0
}

// askedFirst puts the name that the device asked for before the CNAMEs that it
// got on the way.
func (v *view) askedFirst(groups [][]string) [][]string {
	list := make([][]string, len(groups))
	for i, g := range groups {
		list[i] = slices.Clone(g)
		slices.SortStableFunc(list[i], func(a, b string) int {
			switch asked := v.answers.asked; {
			case asked[a] == asked[b]:
				return 0
			case asked[a]:
				return -1
			}
			return 1
		})
	}
	return list
}

func (v *view) surveyedQuestion(q *fact.Question) (SurveyQuestion, bool) {
	name, remote := v.destined(q.Name)
	if !remote {
		return SurveyQuestion{}, false
	}
	one := SurveyQuestion{Name: name, Legible: !illegible(name), Party: v.nameParty(name), Window: -1, At: q.At.Time, Flow: q.Flow, Frame: q.At.Frame}
	if one.Party == "" {
		one.Party = party.Third
		if b := v.o.Baseline; b != nil && b.Covers(name, netip.Addr{}) {
			one.Party = party.System
		}
	}
	if e, ok := v.book.ByName(name); ok {
		one.Services = e.Services
	}
	for i := range v.spans {
		if q.At.Time >= v.spans[i].from && q.At.Time < v.spans[i].to {
			one.Window = i
		}
	}
	return one, true
}

// Subject is what a waiver may cover: an endpoint by its names or address.
type Subject struct {
	Names [][]string // alternatives
	Addr  netip.Addr // may be invalid
}

// Waiver returns the first accepted deviation of the claim that covers one of
// the subjects, where together they cover all; else nil.
func (s *Survey) Waiver(claim string, subjects []Subject) *Waiver {
	o := outcome{}
	for _, one := range subjects {
		o.findings = append(o.findings, finding{result: Fail, names: one.Names, addr: one.Addr})
	}
	return s.v.waiver(claim, o)
}

// Cite makes evidence of frames of a flow, one entry for each capture file.
func (s *Survey) Cite(id captures.FrameID, frames []captures.FrameID, detail string) []Evidence {
	var list []Evidence
	for _, c := range s.v.cite(id, frames) {
		list = append(list, Evidence{id.Number(), s.v.fileOf(id), c.file, c.frames, detail})
	}
	return list
}

// Databases are what Where comes from.
func (s *Survey) Databases() []FileRef { return s.v.databases() }
