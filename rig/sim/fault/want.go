package fault

import (
	"strings"

	"github.com/spanrig/spanrig/rig/policy"
)

// Claims that are judged in windows of every mode, with databases and a
// first-party endpoint, and those that a mode adds.
const (
	always     = "CAP-1 CAP-2 CAP-3 MODE-1 GEO-1 GEO-2 TLS-1 TLS-2"
	inLDM      = always + " APP-1 CTRL-1 LDM-1 LDM-2 LDM-3 LDM-4"
	inRNM      = always + " APP-1 CTRL-1 RNM-1 RNM-2"
	underEvent = inLDM + " LDM-5" // plug, restart, reboot
	inBoth     = inLDM + " RNM-1 RNM-2"
)

// judged are the claims of each plan.
var judged = map[string]string{"tour": inLDM, "idle": inLDM, "soak": inLDM, "plug": underEvent, "restart": underEvent, "reboot": underEvent, "rnm": inRNM, "quick": inBoth}

// want makes the table of a plan: all pass, but for the lines, each a result
// and its claims.
func want(plan string, lines ...string) map[string]policy.Result {
	table := map[string]policy.Result{}
	for _, claim := range strings.Fields(judged[plan]) {
		table[claim] = policy.Pass
	}
	for _, line := range lines {
		words := strings.Fields(line)
		for _, claim := range words[1:] {
			table[claim] = policy.Result(words[0])
		}
	}
	return table
}

// absences of a window in local data mode: claims that pass only where the
// capture is fit (contract, section 5: "Absence does").
const (
	ldmAbsences = " LDM-1 LDM-2 LDM-3 LDM-4 TLS-1 TLS-2"
	geoAbsences = " GEO-1 GEO-2" // where there is a first-party flow in an unfit window
)
