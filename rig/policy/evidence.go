package policy

import (
	"strconv"
	"strings"
)

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
