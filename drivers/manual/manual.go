package manual

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/spanrig/spanrig/drivers"
	"github.com/spanrig/spanrig/drivers/controller"
)

// Config says who answers, and what about.
type Config struct {
	Script   *controller.Script
	In       io.Reader                // answers, one a line; nil: standard input
	Out      io.Writer                // questions, best a Page; nil: standard error
	Known    drivers.Inspection       // what the bench file says of the device: offered as answers
	Captured string                   // interface behind the SPAN port; empty: wlan0
	Services []string                 // those of the script to switch and tour; empty: all
	Powers   map[string]drivers.Power // what the rig switches itself; the person does the rest
	Note     drivers.Note             // nil: nobody is told
	Pace     float64                  // of pauses, for benches that are simulated; 0 means 1
}

// Controller is a drivers.Controller with a person's hands.
type Controller struct {
	standing drivers.Standing
	config   Config
	services []string
	operator *terminal
	hands    chan struct{} // holds who lets the operator act; readings need it not

	mu       sync.Mutex
	now      drivers.Mode // as read last
	restarts bool         // the app may have restarted since it was asked for, by a step
	asked    []string     // what the operator was asked to change
}

var _ drivers.Controller = (*Controller)(nil)

// New makes a controller; nothing is asked before its first call.
func New(c Config) (*Controller, error) {
	if c.Script == nil {
		return nil, errors.New("manual: a controller needs a script")
	}
	services, err := c.Script.Known(c.Services)
	if err != nil {
		return nil, err
	}
	if c.In == nil {
		c.In = os.Stdin
	}
	if c.Out == nil {
		c.Out = os.Stderr
	}
	if c.Captured == "" {
		c.Captured = "wlan0"
	}
	if c.Note == nil {
		c.Note = drivers.Silent
	}
	if c.Pace == 0 {
		c.Pace = 1
	}
	return &Controller{config: c, services: services, operator: newTerminal(c.In, c.Out), hands: make(chan struct{}, 1), restarts: true}, nil
}

// Services implements [drivers.Controller].
func (c *Controller) Services() []string { return slices.Clone(c.services) }

// begin waits until nobody else lets the operator act, and refuses where c is broken.
func (c *Controller) begin(ctx context.Context) error {
	if err := c.standing.Refusal(); err != nil {
		return err
	}
	return take(ctx, c.hands)
}

func (c *Controller) end() { <-c.hands }

// perform has steps done: by the rig what it can do, by the operator the rest.
func (c *Controller) perform(ctx context.Context, what string, steps []string, more []controller.Step) error {
	for _, s := range more {
		c.mayRestart(s)
		mine, err := c.own(ctx, what, s, &steps)
		if err != nil {
			return err
		}
		if !mine {
			steps = append(steps, s.String())
		}
	}
	return c.instruct(ctx, what, &steps)
}

// mayRestart remembers that a step ends the app's process.
func (c *Controller) mayRestart(s controller.Step) {
	if s.Stop || s.Launch || s.Reboot || s.Power == "device" {
		c.mu.Lock()
		c.restarts = true
		c.mu.Unlock()
	}
}

// own does a step that is the rig's own, after the operator has done those
// that wait before it.
func (c *Controller) own(ctx context.Context, what string, s controller.Step, before *[]string) (bool, error) {
	power := c.config.Powers[s.Power]
	if s.Pause == 0 && power == nil {
		return false, nil
	}
	if err := c.instruct(ctx, what, before); err != nil {
		return true, err
	}
	began := time.Now()
	c.operator.say("The rig does: %s.", s)
	err := c.act(ctx, s, power)
	keys := map[string]any{"step": s.String(), "what": what, "ms": time.Since(began).Milliseconds()}
	if err != nil {
		keys["error"] = err.Error()
		err = fmt.Errorf("%s: %s: %w", what, s, err)
	}
	c.config.Note("step", keys)
	return true, err
}

func (c *Controller) act(ctx context.Context, s controller.Step, power drivers.Power) error {
	if power != nil {
		return power.Set(ctx, s.On)
	}
	select {
	case <-time.After(time.Duration(float64(s.Pause) * c.config.Pace)):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// instruct lets the operator do what waits in steps, and empties it.
func (c *Controller) instruct(ctx context.Context, what string, steps *[]string) error {
	if len(*steps) == 0 {
		return nil
	}
	began := time.Now()
	answer, err := c.operator.done(ctx, "Please do ("+what+"):", *steps)
	if err == nil && answer != "" {
		err = fmt.Errorf("%s: the operator could not do it: %s", what, answer)
	}
	for i, words := range *steps {
		keys := map[string]any{"step": words, "what": what, "witness": drivers.ByOperator}
		if i == len(*steps)-1 {
			keys["ms"] = time.Since(began).Milliseconds() // of all of them
		}
		if err != nil {
			keys["error"] = err.Error()
		}
		c.config.Note("step", keys)
	}
	*steps = nil
	return err
}

// home tells a person to go where scripts begin.
func (c *Controller) home() []string {
	steps := c.config.Script.Home
	if len(steps) == 0 || steps[len(steps)-1].Wait == nil {
		return []string{"go to the app's home screen"}
	}
	return []string{"go to the app's home screen, which shows " + steps[len(steps)-1].Wait.String()}
}
