package residency_test

import (
	"testing"

	"github.com/spanrig/spanrig/specs/residency"
	"github.com/spanrig/spanrig/specs/suite"
)

var lab = suite.New(suite.Config{})

var _ = residency.StaysAtHome(lab)

func TestSpecs(t *testing.T) { suite.Run(t, lab, "residency") }
