package casebook

import (
	"time"

	"github.com/spanrig/spanrig/captures/synth"
)

// localMirrors: LDM-1, however the mirror shows it.
func localMirrors() []Case {
	return []Case{
		{Name: "ldm1-ipv6", About: "a bench with IPv6 only", Want: contactAndQuery,
			Script: func(r *synth.Recording) {
				r.IPv6Only().Standard().LDM(func(w *synth.Window) { w.At(30*s).TLS(synth.FirstName, synth.FirstAddr6).Close() }).Standard()
			}},
		{Name: "ldm1-dual-stack", About: "IPv6 beside IPv4", Want: contactAndQuery,
			Script: around(func(w *synth.Window) {
				w.At(29 * s).JoinIPv6()
				w.At(30*s).TLS(synth.FirstName, synth.FirstAddr6).Close()
			})},
		{Name: "ldm1-vlan", About: "inside a VLAN tag", Want: contactAndQuery,
			Script: func(r *synth.Recording) { r.Tagged(42).Standard().LDM(first(30 * s)).Standard() }},
		{Name: "ldm1-erspan", About: "inside a remote mirror's tunnel", Want: contactAndQuery,
			Script: func(r *synth.Recording) { r.Tunnelled().Standard().LDM(first(30 * s)).Standard() }},
		{Name: "ldm1-doubled", About: "seen twice", Want: contactAndQuery,
			Script: func(r *synth.Recording) { r.Doubled().Standard().LDM(first(30 * s)).Standard() }},
		{Name: "ldm1-split", About: "in the second of two capture files", Want: contactAndQuery,
			Script: func(r *synth.Recording) { r.Split(2).Standard().LDM(first(30 * s)).Standard() }},
		{Name: "ldm1-behind-router", About: "the mirror is behind a router: another MAC, but the address that DHCP and ARP tie to the device", Want: contactAndQuery,
			Script: around(func(w *synth.Window) {
				routed := synth.Host{MAC: [6]byte{2, 0, 0x5e, 0, 0, 2}, V4: synth.Device.V4, V6: synth.Device.V6}
				w.At(30*s).From(routed).TLS(synth.FirstName, synth.FirstAddr).Close()
			})},
	}
}

// localTimes: LDM-1, by when a contact began.
func localTimes() []Case {
	return []Case{
		{Name: "ldm1-late", About: "in the last two seconds", Script: around(first(58 * s)), Want: contactAndQuery},
		{Name: "ldm1-guard", About: "in the guard: LDM-1 to LDM-3 hold in it for flows that begin in it", Script: around(first(4 * s)), Want: contactAndQuery},
		{Name: "ldm1-second-repeat", About: "the first of two repeats is clean: the worst holds", Want: contactAndQuery,
			Script: func(r *synth.Recording) { r.Standard().LDM().LDM(first(30 * s)).Standard() }},
		{Name: "ldm1-before", About: "harmless: the contact ended before the mode was read back",
			Script: func(r *synth.Recording) {
				r.Standard().LDM(func(w *synth.Window) { w.At(-1500*time.Millisecond).TLS(synth.FirstName, synth.FirstAddr).Close() }).Standard()
			}},
		{Name: "ldm1-early-window", About: "harmless: windows.json begins before the read-back, and a contact lies between",
			Script: around(func(w *synth.Window) {
				w.Early = 1800 * time.Millisecond
				w.At(-1500*time.Millisecond).TLS(synth.FirstName, synth.FirstAddr).Close()
			})},
		{Name: "ldm1-late-window", About: "harmless: windows.json ends after the step that leaves the mode, and a contact lies between",
			Script: around(func(w *synth.Window) {
				w.Late = 1500 * time.Millisecond
				w.At(w.Length+time.Second).TLS(synth.FirstName, synth.FirstAddr).Close()
			})},
		{Name: "ldm1-old-flow", About: "harmless: FIN and keepalive of a socket that the standard window opened", Script: oldSocket(func(t *synth.Talk, w *synth.Window) {
			t.Until(w.At(20 * s)).KeepAlive().Until(w.At(30 * s)).KeepAlive().Close()
		})},
		{Name: "ldm1-late-answer", About: "harmless: late packets for closed sockets of the standard window are answered by a RST and an ICMP error",
			Script: func(r *synth.Recording) {
				var t *synth.Talk
				var x *synth.Exchange
				r.Standard(func(w *synth.Window) {
					t = w.At(40*s).TLS(synth.FirstName, synth.FirstAddr).Close()
					x = w.At(42*s).QUIC(synth.FirstName, synth.FirstAddr)
				})
				r.LDM(func(w *synth.Window) {
					t.Until(w.At(30 * s)).Stray()
					x.Until(w.At(32 * s)).Late()
				}).Standard()
			}},
	}
}

// oldSocket opens a first-party connection in the standard window and lets
// script go on with it in the LDM window.
func oldSocket(script func(t *synth.Talk, w *synth.Window)) func(r *synth.Recording) {
	return func(r *synth.Recording) {
		var open *synth.Talk
		r.Standard(func(w *synth.Window) { open = w.At(40*s).TLS(synth.FirstName, synth.FirstAddr) })
		r.LDM(func(w *synth.Window) { script(open, w) }).Standard()
	}
}
