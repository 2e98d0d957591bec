package residency

import (
	. "github.com/onsi/ginkgo/v2"

	"github.com/spanrig/spanrig/specs/suite"
)

// StaysAtHome describes where first-party endpoints are and who runs them.
// Without databases nothing is judged: give them in suite.Config.
func StaysAtHome(lab *suite.Suite) bool {
	return Describe("residency", func() {
		lab.Claim("GEO-1", "has first-party endpoints in the allowed countries", "")
		lab.Claim("GEO-2", "has first-party endpoints run by allowed operators", "")
	})
}
