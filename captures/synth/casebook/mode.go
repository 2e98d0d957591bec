package casebook

import "github.com/spanrig/spanrig/captures/synth"

const ldmUnmet = `ldm/idle inconclusive absence
`

// mode: MODE-1, APP-1 and CTRL-1.
func mode() []Case {
	leak := func(w *synth.Window) { w.At(30*s).TLS(synth.FirstName, synth.FirstAddr).Close() }
	return []Case{
		{Name: "mode1-unread", About: "nobody read the mode back after entry", Want: ldmUnmet + "ldm/idle inconclusive MODE-1",
			Script: around(func(w *synth.Window) { w.Read[0] = "" })},
		{Name: "mode1-unread-end", About: "nobody read it back at the end", Want: ldmUnmet + "ldm/idle inconclusive MODE-1",
			Script: around(func(w *synth.Window) { w.Read[1] = "" })},
		{Name: "mode1-left", About: "at the end the screen says standard", Want: ldmUnmet + "ldm/idle fail MODE-1",
			Script: around(func(w *synth.Window) { w.Read[1] = "standard" })},
		{Name: "mode1-never-entered", About: "the screen says standard after the mode was set", Want: ldmUnmet + "ldm/idle error MODE-1",
			Script: around(func(w *synth.Window) { w.Read[0] = "standard" })},
		{Name: "mode1-unread-leak", About: "a contact in a window whose mode nobody read: listed, not judged", Want: ldmUnmet + "ldm/idle inconclusive MODE-1",
			Script: around(func(w *synth.Window) { w.Read[0] = ""; leak(w) })},
		{Name: "mode1-left-leak", About: "a contact in a window that left its mode", Want: ldmUnmet + "ldm/idle fail MODE-1",
			Script: around(func(w *synth.Window) { w.Read[1] = "standard"; leak(w) })},
		{Name: "mode1-operator", About: "harmless: an operator read the mode",
			Script: around(func(w *synth.Window) { w.Witness = "operator" })},
		{Name: "app1-unread", About: "the app's state was never read", Want: ldmUnmet + "ldm/idle inconclusive APP-1",
			Script: around(func(w *synth.Window) { w.Unread = true })},
		{Name: "app1-no-middle", About: "it was read at start and end alone", Want: ldmUnmet + "ldm/idle inconclusive APP-1",
			Script: around(func(w *synth.Window) { w.App[1].PID = -1 })},
		{Name: "app1-gone", About: "the app was not running in the middle", Want: ldmUnmet + "ldm/idle error APP-1",
			Script: around(func(w *synth.Window) { w.App[1].PID = 0 })},
		{Name: "app1-asleep", About: "the screen went dark in the middle", Want: ldmUnmet + "ldm/idle inconclusive APP-1",
			Script: around(func(w *synth.Window) { w.App[1].Awake = false })},
		{Name: "app1-background", About: "the app was in the background at the end", Want: ldmUnmet + "ldm/idle inconclusive APP-1",
			Script: around(func(w *synth.Window) { w.App[2].Foreground = false })},
		{Name: "app1-crashed", About: "the app has another process at the end", Want: ldmUnmet + "ldm/idle error APP-1",
			Script: around(func(w *synth.Window) { w.App[2].PID = 5151 })},
		{Name: "app1-unfit-fail", About: "a contact fails although the app was asleep", Want: ldmUnmet + "ldm/idle inconclusive APP-1\nldm/idle fail LDM-1 LDM-2 LDM-3",
			Script: around(func(w *synth.Window) { w.App[1].Awake = false; leak(w) })},
		{Name: "ctrl1-no-after", About: "no standard window after", Want: ldmUnmet + "ldm/idle inconclusive CTRL-1",
			Script: func(r *synth.Recording) { r.Standard().LDM() }},
		{Name: "ctrl1-no-before", About: "no standard window before", Want: ldmUnmet + "ldm/idle inconclusive CTRL-1",
			Script: func(r *synth.Recording) { r.LDM().Standard() }},
		{Name: "ctrl1-silent-app", About: "in the standard window after, the app says nothing", Want: ldmUnmet + "ldm/idle inconclusive CTRL-1",
			Script: func(r *synth.Recording) { r.Standard().LDM().Standard(func(w *synth.Window) { w.Silent = true }) }},
		{Name: "ctrl1-other-stimulus", About: "the standard windows had another stimulus", Want: ldmUnmet + "ldm/idle inconclusive CTRL-1",
			Script: func(r *synth.Recording) { r.Standard(stimulus("link")).LDM().Standard(stimulus("link")) }},
		{Name: "ctrl1-syn-only", About: "after, the app tried the first party and got no answer", Want: ldmUnmet + "ldm/idle inconclusive CTRL-1",
			Script: func(r *synth.Recording) {
				r.Standard().LDM().Standard(func(w *synth.Window) {
					w.Silent = true
					w.At(12*s).Resolve(synth.FirstName, synth.FirstAddr).Dial(synth.FirstAddr, 443).SYN()
				})
			}},
		{Name: "ctrl1-third-party", About: "after, the app talks to a third party only", Want: ldmUnmet + "ldm/idle inconclusive CTRL-1",
			Script: func(r *synth.Recording) {
				r.Standard().LDM().Standard(func(w *synth.Window) {
					w.Silent = true
					w.At(12*s).TLS("tracker.example", "203.0.113.20").Close()
				})
			}},
	}
}

// stimulus names what happens in a window.
func stimulus(name string) func(*synth.Window) {
	return func(w *synth.Window) { w.Stimulus = name }
}
