package manual

import (
	"context"

	"github.com/spanrig/spanrig/drivers"
)

// ReadApp implements [drivers.Controller]. A person knows no process number, so
// PID is 0. An app that restarted since it was asked for last, other than by a
// step of the script, was not running in between, and the reading says so.
func (c *Controller) ReadApp(ctx context.Context) (drivers.AppReading, error) {
	r := drivers.AppReading{Witness: drivers.ByOperator}
	if err := c.standing.Refusal(); err != nil {
		return r, err
	}
	i, err := c.operator.choose(ctx, "How is the app?",
		"on the screen, which is on; it did not restart since this was asked last",
		"on the screen, which is on; it restarted since",
		"running, but not on the screen", "the screen is off", "not running")
	if err != nil {
		return r, err
	}
	const restarted, behind, asleep, stopped = 1, 2, 3, 4
	c.mu.Lock()
	defer c.mu.Unlock()
	r.Running = i != stopped && (i != restarted || c.restarts)
	r.Awake = i != asleep
	r.Foreground = i < behind
	c.restarts = i == stopped // its next start is no surprise
	return r, nil
}

// ReadRoutes implements [drivers.Controller]. Where the operator cannot tell,
// the reading names no captured interface and so proves nothing.
func (c *Controller) ReadRoutes(ctx context.Context) (drivers.RoutesReading, error) {
	r := drivers.RoutesReading{Witness: drivers.ByOperator}
	if err := c.standing.Refusal(); err != nil {
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
