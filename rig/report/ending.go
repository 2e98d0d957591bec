package report

import (
	"fmt"
	"slices"
	"time"

	"github.com/spanrig/spanrig/rig"
)

// killed reports whether the journal has no end: the rig has not closed the
// recording, and what its windows say of their ends was only planned.
func (c *contents) killed() bool { return c.rec.Journal != nil && !c.rec.Journal.Ended }

// lastFrame is when the last frame of a flow was seen, ns; 0 without flows.
func (c *contents) lastFrame() (last int64, err error) {
	for f, err := range c.flows {
		if err != nil {
			return 0, err
		}
		last = max(last, f.End.UnixNano())
	}
	return last, nil
}

// skipped says why a window was not recorded: such a window is a moment, and
// the line of the journal that says so falls into it.
func (c *contents) skipped(name string, from, to int64) string {
	if c.rec.Journal == nil || to-from > int64(time.Second) {
		return ""
	}
	for _, k := range c.rec.Journal.Skipped {
		if k.Window == name && k.Time >= from && k.Time <= to {
			return k.Reason
		}
	}
	return ""
}

// until is when the window ended, as far as it was recorded.
func (s *survey) until(w span) int64 { return max(w.from, min(w.to, s.axis.to)) }

// cut reports whether the recording ends before the window was to end.
func (s *survey) cut(w span) bool { return w.to > s.axis.to }

// missed reports whether a window was planned and not recorded.
func (s *survey) missed(w span) bool { return w.skipped != "" || w.from > s.axis.to }

// unrecorded counts these windows.
func (s *survey) unrecorded() (n int) {
	for _, w := range s.windows {
		if s.missed(w) {
			n++
		}
	}
	return n
}

// ending is the banner of a recording that did not come to the end of its plan;
// it has no name where the recording did.
func (b *builder) ending() remark {
	j := b.c.rec.Journal
	switch at := interruption(j); {
	case j == nil:
		return remark{}
	case !j.Ended:
		return remark{Name: "Interrupted.", Text: "The journal of the rig has no end: the rig stopped, or was stopped, before it closed the recording. " + b.s.lastLine(j.Last()) +
			" What the journal covers was judged. Silence after it proves nothing."}
	case at != 0:
		return remark{Name: "Interrupted.", Text: fmt.Sprintf("The run was broken off at %s, before it had come to the end of its plan. %s", b.s.offset(at), b.s.leftOut())}
	case b.s.unrecorded() > 0:
		return remark{Name: "Not whole.", Text: b.s.leftOut()}
	}
	return remark{}
}

// interruption is when somebody ended the run, by its journal; 0: nobody did.
func interruption(j *rig.Journal) int64 {
	if j == nil {
		return 0
	}
	const word = "interrupted"
	for _, step := range j.Steps {
		if step.Step == word {
			return step.Time
		}
	}
	for _, k := range j.Skipped {
		if k.Reason == word {
			return k.Time
		}
	}
	return 0
}

// lastLine says where the journal stops, and what was going on.
func (s *survey) lastLine(at int64) string {
	if at == 0 {
		return "It has no whole line."
	}
	text := "Its last line stands at " + s.offset(at)
	for i, w := range s.windows {
		if at >= w.from && at < w.to {
			text += fmt.Sprintf(", in window %d, %s", i+1, w.name)
			if s.cut(w) {
				text += ", which was to last until " + s.offset(w.to)
			}
		}
	}
	if more := time.Duration(s.axis.to - at); more > time.Second {
		text += "; frames were recorded for " + lasting(more) + " more, with nothing of the rig beside them"
	}
	return text + "."
}

// leftOut counts the windows that were not recorded, with the reasons.
func (s *survey) leftOut() string {
	var reasons []string
	for _, w := range s.windows {
		if w.skipped != "" {
			reasons = appendNew(reasons, w.skipped, 4)
		}
	}
	n := s.unrecorded()
	if n == 0 {
		return "Each of its windows was begun."
	}
	text := plural(n, "window of the plan was not recorded|windows of the plan were not recorded")
	if len(reasons) > 0 && !slices.Equal(reasons, []string{"interrupted"}) {
		text += ": " + enumerate(reasons)
	}
	return text + "."
}

// span words when a window was.
func (s *survey) span(w span) string {
	switch {
	case w.skipped != "":
		return "not recorded: " + w.skipped
	case w.from > s.axis.to:
		return fmt.Sprintf("not begun; planned for %s to %s UTC", moment(w.from), moment(w.to))
	case s.cut(w):
		return fmt.Sprintf("%s UTC, cut off after %s; it was to last until %s", moment(w.from), lasting(time.Duration(s.until(w)-w.from)), moment(w.to))
	}
	return fmt.Sprintf("%s to %s UTC, %s", moment(w.from), moment(w.to), lasting(time.Duration(w.to-w.from)))
}
