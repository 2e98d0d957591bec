// Package example_test is a lab's own suite: the shipped specs of two topics
// and one promise of its own.
package example_test

import (
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/spanrig/spanrig/drivers"
	"github.com/spanrig/spanrig/rig"
	"github.com/spanrig/spanrig/specs/localdata"
	"github.com/spanrig/spanrig/specs/match"
	"github.com/spanrig/spanrig/specs/suite"
	"github.com/spanrig/spanrig/specs/transport"
)

var lab = suite.New(suite.Config{})

var (
	_ = localdata.SendsNothing(lab)
	_ = transport.IsEncrypted(lab)
)

var _ = Describe("our own promise", Serial, func() {
	It("is silent when idle, from firmware 2.1 on", Label("claim:LDM-1", "claim:LDM-3"), func(ctx SpecContext) {
		lab.Firmware(ctx, ">=2.1")
		Expect(lab.Record(ctx, "ldm/idle", drivers.LocalData, rig.Idle(0))).To(match.Keep("LDM-1", "LDM-3"))
	})
})

func TestLab(t *testing.T) { suite.Run(t, lab, "example") }
