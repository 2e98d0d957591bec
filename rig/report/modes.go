package report

import (
	"slices"

	"github.com/spanrig/spanrig/rig"
)

// modeWord is a mode in the words of the page.
type modeWord struct{ mode, class, title string }

// modes in their order; the last is what is outside of windows.
var modes = []modeWord{
	{rig.ModeStandard, "standard", "Standard mode"},
	{rig.ModeRestricted, "rnm", "Restricted network mode"},
	{rig.ModeLocalData, "ldm", "Local data mode"},
	{"", "between", "Between windows"},
}

const modeCount = 4

func modeOf(mode string) int {
	if i := slices.IndexFunc(modes, func(m modeWord) bool { return m.mode == mode }); i >= 0 {
		return i
	}
	return modeCount - 1
}

func modeTitle(mode string) string {
	if i := modeOf(mode); i < modeCount-1 {
		return modes[i].title
	}
	return mode
}
