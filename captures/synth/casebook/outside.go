package casebook

import "github.com/spanrig/spanrig/captures/synth"

// residency: GEO-1 and GEO-2.
func residency() []Case { return nil }

// outside: what is not in the traffic.
func outside() []Case {
	return []Case{
		{Name: "broken-chain", About: "a line of the journal was edited after the fact", Error: "chain",
			Script: func(r *synth.Recording) { r.Standard().LDM().Standard().BreakChain() }},
	}
}
