package casebook

import (
	"time"

	"github.com/spanrig/spanrig/captures/synth"
)

// promisePairs have promises that changed.
func promisePairs() []Pair {
	leak := around(visit(synth.FirstName, synth.FirstAddr))
	unfit := around(func(w *synth.Window) { w.Control(3, synth.Skipped) })
	known := func(change string) string {
		return change + " ldm dji.com\n" + change + " ldm service flysafe dji.com\n" + change + " ldm version TLS_1.3 dji.com\n" + change + " ldm fingerprint * dji.com\n"
	}
	unproven := "alike ldm idle no\nDRIFT-1 inconclusive\nCAP-1 ldm/idle unproven\n"
	absent := func(change string, claims ...string) string {
		text := ""
		for _, claim := range claims {
			text += claim + " ldm/idle " + change + "\n"
		}
		return text
	}
	return []Pair{
		{Name: "pass-fail", About: "the first party speaks in local data mode", Exit: 1, Old: usual, New: leak, Want: known("new") + absent("worse", "LDM-1", "LDM-2", "LDM-3")},
		{Name: "fail-pass", About: "and is silent again", Old: leak, New: usual, Want: known("gone") + absent("better", "LDM-1", "LDM-2", "LDM-3")},
		{Name: "fail-fail", About: "what failed before is not worse", Old: leak, New: leak},
		{Name: "pass-inconclusive", About: "a control is missing: nobody knows whether it is worse", Exit: 3, Old: usual, New: unfit,
			Want: unproven + absent("unproven", "LDM-1", "LDM-2", "LDM-3", "LDM-4", "TLS-1", "TLS-2")},
		{Name: "inconclusive-pass", About: "and now none is missing: but what was absent then is not known", Exit: 3, Old: unfit, New: usual,
			Want: "alike ldm idle no\nDRIFT-1 inconclusive\n" + absent("better", "CAP-1", "LDM-1", "LDM-2", "LDM-3", "LDM-4", "TLS-1", "TLS-2")},
		{Name: "inconclusive-inconclusive", About: "what was never proven may be worse", Exit: 3, Old: unfit, New: unfit, Want: "alike ldm idle no\nDRIFT-1 inconclusive"},
		{Name: "fail-inconclusive", About: "a fail that is not proven any more is not worse, but what else is not proven may be", Exit: 3, Old: leak, New: unfit,
			Want: known("gone") + unproven + absent("unproven", "LDM-1", "LDM-2", "LDM-3", "LDM-4", "TLS-1", "TLS-2")},
		{Name: "inconclusive-fail", About: "a promise that was not proven and now is broken got worse", Exit: 1, Old: unfit, New: leak,
			Want: known("new") + "alike ldm idle no\nDRIFT-1 inconclusive\n" + absent("better", "CAP-1", "LDM-4", "TLS-1", "TLS-2") + absent("worse", "LDM-1", "LDM-2", "LDM-3")},
		{Name: "pass-error", About: "the app crashed: an error of the rig", Exit: 4, Old: usual,
			New:  around(func(w *synth.Window) { w.App[2].PID = 5151 }),
			Want: "alike ldm idle no\nDRIFT-1 inconclusive\nAPP-1 ldm/idle unproven\n" + absent("unproven", "LDM-1", "LDM-2", "LDM-3", "LDM-4", "TLS-1", "TLS-2")},
		{Name: "fail-error", About: "the mode was lost at the end, and is now wrong from the beginning: an error of the rig stays one", Exit: 4,
			Old:  around(func(w *synth.Window) { w.Read[1] = "standard" }),
			New:  around(func(w *synth.Window) { w.Read[0] = "standard" }),
			Want: "alike ldm idle no\nDRIFT-1 inconclusive\nMODE-1 ldm/idle unproven"},
		{Name: "newly-judged", About: "services are switched off for the first time: another situation, and a claim that was not judged", Exit: 3,
			Old:  func(r *synth.Recording) { r.Standard(maps).RNM(mapsOn, useMaps).Standard(maps) },
			New:  func(r *synth.Recording) { r.Standard(maps).RNM(mapsOn, useMaps).RNM(mapsOff).Standard(maps) },
			Want: "DRIFT-1 inconclusive\nalike rnm maps no\n" + newWindow("rnm/maps-off", "newly_judged", "CAP-1", "CAP-2", "CAP-3", "MODE-1", "APP-1", "CTRL-1", "RNM-1", "RNM-2", "TLS-1", "TLS-2")},
		{Name: "newly-judged-fail", About: "a window more, in which a promise is broken that was kept elsewhere", Exit: 1,
			Old: usual, New: func(r *synth.Recording) {
				r.Standard().LDM().Standard()
				r.LDM(func(w *synth.Window) { w.Name = "ldm/again"; visit(synth.FirstName, synth.FirstAddr)(w) }).Standard()
			},
			Want: "DRIFT-1 inconclusive\nalike ldm idle no\nalike standard idle no\n" + known("new") +
				newWindow("ldm/again", "newly_judged", "CAP-1", "CAP-2", "CAP-3", "MODE-1", "APP-1", "CTRL-1", "LDM-1", "LDM-2", "LDM-3", "LDM-4", "TLS-1", "TLS-2")},
		{Name: "newly-judged-failed-before", About: "a window more, in which a promise is broken that was broken before", Exit: 3,
			Old: leak, New: func(r *synth.Recording) {
				leak(r)
				r.LDM(func(w *synth.Window) { w.Name = "ldm/again"; visit(synth.FirstName, synth.FirstAddr)(w) }).Standard()
			},
			Want: "DRIFT-1 inconclusive\nalike ldm idle no\nalike standard idle no\n" +
				newWindow("ldm/again", "newly_judged", "CAP-1", "CAP-2", "CAP-3", "MODE-1", "APP-1", "CTRL-1", "LDM-1", "LDM-2", "LDM-3", "LDM-4", "TLS-1", "TLS-2")},
		{Name: "no-longer-judged", About: "the local data mode is not recorded any more", Exit: 3, Old: usual, New: func(r *synth.Recording) { r.Standard().Standard() },
			Want: "DRIFT-1 inconclusive\nalike ldm idle no\n" +
				newWindow("ldm/idle", "no_longer_judged", "CAP-1", "CAP-2", "CAP-3", "MODE-1", "APP-1", "CTRL-1", "LDM-1", "LDM-2", "LDM-3", "LDM-4", "TLS-1", "TLS-2")},
		{Name: "no-subject", About: "where the first party is silent its country has no subject: that is not worse", Judge: ranges("198.51.100.0/24,US,Amazon"),
			Old: func(r *synth.Recording) { r.Standard() },
			New: func(r *synth.Recording) { r.Standard(func(w *synth.Window) { w.Silent = true }) },
			Want: "GEO-1 standard/idle no_longer_judged\nGEO-2 standard/idle no_longer_judged\ngone standard dji.com\n" +
				"gone standard service flysafe dji.com\ngone standard version TLS_1.3 dji.com\ngone standard fingerprint * dji.com"},
		{Name: "no-means", About: "nobody looked where the first party is: its country may be another by now", Judge: ranges("198.51.100.0/24,US,Amazon"), Blind: true, Exit: 3,
			Old: usual, New: usual, Want: "GEO-1 standard/idle no_longer_judged\nGEO-2 standard/idle no_longer_judged\n"},
		{Name: "no-means-late", About: "though in the first window there is nothing to look at", Judge: ranges("198.51.100.0/24,US,Amazon"), Blind: true, Exit: 3,
			Old: late, New: late, Want: "GEO-1 standard/idle no_longer_judged\nGEO-2 standard/idle no_longer_judged\n"},
		{Name: "no-means-no-subject", About: "and nobody need where it is silent", Judge: ranges("198.51.100.0/24,US,Amazon"), Blind: true,
			Old: func(r *synth.Recording) { r.Standard() },
			New: func(r *synth.Recording) { r.Standard(func(w *synth.Window) { w.Silent = true }) },
			Want: "GEO-1 standard/idle no_longer_judged\nGEO-2 standard/idle no_longer_judged\ngone standard dji.com\n" +
				"gone standard service flysafe dji.com\ngone standard version TLS_1.3 dji.com\ngone standard fingerprint * dji.com"},
	}
}

// late has nothing of the first party in its first window.
func late(r *synth.Recording) {
	r.Standard(func(w *synth.Window) { w.Name, w.Silent = "standard/quiet", true }).Standard()
}

func newWindow(window, change string, claims ...string) string {
	text := ""
	for _, claim := range claims {
		text += claim + " " + window + " " + change + "\n"
	}
	return text
}

// valuePairs have the same destinations, which show something else.
func valuePairs() []Pair {
	speak := func(h synth.Hello) func(r *synth.Recording) {
		h.SNI = "api.shop.example"
		return often(func(w *synth.Window) {
			w.At(30*s).Resolve(h.SNI, aliceAddr).Hello(aliceAddr, 443, h).Close()
		})
	}
	send := func(times, bytes int) func(r *synth.Recording) {
		return often(func(w *synth.Window) {
			t := w.At(30*s).TLS("api.shop.example", aliceAddr)
			for range times {
				t.Data(bytes)
			}
			t.Close()
		})
	}
	at := func(addr string) func(r *synth.Recording) { return often(visit("api.shop.example", addr)) }
	first := func(addr string) func(r *synth.Recording) {
		return func(r *synth.Recording) {
			there := func(w *synth.Window) { w.Silent = true; w.At(6*s).TLS(synth.FirstName, addr).Wait(s).Data(900).Close() }
			r.Standard(there).LDM().Standard(there)
		}
	}
	const shop = " shop.example\n"
	const other = "new standard fingerprint *" + shop + "gone standard fingerprint *" + shop
	amazon := ranges("198.51.100.0/24,US,Amazon", "203.0.113.0/24,DE,Amazon", "192.0.2.0/24,US,Google")
	return []Pair{
		{Name: "tls-older", About: "TLS 1.2 where 1.3 was: allowed, and told", Old: speak(synth.Hello{}), New: speak(synth.Hello{Version: synth.TLS12}),
			Want: "new standard version TLS_1.2" + shop + "gone standard version TLS_1.3" + shop + other},
		{Name: "tls-broken", About: "TLS 1.0 where 1.3 was", Exit: 1, Old: speak(synth.Hello{}), New: speak(synth.Hello{Version: synth.TLS10}),
			Want: "TLS-1 standard/idle worse\nnew standard version TLS_1.0" + shop + "gone standard version TLS_1.3" + shop + other},
		{Name: "tls-fingerprint", About: "another ALPN, and nothing else", Old: speak(synth.Hello{}), New: speak(synth.Hello{ALPN: []string{"http/1.1"}}), Want: other},
		{Name: "tls-quic", About: "QUIC where TLS over TCP was", Old: at(aliceAddr),
			New:  often(func(w *synth.Window) { w.At(30*s).QUIC("api.shop.example", aliceAddr) }),
			Want: "new standard version QUIC_1" + shop + "gone standard version TLS_1.3" + shop + other},
		{Name: "tls-cleartext", About: "HTTP in the clear beside TLS", Exit: 1, Old: at(aliceAddr),
			New: often(func(w *synth.Window) {
				visit("api.shop.example", aliceAddr)(w)
				w.At(40*s).HTTP("api.shop.example", aliceAddr, synth.HTTPRequest("GET", "api.shop.example", "/v1/ping", ""), synth.HTTPResponse("200 OK", "ok"))
			}),
			Want: "TLS-1 standard/idle worse\nnew standard version http_in_the_clear" + shop},
		{Name: "country-third", About: "a third party moved to another country, with the same operator: told", Judge: amazon, Old: at(aliceAddr), New: at(bobAddr),
			Want: "new standard country DE" + shop + "gone standard country US" + shop},
		{Name: "country-first", About: "the first party did: its promise is broken", Judge: amazon, Exit: 1, Old: first(synth.FirstAddr), New: first("203.0.113.10"),
			Want: "GEO-1 standard/idle worse\nnew standard country DE dji.com\ngone standard country US dji.com"},
		{Name: "volume-ten", About: "ten times the payload", Old: send(1, 2000), New: send(10, 2000),
			Want: "moved standard shop.example sent more, received more\nmoved standard @third sent more, received more"},
		{Name: "volume-tenth", About: "a tenth of it", Old: send(10, 2000), New: send(1, 2000),
			Want: "moved standard shop.example sent less, received less\nmoved standard @third sent less, received less"},
		{Name: "volume-half-more", About: "half as much again has not moved", Old: send(10, 2000), New: send(15, 2000)},
		{Name: "volume-handshake", About: "nor has one connection more", Old: send(1, 100), New: often(func(w *synth.Window) {
			visit("api.shop.example", aliceAddr)(w)
			w.At(40*s).TLS("api.shop.example", aliceAddr).Close()
		})},
		{Name: "volume-longer", About: "a window of twice the length with twice the payload: the rate is what it was", Exit: 3,
			Old: func(r *synth.Recording) { r.Standard(bulk(30)) },
			New: func(r *synth.Recording) {
				r.Standard(func(w *synth.Window) { w.Length = 2 * time.Minute; bulk(60)(w) })
			},
			Want: "DRIFT-1 inconclusive\nalike standard idle no"},
	}
}

// plain is a policy that has no DRIFT-1.
const plain = "schema: 1\nname: plain\nextends: transport\n"

// bulk exchanges n records with a third party.
func bulk(n int) func(w *synth.Window) {
	return func(w *synth.Window) {
		t := w.At(31*s).TLS("api.shop.example", aliceAddr)
		for range n {
			t.Data(1000)
		}
		t.Close()
	}
}

// windowPairs have windows that are not alike.
func windowPairs() []Pair {
	tracker := visit("px.tracker.example", bobAddr)
	long := func(w *synth.Window) { w.Length = 2 * time.Minute }
	slow := func(w *synth.Window) { w.Length = 70 * time.Second }
	const unlike = "DRIFT-1 inconclusive\nalike standard idle no\n"
	unfit := func(w *synth.Window) { w.Control(3, synth.Skipped) }
	cap1 := func(change string) string {
		return "CAP-1 standard/idle " + change + "\nTLS-1 standard/idle " + change + "\nTLS-2 standard/idle " + change + "\n"
	}
	standard := func(scripts ...func(*synth.Window)) func(r *synth.Recording) {
		return func(r *synth.Recording) { r.Standard(scripts...) }
	}
	return []Pair{
		{Name: "window-slower", About: "ten seconds more of sixty are alike", Old: standard(), New: standard(slow)},
		{Name: "window-slower-new", About: "and a new destination there is new", Exit: 1, Old: standard(), New: standard(slow, tracker), Want: "DRIFT-1 fail\nnew standard tracker.example"},
		{Name: "window-longer", About: "twice the length is not, though nothing is new", Exit: 3, Old: standard(), New: standard(long), Want: unlike},
		{Name: "window-longer-new", About: "what is new in it may have come later in OLD too", Exit: 3, Old: standard(), New: standard(long, tracker), Want: unlike + "new standard tracker.example"},
		{Name: "window-longer-many", About: "a doubt that several have is said once", Exit: 1, Old: func(r *synth.Recording) { r.Standard().Standard(maps) },
			New: func(r *synth.Recording) {
				r.Standard(long, visit("a.one.example", bobAddr), visit("a.two.example", aliceAddr), visit("a.three.example", "203.0.113.81")).Standard(maps, tracker)
			},
			Want: "DRIFT-1 fail\nalike standard idle no\nnew standard tracker.example\nnew standard one.example\nnew standard two.example\nnew standard three.example",
			Says: "WORSE: DRIFT-1 fails: 1 new destination: tracker.example (third party) in standard; 3 destinations that may be new: one.example (third party) in standard, three.example (third party) in standard ..."},
		{Name: "window-shorter", About: "half the length is not alike either", Exit: 3, Old: standard(long), New: standard(), Want: unlike},
		{Name: "window-shorter-new", About: "but what is new in less time is new", Exit: 1, Old: standard(long), New: standard(tracker), Want: "DRIFT-1 fail\nalike standard idle no\nnew standard tracker.example"},
		{Name: "window-repeats", About: "repeats add up: three of a minute are not like one", Exit: 3, Old: standard(), New: func(r *synth.Recording) { r.Standard().Standard().Standard() }, Want: unlike},
		{Name: "window-repeats-alike", About: "and two are like one of two minutes", Old: standard(long), New: func(r *synth.Recording) { r.Standard().Standard() }},
		{Name: "window-stimulus", About: "another stimulus is another situation", Exit: 3, Old: standard(), New: standard(func(w *synth.Window) { w.Stimulus = "maps" }),
			Want: unlike + "alike standard maps no\n" + newWindow("standard/maps", "newly_judged", "CAP-1", "CAP-2", "CAP-3", "MODE-1", "TLS-1", "TLS-2") +
				newWindow("standard/idle", "no_longer_judged", "CAP-1", "CAP-2", "CAP-3", "MODE-1", "TLS-1", "TLS-2")},
		{Name: "window-services", About: "a service switched off is another situation than one switched on", Exit: 3,
			Old: func(r *synth.Recording) { r.Standard(maps).RNM(mapsOn).Standard(maps) },
			New: func(r *synth.Recording) {
				r.Standard(maps).RNM(mapsOff, func(w *synth.Window) { w.Name = "rnm/maps-on" }).Standard(maps)
			},
			Want: "DRIFT-1 inconclusive\nalike rnm maps no\nalike rnm maps no\nRNM-2 rnm/maps-on newly_judged"},
		{Name: "window-more", About: "a window more, and a destination that only it has", Exit: 3, Old: standard(),
			New: func(r *synth.Recording) {
				r.Standard().Standard(func(w *synth.Window) { w.Stimulus = "maps"; tracker(w) })
			},
			Want: "DRIFT-1 inconclusive\nalike standard maps no\nnew standard tracker.example\n" + newWindow("standard/maps", "newly_judged", "CAP-1", "CAP-2", "CAP-3", "MODE-1", "TLS-1", "TLS-2")},
		{Name: "window-gone", About: "a window less, by a policy without DRIFT-1: what was proven in it is not", Judge: Judge{Overlay: plain}, Exit: 3,
			Old: func(r *synth.Recording) { r.Standard().Standard(maps) }, New: standard(),
			Want: "alike standard maps no\n" + newWindow("standard/maps", "no_longer_judged", "CAP-1", "CAP-2", "CAP-3", "MODE-1", "TLS-1", "TLS-2")},
		{Name: "window-gone-name", About: "the same situation under another name is no window less", Judge: Judge{Overlay: plain},
			Old: standard(func(w *synth.Window) { w.Name = "standard/first" }), New: standard(func(w *synth.Window) { w.Name = "standard/second" }),
			Want: newWindow("standard/second", "newly_judged", "CAP-1", "CAP-2", "CAP-3", "MODE-1", "TLS-1", "TLS-2") +
				newWindow("standard/first", "no_longer_judged", "CAP-1", "CAP-2", "CAP-3", "MODE-1", "TLS-1", "TLS-2")},
		{Name: "window-more-volume", About: "what a window more adds is no volume that moved", Exit: 3, Old: standard(bulk(2)),
			New:  func(r *synth.Recording) { r.Standard(bulk(2)).Standard(maps, bulk(60)) },
			Want: "DRIFT-1 inconclusive\nalike standard maps no\n" + newWindow("standard/maps", "newly_judged", "CAP-1", "CAP-2", "CAP-3", "MODE-1", "TLS-1", "TLS-2")},
		{Name: "window-more-new", About: "a window more, and a new destination in the one that both have", Exit: 1, Old: standard(),
			New:  func(r *synth.Recording) { r.Standard(tracker).Standard(func(w *synth.Window) { w.Stimulus = "maps" }) },
			Want: "DRIFT-1 fail\nalike standard maps no\nnew standard tracker.example\n" + newWindow("standard/maps", "newly_judged", "CAP-1", "CAP-2", "CAP-3", "MODE-1", "TLS-1", "TLS-2")},
		{Name: "window-old-unfit", About: "a new destination that OLD may have missed", Exit: 3, Old: standard(unfit), New: standard(tracker),
			Want: unlike + "new standard tracker.example\n" + cap1("better")},
		{Name: "window-new-unfit", About: "presence needs no fitness: what NEW shows is new", Exit: 1, Old: standard(), New: standard(unfit, tracker),
			Want: "DRIFT-1 fail\nalike standard idle no\nnew standard tracker.example\n" + cap1("unproven")},
		{Name: "window-between", About: "a new destination between two windows, where nobody compares", Exit: 3, Old: usual,
			New: func(r *synth.Recording) {
				r.Standard().LDM(func(w *synth.Window) { w.At(-s).TLS("px.tracker.example", bobAddr).Close() }).Standard()
			},
			Want: "DRIFT-1 inconclusive\nnew - tracker.example"},
		{Name: "window-between-push", About: "what only its server says in a window is no contact there", Exit: 3, Old: func(r *synth.Recording) { r.Standard().Standard() },
			New: func(r *synth.Recording) {
				r.Standard().Standard(func(w *synth.Window) {
					w.At(-s).TLS("px.tracker.example", bobAddr).Until(w.At(20 * s)).Reply(synth.Record(23, synth.TLS12, make([]byte, 200)))
				})
			},
			Want: "DRIFT-1 inconclusive\nnew - tracker.example"},
		{Name: "window-between-old", About: "what OLD had between windows only is no new destination", Old: func(r *synth.Recording) {
			r.Standard().LDM(func(w *synth.Window) { w.At(-s).TLS("px.tracker.example", bobAddr).Close() }).Standard()
		}, New: often(tracker), Want: "new standard tracker.example"},
	}
}
