package manual

import (
	"context"
	"errors"
	"fmt"

	"github.com/spanrig/spanrig/drivers"
	"github.com/spanrig/spanrig/drivers/controller"
)

// SetService implements [drivers.Controller].
func (c *Controller) SetService(ctx context.Context, id string, on bool) error {
	service, err := c.config.Script.Service(id)
	if err != nil {
		return err
	}
	if err := c.begin(ctx); err != nil {
		return err
	}
	defer c.end()
	for range tries {
		if err = c.flip(ctx, service, on); err == nil {
			c.config.Note("service", map[string]any{"service": id, "state": state(on)})
			return nil
		}
		if errors.Is(err, drivers.ErrLost) || ctx.Err() != nil {
			break
		}
	}
	return c.standing.Fail(err)
}

func (c *Controller) flip(ctx context.Context, s *controller.Service, on bool) error {
	steps := append(append([]controller.Step(nil), s.Go...), controller.Step{Switch: &s.Switch, On: on})
	if err := c.perform(ctx, "service "+s.ID+" "+state(on), c.home(), steps); err != nil {
		return err
	}
	i, err := c.operator.choose(ctx, "How does the screen show the switch "+s.Switch.String()+"?", "on", "off", "cannot tell")
	if err != nil {
		return err
	}
	if read := []string{"on", "off", "unknown"}[i]; read != state(on) {
		return fmt.Errorf("service %s: switched %s, but the operator read %s", s.ID, state(on), read)
	}
	return nil
}

func state(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

// Stimulate implements [drivers.Controller].
func (c *Controller) Stimulate(ctx context.Context, name string) error {
	acts, err := c.config.Script.Acts(name, c.services)
	if err != nil {
		return err
	}
	if err := c.begin(ctx); err != nil {
		return err
	}
	defer c.end()
	for _, a := range acts {
		var first []string
		if a.Home {
			first = c.home()
		}
		if err := c.perform(ctx, a.What, first, a.Do); err != nil {
			return err
		}
	}
	return nil
}
