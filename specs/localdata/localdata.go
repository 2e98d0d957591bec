package localdata

import (
	. "github.com/onsi/ginkgo/v2"

	"github.com/spanrig/spanrig/drivers"
	"github.com/spanrig/spanrig/specs/suite"
)

// SendsNothing describes local data mode: in none of its windows does anything
// leave the device.
func SendsNothing(lab *suite.Suite) bool {
	return Describe("local data mode", Label("mode:ldm"), func() {
		lab.Claim("LDM-1", "does not contact the first party", drivers.LocalData)
		lab.Claim("LDM-2", "contacts nobody beyond the LAN outside the system baseline", drivers.LocalData)
		lab.Claim("LDM-3", "asks no name outside the system baseline", drivers.LocalData)
		lab.Claim("LDM-4", "silences the flows that were open when it was entered", drivers.LocalData)
		lab.Claim("LDM-5", "holds through reboot, restart, link and plug", drivers.LocalData)
	})
}
