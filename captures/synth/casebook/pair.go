package casebook

import (
	"slices"
	"strings"

	"github.com/spanrig/spanrig/captures/synth"
)

// A Pair is the recordings of two firmware releases and what must be said of
// the step from one to the other. As with a Case, all of it was derived by hand
// from the contract.
type Pair struct {
	Name     string
	About    string
	Old, New func(r *synth.Recording)
	Judge    Judge // Overlay, Ranges and Accept count
	Blind    bool  // NEW is judged without Ranges

	Exit int    // of spanrig diff
	Says string // part of its answer

	// Want lists everything that differs, a line each; what it does not list
	// must not be reported. Names of destinations have their spaces as "_".
	//
	//	DRIFT-1 RESULT                    else it passes
	//	CLAIM WINDOW CHANGE               a promise that changed
	//	new|gone MODES NAME               a destination; MODES with commas, "-" between windows
	//	new|gone MODE WHAT VALUE NAME     a value at a destination; a fingerprint is "*"
	//	moved MODE NAME DIRECTION...      payload, NAME with "@" before it for a party
	//	alike MODE STIMULUS no            windows that are not
	Want string
}

// Recordings runs both scripts. The second is of a later firmware.
func (p *Pair) Recordings() (old, new *synth.Recording) {
	old, new = synth.New(p.Name+"-old"), synth.New(p.Name+"-new")
	new.Inventory.Device.Firmware, new.Inventory.App.Version = "02.02.0100", "10.1.2.11"
	p.Old(old)
	p.New(new)
	return old, new
}

// Lines are those of Want, in order.
func (p *Pair) Lines() []string {
	var lines []string
	for line := range strings.Lines(p.Want) {
		if words := strings.Fields(line); len(words) > 0 {
			lines = append(lines, strings.Join(words, " "))
		}
	}
	slices.Sort(lines)
	return lines
}

// Pairs lists the pairs.
func Pairs() []Pair {
	return slices.Concat(samePairs(), destinationPairs(), controlPairs(), namelessPairs(), promisePairs(), waivedPairs(), reservedPairs(), valuePairs(), windowPairs())
}
