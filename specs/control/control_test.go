package control_test

import (
	"testing"

	"github.com/spanrig/spanrig/specs/control"
	"github.com/spanrig/spanrig/specs/suite"
)

var lab = suite.New(suite.Config{})

var _ = control.WasAlive(lab)

func TestSpecs(t *testing.T) { suite.Run(t, lab, "control") }
