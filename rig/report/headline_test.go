package report

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/spanrig/spanrig/captures/synth"
	"github.com/spanrig/spanrig/rig/policy"
)

// TestHeadline holds the first sentence of a page against verdicts of all kinds:
// it never says more for the product than they do.
func TestHeadline(t *testing.T) {
	one := func(claim string, r policy.Result, flows ...uint64) policy.Verdict {
		v := policy.Verdict{Claim: claim, Window: "w", Result: r, Because: "so"}
		for _, f := range flows {
			v.Evidence = append(v.Evidence, policy.Evidence{Flow: f})
		}
		return v
	}
	const pass, unclear, failed, errored = policy.Pass, policy.Inconclusive, policy.Fail, policy.Errored
	c, err := open(seal(t, filepath.Join("..", "..", "fixtures", "traces", "ldm1-tls"), policy.Options{}), "bundle")
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range []struct {
		want, class string
		list        []policy.Verdict
	}{
		{"Nothing was judged", "none", nil},
		{"Nothing was judged", "none", []policy.Verdict{one("CAP-1", pass), one("CAP-2", pass)}},
		{"No promise was judged, and 1 proof of the sensor is missing", "inconclusive", []policy.Verdict{one("CAP-1", unclear)}},
		{"The one promise judged was kept", "pass", []policy.Verdict{one("LDM-1", pass)}},
		{"All 2 promises judged were kept", "pass", []policy.Verdict{one("LDM-1", pass), one("LDM-2", pass)}},
		{"2 promises judged were kept, but 1 proof of the sensor is missing", "inconclusive", []policy.Verdict{one("CAP-1", unclear), one("GEO-1", pass), one("GEO-2", pass)}},
		{"1 promise not proven", "inconclusive", []policy.Verdict{one("LDM-1", unclear), one("LDM-2", pass)}},
		{"1 promise not proven; 1 flow seen may break LDM-1", "inconclusive", []policy.Verdict{one("LDM-1", unclear, 7), one("LDM-2", pass)}},
		{"2 promises not proven; 2 flows seen may break LDM-1 and LDM-2", "inconclusive", []policy.Verdict{one("LDM-1", unclear, 7), one("LDM-2", unclear, 7, 9)}},
		{"1 promise not proven", "inconclusive", []policy.Verdict{one("CAP-1", unclear, 7), one("LDM-2", unclear)}},
		{"5 promises not proven; 1 flow seen may break LDM-1, LDM-2, LDM-3 and 2 further promises", "inconclusive",
			[]policy.Verdict{one("LDM-1", unclear, 7), one("LDM-2", unclear, 7), one("LDM-3", unclear, 7), one("LDM-4", unclear, 7), one("TLS-1", unclear, 7)}},
		{"The one promise judged was broken", "fail", []policy.Verdict{one("LDM-1", failed, 7)}},
		{"1 of 2 promises judged was broken", "fail", []policy.Verdict{one("LDM-1", failed, 7), one("LDM-2", unclear, 9)}},
		{"The mode that was asked for was not kept; 1 flow seen may break LDM-1", "fail", []policy.Verdict{one("MODE-1", failed), one("LDM-1", unclear, 7)}},
		{"The rig or the app failed", "error", []policy.Verdict{one("MODE-1", errored), one("LDM-1", unclear)}},
		{"The rig or the app failed; 1 flow seen may break LDM-1", "error", []policy.Verdict{one("MODE-1", errored), one("LDM-1", unclear, 7)}},
	} {
		c.verdict.Verdicts, c.verdict.NotJudged, c.verdict.Result = k.list, nil, policy.Inconclusive
		if len(k.list) > 0 {
			c.verdict.Result = slices.MaxFunc(k.list, func(a, b policy.Verdict) int { return a.Result.Weight() - b.Result.Weight() }).Result
		}
		p, err := build(c)
		if err != nil {
			t.Fatal(err)
		}
		if p.Result.Sentence != k.want || p.Result.Class != k.class {
			t.Errorf("%+v:\n%s, %q, want %s, %q", k.list, p.Result.Class, p.Result.Sentence, k.class, k.want)
		}
	}
}

// TestNothingJudged makes the page of a recording without a window.
func TestNothingJudged(t *testing.T) {
	page := pageOf(t, seal(t, saved(t, synth.New("empty")), policy.Options{}))
	sound(t, page)
	holds(t, page, []string{"Nothing was judged</p>", "no occasion to judge any promise"}, []string{"Nothing broken", "Here that proof"})
}

// TestNameless makes the page of a recording without an inventory: it does not
// speak of a firmware that nobody named.
func TestNameless(t *testing.T) {
	dir := saved(t, synth.New("nameless").Standard().LDM().Standard())
	if err := os.Remove(filepath.Join(dir, "inventory.json")); err != nil {
		t.Fatal(err)
	}
	page := pageOf(t, seal(t, dir, policy.Options{}))
	sound(t, page)
	holds(t, page, []string{"<strong>Device guessed.</strong> Nothing says which host is the device: 02:00:5e:00:00:10 10.20.0.10", "names no model, no firmware, no app", "No serial number was known",
		"promises judged were kept", "whose firmware nobody has named", "no credential, cookie or position in"}, []string{"this firmware", "no credential, cookie, serial number"})

	bare := filepath.Join("..", "..", "fixtures", "traces", "clean-ldm", "capture.pcapng")
	page = pageOf(t, seal(t, bare, policy.Options{Mode: "ldm", Devices: []string{"02:00:5e:00:00:10"}}))
	holds(t, page, []string{"<strong>Device on somebody’s word.</strong> Who judged the recording said that 02:00:5e:00:00:10 is the device."}, []string{"Device guessed."})

	half := synth.New("half").Standard()
	half.Inventory.Device.Firmware = ""
	page = pageOf(t, seal(t, saved(t, half), policy.Options{}))
	holds(t, page, []string{"<strong>Device not named.</strong> The recording names no firmware: nobody"}, []string{"Device guessed.", "No serial number was known"})
}

// TestSimulated: a recording is simulated where its inventory says so, though it
// has no provenance of its own.
func TestSimulated(t *testing.T) {
	const banner = "<strong>Simulated.</strong>"
	holds(t, pageOf(t, seal(t, saved(t, synth.New("synthetic").Standard()), policy.Options{})), []string{banner}, nil)
	r := synth.New("real").Standard()
	r.Inventory.Host["provenance"] = "recorded in the laboratory, not simulated"
	holds(t, pageOf(t, seal(t, saved(t, r), policy.Options{})), nil, []string{banner})
}
