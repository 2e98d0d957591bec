package manual

import (
	"context"

	"github.com/spanrig/spanrig/drivers"
)

// ReadApp implements [drivers.Controller]. A person knows no process number:
// PID counts the starts of the app that the operator tells of, from 1, so that
// another number is another process.
func (c *Controller) ReadApp(ctx context.Context) (drivers.AppReading, error) {
	r := drivers.AppReading{Witness: drivers.ByOperator}
	if err := c.refusal(); err != nil {
		return r, err
	}
	i, err := c.operator.choose(ctx, "How is the app?",
		"on the screen, which is on; it did not restart since this was asked last",
		"on the screen, which is on; it restarted since",
		"running, but not on the screen", "the screen is off", "not running")
	if err != nil {
		return r, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if i == 1 || c.starts == 0 {
		c.starts++
	}
	const asleep, stopped = 3, 4
	if r.Running = i != stopped; r.Running {
		r.PID = c.starts
	} else {
		c.starts++ // the next one is another
	}
	r.Awake = i != asleep
	r.Foreground = i < 2
	return r, nil
}

// ReadRoutes implements [drivers.Controller]. Where the operator cannot tell,
// the reading names no captured interface and so proves nothing.
func (c *Controller) ReadRoutes(ctx context.Context) (drivers.RoutesReading, error) {
	r := drivers.RoutesReading{Witness: drivers.ByOperator}
	if err := c.refusal(); err != nil {
		return r, err
	}
	ways := []string{"cellular", "ethernet", "other"}
	i, err := c.operator.choose(ctx, "Through what but the Wi-Fi on the mirrored port is the device connected? Look for a SIM card, a cellular dongle, a network cable, USB or Bluetooth tethering, a second Wi-Fi, a VPN.",
		"through nothing else", "a SIM card or cellular dongle", "a network cable or a USB network adapter", "something else", "cannot tell")
	if err != nil || i > len(ways) {
		return r, err
	}
	r.Captured = c.config.Captured
	r.Interfaces = []drivers.InterfaceRoutes{{Name: r.Captured, Up: true, Default4: true}}
	if i > 0 {
		r.Interfaces = append(r.Interfaces, drivers.InterfaceRoutes{Name: ways[i-1], Up: true, Default4: true, Default6: true})
	}
	return r, nil
}
