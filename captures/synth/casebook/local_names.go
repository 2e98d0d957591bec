package casebook

import (
	"net/netip"

	"github.com/spanrig/spanrig/captures/synth"
)

// cdn is an address that many names may share.
var cdn = netip.MustParseAddr("198.51.100.40")

// learn is a window in which the device gets the shared address for names.
func learn(names ...string) func(*synth.Window) {
	return func(w *synth.Window) {
		for i, n := range names {
			w.At(sec(40+i)).Resolve(n, cdn.String())
		}
	}
}

// localNames: LDM-1, by how the endpoint got its name.
func localNames() []Case {
	return []Case{
		{Name: "ldm1-certificate", About: "TLS 1.2 without SNI: the certificate names the first party", Want: contactOnly,
			Script: around(func(w *synth.Window) {
				w.At(30*s).Hello(cdn.String(), 443, synth.Hello{Version: synth.TLS12, Names: []string{"*.djigate.com", "djigate.com"}}).Close()
			})},
		{Name: "ldm1-shared-certificate", About: "the certificate names others too: ambiguous", Want: "ldm/idle inconclusive LDM-1\nldm/idle fail LDM-2",
			Script: around(func(w *synth.Window) {
				w.At(30*s).Hello(cdn.String(), 443, synth.Hello{Version: synth.TLS12, Names: []string{"*.djigate.com", "www.shop.example"}}).Close()
			})},
		{Name: "ldm1-cname", About: "the first party's name leads by CNAME to a CDN's address; TLS has no SNI", Want: "ldm/idle fail LDM-1 LDM-2 LDM-3",
			Script: around(func(w *synth.Window) {
				m := w.At(30*s).Query("www.djicdn.com", synth.TypeA,
					synth.DNSRecord{Name: "www.djicdn.com", Data: "d1.edge.example"}, synth.DNSRecord{Name: "d1.edge.example", Addr: cdn})
				m.Hello(cdn.String(), 443, synth.Hello{}).Close()
			})},
		{Name: "ldm1-sni-disagrees", About: "DNS gave the address for the first party and never for the SNI: ambiguous", Want: "ldm/idle inconclusive LDM-1\nldm/idle fail LDM-2",
			Script: around(func(w *synth.Window) {
				w.At(30*s).Hello(synth.FirstAddr, 443, synth.Hello{SNI: "cdn.example"}).Close()
			})},
		{Name: "ldm1-shared-address", About: "harmless: DNS gave a shared CDN address for both names; the SNI is the system's",
			Script: func(r *synth.Recording) {
				r.Standard(learn("www.djicdn.com", synth.ProbeHost)).LDM(func(w *synth.Window) {
					w.At(30*s).Resolve(synth.ProbeHost, cdn.String()).Hello(cdn.String(), 443, synth.Hello{SNI: synth.ProbeHost}).Close()
				}).Standard()
			}},
		{Name: "ldm1-shared-address-first", About: "the same shared address, but the SNI is the first party's", Want: contactOnly,
			Script: func(r *synth.Recording) {
				r.Standard(learn("www.djicdn.com", synth.ProbeHost)).LDM(func(w *synth.Window) {
					w.At(30*s).Hello(cdn.String(), 443, synth.Hello{SNI: "www.djicdn.com"}).Close()
				}).Standard()
			}},
		{Name: "ldm1-shared-address-udp", About: "the same shared address and nothing but UDP: ambiguous", Want: "ldm/idle inconclusive LDM-1 TLS-1\nldm/idle fail LDM-2",
			Script: func(r *synth.Recording) {
				r.Standard(learn("www.djicdn.com", synth.ProbeHost)).LDM(func(w *synth.Window) { w.At(30*s).UDP(cdn.String(), 9003, "\x91\x02\x7e\xe3") }).Standard()
			}},
		{Name: "ldm1-ech", About: "behind ECH the outer name counts for nothing; DNS named the address for the first party", Want: contactOnly,
			Script: around(func(w *synth.Window) {
				w.At(30*s).Hello(synth.FirstAddr, 443, synth.Hello{SNI: synth.ProbeHost, ECH: true}).Close()
			})},
		{Name: "ldm2-ech", About: "behind ECH, to an address that DNS never named: an endpoint without a name", Want: "ldm/idle inconclusive LDM-2",
			Script: around(func(w *synth.Window) {
				w.At(30*s).Hello("203.0.113.61", 443, synth.Hello{SNI: synth.ProbeHost, ECH: true}).Close()
			})},
		{Name: "ldm1-grease-ech", About: "harmless: GREASE ECH to a system name that DNS gave for the address",
			Script: around(func(w *synth.Window) {
				w.At(30*s).Resolve(synth.ProbeHost, "192.0.2.80").Hello("192.0.2.80", 443, synth.Hello{SNI: synth.ProbeHost, ECH: true}).Close()
			})},
		{Name: "ldm1-lookalike", About: "notdji.com is not dji.com: a third party", Want: "ldm/idle fail LDM-2 LDM-3",
			Script: around(func(w *synth.Window) { w.At(30*s).TLS("www.notdji.com", "203.0.113.62").Close() })},
	}
}

// localProxies: LDM-1, for first-party names behind an address of the LAN.
func localProxies() []Case {
	return []Case{
		{Name: "ldm1-sinkhole", About: "a sinkhole gives a LAN address for a first-party name: it hides nothing", Want: contactAndQuery,
			Script: around(func(w *synth.Window) { w.At(30*s).TLS(synth.FirstName, "10.20.0.99").Close() })},
		{Name: "ldm1-proxy", About: "a CONNECT to the first party through a proxy on the LAN", Want: contactOnly,
			Script: around(func(w *synth.Window) {
				w.At(30*s).Connect("10.20.0.98", 3128).
					Send(synth.HTTPRequest("CONNECT", synth.FirstName+":443", synth.FirstName+":443", "")).
					Reply(synth.HTTPResponse("200 OK", "")).Handshake(synth.Hello{SNI: synth.FirstName}, 300).Close()
			})},
		{Name: "ldm1-socks", About: "SOCKS 5 to the first party, and no SNI inside", Want: contactOnly,
			Script: around(func(w *synth.Window) {
				w.At(30*s).Connect("10.20.0.98", 1080).Send([]byte{5, 1, 0}).Reply([]byte{5, 0}).
					Send(synth.SOCKSConnect(synth.FirstName, 443)).Reply([]byte{5, 0, 0, 1, 10, 20, 0, 98, 0, 80}).
					Handshake(synth.Hello{}, 300).Close()
			})},
	}
}
