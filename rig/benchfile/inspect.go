package benchfile

import (
	"context"
	"errors"

	"github.com/spanrig/spanrig/drivers"
	"github.com/spanrig/spanrig/drivers/controller"
)

// inspected is a controller over adb whose bench file says what adb cannot read.
type inspected struct {
	*controller.Controller
	bench *Bench
}

// Inspect implements [drivers.Controller].
func (c *inspected) Inspect(ctx context.Context) (drivers.Inspection, error) {
	i, err := c.Controller.Inspect(ctx)
	if err != nil {
		return i, err
	}
	known := c.bench.known()
	if len(i.MACs) == 0 && len(known.MACs) > 0 {
		i.MACs, i.Obtained["macs"] = known.MACs, "bench file"
	}
	if len(i.Addrs) == 0 && len(known.Addrs) > 0 {
		i.Addrs, i.Obtained["addrs"] = known.Addrs, "bench file"
	}
	if len(i.MACs) == 0 && c.bench.Span.OnlyDevice {
		return i, errors.New("span: only_device: adb cannot read the device's MAC address; name it under device: macs, or leave only_device out")
	}
	return i, nil
}
