package sim

import (
	"context"
	"fmt"
	"sync"

	"github.com/spanrig/spanrig/drivers"
	"github.com/spanrig/spanrig/rig/benchfile"
	"github.com/spanrig/spanrig/rig/sim/device"
	"github.com/spanrig/spanrig/rig/sim/wiring"
)

// Drivers are the drivers that a simulated bench needs.
var Drivers = benchfile.Drivers{
	Powers: map[string]func(context.Context, *benchfile.Bench, benchfile.Power, benchfile.Tools) (drivers.Power, error){"sim": Power},
}

// Power is the driver behind "driver: sim" in a bench file: the USB cable of the
// simulated device, or the uplink of its network.
func Power(_ context.Context, b *benchfile.Bench, p benchfile.Power, _ benchfile.Tools) (drivers.Power, error) {
	w, err := wiring.Open(p.Options["bench"])
	if err != nil {
		return nil, err
	}
	switch what := p.Options["what"]; what {
	case "uplink":
		return &switched{set: func(_ context.Context, on bool) error { return w.Uplink(on) }, on: true}, nil
	case "usb":
		return &switched{on: true, set: func(ctx context.Context, on bool) error {
			r, err := device.Connect(ctx, b.Path(p.Options["control"]))
			if err != nil {
				return err
			}
			defer r.Close()
			return r.USB(on)
		}}, nil
	default:
		return nil, fmt.Errorf("the simulator switches usb and uplink, not %q", what)
	}
}

// switched is a switch of the simulator: it does what it is told.
type switched struct {
	set func(ctx context.Context, on bool) error
	mu  sync.Mutex
	on  bool
}

// Set implements drivers.Power.
func (s *switched) Set(ctx context.Context, on bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.set(ctx, on); err != nil {
		return err
	}
	s.on = on
	return nil
}

// Measured implements drivers.Power.
func (s *switched) Measured(context.Context) (on bool, witness string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.on, "simulator", nil
}
