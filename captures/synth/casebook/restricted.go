package casebook

import "github.com/spanrig/spanrig/captures/synth"

// The map service of the shipped policy, and its endpoint.
const (
	mapName = "api.mapbox.com"
	mapAddr = "198.51.100.60"
)

// maps is the stimulus that makes the map service speak.
func maps(w *synth.Window) { w.Stimulus = "maps" }

func mapsOn(w *synth.Window) {
	maps(w)
	w.Name, w.Services = "rnm/maps-on", map[string]string{"maps": "on"}
}
func mapsOff(w *synth.Window) {
	maps(w)
	w.Name, w.Services = "rnm/maps-off", map[string]string{"maps": "off"}
}

// useMaps is the map service at work.
func useMaps(w *synth.Window) { w.At(30*s).TLS(mapName, mapAddr).Close() }

// both puts a window with maps on and one with maps off between two standard ones.
func both(on, off func(w *synth.Window)) func(r *synth.Recording) {
	return func(r *synth.Recording) {
		r.Standard(maps).RNM(mapsOn, useMaps, on).RNM(mapsOff, off).Standard(maps)
	}
}

// restricted: RNM-1.
func restricted() []Case {
	return []Case{
		{Name: "rnm1-unmapped", About: "a contact that no service explains", Want: "rnm/maps-on fail RNM-1",
			Script: both(func(w *synth.Window) { w.At(40*s).TLS("tracker.example", "203.0.113.20").Close() }, nothing)},
		{Name: "rnm1-switched-off", About: "the map service speaks although it is off", Want: "rnm/maps-off fail RNM-1 RNM-2",
			Script: both(nothing, useMaps)},
		{Name: "rnm1-all-on", About: "no service is off: RNM-2 has no subject",
			Script: func(r *synth.Recording) { r.Standard(maps).RNM(mapsOn, useMaps).Standard(maps) }},
		{Name: "rnm1-first-party-on", About: "harmless: a first-party service that is on",
			Script: func(r *synth.Recording) {
				geofence := func(w *synth.Window) { w.Services["flysafe"] = "on" }
				r.Standard(maps).RNM(mapsOn, geofence, useMaps, func(w *synth.Window) { w.At(40*s).TLS(synth.FirstName, synth.FirstAddr).Close() }).Standard(maps)
			}},
		{Name: "rnm1-guard", About: "harmless: the map service ends its work in the guard",
			Script: both(nothing, func(w *synth.Window) { w.At(4*s).TLS(mapName, mapAddr).Close() })},
		{Name: "rnm1-nameless", About: "a contact without a name, although the recording covers the Wi-Fi attach and DNS was readable",
			Want:   "rnm/maps-on fail RNM-1\nrnm/maps-on inconclusive TLS-1",
			Script: both(func(w *synth.Window) { w.At(40*s).UDP("203.0.113.50", 9999, "\xd5\x01\x77\xfa") }, nothing)},
		{Name: "rnm1-nameless-attached", About: "the same where the recording began after the attach", Want: "rnm/maps-on inconclusive RNM-1 TLS-1",
			Script: func(r *synth.Recording) {
				both(func(w *synth.Window) { w.At(40*s).UDP("203.0.113.50", 9999, "\xd5\x01\x77\xfa") }, nothing)(r.Attached())
			}},
		{Name: "rnm1-ambiguous", About: "DNS gave the address for a first-party name and never for the SNI", Want: "rnm/maps-on inconclusive RNM-1",
			Script: both(func(w *synth.Window) {
				w.At(40*s).Hello(synth.FirstAddr, 443, synth.Hello{SNI: "cdn.example"}).Close()
			}, nothing)},
		{Name: "rnm1-lan", About: "harmless: a talk on the LAN, a DNS query and the system's noise",
			Script: both(func(w *synth.Window) {
				w.At(40*s).Connect("10.20.0.77", 8080).Plain(300).Close()
				w.At(42*s).Resolve("tracker.example", "203.0.113.20")
			}, nothing)},
		{Name: "rnm1-own-flow", About: "harmless: a map connection of the window with maps on, closed after they were switched off",
			Script: func(r *synth.Recording) {
				var old *synth.Talk
				r.Standard(maps).RNM(mapsOn, func(w *synth.Window) { old = w.At(40*s).TLS(mapName, mapAddr) })
				r.RNM(mapsOff, func(w *synth.Window) { old.Until(w.At(20 * s)).KeepAlive().Close() }).Standard(maps)
			}},
	}
}

// silence: RNM-2.
func silence() []Case {
	return []Case{
		{Name: "rnm2-never-spoke", About: "the map service was silent while it was on: its silence while off proves nothing",
			Want:   "rnm/maps-off inconclusive RNM-2",
			Script: func(r *synth.Recording) { r.Standard(maps).RNM(mapsOn).RNM(mapsOff).Standard(maps) }},
		{Name: "rnm2-other-stimulus", About: "it spoke under another stimulus", Want: "rnm/maps-off inconclusive RNM-2",
			Script: func(r *synth.Recording) {
				login := func(w *synth.Window) { w.Stimulus = "login" }
				r.Standard(maps).Standard(login).RNM(mapsOn, login, useMaps).RNM(mapsOff).Standard(login).Standard(maps)
			}},
		{Name: "rnm2-no-after", About: "no standard window after", Want: "rnm/maps-on inconclusive CTRL-1 absence\nrnm/maps-off inconclusive CTRL-1 absence",
			Script: func(r *synth.Recording) { r.Standard(maps).RNM(mapsOn, useMaps).RNM(mapsOff) }},
		{Name: "rnm2-unfit", About: "a control is missing in the window with maps off", Want: "rnm/maps-off inconclusive CAP-1 absence",
			Script: both(nothing, func(w *synth.Window) { w.Control(3, synth.Skipped) })},
		{Name: "rnm2-unread-mode", About: "a contact in a window whose mode nobody read", Want: "rnm/maps-off inconclusive MODE-1 absence",
			Script: both(nothing, func(w *synth.Window) { w.Read[0] = ""; useMaps(w) })},
	}
}
