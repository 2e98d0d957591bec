package casebook

import (
	"strings"

	"github.com/spanrig/spanrig/captures/synth"
)

// waiver accepts contacts with the first party in local data mode.
func waiver(expires string) string {
	text := "schema: 1\nname: lab\nextends: dji-pilot2\nwaivers:\n"
	for _, claim := range []string{"LDM-1", "LDM-2", "LDM-3"} {
		text += "  - claim: " + claim + "\n    endpoint: dji.com\n    reason: first activation of a new unit\n    owner: lab@bench.example\n    expires: " + expires + "\n"
	}
	return text
}

// sharing adds a service that shares an endpoint with the maps.
const sharing = `schema: 1
name: lab
extends: dji-pilot2
services:
  - {id: survey, title: Survey upload, source: the lab, sure: high}
parties:
  provider:
    - {domain: shared.example, services: [maps, survey], owner: Example Cloud, source: the lab, sure: high}
`

// operated adds an endpoint of the lab's own.
const operated = `schema: 1
name: lab
extends: dji-pilot2
parties:
  operator:
    - {domain: fleet.example, owner: the lab, source: the lab, sure: high}
`

// baseline is one made with the app stopped, on a firmware.
func baseline(firmware string) string {
	return `{"schema":1,"device":{"model":"RM510B","firmware":"` + firmware + `"},"seconds":86400,
"recordings":[{"name":"night","sha256":"` + strings.Repeat("0", 64) + `"}],
"destinations":[{"name":"fota.vendor.example","flows":24,"queries":24}]}`
}

// overlaid: policies of a lab on top of the shipped one.
func overlaid() []Case {
	waived := []string{"LDM-1", "LDM-2", "LDM-3"}
	survey := func(state string) func(*synth.Window) {
		return func(w *synth.Window) { w.Services["survey"] = state }
	}
	shared := func(w *synth.Window) { w.At(40*s).TLS("shared.example", "198.51.100.61").Close() }
	fota := around(func(w *synth.Window) { w.At(30*s).TLS("fota.vendor.example", "198.51.100.64").Close() })
	return []Case{
		{Name: "baseline-covers", About: "harmless: a destination that the system's baseline has", Judge: Judge{Baseline: baseline("02.01.0507")}, Script: fota},
		{Name: "baseline-missing", About: "the same without the baseline", Want: "ldm/idle fail LDM-2 LDM-3", Script: fota},
		{Name: "baseline-other-firmware", About: "a baseline of another firmware is refused", Judge: Judge{Baseline: baseline("02.00.0101")}, Error: "firmware", Script: fota},
		{Name: "waiver-shown", About: "a waived contact stays a fail", Judge: Judge{Overlay: waiver("2027-06-30")}, Waived: waived,
			Want: contactAndQuery, Script: around(first(30 * s))},
		{Name: "waiver-accepted", About: "and counts as pass in the exit code where waivers are accepted", Judge: Judge{Overlay: waiver("2027-06-30"), Accept: true},
			Waived: waived, Want: contactAndQuery, Script: around(first(30 * s))},
		{Name: "waiver-expired", About: "unless it has expired when the recording was made", Judge: Judge{Overlay: waiver("2026-10-31"), Accept: true},
			Want: contactAndQuery, Script: around(first(30 * s))},
		{Name: "waiver-other-endpoint", About: "or covers another endpoint", Judge: Judge{Overlay: waiver("2027-06-30"), Accept: true},
			Want:   "ldm/idle fail LDM-1 LDM-2 LDM-3",
			Script: around(func(w *synth.Window) { w.At(30*s).TLS("www.skypixel.com", "198.51.100.62").Close() })},
		{Name: "operator-ldm", About: "the lab's own endpoint is no first party, but it is beyond the LAN", Judge: Judge{Overlay: operated},
			Want:   "ldm/idle fail LDM-2 LDM-3",
			Script: around(func(w *synth.Window) { w.At(30*s).TLS("api.fleet.example", "198.51.100.63").Close() })},
		{Name: "operator-abroad", About: "harmless: where the lab's own endpoint is, is its business", Judge: Judge{Overlay: operated, Ranges: ranges("198.51.100.0/24,US,Amazon", "203.0.113.0/24,CN,Alibaba Cloud").Ranges},
			Script: func(r *synth.Recording) {
				r.Standard(func(w *synth.Window) { w.At(40*s).TLS("api.fleet.example", "203.0.113.63").Close() })
			}},
		{Name: "rnm1-shared-on-off", About: "an endpoint that a service shares which is on with one which is off", Judge: Judge{Overlay: sharing},
			Want: "rnm/maps-on inconclusive RNM-1 RNM-2",
			Script: func(r *synth.Recording) {
				r.Standard(maps).RNM(mapsOn, survey("off"), useMaps, shared).RNM(mapsOff, survey("on")).Standard(maps)
			}},
		{Name: "rnm1-shared-off", About: "an endpoint that two services share which are both off", Judge: Judge{Overlay: sharing},
			Want: "rnm/maps-off fail RNM-1\nrnm/maps-off inconclusive RNM-2",
			Script: func(r *synth.Recording) {
				r.Standard(maps).RNM(mapsOn, survey("on"), useMaps).RNM(mapsOff, survey("off"), shared).Standard(maps)
			}},
		{Name: "rnm1-shared-on", About: "harmless: an endpoint that two services share which are both on", Judge: Judge{Overlay: sharing},
			Script: func(r *synth.Recording) {
				r.Standard(maps).RNM(mapsOn, survey("on"), useMaps, shared).RNM(mapsOff).Standard(maps)
			}},
	}
}
