package policy

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spanrig/spanrig/captures"
	"github.com/spanrig/spanrig/captures/fact"
	"github.com/spanrig/spanrig/captures/flow"
)

// finding is one thing that a rule saw.
type finding struct {
	result   Result     // fail or inconclusive
	what     string     // "first-party endpoints": findings of one kind are told together
	endpoint string     // for the sentence
	at       int64      // ns; 0 where it has no moment
	names    [][]string // alternatives, for waivers
	addr     netip.Addr
	flow     captures.FrameID
	frames   []captures.FrameID
}

// outcome is what a rule says of one window.
type outcome struct {
	result   Result // empty: the claim is not judged here, and because is the reason
	kind     Kind   // of the reason
	because  string
	findings []finding
	derived  []Verdict // LDM-5: what it stands on
	silent   bool      // pass says that something is not there: it needs a fit capture
}

// none is the outcome of a claim without a subject in the window.
func none(reason string) outcome { return outcome{because: reason, kind: NoSubject} }

// unlooked is the outcome of a claim that the window or the caller gives no
// means to judge.
func unlooked(reason string) outcome { return outcome{because: reason, kind: NoMeans} }

// clean is a pass by absence, to be held against the fitness of the window.
func clean(because string) outcome { return outcome{result: Pass, because: because, silent: true} }

// proven is a pass that needs no further proof.
func proven(because string) outcome { return outcome{result: Pass, because: because} }

// unproven is inconclusive for want of proof.
func unproven(because string) outcome { return outcome{result: Inconclusive, because: because} }

// weigh is the outcome of findings: the worst holds; without any, pass says absent.
func weigh(list []finding, s *span, origin int64, absent string) outcome {
	if len(list) == 0 {
		return clean(absent)
	}
	slices.SortStableFunc(list, func(a, b finding) int {
		return cmp.Or(weight[b.result]-weight[a.result], cmp.Compare(a.what, b.what), cmp.Compare(a.flow, b.flow), cmp.Compare(a.at, b.at))
	})
	return outcome{result: list[0].result, because: tell(list, s, origin), findings: list}
}

// weight orders results as they decide the whole.
var weight = map[Result]int{Pass: 1, Inconclusive: 2, Errored: 3, Fail: 4}

// Weight orders results as they decide the whole: fail over error over
// inconclusive over pass, and each over no result at all.
func (r Result) Weight() int { return weight[r] }

// tell words findings, kind by kind: "2 flows to first-party endpoints: A at
// 1.2 s, B at 3.4 s; 1 flow ...".
func tell(list []finding, s *span, origin int64) string {
	var parts []string
	for len(list) > 0 {
		n := 1
		for n < len(list) && list[n].what == list[0].what && list[n].result == list[0].result {
			n++
		}
		parts = append(parts, tellKind(list[:n], s, origin))
		list = list[n:]
	}
	return strings.Join(parts, "; ")
}

// mostTold is how many endpoints of a kind a sentence names.
const mostTold = 4

func tellKind(list []finding, s *span, origin int64) string {
	var names []string
	var places []finding
	for _, f := range list {
		if !slices.Contains(names, f.endpoint) {
			names = append(names, f.endpoint)
			places = append(places, f)
		}
	}
	texts := make([]string, 0, mostTold)
	for _, f := range places[:min(len(places), mostTold)] {
		text := f.endpoint
		if f.at != 0 {
			text += " at " + secondsText(s.since(f.at, origin))
		}
		texts = append(texts, text)
	}
	if more := len(places) - len(texts); more > 0 {
		texts = append(texts, fmt.Sprintf("and %d more", more))
	}
	return count(len(list), list[0].what) + ": " + strings.Join(texts, ", ")
}

// count prefixes a kind with a number. A kind is written in the singular with
// its first noun marked: "flow~ to a first-party endpoint".
func count(n int, kind string) string {
	noun, rest, _ := strings.Cut(kind, "~")
	switch {
	case n == 1:
	case strings.HasSuffix(noun, "query"):
		noun = strings.TrimSuffix(noun, "y") + "ies"
	default:
		noun += "s"
	}
	return strconv.Itoa(n) + " " + noun + rest
}

func secondsText(d time.Duration) string {
	return strconv.FormatFloat(d.Seconds(), 'f', 1, 64) + " s"
}

// endpointText names the peer of a flow: "name (addr:port, protocol)".
func endpointText(f *deviceFlow) string {
	proto := string(f.App.Protocol)
	if proto == "" {
		proto = fact.ProtoName(f.Proto)
	}
	where := f.peer.Addr.String()
	if f.peer.Port != 0 {
		where = netip.AddrPortFrom(f.peer.Addr, f.peer.Port).String()
	}
	if len(f.who.names) == 0 {
		return fmt.Sprintf("%s (%s)", where, proto)
	}
	return fmt.Sprintf("%s (%s, %s)", f.name(), where, proto)
}

// contactFinding words a contact.
func contactFinding(c *contact, r Result, what string) finding {
	return finding{result: r, what: what, endpoint: endpointText(c.deviceFlow), at: c.at(), names: c.who.names,
		addr: c.peer.Addr, flow: c.ID, frames: c.did.Frames}
}

// flowFinding words a flow as a whole; its frames are those of the span.
func (v *view) flowFinding(f *deviceFlow, s *span, r Result, what, remark string) finding {
	orig, resp := sum(f.Flow, 0, v.cuts, s.from, s.to), sum(f.Flow, 1, v.cuts, s.from, s.to)
	frames := mergeFrames(&orig, &resp)
	if len(frames) == 0 {
		frames = []captures.FrameID{f.ID}
	}
	text := endpointText(f)
	if remark != "" {
		text += ": " + remark
	}
	return finding{result: r, what: what, endpoint: text, names: f.who.names, addr: f.peer.Addr, flow: f.ID, frames: frames}
}

func mergeFrames(a, b *flow.Side) []captures.FrameID {
	frames := slices.Concat(a.Frames, b.Frames)
	slices.Sort(frames)
	frames = slices.Compact(frames)
	return frames[:min(len(frames), flow.MaxFrames)]
}
