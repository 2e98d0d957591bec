package manual

import (
	"context"
	"fmt"
	"strings"

	"github.com/spanrig/spanrig/drivers"
	"github.com/spanrig/spanrig/drivers/controller"
)

// changes are what the operator is asked to make on the device for the run.
var changes = []struct{ what, to string }{
	{"screen timeout", "the longest there is, so that the screen stays on"},
	{"Private DNS", "off, so that names can be read on the wire"},
}

// Prepare has the operator make the device fit to be recorded, and says which
// dialogs may stand in the way. Close asks to put back what was changed.
func (c *Controller) Prepare(ctx context.Context) error {
	if err := c.begin(ctx); err != nil {
		return err
	}
	defer c.end()
	for _, d := range c.config.Script.Dialogs {
		c.operator.say("Should the app ask (%s): %s. Do that whenever it comes.", d.When, controller.Words(d.Do))
	}
	for _, change := range changes {
		was, err := c.operator.text(ctx, fmt.Sprintf("Setting %s: set it to %s. What was it before (Enter: it was so already, or there is no such setting)?", change.what, change.to), "")
		if err != nil {
			return err
		}
		if was == "" {
			continue
		}
		c.config.Note("changed", map[string]any{"what": change.what, "from": was, "to": change.to, "witness": drivers.ByOperator})
		c.mu.Lock()
		c.asked = append(c.asked, fmt.Sprintf("set %s back to %s", change.what, was))
		c.mu.Unlock()
	}
	return nil
}

// Close implements [drivers.Controller]: it asks the operator to put back what
// was changed. The input stays open.
func (c *Controller) Close(ctx context.Context) error {
	if err := take(ctx, c.hands); err != nil {
		return err
	}
	defer c.end()
	defer c.operator.close()
	c.mu.Lock()
	list := c.asked
	c.asked = nil
	c.mu.Unlock()
	if len(list) == 0 {
		return nil
	}
	answer, err := c.operator.done(ctx, "The run is over. Please put back what was changed:", list)
	if err == nil && answer != "" {
		err = fmt.Errorf("the operator could not do it: %s", answer)
	}
	if err != nil {
		return fmt.Errorf("not put back: %s: %w", strings.Join(list, ", "), err)
	}
	for _, what := range list {
		c.config.Note("restored", map[string]any{"what": what, "witness": drivers.ByOperator})
	}
	return nil
}
