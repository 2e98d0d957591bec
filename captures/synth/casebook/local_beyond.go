package casebook

import (
	"net/netip"

	"github.com/spanrig/spanrig/captures/synth"
)

// localBeyond: LDM-2.
func localBeyond() []Case {
	return []Case{
		{Name: "ldm2-nameless-udp", About: "UDP to an address that nothing names", Want: "ldm/idle inconclusive LDM-2 TLS-1",
			Script: around(func(w *synth.Window) { w.At(30*s).UDP("203.0.113.50", 9999, "\xd5\x01\x77\xfa") })},
		{Name: "ldm2-nameless-ping", About: "an ICMP echo request to an address that nothing names", Want: "ldm/idle inconclusive LDM-2",
			Script: around(func(w *synth.Window) { w.At(30*s).Ping("203.0.113.50", false) })},
		{Name: "ldm2-nameless-syn", About: "one SYN to an address that nothing names", Want: "ldm/idle inconclusive LDM-2",
			Script: around(func(w *synth.Window) { w.At(30*s).Dial("203.0.113.50", 443).SYN() })},
		{Name: "ldm2-third-party", About: "TLS to a third party", Want: "ldm/idle fail LDM-2 LDM-3",
			Script: around(func(w *synth.Window) { w.At(30*s).TLS("tracker.example", "203.0.113.20").Close() })},
		{Name: "ldm2-third-party-sni", About: "the same without a DNS query", Want: "ldm/idle fail LDM-2",
			Script: around(func(w *synth.Window) {
				w.At(30*s).Hello("203.0.113.20", 443, synth.Hello{SNI: "tracker.example"}).Close()
			})},
		{Name: "ldm2-neighbours-name", About: "another host got that address for a first-party name; the device never did", Want: "ldm/idle inconclusive LDM-2 TLS-1",
			Script: around(func(w *synth.Window) {
				w.At(28*s).From(synth.Neighbour).Resolve("www.djicdn.com", cdn.String())
				w.At(30*s).UDP(cdn.String(), 9003, "\x91\x02\x7e\xe3")
			})},
		{Name: "ldm2-near-control", About: "a ping of the control host that the journal does not know is no control", Want: "ldm/idle fail LDM-2",
			Script: around(func(w *synth.Window) { w.At(30*s).Ping("192.0.2.200", true) })},
		{Name: "ldm2-join", About: "harmless: RS, RA, ND and MLD in the middle of the window",
			Script: around(func(w *synth.Window) { w.At(30 * s).JoinIPv6() })},
		{Name: "ldm2-multicast", About: "IPv6 multicast of global scope is beyond the LAN; that of the organisation is not", Want: "ldm/idle inconclusive LDM-2 TLS-1",
			Script: func(r *synth.Recording) {
				r.IPv6Only().Standard().LDM(func(w *synth.Window) {
					w.At(30*s).Datagram(netip.MustParseAddr("ff08::abcd"), 9001, []byte("who"), nil)
					w.At(31*s).Datagram(netip.MustParseAddr("ff0e::abcd"), 9001, []byte("who"), nil)
				}).Standard()
			}},
		{Name: "ldm2-lan", About: "harmless: SSDP, broadcasts and a talk with a host of the LAN",
			Script: around(func(w *synth.Window) {
				w.At(30*s).Datagram(netip.MustParseAddr("239.255.255.250"), 1900, []byte("M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: \"ssdp:discover\"\r\nMX: 1\r\nST: ssdp:all\r\n\r\n"), nil)
				w.At(31*s).Datagram(netip.MustParseAddr("10.20.0.255"), 9001, []byte("who"), nil)
				w.At(32*s).Datagram(netip.MustParseAddr("255.255.255.255"), 9001, []byte("who"), nil)
				w.At(33*s).Connect("10.20.0.77", 8080).Plain(300).Close()
			})},
	}
}
