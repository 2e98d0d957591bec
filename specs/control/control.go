package control

import (
	. "github.com/onsi/ginkgo/v2"

	"github.com/spanrig/spanrig/specs/suite"
)

// WasAlive describes the proof that the sensor worked: without it silence says
// nothing.
func WasAlive(lab *suite.Suite) bool {
	return Describe("sensor", Label("fitness"), func() {
		lab.Claim("CAP-1", "saw every control out and back", "")
		lab.Claim("CAP-2", "lost nothing", "")
		lab.Claim("CAP-3", "watched the device's only way out", "")
		lab.Claim("MODE-1", "read back the mode that was asked for", "")
		lab.Claim("APP-1", "had the app awake and on screen", "")
		lab.Claim("CTRL-1", "heard the app talk before and after", "")
	})
}
