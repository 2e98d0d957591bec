package report

import (
	"cmp"
	"slices"
	"strings"

	"github.com/spanrig/spanrig/rig/policy"
)

// Limits of one verdict's table; the rest is counted.
const (
	mostEvidence = 100
	mostOpen     = 8   // of these, rows that stand open
	mostFrames   = 250 // in a filter
	mostNumbers  = 12  // in a row
)

// verdict is a claim in one window, with the flows that decided.
type verdict struct {
	Window, Class, Word, Because, Waiver string
	Filters                              []filter
	Flows                                []cited
	Folded                               []cited // further rows of the same table
	More                                 int
	Cut                                  bool // the verdict itself names no more
	weight                               int
}

// filter is a display filter for Wireshark, for one file of the capture.
type filter struct {
	File string
	Text made
	Cut  int // frames left out
}

// cited is one flow of a verdict.
type cited struct {
	Anchor, Flow, File, At, What, Ends, Sent, Received, State, Frames string
}

func (b *builder) verdict(v *policy.Verdict, check bool) verdict {
	o := outcomes[v.Result]
	out := verdict{Window: v.Window, Class: o.class, Word: o.word, Because: v.Because, Waiver: waived(v.Waiver), weight: v.Result.Weight()}
	if check {
		out.Word = checkWord(v.Result)
	}
	shown := v.Evidence[:min(len(v.Evidence), mostEvidence)]
	for _, e := range shown {
		out.Flows = append(out.Flows, b.cited(&e, v.Claim))
	}
	if len(out.Flows) > mostOpen+2 {
		out.Flows, out.Folded = out.Flows[:mostOpen], out.Flows[mostOpen:]
	}
	out.More = len(v.Evidence) - len(shown)
	out.Cut = len(v.Evidence) >= policy.MostEvidence
	out.Filters = filters(shown, b.c.captures())
	return out
}

func (b *builder) cited(e *policy.Evidence, claim string) cited {
	k := key{e.File, e.Flow}
	c := cited{Flow: k.String(), What: e.Detail, Frames: numbers(e.Frames, mostNumbers)}
	c.File = cmp.Or(e.FramesFile, e.File)
	if b.anchors[k] == "" && e.Flow != 0 {
		b.anchors[k] = "flow-" + slug(claim) + "-" + itoa(uint64(len(b.anchors)))
		c.Anchor = b.anchors[k]
	}
	if l := b.s.cited[k]; l != nil {
		c.At = b.s.offset(l.begin())
		c.Ends = l.Proto + " " + endText(l.Orig) + " → " + endText(l.Resp)
		c.Sent, c.Received = Size(l.sent()), Size(l.received())
		c.State = l.State
		c.What = cmp.Or(c.What, l.name())
	}
	return c
}

// filters are one filter a capture file over all frames of the evidence.
func filters(list []policy.Evidence, only string) []filter {
	frames := map[string][]uint64{}
	for _, e := range list {
		file := cmp.Or(e.FramesFile, e.File, only)
		frames[file] = append(frames[file], e.Frames...)
	}
	var out []filter
	for file, n := range frames {
		slices.Sort(n)
		n = slices.Compact(n)
		if len(n) == 0 {
			continue
		}
		out = append(out, filter{file, frameFilter(n), max(len(n)-mostFrames, 0)})
	}
	slices.SortFunc(out, func(a, b filter) int { return strings.Compare(a.File, b.File) })
	return out
}

func frameFilter(frames []uint64) made {
	if len(frames) == 0 {
		return ""
	}
	return made("frame.number in {" + numbers(frames[:min(len(frames), mostFrames)], mostFrames) + "}")
}

// numbers joins at most so many numbers.
func numbers(list []uint64, most int) string {
	var b strings.Builder
	for i, n := range list {
		if i == most {
			b.WriteString(" … (" + Thousands(uint64(len(list)-most)) + " more)")
			break
		}
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(itoa(n))
	}
	return b.String()
}

// captures is the name of the recording's capture file where it has one alone.
func (c *contents) captures() string {
	if len(c.rec.Files) == 1 {
		return c.rec.Files[0]
	}
	return ""
}
