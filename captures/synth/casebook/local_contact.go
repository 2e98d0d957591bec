package casebook

import (
	"net/netip"
	"time"

	"github.com/spanrig/spanrig/captures/synth"
)

// first is a first-party TLS conversation d after the read-back.
func first(d time.Duration) func(w *synth.Window) {
	return func(w *synth.Window) { w.At(d).TLS(synth.FirstName, synth.FirstAddr).Close() }
}

const (
	contactAndQuery = "ldm/idle fail LDM-1 LDM-2 LDM-3"
	contactOnly     = "ldm/idle fail LDM-1 LDM-2"
)

// localContact: LDM-1, whatever the protocol and port.
func localContact() []Case {
	return []Case{
		{Name: "ldm1-tls", About: "TLS to the first party", Script: around(first(30 * s)), Want: contactAndQuery},
		{Name: "ldm1-quic", About: "QUIC to the first party", Want: contactAndQuery,
			Script: around(func(w *synth.Window) { w.At(30*s).QUIC(synth.FirstName, synth.FirstAddr) })},
		{Name: "ldm1-quic-sni", About: "QUIC without a DNS query", Want: contactOnly,
			Script: around(func(w *synth.Window) { w.At(30*s).QUICTo("hk.djigate.com", "198.51.100.77") })},
		{Name: "ldm1-quic-spread", About: "QUIC whose hello is in two packets, the second half first", Want: contactOnly,
			Script: around(func(w *synth.Window) { w.At(30*s).QUICSpread("hk.djigate.com", "198.51.100.77") })},
		{Name: "ldm1-big-hello", About: "a ClientHello of two segments with the SNI in the second", Want: contactOnly,
			Script: around(func(w *synth.Window) {
				w.At(30*s).Hello("198.51.100.77", 443, synth.Hello{SNI: "hk.djigate.com", Padding: 1600}).Close()
			})},
		{Name: "ldm1-upper-case", About: "an SNI in upper case", Want: contactOnly,
			Script: around(func(w *synth.Window) {
				w.At(30*s).Hello("198.51.100.77", 443, synth.Hello{SNI: "HK.DJIgate.COM"}).Close()
			})},
		{Name: "ldm1-host-header", About: "only the Host header names the first party, with a port", Want: contactOnly + "\nldm/idle fail TLS-1",
			Script: around(func(w *synth.Window) {
				w.At(30*s).Connect("198.51.100.77", 8080).Send(synth.HTTPRequest("GET", "Hk.djigate.com:8080", "/", "")).Reply(synth.HTTPResponse("200 OK", "ok")).Close()
			})},
		{Name: "ldm1-http", About: "HTTP in the clear to the first party", Want: contactAndQuery + "\nldm/idle fail TLS-1",
			Script: around(func(w *synth.Window) {
				w.At(30*s).HTTP("statistical-report.djiservice.org", "198.51.100.12",
					synth.HTTPRequest("GET", "statistical-report.djiservice.org", "/v1/ping", ""), synth.HTTPResponse("200 OK", "ok"))
			})},
		{Name: "ldm1-udp", About: "raw UDP to an address that DNS named in the standard window", Want: contactOnly + "\nldm/idle inconclusive TLS-1",
			Script: around(func(w *synth.Window) { w.At(30*s).UDP(synth.FirstAddr, 9003, "\x91\x02\x7e\xe3\x00\x10") })},
		{Name: "ldm1-udp-unanswered", About: "one UDP datagram without an answer", Want: contactOnly + "\nldm/idle inconclusive TLS-1",
			Script: around(func(w *synth.Window) {
				w.At(30*s).Datagram(netip.MustParseAddr(synth.FirstAddr), 9003, []byte("\x91\x02\x7e\xe3"), nil)
			})},
		{Name: "ldm1-ping", About: "an ICMP echo request to a first-party address", Want: contactOnly,
			Script: around(func(w *synth.Window) { w.At(30*s).Ping(synth.FirstAddr, true) })},
		{Name: "ldm1-syn", About: "one SYN without an answer", Want: contactOnly,
			Script: around(func(w *synth.Window) { w.At(30*s).Dial(synth.FirstAddr, 443).SYN() })},
		{Name: "ldm1-refused", About: "a SYN that is refused", Want: contactOnly,
			Script: around(func(w *synth.Window) { w.At(30*s).Dial(synth.FirstAddr, 443).Refused() })},
		{Name: "ldm1-odd-port", About: "TLS on a port of its own", Want: contactOnly,
			Script: around(func(w *synth.Window) {
				w.At(30*s).Hello("198.51.100.77", 18443, synth.Hello{SNI: "hk.djigate.com"}).Close()
			})},
		{Name: "ldm1-inbound", About: "the first party connects to the device, which answers with payload", Want: contactOnly + "\nldm/idle inconclusive TLS-1",
			Script: around(func(w *synth.Window) {
				w.At(30*s).From(outsider).Connect(synth.Device.V4.String(), 5555).Plain(200).Close()
			})},
		{Name: "ldm1-inbound-refused", About: "harmless: the device refuses a connection of the first party",
			Script: around(func(w *synth.Window) { w.At(30*s).From(outsider).Dial(synth.Device.V4.String(), 5555).Refused() })},
	}
}

// outsider is a first-party server, behind the router.
var outsider = synth.Host{MAC: synth.Router.MAC, V4: netip.MustParseAddr(synth.FirstAddr)}
