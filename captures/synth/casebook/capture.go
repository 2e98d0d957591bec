package casebook

import (
	"time"

	"github.com/spanrig/spanrig/captures/synth"
)

// control breaks the control of slot k of the LDM window.
func control(k int, fault synth.ControlFault) func(*synth.Recording) {
	return around(func(w *synth.Window) { w.Control(k, fault) })
}

const (
	ldmWithoutControl = `ldm/idle inconclusive CAP-1 absence`
	allDropped        = `* inconclusive CAP-2 absence`
	allUplinks        = `* inconclusive CAP-3 absence`
)

func capture() []Case {
	return append(controls(), losses()...)
}

// controls: CAP-1.
func controls() []Case {
	return []Case{
		{Name: "cap1-no-start", About: "no control in the first slot", Script: control(0, synth.Skipped), Want: ldmWithoutControl},
		{Name: "cap1-no-end", About: "none in the last ten seconds", Want: ldmWithoutControl,
			Script: around(func(w *synth.Window) { w.Control(-1, synth.Skipped); w.Control(-2, synth.Skipped) })},
		{Name: "cap1-slot-missing", About: "one slot in the middle has no try", Script: control(3, synth.Skipped), Want: ldmWithoutControl},
		{Name: "cap1-unanswered", About: "three tries of one slot get no answer", Script: control(3, synth.Unanswered), Want: ldmWithoutControl},
		{Name: "cap1-second-try", About: "harmless: a control is answered on the second try", Script: control(3, synth.SecondTry)},
		{Name: "cap1-answer-unseen", About: "the device got an answer that the capture lacks, once", Script: control(3, synth.AnswerUnseen), Want: ldmWithoutControl},
		{Name: "cap1-ask-unseen", About: "the capture lacks the request", Script: control(3, synth.AskUnseen), Want: ldmWithoutControl},
		{Name: "cap1-unseen", About: "the capture lacks both", Script: control(3, synth.BothUnseen), Want: ldmWithoutControl},
		{Name: "cap1-rig-unseen", About: "the rig saw an answer that the capture lacks", Want: ldmWithoutControl,
			Script: around(func(w *synth.Window) { byRig(w); w.Control(3, synth.AnswerUnseen) })},
		{Name: "cap1-none", About: "no control in the whole window", Want: ldmWithoutControl,
			Script: around(func(w *synth.Window) { w.Uncontrol = true })},
		{Name: "cap1-standard-only", About: "a slot of the standard window is missing: the LDM window does not care", Want: "standard/idle inconclusive CAP-1 absence",
			Script: func(r *synth.Recording) {
				r.Standard(func(w *synth.Window) { w.Control(2, synth.Skipped) }).LDM().Standard()
			}},
		{Name: "cap1-one-way", About: "the mirror shows what leaves the device and nothing that comes back",
			Want: "* inconclusive CAP-1 CTRL-1 absence", Script: func(r *synth.Recording) { r.OneWay().Standard().LDM().Standard() }},
		{Name: "cap1-unfit-fail", About: "presence needs no fitness: a contact fails even where controls are missing",
			Want: "ldm/idle inconclusive CAP-1 absence\nldm/idle fail LDM-1 LDM-2 LDM-3",
			Script: around(func(w *synth.Window) {
				w.Control(3, synth.Skipped)
				w.At(30*s).TLS(synth.FirstName, synth.FirstAddr).Close()
			})},
		{Name: "cap1-journal-silent", About: "the journal holds no control lines", Want: "* inconclusive CAP-1 absence\nldm/idle fail LDM-2 LDM-3",
			Script: func(r *synth.Recording) { r.Standard().LDM().Standard().Forget("control") }},
	}
}

// losses: CAP-2 and CAP-3.
func losses() []Case {
	return []Case{
		{Name: "cap2-dropped", About: "the kernel dropped frames", Want: allDropped, Script: func(r *synth.Recording) { r.Standard().LDM().Standard().Drop(3) }},
		{Name: "cap2-frozen", About: "the ring froze", Want: allDropped, Script: func(r *synth.Recording) { r.Standard().LDM().Standard().Freeze(1) }},
		{Name: "cap2-interface-drops", About: "the capture's own statistics count drops", Want: allDropped,
			Script: func(r *synth.Recording) { r.Standard().LDM().Standard().DropAtInterface(2) }},
		{Name: "cap2-truncated", About: "the file ends inside a block", Want: allDropped,
			Script: func(r *synth.Recording) { r.Standard().LDM().Standard().Truncate(11) }},
		{Name: "cap2-no-stats", About: "no drop counts in the journal: the claim that needs them is inconclusive", Want: allDropped,
			Script: func(r *synth.Recording) { r.Standard().LDM().Standard().Forget("stats") }},
		{Name: "cap2-no-journal", About: "no journal at all: only what the traffic shows is judged, and no mode was read", Want: "* inconclusive CAP-1 CAP-2 CAP-3 MODE-1 APP-1 absence",
			Script: func(r *synth.Recording) { r.Standard().LDM().Standard().WithoutJournal() }},
		{Name: "cap2-head-cut", About: "the snap length cut a ClientHello", Want: "ldm/idle inconclusive CAP-2 absence",
			Script: around(func(w *synth.Window) {
				w.At(30*s).Resolve(synth.ProbeHost, "192.0.2.80").Connect("192.0.2.80", 443).HandshakeCut(synth.Hello{SNI: synth.ProbeHost}, 60).Close()
			})},
		{Name: "cap2-snaplen", About: "all frames are cut after 96 bytes: heads of HTTP and TLS and answers of DNS are not whole", Want: "* inconclusive CAP-2 CTRL-1 absence",
			Script: func(r *synth.Recording) { r.Snaplen(96).Standard().LDM().Standard() }},
		{Name: "cap2-body-cut", About: "harmless: encrypted data behind the handshake is cut",
			Script: around(func(w *synth.Window) {
				w.At(30*s).TLS(synth.ProbeHost, "192.0.2.80").Data(100).DataCut(600, 20).Close()
			})},
		{Name: "cap2-gaps", About: "more than one acknowledged byte range in a thousand was never seen", Want: allDropped,
			Script: func(r *synth.Recording) { r.Standard(lossy(150, 40)).LDM(lossy(150, 40)).Standard(lossy(150, 40)) }},
		{Name: "cap2-few-acks", About: "harmless: a gap where fewer than 100 ACKs were seen",
			Script: func(r *synth.Recording) { r.Standard().LDM(lossy(4, 3)).Standard() }},
		{Name: "cap2-no-gaps", About: "harmless: many ACKs and no gap", Script: func(r *synth.Recording) { r.Standard().LDM(lossy(150, 0)).Standard() }},
		{Name: "cap2-interrupted", About: "the recorder died twenty seconds before the end: no routes at the end, no end line",
			Want: "* inconclusive CAP-3 absence\nstandard/after inconclusive CAP-1 CAP-2 MODE-1",
			Script: func(r *synth.Recording) {
				r.Standard().LDM().Standard(func(w *synth.Window) { w.Name = "standard/after" }).Interrupt(20 * time.Second)
			}},
		{Name: "cap2-torn-journal", About: "harmless: the recorder died while it wrote its last line; all windows were over",
			Script: func(r *synth.Recording) { r.Standard().LDM().Standard().TearLine() }},
		{Name: "cap3-cellular", About: "at the end the device has a second default route", Want: allUplinks,
			Script: func(r *synth.Recording) { r.Standard().LDM().Standard().CellularAtEnd() }},
		{Name: "cap3-unread", About: "the routes were never read", Want: allUplinks, Script: func(r *synth.Recording) { r.Standard().LDM().Standard().Forget("routes") }},
		{Name: "cap3-dummy", About: "harmless: lo and dummy have default routes", Script: func(r *synth.Recording) { r.DummyRoutes().Standard().LDM().Standard() }},
	}
}

// lossy exchanges n records with a system service over TLS; every lost-th one
// is missing from the capture.
func lossy(n, lost int) func(*synth.Window) {
	return func(w *synth.Window) {
		w.At(30*s).TLS(synth.ProbeHost, "192.0.2.80").Bulk(n, lost).Close()
	}
}
