package transport_test

import (
	"testing"

	"github.com/spanrig/spanrig/specs/suite"
	"github.com/spanrig/spanrig/specs/transport"
)

var lab = suite.New(suite.Config{})

var _ = transport.IsEncrypted(lab)

func TestSpecs(t *testing.T) { suite.Run(t, lab, "transport") }
