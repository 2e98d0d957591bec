package casebook

import (
	"net/netip"
	"time"

	"github.com/spanrig/spanrig/captures/synth"
)

// sec is n seconds.
func sec(n int) time.Duration { return time.Duration(n) * time.Second }

// localDNS: LDM-3.
func localDNS() []Case {
	return []Case{
		{Name: "ldm3-dns-only", About: "a query for a first-party name and nothing after it", Want: "ldm/idle fail LDM-3",
			Script: around(func(w *synth.Window) { w.At(30*s).Resolve("active.dji.com", "198.51.100.11") })},
		{Name: "ldm3-unanswered", About: "a query that nobody answers", Want: "ldm/idle fail LDM-3",
			Script: around(func(w *synth.Window) { w.At(30*s).Ask("active.dji.com", synth.TypeA) })},
		{Name: "ldm3-guard", About: "a query in the guard", Want: "ldm/idle fail LDM-3",
			Script: around(func(w *synth.Window) { w.At(3*s).Ask("active.dji.com", synth.TypeAAAA) })},
		{Name: "ldm3-third-party", About: "a query for a third party's name", Want: "ldm/idle fail LDM-3",
			Script: around(func(w *synth.Window) { w.At(30*s).Resolve("tracker.example", "203.0.113.20") })},
		{Name: "ldm3-https-record", About: "a query for an HTTPS record", Want: "ldm/idle fail LDM-3",
			Script: around(func(w *synth.Window) { w.At(30*s).Ask("active.dji.com", synth.TypeHTTPS) })},
		{Name: "ldm3-mixed-case", About: "a query in mixed case", Want: "ldm/idle fail LDM-3",
			Script: around(func(w *synth.Window) { w.At(30*s).Ask("AcTive.dJi.cOm", synth.TypeA) })},
		{Name: "ldm3-tcp", About: "a query over TCP", Want: "ldm/idle fail LDM-3",
			Script: around(func(w *synth.Window) {
				q := synth.DNSMessage{ID: 77, Name: "active.dji.com", Type: synth.TypeA}
				a := q
				a.Response, a.Answers = true, []synth.DNSRecord{{Name: q.Name, Addr: netip.MustParseAddr("198.51.100.11")}}
				w.At(30*s).Connect("10.20.0.1", 53).Send(synth.Framed(q.Bytes())).Reply(synth.Framed(a.Bytes())).Close()
			})},
		{Name: "ldm3-other-resolver", About: "a query for a baseline name at a resolver that nobody announced: a contact without a name, in the clear",
			Want: "ldm/idle inconclusive LDM-2\nldm/idle fail TLS-1",
			Script: around(func(w *synth.Window) {
				w.At(30*s).QueryAt(netip.MustParseAddr("203.0.113.53"), "time.android.com", synth.TypeA,
					synth.DNSRecord{Name: "time.android.com", Addr: netip.MustParseAddr("192.0.2.123")})
			})},
		{Name: "ldm3-dot", About: "application data to an encrypted resolver (DoT)", Want: "ldm/idle inconclusive LDM-2 LDM-3",
			Script: around(func(w *synth.Window) {
				w.At(30*s).Hello("203.0.113.53", 853, synth.Hello{ALPN: []string{"dot"}}).Close()
			})},
		{Name: "ldm3-doh", About: "HTTPS to a known encrypted resolver (DoH): a contact with a name, and queries that nobody can read",
			Want:   "ldm/idle inconclusive LDM-3\nldm/idle fail LDM-2",
			Script: around(func(w *synth.Window) { w.At(30*s).Hello("203.0.113.54", 443, synth.Hello{SNI: "dns.google"}).Close() })},
		{Name: "ldm3-search-first", About: "a first-party name with the announced suffix", Want: "ldm/idle fail LDM-3",
			Script: searching(func(w *synth.Window) { w.At(30*s).Query("active.dji.com.lab.example", synth.TypeA) })},
		{Name: "ldm3-search-unannounced", About: "a baseline name with a suffix that nobody announced", Want: "ldm/idle fail LDM-3",
			Script: around(func(w *synth.Window) { w.At(30*s).Query("time.android.com.lab.example", synth.TypeA) })},
		{Name: "ldm3-ptr-outside", About: "a PTR query for an address beyond the LAN", Want: "ldm/idle fail LDM-3",
			Script: around(func(w *synth.Window) { w.At(30*s).Query("20.113.0.203.in-addr.arpa", synth.TypePTR) })},
	}
}

// localDNSHarmless: what LDM-3 does not count.
func localDNSHarmless() []Case {
	return []Case{
		{Name: "ldm3-mixed-case-system", About: "harmless: a baseline name in mixed case",
			Script: around(func(w *synth.Window) { w.At(30*s).Ask("tIme.AndroId.com", synth.TypeA) })},
		{Name: "ldm3-dot-refused", About: "harmless: Android's opportunistic DoT probe of the LAN's resolver is refused",
			Script: around(func(w *synth.Window) { w.At(30*s).Dial("10.20.0.1", 853).Refused() })},
		{Name: "ldm3-retry", About: "harmless: a baseline name is asked three times, A and AAAA",
			Script: around(func(w *synth.Window) {
				for i := range 3 {
					w.At(sec(30+i)).Ask("time.android.com", synth.TypeA)
					w.At(sec(30+i)).Ask("time.android.com", synth.TypeAAAA)
				}
			})},
		{Name: "ldm3-search", About: "harmless: a baseline name with the announced search suffix",
			Script: searching(func(w *synth.Window) { w.At(30*s).Query("time.android.com.lab.example", synth.TypeA) })},
		{Name: "ldm3-domain", About: "harmless: a baseline name with the announced domain name",
			Script: func(r *synth.Recording) {
				r.Domain("lab.example").Standard().LDM(func(w *synth.Window) { w.At(30*s).Query("time.android.com.lab.example", synth.TypeA) }).Standard()
			}},
		{Name: "ldm3-local-names", About: "harmless: single labels, .local, .lan, home.arpa and PTR of LAN addresses",
			Script: around(func(w *synth.Window) {
				for i, name := range []string{"printer", "nas.local", "nas.lan", "nas.home.arpa"} {
					w.At(sec(30+i)).Query(name, synth.TypeA)
				}
				w.At(36*s).Query("77.0.20.10.in-addr.arpa", synth.TypePTR)
			})},
		{Name: "ldm3-llmnr", About: "harmless: mDNS and LLMNR, even for a first-party name",
			Script: around(func(w *synth.Window) {
				q := synth.DNSMessage{ID: 9, Name: "active.dji.com", Type: synth.TypeA}.Bytes()
				w.At(30*s).Datagram(netip.MustParseAddr("224.0.0.252"), 5355, q, nil)
				w.At(31*s).Datagram(netip.MustParseAddr("224.0.0.251"), 5353, q, nil)
			})},
		{Name: "ldm3-second-host", About: "harmless: another host asks for a first-party name",
			Script: around(func(w *synth.Window) { w.At(30*s).From(synth.Neighbour).Resolve("active.dji.com", "198.51.100.11") })},
	}
}

func searching(script func(w *synth.Window)) func(r *synth.Recording) {
	return func(r *synth.Recording) { r.Search("lab.example").Standard().LDM(script).Standard() }
}
