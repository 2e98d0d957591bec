package localdata_test

import (
	"testing"

	"github.com/spanrig/spanrig/specs/localdata"
	"github.com/spanrig/spanrig/specs/suite"
)

var lab = suite.New(suite.Config{})

var _ = localdata.SendsNothing(lab)

func TestSpecs(t *testing.T) { suite.Run(t, lab, "localdata") }
