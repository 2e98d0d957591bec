package casebook

import (
	"net/netip"

	"github.com/spanrig/spanrig/captures/synth"
)

// localNames: LDM-1 by how the endpoint got its name.
func localNames() []Case {
	cdn := netip.MustParseAddr("198.51.100.40")
	learn := func(names ...string) func(*synth.Window) {
		return func(w *synth.Window) {
			for i, n := range names {
				w.At(sec(40+i)).Resolve(n, cdn.String())
			}
		}
	}
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
