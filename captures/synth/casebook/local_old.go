package casebook

import (
	"net/netip"

	"github.com/spanrig/spanrig/captures/synth"
)

const (
	oldSpeaks = "ldm/idle fail LDM-4"
	oldSilent = "ldm/idle inconclusive LDM-4"
)

// localOld: LDM-4, what a socket does that the standard window left open.
func localOld() []Case {
	return []Case{
		{Name: "ldm4-payload", About: "it goes on sending", Want: oldSpeaks, Script: oldSocket(func(t *synth.Talk, w *synth.Window) {
			t.Until(w.At(30 * s)).Data(500).Close()
		})},
		{Name: "ldm4-guard", About: "harmless: it sends its last data in the guard, and closes", Script: oldSocket(func(t *synth.Talk, w *synth.Window) {
			t.Until(w.At(4 * s)).Data(500).Close()
		})},
		{Name: "ldm4-retransmission", About: "it retransmits what the standard window sent", Want: oldSpeaks, Script: oldSocket(func(t *synth.Talk, w *synth.Window) {
			t.Until(w.At(30 * s)).Repeat().Close()
		})},
		{Name: "ldm4-silent", About: "it stays open and silent to the end", Want: oldSilent, Script: oldSocket(func(*synth.Talk, *synth.Window) {})},
		{Name: "ldm4-keepalive", About: "it sends keepalives and stays open", Want: oldSilent, Script: oldSocket(func(t *synth.Talk, w *synth.Window) {
			t.Until(w.At(20 * s)).KeepAlive().Until(w.At(40 * s)).KeepAlive()
		})},
		{Name: "ldm4-keepalive-byte", About: "harmless: a keepalive with one byte of garbage, then FIN", Script: oldSocket(func(t *synth.Talk, w *synth.Window) {
			t.Until(w.At(20 * s)).KeepAliveByte().Until(w.At(40 * s)).Close()
		})},
		{Name: "ldm4-closed", About: "harmless: it closes with a FIN", Script: oldSocket(func(t *synth.Talk, w *synth.Window) { t.Until(w.At(30 * s)).Close() })},
		{Name: "ldm4-reset", About: "harmless: it closes with a RST", Script: oldSocket(func(t *synth.Talk, w *synth.Window) { t.Until(w.At(30 * s)).Reset() })},
		{Name: "ldm4-server-speaks", About: "harmless: the server sends, the device only acknowledges and resets", Script: oldSocket(func(t *synth.Talk, w *synth.Window) {
			t.Until(w.At(30 * s)).Reply(make([]byte, 64)).Reset()
		})},
		{Name: "ldm4-quic", About: "a QUIC connection of the standard window goes on", Want: oldSpeaks, Script: func(r *synth.Recording) {
			var m *synth.Exchange
			r.Standard(func(w *synth.Window) { m = w.At(40*s).QUIC(synth.FirstName, synth.FirstAddr) })
			r.LDM(func(w *synth.Window) { m.Until(w.At(30 * s)).Data() }).Standard()
		}},
		{Name: "ldm4-udp", About: "a UDP conversation of the standard window goes on", Want: oldSpeaks + "\n* inconclusive TLS-1",
			Script: func(r *synth.Recording) {
				src := netip.AddrPortFrom(synth.Device.V4, 39003)
				dst := netip.AddrPortFrom(netip.MustParseAddr(synth.FirstAddr), 9003)
				beat := func(w *synth.Window) {
					w.At(40*s).DatagramFrom(src, dst, []byte("\x91\x02\x7e\xe3"), []byte("\x91\x03\x7e\xe4"))
				}
				r.Standard(beat).LDM(beat).Standard()
			}},
		{Name: "ldm4-after-idle", About: "it is silent for more than five minutes, then sends: the same connection still", Want: oldSpeaks, Script: oldSocket(func(t *synth.Talk, w *synth.Window) {
			w.Length = 400 * s
			t.Until(w.At(370 * s)).Data(500).Close()
		})},
		{Name: "ldm4-new-flow", About: "a new connection is LDM-1's, not LDM-4's", Script: around(first(30 * s)), Want: contactAndQuery},
	}
}

// localAlerts: LDM-4, the one closing alert that is allowed.
func localAlerts() []Case {
	return []Case{
		{Name: "ldm4-alert", About: "harmless: one closing TLS alert of 24 bytes, then FIN", Script: oldSocket(func(t *synth.Talk, w *synth.Window) {
			t.Until(w.At(30 * s)).Alert().Close()
		})},
		{Name: "ldm4-alert-tls12", About: "harmless: the closing alert of TLS 1.2, 31 bytes, then RST", Script: func(r *synth.Recording) {
			var old *synth.Talk
			r.Standard(func(w *synth.Window) {
				old = w.At(40*s).Hello(synth.FirstAddr, 443, synth.Hello{SNI: synth.FirstName, Version: synth.TLS12})
			})
			r.LDM(func(w *synth.Window) {
				old.Until(w.At(30 * s)).Send(synth.Record(21, synth.TLS12, make([]byte, 26))).Reset()
			}).Standard()
		}},
		{Name: "ldm4-alert-open", About: "the same alert, but the socket stays open", Want: oldSpeaks, Script: oldSocket(func(t *synth.Talk, w *synth.Window) {
			t.Until(w.At(30 * s)).Alert()
		})},
		{Name: "ldm4-two-alerts", About: "two such records, then FIN", Want: oldSpeaks, Script: oldSocket(func(t *synth.Talk, w *synth.Window) {
			t.Until(w.At(30 * s)).Alert().Alert().Close()
		})},
		{Name: "ldm4-long-record", About: "one record of 32 bytes, then FIN: too long for an alert", Want: oldSpeaks, Script: oldSocket(func(t *synth.Talk, w *synth.Window) {
			t.Until(w.At(30 * s)).Data(27).Close()
		})},
	}
}

// localChange: LDM-5.
func localChange() []Case {
	through := func(name string, script func(w *synth.Window)) func(r *synth.Recording) {
		return func(r *synth.Recording) {
			r.Standard(stimulus(name)).LDM(stimulus(name), script).Standard(stimulus(name))
		}
	}
	return []Case{
		{Name: "ldm5-link", About: "the aircraft links: nothing is sent", Script: through("link", nothing)},
		{Name: "ldm5-unlink", About: "the aircraft unlinks: nothing is sent", Script: through("unlink", nothing)},
		{Name: "ldm5-plug-leak", About: "on plugging, the app calls home", Script: through("plug", first(30*s)), Want: "ldm/plug fail LDM-1 LDM-2 LDM-3 LDM-5"},
		{Name: "ldm5-unplug-query", About: "on unplugging, the app asks for a first-party name", Want: "ldm/unplug fail LDM-3 LDM-5",
			Script: through("unplug", func(w *synth.Window) { w.At(30*s).Ask("active.dji.com", synth.TypeA) })},
		{Name: "ldm5-reboot-nameless", About: "after a reboot something talks to an address without a name", Want: "ldm/reboot inconclusive LDM-2 LDM-5 TLS-1",
			Script: through("reboot", func(w *synth.Window) { w.At(30*s).UDP("203.0.113.50", 9999, "\xd5\x01\x77\xfa") })},
		{Name: "ldm5-link-unfit", About: "on linking a control is missing", Want: "ldm/link inconclusive CAP-1 absence",
			Script: through("link", func(w *synth.Window) { w.Control(3, synth.Skipped) })},
	}
}
