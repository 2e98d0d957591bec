package transport

import (
	. "github.com/onsi/ginkgo/v2"

	"github.com/spanrig/spanrig/specs/suite"
)

// IsEncrypted describes how payload leaves the LAN, in any mode.
func IsEncrypted(lab *suite.Suite) bool {
	return Describe("transport", func() {
		lab.Claim("TLS-1", "sends payload by TLS 1.2, DTLS 1.2, QUIC or later", "")
		lab.Claim("TLS-2", "sends no secret in the clear", "")
	})
}
