package casebook

import (
	"time"

	"github.com/spanrig/spanrig/captures/synth"
)

const s = time.Second

// around puts an LDM window with script between two standard ones.
func around(script func(w *synth.Window)) func(r *synth.Recording) {
	return func(r *synth.Recording) { r.Standard().LDM(script).Standard() }
}

// nothing more than what every window has.
func nothing(*synth.Window) {}

func clean() []Case {
	return []Case{
		{Name: "clean-ldm", About: "standard, local data mode, standard: nothing to complain of", Script: around(nothing)},
		{Name: "clean-ldm-ipv6", About: "the same without IPv4: RS, RA, ND and MLD are no contact",
			Script: func(r *synth.Recording) { r.IPv6Only().Standard().LDM().Standard() }},
		{Name: "clean-rnm", About: "restricted mode with maps on, then off under the same stimulus",
			Script: func(r *synth.Recording) { r.Standard(maps).RNM(mapsOn, useMaps).RNM(mapsOff).Standard(maps) }},
		{Name: "clean-standard", About: "one standard window", Script: func(r *synth.Recording) { r.Standard() }},
		{Name: "clean-vlan", About: "the mirror port shows everything inside a VLAN tag",
			Script: func(r *synth.Recording) { r.Tagged(42).Standard().LDM().Standard() }},
		{Name: "clean-qinq", About: "and inside two", Script: func(r *synth.Recording) { r.Tagged(100, 42).Standard().LDM().Standard() }},
		{Name: "clean-erspan", About: "the mirror is remote: ERSPAN type II", Script: func(r *synth.Recording) { r.Tunnelled().Standard().LDM().Standard() }},
		{Name: "clean-doubled", About: "the mirror shows every frame twice", Script: func(r *synth.Recording) { r.Doubled().Standard().LDM().Standard() }},
		{Name: "clean-http-controls", About: "controls are cleartext requests: they are the rig's, by exact flow and name",
			Script: func(r *synth.Recording) { r.Standard(overHTTP).LDM(overHTTP).Standard(overHTTP) }},
		{Name: "clean-split", About: "the capture is in three files", Script: func(r *synth.Recording) { r.Split(3).Standard().LDM().Standard() }},
		{Name: "clean-no-lan", About: "the inventory names no LAN and no resolvers: DHCP does",
			Script: func(r *synth.Recording) {
				r.Inventory.LAN, r.Inventory.Resolvers = nil, nil
				r.Standard().LDM().Standard()
			}},
		{Name: "clean-attached", About: "the recording begins after the device joined: neither LAN nor lease is told, RFC 1918 is assumed",
			Script: func(r *synth.Recording) {
				r.Inventory.LAN = nil
				r.Attached().Standard().LDM().Standard()
			}},
		{Name: "clean-by-rig", About: "the rig watches the controls instead of the device",
			Script: func(r *synth.Recording) { r.Standard(byRig).LDM(byRig).Standard(byRig) }},
		{Name: "clean-second-host", About: "another host of the LAN talks to the first party all the time: it is not the device",
			Script: around(func(w *synth.Window) {
				w.At(12*s).From(synth.Neighbour).TLS(synth.FirstName, synth.FirstAddr).Close()
				w.At(22*s).From(synth.Neighbour).UDP("203.0.113.99", 9999, "who is there")
			})},
	}
}

func byRig(w *synth.Window) { w.By = "rig" }

func overHTTP(w *synth.Window) { w.OverHTTP = true }
