package manual

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spanrig/spanrig/drivers"
	"github.com/spanrig/spanrig/drivers/controller"
)

// rung is one try to bring the device back, milder ones first.
type rung struct {
	name  string
	words []string
	steps []controller.Step
}

var ladder = []rung{
	{name: "look again"},
	{name: "app", steps: []controller.Step{{Stop: true}, {Launch: true}}},
	{name: "reboot", steps: []controller.Step{{Reboot: true}, {Launch: true}}},
	{name: "usb", words: []string{"unplug every cable of the device, wait 10 s, plug them in again"}},
	{name: "device", words: []string{"switch the device off, wait 10 s, switch it on again and wait until it has started", "start the app"}},
}

// Recover implements [drivers.Controller]: it climbs a ladder, and each rung is
// verified by the operator reading a mode.
func (c *Controller) Recover(ctx context.Context) error {
	if err := take(ctx, c.hands); err != nil {
		return err
	}
	defer c.end()
	var last error
	for _, r := range ladder {
		began := time.Now()
		last = c.climb(ctx, r)
		result := "verified"
		if last != nil {
			result = "failed: " + last.Error()
		}
		c.config.Note("recover", map[string]any{"rung": r.name, "result": result, "ms": time.Since(began).Milliseconds(), "witness": drivers.ByOperator})
		if last == nil {
			return c.standing.Fail(nil)
		}
		if errors.Is(last, drivers.ErrLost) || ctx.Err() != nil {
			break
		}
	}
	return fmt.Errorf("the controller could not be recovered: %w", last)
}

func (c *Controller) climb(ctx context.Context, r rung) error {
	if err := c.perform(ctx, "recover: "+r.name, r.words, r.steps); err != nil {
		return err
	}
	reading, err := c.lookAgain(ctx)
	if err != nil {
		return err
	}
	if reading.Mode == drivers.Unknown {
		return errors.New("the mode cannot be read")
	}
	return nil
}
