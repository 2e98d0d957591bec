package casebook

import "github.com/spanrig/spanrig/captures/synth"

// waivedPairs break promises that somebody accepts to be broken.
func waivedPairs() []Pair {
	leak := around(visit(synth.FirstName, synth.FirstAddr))
	want := "new ldm dji.com\nnew ldm service flysafe dji.com\nnew ldm version TLS_1.3 dji.com\nnew ldm fingerprint * dji.com\n" +
		newWindow("ldm/idle", "worse", "LDM-1", "LDM-2", "LDM-3")
	const by = ", waived by lab@bench.example until 2027-06-30"
	return []Pair{
		{Name: "waived", About: "a waiver makes nothing good", Judge: Judge{Overlay: waivers("LDM-1", "LDM-2", "LDM-3")}, Exit: 1, Old: usual, New: leak,
			Want: want, Says: "WORSE: LDM-1, LDM-2 and LDM-3 fail now; all of it is waived"},
		{Name: "waived-accepted", About: "it counts as no change where it is accepted", Judge: Judge{Overlay: waivers("LDM-1", "LDM-2", "LDM-3"), Accept: true}, Old: usual, New: leak,
			Want: want, Says: "NOTHING WORSE but what is waived: LDM-1, LDM-2 and LDM-3 fail now" + by + "; 15 promises as before; no new destination"},
		{Name: "waived-partly", About: "and makes up for no other promise", Judge: Judge{Overlay: waivers("LDM-1"), Accept: true}, Exit: 1, Old: usual, New: leak,
			Want: want, Says: "WORSE: LDM-2 and LDM-3 fail now; LDM-1 fails now" + by},
		{Name: "waived-unproven", About: "nor for what nobody can tell", Judge: Judge{Overlay: waivers("LDM-1", "LDM-2", "LDM-3"), Accept: true}, Exit: 3, Old: usual,
			New:  around(func(w *synth.Window) { w.Control(3, synth.Skipped); visit(synth.FirstName, synth.FirstAddr)(w) }),
			Want: want + "DRIFT-1 inconclusive\nalike ldm idle no\n" + newWindow("ldm/idle", "unproven", "CAP-1", "LDM-4", "TLS-1", "TLS-2"),
			Says: "INCONCLUSIVE: nothing is known to be worse, but CAP-1, LDM-4, TLS-1, TLS-2 and DRIFT-1 cannot be told; LDM-1, LDM-2 and LDM-3 fail now" + by},
	}
}

// waivers accept the first party for some claims.
func waivers(claims ...string) string {
	text := "schema: 1\nname: lab\nextends: dji-pilot2\nwaivers:\n"
	for _, claim := range claims {
		text += "  - {claim: " + claim + ", endpoint: dji.com, reason: known and reported, owner: lab@bench.example, expires: 2027-06-30}\n"
	}
	return text
}

// reservedPairs may have been mixed up.
func reservedPairs() []Pair {
	const third = "DRIFT-1 fail\nnew standard tracker.example"
	another := func(r *synth.Recording) { r.Inventory.Device.Model = "RC-PLUS" }
	return []Pair{
		{Name: "reserved-same", About: "a recording is no release after itself", Exit: 3, Old: usual,
			New: func(r *synth.Recording) {
				r.Name, r.Inventory = "reserved-same-old", synth.New("").Inventory
				usual(r)
			}, Says: "INCONCLUSIVE: OLD and NEW are the same recording, so nobody can say whether anything is worse"},
		{Name: "reserved-model", About: "nor is another device", Exit: 3, Old: usual, New: func(r *synth.Recording) { another(r); usual(r) },
			Says: "INCONCLUSIVE: OLD is of device model RM510B and NEW of RC-PLUS, so nobody can say"},
		{Name: "reserved-model-worse", About: "whose new destination is new all the same", Exit: 1, Old: usual,
			New: func(r *synth.Recording) { another(r); often(visit("px.tracker.example", bobAddr))(r) }, Want: third,
			Says: "in standard; mind that OLD is of device model RM510B and NEW of RC-PLUS"},
		{Name: "reserved-model-unnamed", About: "one that is not named may be the same", Old: usual,
			New: func(r *synth.Recording) { r.Inventory.Device.Model, r.Inventory.Device.Firmware = "", ""; usual(r) }, Says: "NOTHING WORSE, with a reservation: NEW does not name its firmware; 18 promises"},
		{Name: "reserved-reversed", About: "the later release is given first", Old: func(r *synth.Recording) { r.Inventory.Device.Firmware = "02.10.0001"; usual(r) }, New: usual,
			Says: "NOTHING WORSE, with a reservation: NEW's firmware 02.02.0100 is older than OLD's 02.10.0001, as if they were the wrong way round; 18 promises"},
	}
}
