package casebook

import (
	"time"

	"github.com/spanrig/spanrig/captures/synth"
)

// controlPairs have a NEW that does not say, or not to its end, what in it is a
// control of the rig.
func controlPairs() []Pair {
	tracker := visit("px.tracker.example", bobAddr)
	died := func(r *synth.Recording) { r.Interrupt(100 * time.Second) } // in the local data mode
	const controls, third = "new standard,ldm control.test\n", "new standard tracker.example\n"
	unproven := "alike ldm idle no\nalike standard idle no\n" + newWindow("ldm/idle", "unproven", "APP-1", "LDM-1", "LDM-2", "LDM-3", "LDM-4")
	for _, window := range []string{"standard/idle", "ldm/idle"} {
		unproven += newWindow(window, "unproven", "CAP-1", "CAP-2", "CAP-3", "MODE-1", "TLS-1", "TLS-2")
	}
	return []Pair{
		{Name: "control-no-journal", About: "NEW lost its journal: the rig's controls are no new destination", Exit: 3, Old: usual,
			New:  func(r *synth.Recording) { r.Standard().LDM().Standard().WithoutJournal() },
			Want: "DRIFT-1 inconclusive\n" + controls + unproven},
		{Name: "control-no-journal-new", About: "and nobody can say that a third party is none of them", Exit: 3, Old: usual,
			New:  func(r *synth.Recording) { r.Standard(tracker).LDM().Standard().WithoutJournal() },
			Want: "DRIFT-1 inconclusive\n" + controls + third + unproven},
		{Name: "control-forgotten", About: "a journal without controls says no more", Exit: 3, Old: func(r *synth.Recording) { r.Standard() },
			New: func(r *synth.Recording) { r.Standard().Forget("control") },
			Want: "DRIFT-1 inconclusive\nalike standard idle no\nnew standard control.test\n" +
				newWindow("standard/idle", "unproven", "CAP-1", "TLS-1", "TLS-2")},
		{Name: "control-interrupted", About: "the rig died and the capture went on: controls that the journal does not cover are no new destination", Exit: 3, Old: usual,
			New:  func(r *synth.Recording) { usual(r); died(r) },
			Want: "DRIFT-1 inconclusive\n" + controls + unproven},
		{Name: "control-interrupted-new", About: "a third party is new where the journal covers it", Exit: 1, Old: usual,
			New:  func(r *synth.Recording) { r.Standard(tracker).LDM().Standard(); died(r) },
			Want: "DRIFT-1 fail\n" + controls + third + unproven},
		{Name: "control-interrupted-late", About: "and may be a control where it does not", Exit: 3, Old: usual,
			New:  func(r *synth.Recording) { r.Standard().LDM().Standard(tracker); died(r) },
			Want: "DRIFT-1 inconclusive\n" + controls + third + unproven},
		{Name: "control-torn", About: "a journal whose last line is torn covers all windows", Exit: 1, Old: usual,
			New:  func(r *synth.Recording) { r.Standard().LDM().Standard(tracker).TearLine() },
			Want: "DRIFT-1 fail\n" + third},
	}
}
