package report

import (
	"fmt"
	"slices"

	"github.com/spanrig/spanrig/rig/policy"
)

// headline is the result in one sentence.
type headline struct {
	Class, Word, Sentence, Further string
	Unmet                          []promise // proofs of the sensor
}

// tally counts promises by what became of them.
type tally struct{ broken, failed, open, kept, judged int }

func tallied(groups []group) (n tally) {
	for _, g := range groups {
		switch k := len(g.Promises); g.Class {
		case outcomes[policy.Fail].class:
			n.broken = k
		case outcomes[policy.Errored].class:
			n.failed = k
		case outcomes[policy.Inconclusive].class:
			n.open = k
		case outcomes[policy.Pass].class:
			n.kept = k
		}
	}
	n.judged = n.broken + n.failed + n.open + n.kept
	return n
}

// Sentences that further a headline.
const (
	furtherFail     = "Something was seen that the maker’s promise excludes. Each finding below leads to its flows and frames."
	furtherWaived   = "Something was seen that the maker’s promise excludes. The policy waives all of it: somebody accepts it until a date."
	furtherError    = "Silence in such a recording says nothing of the product. It has to be made again."
	furtherSilence  = "No flow was seen that may break one. That alone proves nothing: silence counts only where sensor and mode are proven, and the stimulus is known to make the app speak. Here that proof is not whole."
	furtherSeen     = "Whether a promise is broken by that is open: the mode is not proven, or what was seen is incomplete or has two readings. The evidence below leads to its flows and frames."
	furtherPass     = "It speaks of this device, this firmware and this recording, and of nothing beyond what a mirror port sees."
	furtherNameless = "It speaks of the one device that was recorded, whose firmware nobody has named, and of nothing beyond what a mirror port sees."
	furtherNone     = "The recording has no occasion to judge any promise by."
)

// headline says the result of the whole, and how many promises had which. It
// never says more for the product than was proven: what was seen and could not be
// decided stands in it.
func (b *builder) headline(groups []group, proofs []promise) headline {
	n, result := tallied(groups), b.c.verdict.Result
	h := headline{Class: outcomes[result].class, Word: string(result)}
	for _, p := range proofs {
		if p.Class != "pass" && p.Class != "none" {
			h.Unmet = append(h.Unmet, p)
		}
	}
	switch {
	case result == policy.Fail && n.broken == 0:
		h.mode(proofs)
	case result == policy.Fail:
		h.Sentence, h.Further = broken(n), furtherFail
		if b.c.verdict.Exit(true) == policy.ExitPass {
			h.Further = furtherWaived
		}
	case result == policy.Errored:
		h.Sentence, h.Further = "The rig or the app failed", furtherError
	case result == policy.Inconclusive && n.judged+len(h.Unmet) > 0:
		h.Sentence, h.Further = unproven(n, len(h.Unmet)), furtherSilence
	case result == policy.Pass && n.judged > 0:
		h.Sentence, h.Further = fmt.Sprintf("All %s kept", plural(n.judged, "promise judged was|promises judged were")), furtherPass
		if n.judged == 1 {
			h.Sentence = "The one promise judged was kept"
		}
		if d := &b.c.rec.Inventory.Device; d.Model == "" || d.Firmware == "" {
			h.Further = furtherNameless
		}
	default:
		h.Class, h.Word, h.Sentence, h.Further = "none", "not judged", "Nothing was judged", furtherNone
	}
	if seen := b.seen(); seen != "" && n.broken == 0 {
		h.Sentence += "; " + seen
		if result == policy.Inconclusive {
			h.Further = furtherSeen
		}
	}
	return h
}

func broken(n tally) string {
	if n.judged == 1 {
		return "The one promise judged was broken"
	}
	return fmt.Sprintf("%d of %d promises judged %s broken", n.broken, n.judged, map[bool]string{true: "was", false: "were"}[n.broken == 1])
}

func unproven(n tally, unmet int) string {
	missing := plural(unmet, "proof of the sensor is|proofs of the sensor are") + " missing"
	switch {
	case n.open > 0:
		return plural(n.open, "promise") + " not proven"
	case n.judged == 0:
		return "No promise was judged, and " + missing
	}
	return fmt.Sprintf("%s kept, but %s", plural(n.kept, "promise judged was|promises judged were"), missing)
}

// mode is the headline where only a proof failed: the mode was not kept.
func (h *headline) mode(proofs []promise) {
	var ids []string
	for _, p := range proofs {
		if p.Class == outcomes[policy.Fail].class {
			ids = append(ids, p.ID)
		}
	}
	h.Sentence = "The mode that was asked for was not kept"
	if !slices.Equal(ids, []string{"MODE-1"}) {
		h.Sentence = enumerate(ids) + " failed"
	}
	h.Further = "At the end of a window another mode was read than the one it was entered in. What was sent in it can be held against no promise of that mode, nor in favour of one."
}

// seen names the flows that may break a promise, though it is not shown that they
// do: those of inconclusive verdicts. It is empty where there are none.
func (b *builder) seen() string {
	flows, claims, more := map[key]bool{}, []string(nil), ""
	for i := range b.c.verdict.Verdicts {
		v := &b.c.verdict.Verdicts[i]
		if v.Result != policy.Inconclusive || b.checks(v.Claim) {
			continue
		}
		for _, e := range v.Evidence {
			if e.Flow == 0 {
				continue
			}
			flows[key{e.File, e.Flow}] = true
			claims = appendNew(claims, v.Claim, len(b.c.policy.Claims))
		}
		if len(v.Evidence) >= policy.MostEvidence {
			more = " or more"
		}
	}
	if len(flows) == 0 {
		return ""
	}
	const most = 4
	if len(claims) > most {
		claims = append(claims[:most-1:most-1], plural(len(claims)-most+1, "further promise"))
	}
	noun := " flows seen may break "
	if len(flows) == 1 {
		noun = " flow seen may break "
	}
	return Thousands(uint64(len(flows))) + more + noun + enumerate(claims)
}

// checks reports whether a claim is a proof of the sensor.
func (b *builder) checks(claim string) bool {
	return slices.ContainsFunc(checkTitles[:], func(t [2]string) bool { return t[0] == claim })
}
