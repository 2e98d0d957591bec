package restricted

import (
	. "github.com/onsi/ginkgo/v2"

	"github.com/spanrig/spanrig/drivers"
	"github.com/spanrig/spanrig/specs/suite"
)

// SendsOnlyAllowed describes restricted network mode: each contact maps to a
// service that is switched on, and a service that is off is silent.
func SendsOnlyAllowed(lab *suite.Suite) bool {
	return Describe("restricted network mode", Label("mode:rnm"), func() {
		lab.Claim("RNM-1", "contacts only services that are switched on", drivers.Restricted)
		lab.Claim("RNM-2", "keeps a service silent that is switched off", drivers.Restricted)
	})
}
