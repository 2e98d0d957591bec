package casebook

import (
	"time"

	"github.com/spanrig/spanrig/captures/synth"
)

// ranges is a range file: the operator's own word.
func ranges(lines ...string) Judge {
	text := "prefix,country,operator\n"
	for _, l := range lines {
		text += l + "\n"
	}
	return Judge{Ranges: text}
}

// residency: GEO-1 and GEO-2. A round trip of 12 ms, seen from the US, keeps an
// endpoint on the continent; one of 80 ms does not.
func residency() []Case {
	const all = "198.51.100.0/24"
	standard := func(r *synth.Recording) { r.Standard() }
	far := func(r *synth.Recording) {
		r.Standard(func(w *synth.Window) {
			w.Silent = true
			w.At(12*s).RoundTrip(80*time.Millisecond).TLS(synth.FirstName, synth.FirstAddr).Close()
		})
	}
	abroad := func(w *synth.Window) { w.At(40*s).TLS("api.fleet.example", "203.0.113.63").Close() }
	databases := func(lists ...string) Judge {
		var j Judge
		for _, l := range lists {
			j.Countries = append(j.Countries, []string{l})
		}
		return j
	}
	mixed := func(j Judge, lists ...string) Judge {
		j.Countries = databases(lists...).Countries
		return j
	}
	return []Case{
		{Name: "geo-home", About: "harmless: a range file says US and an allowed operator", Judge: ranges(all + ",US,Amazon"), Script: standard},
		{Name: "geo1-abroad", About: "the range file says CN, run by an allowed operator", Judge: ranges(all + ",CN,Amazon"), Want: "standard/idle fail GEO-1", Script: standard},
		{Name: "geo2-operator", About: "in the US, but run by an operator that is not allowed", Judge: ranges(all + ",US,Alibaba Cloud"), Want: "standard/idle fail GEO-2", Script: standard},
		{Name: "geo1-specific", About: "the longest prefix counts", Judge: ranges(all+",US,Amazon", "198.51.100.10/32,CN,Amazon"), Want: "standard/idle fail GEO-1", Script: standard},
		{Name: "geo-unknown", About: "no source knows the endpoint", Judge: ranges("192.0.2.0/24,US,Amazon"), Want: "standard/idle inconclusive GEO-1 GEO-2", Script: standard},
		{Name: "geo-no-first-party", About: "no first-party flow: nothing to judge", Judge: ranges(all + ",US,Amazon"), Want: "standard/idle none GEO-1 GEO-2",
			Script: func(r *synth.Recording) { r.Standard(func(w *synth.Window) { w.Silent = true }) }},
		{Name: "geo-third-party", About: "harmless: a third party abroad", Judge: ranges(all+",US,Amazon", "203.0.113.0/24,CN,Alibaba Cloud"),
			Script: func(r *synth.Recording) { r.Standard(abroad) }},
		{Name: "geo1-database-near", About: "harmless: one database says US, and the round trip supports it", Judge: databases(all + " US"), Script: standard},
		{Name: "geo1-database-far", About: "one database says US, and the round trip does not support it: weak", Judge: databases(all + " US"),
			Want: "standard/idle inconclusive GEO-1", Script: far},
		{Name: "geo1-database-abroad", About: "one database says CN: weak", Judge: databases(all + " CN"), Want: "standard/idle inconclusive GEO-1", Script: far},
		{Name: "geo1-two-agree", About: "harmless: two databases say US", Judge: databases(all+" US", all+" US"), Script: far},
		{Name: "geo1-two-abroad", About: "two databases say CN", Judge: databases(all+" CN", all+" CN"), Want: "standard/idle fail GEO-1", Script: far},
		{Name: "geo1-two-differ", About: "two databases contradict each other", Judge: databases(all+" US", all+" CN"), Want: "standard/idle inconclusive GEO-1", Script: far},
		{Name: "geo1-range-against-database", About: "the range file says US, a database contradicts", Judge: mixed(ranges(all+",US,Amazon"), all+" CN"),
			Want: "standard/idle inconclusive GEO-1", Script: far},
		{Name: "geo1-range-abroad-against-database", About: "a strong source says CN, whatever a database says", Judge: mixed(ranges(all+",CN,Amazon"), all+" US"),
			Want: "standard/idle fail GEO-1", Script: far},
		{Name: "geo1-anycast", About: "the policy knows the address to be anycast", Judge: Judge{Ranges: ranges(all + ",US,Amazon").Ranges,
			Overlay: "schema: 1\nname: lab\nextends: dji-pilot2\ngeo:\n  anycast: [198.51.100.0/24]\n"}, Want: "standard/idle inconclusive GEO-1", Script: standard},
		{Name: "geo2-system", About: "harmless: the database of autonomous systems names an allowed one", Judge: Judge{Systems: []string{all + " 16509 AMAZON-02"}}, Script: standard},
		{Name: "geo2-other-system", About: "it names one that is not allowed", Judge: Judge{Systems: []string{all + " 64500 Example CDN CN"}},
			Want: "standard/idle fail GEO-2", Script: standard},
		{Name: "geo2-unknown-system", About: "it does not know the address", Judge: Judge{Systems: []string{"192.0.2.0/24 16509 AMAZON-02"}},
			Want: "standard/idle inconclusive GEO-2", Script: standard},
		{Name: "geo-unfit", About: "a control is missing: what was not seen may be elsewhere", Judge: ranges(all + ",US,Amazon"),
			Want: "standard/idle inconclusive CAP-1 absence", Script: func(r *synth.Recording) { r.Standard(func(w *synth.Window) { w.Control(2, synth.Skipped) }) }},
		{Name: "geo-unfit-abroad", About: "what was seen abroad fails all the same", Judge: ranges(all + ",CN,Alibaba Cloud"),
			Want:   "standard/idle inconclusive CAP-1 absence\nstandard/idle fail GEO-1 GEO-2",
			Script: func(r *synth.Recording) { r.Standard(func(w *synth.Window) { w.Control(2, synth.Skipped) }) }},
	}
}
