package casebook

import "github.com/spanrig/spanrig/captures/synth"

const (
	trusted    = "watched by hand on an inline tap"
	unproven   = "capture inconclusive CAP-1 CAP-3 MODE-1 APP-1 CTRL-1 absence"
	inItsStead = "* none CAP-1 CAP-3 MODE-1 APP-1 CTRL-1" // what --trust-capture stands for
)

// outside: bare captures, trust, and damage that no window shows.
func outside() []Case {
	alone := func(script func(w *synth.Window)) func(r *synth.Recording) {
		return func(r *synth.Recording) { r.LDM(uncontrolled, script) }
	}
	return []Case{
		{Name: "bare-ldm-leak", About: "a capture alone can fail a claim", Judge: Judge{Bare: true, Mode: "ldm"},
			Want: unproven + "\ncapture fail LDM-1 LDM-2 LDM-3", Script: alone(first(30 * s))},
		{Name: "bare-ldm-silent", About: "but never pass one that says no", Judge: Judge{Bare: true, Mode: "ldm"}, Want: unproven, Script: alone(nothing)},
		{Name: "bare-ldm-trusted", About: "unless somebody says why the capture may be trusted", Judge: Judge{Bare: true, Mode: "ldm", Trust: trusted},
			Want: inItsStead, Script: alone(nothing)},
		{Name: "bare-ldm-trusted-leak", About: "trust hides no contact", Judge: Judge{Bare: true, Mode: "ldm", Trust: trusted},
			Want: inItsStead + "\ncapture fail LDM-1 LDM-2 LDM-3", Script: alone(first(30 * s))},
		{Name: "bare-ldm-trusted-truncated", About: "nor does it mend a truncated file", Judge: Judge{Bare: true, Mode: "ldm", Trust: trusted},
			Want: inItsStead + "\ncapture inconclusive CAP-2 absence", Script: func(r *synth.Recording) { r.LDM(uncontrolled).Truncate(11) }},
		{Name: "bare-ldm-trusted-dropped", About: "nor drops that the file counts", Judge: Judge{Bare: true, Mode: "ldm", Trust: trusted},
			Want: inItsStead + "\ncapture inconclusive CAP-2 absence", Script: func(r *synth.Recording) { r.LDM(uncontrolled).DropAtInterface(2) }},
		{Name: "bare-rnm-trusted", About: "restricted mode with maps allowed; all other services count as off and never spoke",
			Judge: Judge{Bare: true, Mode: "rnm", Allow: "maps", Trust: trusted},
			Want:  inItsStead + "\ncapture inconclusive RNM-2", Script: func(r *synth.Recording) { r.RNM(uncontrolled, useMaps) }},
		{Name: "bare-rnm-unmapped", About: "a contact that no service explains", Judge: Judge{Bare: true, Mode: "rnm", Allow: "maps", Trust: trusted},
			Want:   inItsStead + "\ncapture inconclusive RNM-2\ncapture fail RNM-1",
			Script: func(r *synth.Recording) { r.RNM(uncontrolled, third) }},
		{Name: "trusted-recording", About: "the same trust in a recording whose controls are missing", Judge: Judge{Trust: trusted},
			Want: inItsStead, Script: control(3, synth.Skipped)},
		{Name: "broken-chain", About: "a line of the journal was edited after the fact", Error: "chain",
			Script: func(r *synth.Recording) { r.Standard().LDM().Standard().BreakChain() }},
	}
}

func uncontrolled(w *synth.Window) { w.Uncontrol = true }

// third is a contact with a third party.
func third(w *synth.Window) { w.At(30*s).TLS("tracker.example", "203.0.113.20").Close() }
