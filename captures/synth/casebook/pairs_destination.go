package casebook

import (
	"net/netip"
	"strings"

	"github.com/spanrig/spanrig/captures/synth"
)

// visit is a TLS connection in the middle of a window.
func visit(name, addr string) func(w *synth.Window) {
	return func(w *synth.Window) { w.At(30*s).TLS(name, addr).Close() }
}

// usual is what every recording of a pair has: a standard window, one of local
// data mode, a standard one.
func usual(r *synth.Recording) { r.Standard().LDM().Standard() }

// often puts a script into both standard windows.
func often(script func(w *synth.Window)) func(r *synth.Recording) {
	return func(r *synth.Recording) { r.Standard(script).LDM().Standard(script) }
}

const (
	aliceAddr = "198.51.100.80"
	bobAddr   = "203.0.113.80"
)

// samePairs are no drift at all.
func samePairs() []Pair {
	shards := func(name, addr string) func(r *synth.Recording) { return often(visit(name, addr)) }
	through := func(cname string) func(r *synth.Recording) {
		return often(func(w *synth.Window) {
			at := netip.MustParseAddr(aliceAddr)
			w.At(30*s).Query("www.shop.example", synth.TypeA, synth.DNSRecord{Name: "www.shop.example", Data: cname}, synth.DNSRecord{Name: cname, Addr: at}).
				Hello(aliceAddr, 443, synth.Hello{}).Close()
		})
	}
	certified := func(names ...string) func(r *synth.Recording) {
		return often(func(w *synth.Window) {
			w.At(30*s).Hello(aliceAddr, 443, synth.Hello{Version: synth.TLS12, Names: names}).Close()
		})
	}
	shared := func(first, second string) func(r *synth.Recording) {
		return often(func(w *synth.Window) {
			w.At(28*s).Resolve(first, aliceAddr)
			w.At(29*s).Resolve(second, aliceAddr)
			w.At(30*s).Hello(aliceAddr, 443, synth.Hello{}).Close()
		})
	}
	return []Pair{
		{Name: "same", About: "the same traffic twice", Old: usual, New: usual},
		{Name: "same-shard", About: "a name that differs by a shard number", Old: shards("s1.cdn.example", aliceAddr), New: shards("s27.cdn.example", aliceAddr)},
		{Name: "same-shard-first", About: "a shard of a first-party host whose service the policy knows by another number",
			Old: shards("flysafe-api.dji.com", aliceAddr), New: shards("flysafe-api-2.dji.com", aliceAddr)},
		{Name: "same-digest", About: "a host name with a digest of the day", Old: shards("d41d8cd98f00.cdn.example", aliceAddr), New: shards("9e107d9d372b.cdn.example", aliceAddr)},
		{Name: "same-moving-address", About: "a CDN gives another address of the same operator each day", Judge: ranges("198.51.100.0/24,US,Amazon", "203.0.113.0/24,US,Amazon"),
			Old: shards("www.cdn.example", aliceAddr), New: shards("www.cdn.example", bobAddr)},
		{Name: "same-unknown-operator", About: "and one whose operator no source knows is no other operator", Judge: ranges("198.51.100.0/24,US,Amazon"),
			Old: shards("www.cdn.example", aliceAddr), New: shards("www.cdn.example", bobAddr)},
		{Name: "same-operator-names", About: "an operator goes by several names, of which the policy has the common word", Judge: ranges("198.51.100.0/24,US,Amazon EC2", "203.0.113.0/24,US,Amazon Data Services"),
			Old: shards("www.cdn.example", aliceAddr), New: shards("www.cdn.example", bobAddr)},
		{Name: "same-shard-known-number", About: "the policy knows one shard of a provider's hosts and its service, the other is of the same", Judge: Judge{Overlay: sharded},
			Old: shards("m1.maps.example", aliceAddr), New: shards("m2.maps.example", aliceAddr)},
		{Name: "same-certificate", About: "a certificate that names more than it did, where nothing else names the endpoint", Old: certified("b.two.example"), New: certified("a.one.example", "b.two.example")},
		{Name: "same-cname", About: "a name that leads through another CDN's CNAME, without SNI: the name asked for counts", Old: through("e1.edge-a.example"), New: through("e9.edge-b.example")},
		{Name: "same-shared-address", About: "an address that DNS gave for two names, in another order", Old: shared("a.one.example", "b.two.example"), New: shared("b.two.example", "a.one.example")},
		{Name: "same-lan", About: "another host of the LAN", Old: usual, New: often(func(w *synth.Window) { w.At(30*s).Connect("10.20.0.99", 8080).Plain(300).Close() })},
		{Name: "same-controls", About: "controls of another kind are the rig's", Old: usual, New: func(r *synth.Recording) { r.Standard(overHTTP).LDM(overHTTP).Standard(overHTTP) }},
		{Name: "same-second-host", About: "another host that nobody judges", Old: usual,
			New: often(func(w *synth.Window) { w.At(30*s).From(synth.Neighbour).TLS("tracker.example", bobAddr).Close() })},
		{Name: "same-resolver", About: "the bench's resolver moved beyond the LAN: that is the bench's doing", Old: func(r *synth.Recording) { r.Standard() }, New: func(r *synth.Recording) { r.Resolvers("192.0.2.53").Standard() }},
		{Name: "same-reverse", About: "a question for the name of an address, and of another the next time",
			Old: often(func(w *synth.Window) { w.At(30*s).Query("10.113.0.203.in-addr.arpa", synth.TypePTR) }),
			New: often(func(w *synth.Window) { w.At(30*s).Query("99.100.51.198.in-addr.arpa", synth.TypePTR) })},
		{Name: "same-no-contact", About: "a packet from outside that the device answers with a RST makes no destination", Old: usual,
			New: func(r *synth.Recording) {
				var old *synth.Talk
				r.Standard(func(w *synth.Window) { old = w.At(30*s).TLS(synth.FirstName, synth.FirstAddr).Close() }).LDM(func(w *synth.Window) { old.Until(w.At(30 * s)).Stray() }).Standard()
			}},
	}
}

// sharded knows the service of one shard.
const sharded = `schema: 1
name: lab
extends: dji-pilot2
parties:
  provider:
    - {domain: m1.maps.example, services: [maps], owner: Example Maps, source: the lab, sure: high}
`

// destinationPairs have one more or one less.
func destinationPairs() []Pair {
	const third = "DRIFT-1 fail\nnew standard tracker.example"
	operators := ranges("198.51.100.0/24,US,Amazon", "203.0.113.0/24,US,Alibaba Cloud", "192.0.2.0/24,US,Google")
	return []Pair{
		{Name: "new-third", About: "a new third party", Old: usual, New: often(visit("px.tracker.example", bobAddr)), Exit: 1, Want: third},
		{Name: "new-third-much", About: "a new third party that gets a lot: its party's volume moved, it has none to compare", Exit: 1, Old: usual,
			New:  often(func(w *synth.Window) { w.At(30*s).TLS("px.tracker.example", bobAddr).Data(9000).Close() }),
			Want: third + "\nmoved standard @third sent more, received more"},
		{Name: "new-half-known", About: "it is one destination, though of one of its addresses nobody knows the operator", Judge: ranges("203.0.113.0/24,US,Google"), Exit: 1, Old: usual,
			New: func(r *synth.Recording) {
				r.Standard(visit("px.tracker.example", bobAddr), func(w *synth.Window) { w.At(40*s).TLS("px.tracker.example", aliceAddr).Close() }).LDM().Standard()
			},
			Want: third},
		{Name: "new-first-host", About: "a new first-party host of no service, where only one of a service was known", Exit: 1,
			Old: usual, New: often(visit("telemetry.dji.com", bobAddr)),
			Want: "DRIFT-1 fail\nnew standard dji.com\nnew standard host telemetry.dji.com dji.com"},
		{Name: "new-first-service", About: "a new service of the first party", Exit: 1, Old: usual, New: often(visit("account-api.dji.com", bobAddr)),
			Want: "DRIFT-1 fail\nnew standard dji.com\nnew standard service account dji.com\nnew standard host account-api.dji.com dji.com"},
		{Name: "new-first-domain", About: "a new first-party domain", Exit: 1, Old: usual, New: often(visit("www.skypixel.com", bobAddr)), Want: "DRIFT-1 fail\nnew standard skypixel.com"},
		{Name: "known-domain-host", About: "one host more of a third party that was known: told, and no new destination",
			Old: often(visit("www.shop.example", aliceAddr)), New: often(func(w *synth.Window) {
				visit("www.shop.example", aliceAddr)(w)
				w.At(40*s).TLS("img.shop.example", aliceAddr).Close()
			}),
			Want: "new standard host img.shop.example shop.example"},
		{Name: "new-system", About: "new noise of the system is drift too", Exit: 1, Old: usual, New: often(visit("time.izatcloud.net", bobAddr)), Want: "DRIFT-1 fail\nnew standard izatcloud.net"},
		{Name: "new-operator-own", About: "and so is an endpoint of the lab's own", Judge: Judge{Overlay: operated}, Exit: 1, Old: usual, New: often(visit("api.fleet.example", bobAddr)),
			Want: "DRIFT-1 fail\nnew standard fleet.example"},
		{Name: "new-first-on-lan", About: "a first-party name is a destination also where a proxy on the LAN stands for it", Exit: 1, Old: usual, New: often(visit("www.skypixel.com", "10.20.0.99")),
			Want: "DRIFT-1 fail\nnew standard skypixel.com"},
		{Name: "new-asked", About: "a name that DNS does not know shows the intention", Exit: 1, Old: usual,
			New: often(func(w *synth.Window) { w.At(30*s).Query("px.tracker.example", synth.TypeA) }), Want: third},
		{Name: "new-unreadable", About: "a name that cannot be read may be any name", Exit: 3, Old: usual,
			New:  often(func(w *synth.Window) { w.At(30*s).Query(strings.Repeat("abcdefgh.", 120)+"example", synth.TypeA) }),
			Want: "DRIFT-1 inconclusive\nnew standard (unreadable_name)"},
		{Name: "new-through-cname", About: "a name whose CNAME tells its service is one destination: the question belongs to the contact", Exit: 1, Old: usual,
			New: often(func(w *synth.Window) {
				w.At(30*s).Query("tiles.shop.example", synth.TypeA, synth.DNSRecord{Name: "tiles.shop.example", Data: mapName}, synth.DNSRecord{Name: mapName, Addr: netip.MustParseAddr(mapAddr)}).
					Hello(mapAddr, 443, synth.Hello{}).Close()
			}),
			Want: "DRIFT-1 fail\nnew standard shop.example\nnew standard service maps shop.example\nnew standard fingerprint * shop.example"},
		{Name: "new-moved-operator", About: "the first party's host moved to another operator", Judge: operators, Exit: 1,
			Old: usual, New: func(r *synth.Recording) {
				moved := func(w *synth.Window) {
					w.Silent = true
					w.At(6*s).TLS(synth.FirstName, bobAddr).Wait(s).Data(900).Close()
				}
				r.Standard(moved).LDM().Standard(moved)
			},
			Want: `DRIFT-1 fail
				GEO-2 standard/idle worse
				new standard dji.com
				gone standard dji.com
				new standard operator Alibaba_Cloud dji.com
				gone standard operator Amazon dji.com`},
		{Name: "gone-service", About: "a service of a provider that is not contacted any more",
			Old: often(visit(mapName, mapAddr)), New: usual,
			Want: "gone standard mapbox.com\ngone standard service maps mapbox.com"},
		{Name: "gone-third", About: "a third party that is gone", Old: often(visit("px.tracker.example", bobAddr)), New: usual, Want: "gone standard tracker.example"},
		{Name: "new-in-mode", About: "a third party that was known in standard mode speaks in local data mode: no new destination, but broken promises", Exit: 1,
			Old: often(visit("px.tracker.example", bobAddr)),
			New: func(r *synth.Recording) {
				r.Standard(visit("px.tracker.example", bobAddr)).LDM(visit("px.tracker.example", bobAddr)).Standard(visit("px.tracker.example", bobAddr))
			},
			Want: `LDM-2 ldm/idle worse
				LDM-3 ldm/idle worse
				new ldm tracker.example
				new ldm version TLS_1.3 tracker.example
				new ldm fingerprint * tracker.example`},
		{Name: "new-waived", About: "a new destination that the lab accepted stays a fail", Judge: Judge{Overlay: driftWaiver}, Exit: 1, Old: usual, New: often(visit("px.tracker.example", bobAddr)), Want: third},
		{Name: "new-waived-accepted", About: "and is none in the exit code where waivers are accepted", Judge: Judge{Overlay: driftWaiver, Accept: true}, Old: usual, New: often(visit("px.tracker.example", bobAddr)), Want: third},
		{Name: "new-waived-other", About: "but for another one", Judge: Judge{Overlay: driftWaiver, Accept: true}, Exit: 1, Old: usual, New: often(visit("px.other.example", bobAddr)), Want: "DRIFT-1 fail\nnew standard other.example"},
		{Name: "new-several-names", About: "a proxy's flow that asks for a known host and a new one", Exit: 1,
			Old: often(proxied("www.shop.example")), New: often(proxied("www.shop.example", "px.tracker.example")),
			Want: third},
	}
}

// driftWaiver accepts one new destination.
const driftWaiver = `schema: 1
name: lab
extends: dji-pilot2
waivers:
  - {claim: DRIFT-1, endpoint: tracker.example, reason: announced by the maker, owner: lab@bench.example, expires: 2027-06-30}
`

// proxied is a cleartext connection to a host on the far side that requests
// pages of several others, one after the other.
func proxied(hosts ...string) func(w *synth.Window) {
	return func(w *synth.Window) {
		t := w.At(30*s).Connect(aliceAddr, 3128)
		for _, host := range hosts {
			t.Send(synth.HTTPRequest("GET", host, "/", "")).Reply(synth.HTTPResponse("200 OK", "ok"))
		}
		t.Close()
	}
}

// namelessPairs have endpoints that nothing names.
func namelessPairs() []Pair {
	speak := func(addr string, port uint16) func(r *synth.Recording) {
		return often(func(w *synth.Window) { w.At(40*s).UDP(addr, port, "\xd5\x01\x77\xfa") })
	}
	amazon := ranges("198.51.100.0/24,US,Amazon", "203.0.113.0/24,US,Amazon", "192.0.2.0/24,US,Google")
	const unproven = "TLS-1 standard/idle unproven\nnew standard version unknown_protocol "
	return []Pair{
		{Name: "nameless-new", About: "an endpoint without a name where there was none", Exit: 1, Old: usual, New: speak("203.0.113.50", 9999), Want: "DRIFT-1 fail\nnew standard 203.0.113.50\n" + unproven + "203.0.113.50"},
		{Name: "nameless-same", About: "the same address again: nothing new; what it speaks is as unknown as before", Exit: 3, Old: speak("203.0.113.50", 9999), New: speak("203.0.113.50", 9999)},
		{Name: "nameless-rotates", About: "another address on the same port where the old one is gone: perhaps the same endpoint", Exit: 3,
			Old: speak("203.0.113.50", 9999), New: speak("203.0.113.51", 9999),
			Want: "DRIFT-1 inconclusive\nnew standard 203.0.113.51\ngone standard 203.0.113.50"},
		{Name: "nameless-beside", About: "another address beside the old one has taken nobody's place", Exit: 1,
			Old: speak("203.0.113.50", 9999), New: often(func(w *synth.Window) {
				w.At(40*s).UDP("203.0.113.50", 9999, "\xd5\x01\x77\xfa")
				w.At(41*s).UDP("203.0.113.51", 9999, "\xd5\x01\x77\xfa")
			}),
			Want: "DRIFT-1 fail\nnew standard 203.0.113.51"},
		{Name: "nameless-other-port", About: "nor has one on another port", Exit: 1, Old: speak("203.0.113.50", 9999), New: speak("203.0.113.51", 8888),
			Want: "DRIFT-1 fail\nnew standard 203.0.113.51\ngone standard 203.0.113.50"},
		{Name: "nameless-operator", About: "another address of an operator that was contacted without a name before is its address of the day", Judge: amazon, Exit: 3,
			Old: speak("203.0.113.50", 9999), New: speak("198.51.100.50", 9999)},
		{Name: "nameless-new-operator", About: "and one of an operator that was not is new", Judge: amazon, Exit: 1,
			Old: usual, New: speak("203.0.113.50", 9999), Want: "DRIFT-1 fail\nnew standard unnamed,_run_by_Amazon\n" + unproven + "unnamed,_run_by_Amazon"},
		{Name: "nameless-ping", About: "an echo request is a contact", Exit: 1, Old: usual, New: often(func(w *synth.Window) { w.At(40*s).Ping("203.0.113.50", true) }),
			Want: "DRIFT-1 fail\nnew standard 203.0.113.50"},
	}
}
