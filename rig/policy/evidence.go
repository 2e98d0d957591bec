package policy

import (
	"fmt"
	"strconv"
	"strings"
)

// mostLines of evidence are put before a person.
const mostLines = 100

// Lines is evidence for people, a line each: the first hundred, and how many
// more there are.
func Lines(list []Evidence) []string {
	var lines []string
	for _, e := range list[:min(len(list), mostLines)] {
		lines = append(lines, e.String())
	}
	if more := len(list) - mostLines; more > 0 {
		lines = append(lines, fmt.Sprintf("and %d flows more", more))
	}
	return lines
}

// String names the flow and gives its frames as a display filter to paste
// into Wireshark.
func (e Evidence) String() string {
	frames := make([]string, len(e.Frames))
	for i, n := range e.Frames {
		frames[i] = strconv.FormatUint(n, 10)
	}
	s := "flow " + strconv.FormatUint(e.Flow, 10)
	if e.File != "" {
		s = e.File + " " + s
	}
	if e.FramesFile != "" {
		s += ", " + e.FramesFile
	}
	s += ": frame.number in {" + strings.Join(frames, ",") + "}"
	if e.Detail != "" {
		s += "  " + e.Detail
	}
	return s
}
