package casebook

import (
	"net/netip"

	"github.com/spanrig/spanrig/captures/synth"
)

const server = "203.0.113.70" // of the tests of transport; no rule on names applies in standard mode

// everyDay is one standard window with script.
func everyDay(script func(w *synth.Window)) func(r *synth.Recording) {
	return func(r *synth.Recording) { r.Standard(script) }
}

const (
	tlsFails = "standard/idle fail TLS-1"
	tlsOpen  = "standard/idle inconclusive TLS-1"
)

// transport: TLS-1.
func transport() []Case {
	list := []Case{
		{Name: "tls1-tls12", About: "harmless: TLS 1.2 with an authenticated, encrypting suite", Script: everyDay(handshake(synth.Hello{Version: synth.TLS12}))},
		{Name: "tls1-tls13-odd-port", About: "harmless: TLS 1.3 on port 8883", Script: everyDay(func(w *synth.Window) {
			w.At(30*s).Hello(server, 8883, synth.Hello{SNI: "broker.example", ALPN: []string{"mqtt"}}).Close()
		})},
		{Name: "tls1-quic", About: "harmless: IETF QUIC", Script: everyDay(func(w *synth.Window) { w.At(30*s).QUIC("h3.example", server) })},
		{Name: "tls1-dtls12", About: "harmless: DTLS 1.2", Script: everyDay(func(w *synth.Window) { w.At(30*s).DTLS(server, 5684, synth.DTLS12) })},
		{Name: "tls1-dtls10", About: "DTLS 1.0", Want: tlsFails, Script: everyDay(func(w *synth.Window) { w.At(30*s).DTLS(server, 5684, synth.DTLS10) })},
		{Name: "tls1-syn", About: "harmless: an unanswered SYN and a refused connection", Script: everyDay(func(w *synth.Window) {
			w.At(30*s).Dial(server, 443).SYN()
			w.At(31*s).Dial(server, 80).Refused()
		})},
		{Name: "tls1-retry", About: "harmless: a HelloRetryRequest first", Script: everyDay(handshake(synth.Hello{Retry: true}))},
		{Name: "tls1-rejected", About: "harmless: the server ends the handshake with an alert, no application payload", Script: everyDay(func(w *synth.Window) {
			w.At(30*s).Connect(server, 443).Rejected(synth.Hello{SNI: "api.example"})
		})},
		{Name: "tls1-tls10", About: "TLS 1.0", Want: tlsFails, Script: everyDay(handshake(synth.Hello{Version: synth.TLS10}))},
		{Name: "tls1-tls11", About: "TLS 1.1", Want: tlsFails, Script: everyDay(handshake(synth.Hello{Version: synth.TLS11}))},
		{Name: "tls1-null", About: "a suite that does not encrypt", Want: tlsFails, Script: everyDay(handshake(synth.Hello{Version: synth.TLS12, Cipher: 0x003b}))},
		{Name: "tls1-integrity-only", About: "TLS 1.3 with a suite of RFC 9150 that does not encrypt", Want: tlsFails, Script: everyDay(handshake(synth.Hello{Cipher: 0xc0b4}))},
		{Name: "tls1-anonymous", About: "a suite that does not authenticate", Want: tlsFails, Script: everyDay(handshake(synth.Hello{Version: synth.TLS12, Cipher: 0x0034}))},
		{Name: "tls1-export", About: "an export suite", Want: tlsFails, Script: everyDay(handshake(synth.Hello{Version: synth.TLS12, Cipher: 0x0008}))},
		{Name: "tls1-rc4", About: "RC4", Want: tlsFails, Script: everyDay(handshake(synth.Hello{Version: synth.TLS12, Cipher: 0x0005}))},
		{Name: "tls1-anonymous-ecdh", About: "an anonymous suite of elliptic curves", Want: tlsFails, Script: everyDay(handshake(synth.Hello{Version: synth.TLS12, Cipher: 0xc018}))},
		{Name: "tls1-psk-null", About: "a pre-shared key and no encryption", Want: tlsFails, Script: everyDay(handshake(synth.Hello{Version: synth.TLS12, Cipher: 0x002c}))},
		{Name: "tls1-midstream", About: "records without a handshake: the recording began later", Want: tlsOpen, Script: everyDay(func(w *synth.Window) {
			w.At(30*s).Dial(server, 443).Data(500).Data(500).Close()
		})},
		{Name: "tls1-unknown", About: "payload that nothing recognises", Want: tlsOpen, Script: everyDay(func(w *synth.Window) {
			w.At(30*s).Connect(server, 7443).Plain(300).Close()
		})},
		{Name: "tls1-gquic", About: "Google QUIC", Want: tlsOpen, Script: everyDay(func(w *synth.Window) {
			w.At(30*s).Datagram(netip.MustParseAddr(server), 443, synth.GoogleQUIC("h3.example"), nil)
		})},
	}
	return append(append(list, cleartextProtocols()...), exceptions()...)
}

// handshake is a TLS connection to a server whose name DNS gave.
func handshake(h synth.Hello) func(w *synth.Window) {
	h.SNI = "api.example"
	return func(w *synth.Window) { w.At(30*s).Resolve(h.SNI, server).Hello(server, 443, h).Close() }
}

func cleartextProtocols() []Case {
	talk := func(port uint16, send, reply []byte) func(r *synth.Recording) {
		return everyDay(func(w *synth.Window) { w.At(30*s).Connect(server, port).Send(send).Reply(reply).Close() })
	}
	return []Case{
		{Name: "tls1-http", About: "HTTP in the clear", Want: tlsFails, Script: talk(80, synth.HTTPRequest("GET", "api.example", "/v1/ping", ""), synth.HTTPResponse("200 OK", "ok"))},
		{Name: "tls1-http-odd-port", About: "HTTP in the clear on port 443", Want: tlsFails, Script: talk(443, synth.HTTPRequest("GET", "api.example", "/v1/ping", ""), synth.HTTPResponse("200 OK", "ok"))},
		{Name: "tls1-mqtt", About: "MQTT in the clear", Want: tlsFails, Script: talk(1883, synth.MQTTConnect("pilot", "", ""), synth.MQTTConnack())},
		{Name: "tls1-rtmp", About: "a live stream by RTMP", Want: tlsFails, Script: talk(1935, synth.RTMPHandshake(false), synth.RTMPHandshake(true))},
		{Name: "tls1-rtsp", About: "a live stream by RTSP", Want: tlsFails,
			Script: talk(554, []byte("OPTIONS rtsp://live.example/1 RTSP/1.0\r\nCSeq: 1\r\n\r\n"), []byte("RTSP/1.0 200 OK\r\nCSeq: 1\r\nPublic: DESCRIBE, SETUP\r\n\r\n"))},
		{Name: "tls1-ftp", About: "FTP", Want: tlsFails, Script: everyDay(func(w *synth.Window) {
			w.At(30*s).Connect(server, 21).Reply([]byte("220 ready\r\n")).Send([]byte("SYST\r\n")).Reply([]byte("215 UNIX Type: L8\r\n")).Close()
		})},
		{Name: "tls1-http2", About: "HTTP/2 in the clear: its heads are compressed, so TLS-2 cannot read it", Want: tlsFails + "\nstandard/idle inconclusive TLS-2",
			Script: talk(80, []byte("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00"), []byte("\x00\x00\x00\x04\x00\x00\x00\x00\x00"))},
		{Name: "tls1-sip", About: "SIP, as GB28181 speaks it", Want: tlsFails, Script: everyDay(func(w *synth.Window) {
			w.At(30*s).Datagram(netip.MustParseAddr(server), 5060, []byte("OPTIONS sip:34020000002000000001@3402000000 SIP/2.0\r\nVia: SIP/2.0/UDP 10.20.0.10:5060;branch=z9hG4bK1\r\nFrom: <sip:1@3402000000>;tag=1\r\nTo: <sip:2@3402000000>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"), nil)
		})},
		{Name: "tls1-ssh", About: "SSH encrypts, but it is none of the protocols that the claim names", Want: tlsOpen, Script: everyDay(func(w *synth.Window) {
			w.At(30*s).Connect(server, 22).Reply([]byte("SSH-2.0-OpenSSH_9.2\r\n")).Send([]byte("SSH-2.0-dropbear\r\n")).Plain(300).Close()
		})},
		{Name: "tls1-stun", About: "STUN", Want: tlsFails, Script: everyDay(func(w *synth.Window) {
			w.At(30*s).Datagram(netip.MustParseAddr(server), 3478, synth.STUNBinding(), nil)
		})},
	}
}

// exceptions are exact.
func exceptions() []Case {
	probe := func(method, host, path, body string) func(r *synth.Recording) {
		return everyDay(func(w *synth.Window) {
			w.At(30*s).HTTP(host, "192.0.2.81", synth.HTTPRequest(method, host, path, body), synth.HTTPResponse("204 No Content", ""))
		})
	}
	outside := netip.MustParseAddr("192.0.2.53")
	return []Case{
		{Name: "tls1-dns-dhcp", About: "harmless: DNS to a resolver beyond the LAN that DHCP named", Script: func(r *synth.Recording) { r.Resolvers(outside.String()).Standard() }},
		{Name: "tls1-dns-bench", About: "harmless: DNS to a resolver beyond the LAN that the bench names", Script: func(r *synth.Recording) {
			r.Inventory.Resolvers = append(r.Inventory.Resolvers, outside.String())
			r.Standard(func(w *synth.Window) { w.At(30*s).QueryAt(outside, "api.example", synth.TypeA) })
		}},
		{Name: "tls1-probe-gap", About: "the captive-portal probe, and bytes behind it that the mirror lost: perhaps another request", Want: "standard/idle inconclusive TLS-1 TLS-2",
			Script: everyDay(func(w *synth.Window) {
				w.At(30*s).Connect("192.0.2.80", 80).Send(synth.HTTPRequest("GET", synth.ProbeHost, "/generate_204", "")).Lose(60).Reply(synth.HTTPResponse("204 No Content", "")).Close()
			})},
		{Name: "tls1-probe-second", About: "the captive-portal probe, and another request in the same connection", Want: tlsFails, Script: everyDay(func(w *synth.Window) {
			request := func(path string) []byte { return synth.HTTPRequest("GET", synth.ProbeHost, path, "") }
			none := synth.HTTPResponse("204 No Content", "")
			w.At(30*s).Connect("192.0.2.80", 80).Send(request("/generate_204")).Reply(none).Send(request("/upload")).Reply(none).Close()
		})},
		{Name: "tls1-dns-other", About: "DNS to a resolver that nobody named", Want: tlsFails, Script: everyDay(func(w *synth.Window) {
			w.At(30*s).QueryAt(outside, "api.example", synth.TypeA, synth.DNSRecord{Name: "api.example", Addr: netip.MustParseAddr(server)})
		})},
		{Name: "tls1-ntp-long", About: "an NTP client packet of 68 bytes", Want: tlsFails, Script: everyDay(func(w *synth.Window) {
			w.At(30*s).Datagram(netip.MustParseAddr("192.0.2.124"), 123, append(synth.NTPClient(), make([]byte, 20)...), append(synth.NTPServer(), make([]byte, 20)...))
		})},
		{Name: "tls1-ntp-control", About: "an NTP control packet", Want: tlsFails, Script: everyDay(func(w *synth.Window) {
			w.At(30*s).Datagram(netip.MustParseAddr("192.0.2.124"), 123, []byte{0x16, 2, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0}, nil)
		})},
		{Name: "tls1-probe-body", About: "the captive-portal probe with a body", Want: tlsFails, Script: probe("GET", synth.ProbeHost, "/generate_204", "x=1")},
		{Name: "tls1-probe-path", About: "its host with another path", Want: tlsFails, Script: probe("GET", synth.ProbeHost, "/generate_204/upload", "")},
		{Name: "tls1-probe-query", About: "its path with a query", Want: tlsFails, Script: probe("GET", synth.ProbeHost, "/generate_204?id=7", "")},
		{Name: "tls1-probe-host", About: "its path at another host", Want: tlsFails, Script: probe("GET", "probe.example", "/generate_204", "")},
		{Name: "tls1-probe-method", About: "another method", Want: tlsFails, Script: probe("POST", synth.ProbeHost, "/generate_204", "")},
	}
}
