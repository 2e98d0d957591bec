package controller

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spanrig/spanrig/drivers"
)

// rung is one way to bring a device back.
type rung struct {
	name  string
	power string // of the bench that it needs; empty: none
	time  time.Duration
	climb func(*hand, context.Context) error
}

// ladder has the rungs in order, the mildest first.
var ladder = []rung{
	{"reconnect", "", time.Minute, func(h *hand, ctx context.Context) error { return h.config.Bridge.Ready(ctx) }},
	{"app", "", 90 * time.Second, func(h *hand, ctx context.Context) error {
		return h.steps(ctx, []Step{{Stop: true}, {Launch: true}})
	}},
	{"reboot", "", 2 * rebootTime, func(h *hand, ctx context.Context) error { return h.steps(ctx, []Step{{Reboot: true}}) }},
	{"usb", "usb", rebootTime, func(h *hand, ctx context.Context) error { return h.cycle(ctx, "usb") }},
	{"device", "device", 2 * rebootTime, func(h *hand, ctx context.Context) error { return h.cycle(ctx, "device") }},
}

// offTime is how long a supply stays off, so that what it feeds has noticed.
const offTime = 5 * time.Second

func (h *hand) cycle(ctx context.Context, power string) error {
	return h.steps(ctx, []Step{{Power: power}, {Pause: offTime}, {Power: power, On: true}})
}

// Recover implements [drivers.Controller]: reconnect, force-stop and launch,
// reboot, USB port, power. A rung has verified success where the device answers
// and has started, the app comes to its home screen, and a mode can be read.
func (c *Controller) Recover(ctx context.Context) error {
	if err := c.take(ctx); err != nil {
		return err
	}
	defer c.leave()
	c.forget()
	var last error
	for _, r := range ladder {
		if r.power != "" && c.config.Powers[r.power] == nil {
			c.note("recover", map[string]any{"rung": r.name, "result": "skipped: the bench has no power " + r.power})
			continue
		}
		began := time.Now()
		last = c.clean(c.climb(ctx, r))
		c.noteRung(ctx, r, last, time.Since(began))
		if last == nil {
			return c.standing.Fail(nil)
		}
		if ctx.Err() != nil {
			break
		}
	}
	return fmt.Errorf("the device could not be recovered; look at it, for a person has to help: %w", last)
}

func (c *Controller) climb(ctx context.Context, r rung) error {
	long := c.rungTime(r.time)
	ctx, cancel := context.WithTimeoutCause(ctx, long, fmt.Errorf("it took more than %v", long))
	defer cancel()
	h := c.hand("recover: " + r.name)
	if err := r.climb(h, ctx); err != nil {
		return err
	}
	return h.verify(ctx)
}

// shortestRung is what even a simulated device may need.
const shortestRung = 20 * time.Second

// rungTime is how long a rung may take on this bench.
func (c *Controller) rungTime(d time.Duration) time.Duration {
	return max(time.Duration(float64(d)*min(c.config.Pace, 1)), min(d, shortestRung))
}

// verify reports why the device cannot be driven.
func (h *hand) verify(ctx context.Context) error {
	if err := h.config.Bridge.Ready(ctx); err != nil {
		return err
	}
	if err := h.wait(ctx, rebootTime, h.started); err != nil {
		return err
	}
	r, err := h.readMode(ctx)
	if err == nil && r.Mode == drivers.Unknown {
		err = errors.New("the mode cannot be read: " + r.Saw)
	}
	return err
}

// noteRung journals a rung and, where it failed, whether the device shows life
// on another way.
func (c *Controller) noteRung(ctx context.Context, r rung, err error, took time.Duration) {
	keys := map[string]any{"rung": r.name, "result": "verified", "ms": took.Milliseconds()}
	if err != nil {
		keys["result"] = "failed: " + err.Error()
		if c.config.Pulse != nil {
			keys["pulse"] = "alive"
			if dead := c.config.Pulse.Alive(ctx); dead != nil {
				keys["pulse"] = dead.Error()
			}
		}
	}
	c.note("recover", keys)
}
