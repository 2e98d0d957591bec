//go:build !linux

package device

import (
	"context"

	"github.com/spanrig/spanrig/rig/sim/adbd"
)

func (d *device) ip(_ context.Context, c *adbd.Call) int {
	return c.Fail("the simulator's network is Linux only")
}
