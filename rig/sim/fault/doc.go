// Package fault is the list of ways in which a simulated bench can misbehave,
// as data: what each turns (knobs of the device, acts on the wiring), under
// which plan it shows, and the verdicts that it must give, derived from the
// contract's section 5 before anything was run.
//
//	f, err := fault.Find("leak-tls")
//	plan, own := fault.Plan(f.Plan) // own: the text of a plan that no lab needs
//	device.Config{Knobs: f.Knobs, ...}
//	for each event e of kind device.Signaled: err = f.Acts[e.Why](wiring)
//	f.Differences(report)           // nothing, where the rig does its duty
//
// Times in the knobs are those of pace 1. Windows have to be long enough for
// them: at least 5 s of real time at pace 0.5, and in plan soak 18 s.
package fault
