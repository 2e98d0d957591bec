package casebook

import (
	"net/netip"
	"strings"

	"github.com/spanrig/spanrig/captures/synth"
)

const (
	secretSeen = "standard/idle fail TLS-1 TLS-2"
	secretOpen = "standard/idle fail TLS-1\nstandard/idle inconclusive TLS-2"
)

// cleartext: TLS-2, by what is seen.
func cleartext() []Case {
	get := func(path string, headers ...string) func(r *synth.Recording) {
		return everyDay(func(w *synth.Window) {
			w.At(30*s).HTTP("api.example", server, synth.HTTPRequest("GET", "api.example", path, "", headers...), synth.HTTPResponse("200 OK", "ok"))
		})
	}
	post := func(body string) func(r *synth.Recording) {
		return everyDay(func(w *synth.Window) {
			w.At(30*s).HTTP("api.example", server, synth.HTTPRequest("POST", "api.example", "/v1/report", body, "Content-Type: application/json"), synth.HTTPResponse("200 OK", "ok"))
		})
	}
	return []Case{
		{Name: "tls2-cookie", About: "a cookie in the clear", Want: secretSeen, Script: get("/", "Cookie: session=4f3a9c")},
		{Name: "tls2-set-cookie", About: "a cookie that the server sets", Want: secretSeen, Script: everyDay(func(w *synth.Window) {
			w.At(30*s).HTTP("api.example", server, synth.HTTPRequest("GET", "api.example", "/", ""), synth.HTTPResponse("200 OK", "ok", "Set-Cookie: session=4f3a9c; Path=/"))
		})},
		{Name: "tls2-basic", About: "HTTP basic authentication", Want: secretSeen, Script: get("/", synth.BasicAuth("pilot", "hunter2"))},
		{Name: "tls2-bearer", About: "a bearer token", Want: secretSeen, Script: get("/", "Authorization: Bearer eyJhbGciOiJFZERTQSJ9.e30.c2ln")},
		{Name: "tls2-serial", About: "the device's serial number in a query", Want: secretSeen, Script: get("/v1/activate?sn=" + synth.Serial)},
		{Name: "tls2-serial-body", About: "the serial number in a body", Want: secretSeen, Script: post(`{"device":"` + synth.Serial + `"}`)},
		{Name: "tls2-position", About: "a position in JSON", Want: secretSeen, Script: post(`{"lat":48.137154,"lon":11.576124}`)},
		{Name: "tls2-position-query", About: "a position in a query", Want: secretSeen, Script: get("/elevation?latitude=48.137154&longitude=11.576124")},
		{Name: "tls2-mqtt-login", About: "MQTT with user name and password", Want: secretSeen, Script: everyDay(func(w *synth.Window) {
			w.At(30*s).Connect(server, 1883).Send(synth.MQTTConnect("pilot", "operator", "hunter2")).Reply(synth.MQTTConnack()).Close()
		})},
		{Name: "tls2-ftp-login", About: "FTP with user name and password", Want: secretSeen, Script: everyDay(func(w *synth.Window) {
			w.At(30*s).Connect(server, 21).Reply([]byte("220 ready\r\n")).Send([]byte("USER pilot\r\n")).Reply([]byte("331 password\r\n")).
				Send([]byte("PASS hunter2\r\n")).Reply([]byte("230 in\r\n")).Close()
		})},
		{Name: "tls2-udp", About: "the serial number in SIP over UDP", Want: secretSeen, Script: everyDay(func(w *synth.Window) {
			w.At(30*s).Datagram(netip.MustParseAddr(server), 5060, []byte("OPTIONS sip:1@3402000000 SIP/2.0\r\nVia: SIP/2.0/UDP 10.20.0.10:5060;branch=z9hG4bK1\r\nFrom: <sip:"+synth.Serial+"@3402000000>;tag=1\r\nTo: <sip:2@3402000000>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"), nil)
		})},
		{Name: "tls2-dns", About: "the serial number in a name that a resolver beyond the LAN is asked for: TLS-1 excepts it, TLS-2 does not", Want: "standard/idle fail TLS-2",
			Script: func(r *synth.Recording) {
				r.Resolvers("192.0.2.53").Standard(func(w *synth.Window) { w.At(30*s).Query(synth.Serial+".id.example", synth.TypeA) })
			}},
		{Name: "tls2-unknown", About: "the serial number in a protocol that nothing recognises", Want: tlsOpen + "\nstandard/idle fail TLS-2", Script: everyDay(func(w *synth.Window) {
			w.At(30*s).Connect(server, 7443).Send([]byte("\x01\x00\x20id=" + synth.Serial + "\x00\x00")).Reply([]byte("\x01\x01\x00\x00")).Close()
		})},
		{Name: "tls2-split", About: "the serial number across two segments", Want: secretSeen, Script: everyDay(func(w *synth.Window) {
			request := synth.HTTPRequest("GET", "api.example", "/v1/activate?sn="+synth.Serial, "")
			cut := strings.Index(string(request), synth.Serial) + 7
			w.At(30*s).Resolve("api.example", server).Connect(server, 80).Send(request[:cut]).Send(request[cut:]).Reply(synth.HTTPResponse("200 OK", "ok")).Close()
		})},
		{Name: "tls2-probe-cookie", About: "a cookie in the captive-portal probe: TLS-1 excepts it, TLS-2 knows no exception", Want: "standard/idle fail TLS-2",
			Script: everyDay(func(w *synth.Window) {
				w.At(30*s).HTTP(synth.ProbeHost, "192.0.2.80", synth.HTTPRequest("GET", synth.ProbeHost, "/generate_204", "", "Cookie: id=77"), synth.HTTPResponse("204 No Content", ""))
			})},
	}
}

// unreadable: TLS-2, by what can be read.
func unreadable() []Case {
	return []Case{
		{Name: "tls2-gap", About: "cleartext of which the mirror lost a part", Want: secretOpen, Script: everyDay(func(w *synth.Window) {
			request := synth.HTTPRequest("POST", "api.example", "/v1/report", strings.Repeat("x", 900))
			w.At(30*s).Resolve("api.example", server).Connect(server, 80).Send(request[:300]).Lose(300).Send(request[600:]).Reply(synth.HTTPResponse("200 OK", "ok")).Close()
		})},
		{Name: "tls2-compressed", About: "a compressed answer in the clear", Want: secretOpen, Script: everyDay(func(w *synth.Window) {
			w.At(30*s).HTTP("api.example", server, synth.HTTPRequest("GET", "api.example", "/v1/list", "", "Accept-Encoding: gzip"),
				synth.HTTPResponse("200 OK", "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xcb\xcf\x06\x00\x47\xdd\xdc\x79\x02\x00\x00\x00", "Content-Encoding: gzip"))
		})},
		{Name: "tls2-too-long", About: "more cleartext than is read", Want: secretOpen, Script: everyDay(func(w *synth.Window) {
			w.At(30*s).HTTP("api.example", server, synth.HTTPRequest("GET", "api.example", "/v1/tile", ""), synth.HTTPResponse("200 OK", strings.Repeat("tile ", 230_000)))
		})},
		{Name: "tls2-lan", About: "harmless: a cookie on the LAN", Script: everyDay(func(w *synth.Window) {
			w.At(30*s).Connect("10.20.0.77", 80).Send(synth.HTTPRequest("GET", "nas.lan", "/", "", "Cookie: session=4f3a9c")).Reply(synth.HTTPResponse("200 OK", "ok")).Close()
		})},
		{Name: "tls2-second-host", About: "harmless: another host sends a cookie", Script: everyDay(func(w *synth.Window) {
			w.At(30*s).From(synth.Neighbour).HTTP("api.example", server, synth.HTTPRequest("GET", "api.example", "/", "", "Cookie: session=4f3a9c"), synth.HTTPResponse("200 OK", "ok"))
		})},
	}
}
