package restricted_test

import (
	"testing"

	"github.com/spanrig/spanrig/specs/restricted"
	"github.com/spanrig/spanrig/specs/suite"
)

var lab = suite.New(suite.Config{Recording: "fixtures/traces/clean-rnm"})

var _ = restricted.SendsOnlyAllowed(lab)

func TestSpecs(t *testing.T) { suite.Run(t, lab, "restricted") }
