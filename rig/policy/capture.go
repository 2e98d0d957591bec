package policy

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spanrig/spanrig/captures"
	"github.com/spanrig/spanrig/captures/dissect"
	"github.com/spanrig/spanrig/captures/fact"
)

// slot is one control: up to three tries.
type slot struct {
	at    int64 // of its first try
	tries int
	seen  bool // out and back
}

const mostTries = 3

// judgeControls is CAP-1: controls prove that the sensor saw, at the start, at
// the end and in between.
func judgeControls(v *view, s *span) outcome {
	if v.rec.Bare {
		return unproven("a bare capture has no controls")
	}
	slots, lies := v.slots(s)
	if len(slots) == 0 {
		return unproven("no control in the journal")
	}
	faults := lies
	times := make([]int64, 0, len(slots))
	for _, one := range slots {
		if one.seen {
			times = append(times, one.at)
		} else {
			faults = append(faults, fmt.Sprintf("the slot at %s has no answer in the capture", secondsText(s.since(one.at, 0))))
		}
	}
	total := len(times)
	for _, a := range absences(s, times) {
		faults = append(faults, a.text)
		total += a.slots
	}
	saw := fmt.Sprintf("%d of %d slots", len(times), max(total, len(slots)))
	if len(faults) > 0 {
		return unproven(saw + ": " + some(faults))
	}
	return proven(saw)
}

// slots groups the tries of a window and looks them up in the capture. Lies
// are answers that the capture should have and lacks.
func (v *view) slots(s *span) (slots []slot, lies []string) {
	last := mostTries
	for i := range s.controls {
		try := &s.controls[i]
		saw := v.controls.see(try)
		if try.Try <= last || len(slots) == 0 {
			slots = append(slots, slot{at: try.Time})
		}
		last = try.Try
		one := &slots[len(slots)-1]
		one.tries++
		if one.tries == 1 && saw.at != 0 {
			one.at = saw.at
		}
		both := saw.out && saw.back
		if both && !v.own(saw.flow) {
			lies = append(lies, fmt.Sprintf("the control at %s is between %s %v and %s %v, neither of which is known as the device", secondsText(s.since(try.Time, 0)),
				macText(saw.flow.MAC[captures.Orig]), saw.flow.Orig.Addr, macText(saw.flow.MAC[captures.Resp]), saw.flow.Resp.Addr))
			continue
		}
		one.seen = one.seen || both && one.tries <= mostTries
		if try.Answered && !both {
			lies = append(lies, fmt.Sprintf("the %s reports an answer at %s that the capture lacks", witness(try.By), secondsText(s.since(try.Time, 0))))
		}
	}
	return slots, lies
}

// own reports whether a flow is the device's.
func (v *view) own(f *fact.Fact) bool {
	_, own := v.device.side(f)
	return own
}

func witness(by string) string {
	if by == "rig" {
		return "rig"
	}
	return "device"
}

// absence is a stretch of the window without a control.
type absence struct {
	text  string
	slots int // that should have been in it
}

// absences finds where controls are too far apart. Times are of the slots that
// were seen. A control may be late by half a period: the rig waits for answers.
func absences(s *span, times []int64) []absence {
	every := int64(s.ControlEvery)
	slack := every / 2
	if len(times) == 0 {
		return nil // every slot is missing, and said so
	}
	var list []absence
	if times[0] > s.from+slack {
		list = append(list, absence{"no control at the start", periods(times[0]-s.from, every)})
	}
	for i := 1; i < len(times); i++ {
		if gap := times[i] - times[i-1]; gap > every+slack {
			text := fmt.Sprintf("no control for %s after %s", secondsText(time.Duration(gap)), secondsText(s.since(times[i-1], 0)))
			list = append(list, absence{text, periods(gap, every) - 1})
		}
	}
	if last := times[len(times)-1]; last < s.to-slack {
		list = append(list, absence{"no control at the end", periods(s.to-last, every)})
	}
	return list
}

// periods is how many periods d is long, rounded.
func periods(d, every int64) int { return int((d + every/2) / every) }

// some joins the first few of a list.
func some(list []string) string {
	if more := len(list) - mostTold; more > 0 {
		list = append(slices.Clone(list[:mostTold]), fmt.Sprintf("and %d more", more))
	}
	return strings.Join(list, ", ")
}

const (
	fewestACKs = 100  // where fewer were seen, a gap estimate says nothing
	gapShare   = 1000 // one gap in so many acknowledgements is tolerated: 0.1 %
)

// judgeFile is CAP-2: nothing was lost between the wire and the file.
func judgeFile(v *view, s *span) outcome {
	faults := v.fileFaults(s)
	if !v.rec.Bare {
		faults = append(faults, v.statsFaults(s)...)
	}
	if len(faults) > 0 {
		return unproven(some(faults))
	}
	return proven(fmt.Sprintf("file whole, no drops, %d gaps in %d acknowledgements", v.set.Summary.Gaps, v.set.Summary.ACKs))
}

// fileFaults is what the file itself shows.
func (v *view) fileFaults(s *span) []string {
	var faults []string
	sum := &v.set.Summary
	if sum.Fault != nil {
		faults = append(faults, fmt.Sprintf("the file is damaged: %s at byte %d", sum.Fault.What, sum.Fault.Offset))
	}
	for _, i := range sum.Source.Interfaces {
		if i.Reported && i.Dropped > 0 {
			faults = append(faults, fmt.Sprintf("the file reports %d frames dropped on %s", i.Dropped, orUnnamed(i.Name)))
		}
	}
	cut, first := 0, ""
	for i := range v.flows {
		if f := &v.flows[i]; f.HeadCut && (v.present(f, s) || names(f) && f.Start < s.to) {
			if cut++; cut == 1 {
				first = endpointText(f)
			}
		}
	}
	if cut > 0 {
		faults = append(faults, fmt.Sprintf("%s by the snap length inside a head that is judged, first to %s", count(cut, "flow~ cut"), first))
	}
	if sum.ACKs >= fewestACKs && sum.Gaps*gapShare > sum.ACKs {
		faults = append(faults, fmt.Sprintf("%d of %d TCP acknowledgements are for bytes that the capture lacks", sum.Gaps, sum.ACKs))
	}
	return faults
}

// names reports whether a flow names the endpoints of later ones, in every
// window. A question cut before its name is known by its port alone.
func names(f *deviceFlow) bool {
	return f.App.Protocol == dissect.DNSProtocol || f.App.Protocol == "" && f.Resp.Port == 53
}

func orUnnamed(name string) string {
	if name == "" {
		return "an unnamed interface"
	}
	return name
}

// statsFaults is what the journal says of the capture.
func (v *view) statsFaults(s *span) []string {
	j := v.rec.Journal
	if j == nil {
		return []string{"there is no journal"}
	}
	var faults []string
	var dropped, freezes uint64
	covered := false
	for _, st := range j.Stats {
		dropped, freezes = max(dropped, st.Dropped), max(freezes, st.Freezes)
		covered = covered || st.Time > s.from
	}
	if dropped > 0 {
		faults = append(faults, fmt.Sprintf("the kernel dropped %s", count(int(min(dropped, 1<<31-1)), "frame~")))
	}
	if freezes > 0 {
		faults = append(faults, fmt.Sprintf("the capture ring froze %s", count(int(min(freezes, 1<<31-1)), "time~")))
	}
	faults = append(faults, linkFaults(j, s)...)
	for _, c := range j.ClockSteps {
		faults = append(faults, fmt.Sprintf("the host's clock was set by %+.1f s while it recorded: frames and readings cannot be told apart", c.By))
	}
	if !covered {
		faults = append(faults, "no statistics of the capture in the journal")
	}
	if !j.Ended && j.Last() < s.to {
		faults = append(faults, "the rig was interrupted: the journal has no end and its last line is before the window's end")
	}
	return faults
}

// judgeRoutes is CAP-3: the device has no way out that the SPAN port misses.
func judgeRoutes(v *view, s *span) outcome {
	if v.rec.Bare || v.rec.Journal == nil {
		return unproven("the device's routes were not read")
	}
	list := v.rec.Journal.Routes
	for _, r := range list {
		if r.Captured == "" {
			return unproven("a reading of the device's routes does not say which interface is captured")
		}
		for _, i := range r.Interfaces {
			if (i.Default4 || i.Default6) && i.Name != r.Captured && !inert(i.Name) {
				return unproven(fmt.Sprintf("interface %s has a default route beside %s", i.Name, r.Captured))
			}
		}
	}
	first, last := v.spans[0], v.spans[len(v.spans)-1]
	switch {
	case len(list) == 0 || list[0].Time >= first.to:
		return unproven("the device's routes were not read at the start of the recording")
	case len(list) == 1 || list[len(list)-1].Time < last.from:
		return unproven("the device's routes were not read at the end of the recording")
	}
	return proven("only " + list[0].Captured + " has a default route, at start and end")
}

// inert interfaces lead nowhere.
func inert(name string) bool { return name == "lo" || strings.HasPrefix(name, "dummy") }
