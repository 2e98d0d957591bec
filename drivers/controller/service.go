package controller

import (
	"context"
	"errors"
	"fmt"
)

// SetService implements [drivers.Controller]. A service that cannot be switched
// in two tries makes the controller broken: what its windows say is not so.
func (c *Controller) SetService(ctx context.Context, id string, on bool) error {
	service, err := c.config.Script.Service(id)
	if err != nil {
		return err
	}
	if err := c.use(ctx); err != nil {
		return err
	}
	defer c.leave()
	state := onOff(on, "on", "off")
	for range tries {
		if err = c.hand("service "+id+" "+state).flip(ctx, service, on); err == nil {
			c.note("service", map[string]any{"service": id, "state": state})
			return nil
		}
		if hopeless(ctx, err) {
			break
		}
	}
	return c.standing.Fail(fmt.Errorf("service %s was not switched %s: %w", id, state, err))
}

// flip goes to the switch, sets it and reads it back. Many services are
// switched on one page: where the last way ended on the same one, the app is
// still there, and only the last step, a scroll, is needed.
func (h *hand) flip(ctx context.Context, s *Service, on bool) error {
	way, last := s.Go, []Step(nil)
	if n := len(way); n > 0 && way[n-1].Scroll != nil {
		way, last = way[:n-1], way[n-1:]
	}
	page := Words(way)
	if there := h.where(); there == "" || there != page {
		h.forget()
		if err := h.home(ctx); err != nil {
			return err
		}
		if err := h.steps(ctx, way); err != nil {
			return err
		}
	}
	h.forget()
	if err := h.steps(ctx, append(last[:len(last):len(last)], Step{Switch: &s.Switch, On: on})); err != nil {
		return err
	}
	h.arrive(page)
	return nil
}

// where, arrive and forget keep the words that led from home to the page that
// is shown; whoever moves the app forgets them first.
func (c *Controller) where() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *Controller) arrive(page string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = page
}

func (c *Controller) forget() { c.arrive("") }

// Stimulate implements [drivers.Controller]. What it needs of the bench is
// looked up before anything is touched. Its failure does not break the
// controller, for the mode is read back at the end of a window in any case.
func (c *Controller) Stimulate(ctx context.Context, name string) error {
	acts, err := c.config.Script.Acts(name, c.services)
	if err != nil {
		return err
	}
	if err := c.Equipped(name); err != nil {
		return err
	}
	if err := c.use(ctx); err != nil {
		return err
	}
	defer c.leave()
	c.forget()
	for _, a := range acts {
		h := c.hand(a.What)
		if a.Home {
			if err := h.home(ctx); err != nil {
				return err
			}
		}
		if err := h.steps(ctx, a.Do); err != nil {
			return err
		}
	}
	return nil
}

// Equipped says what the bench lacks for some stimuli: powers, secrets, a
// person, or the stimulus itself; nil where it lacks nothing.
func (c *Controller) Equipped(stimuli ...string) error {
	var lacks []error
	for _, name := range stimuli {
		acts, err := c.config.Script.Acts(name, c.services)
		if err != nil {
			lacks = append(lacks, err)
		}
		for _, a := range acts {
			if err := c.equipped(a.Do); err != nil {
				lacks = append(lacks, fmt.Errorf("%s: %w", a.What, err))
			}
		}
	}
	return errors.Join(lacks...)
}

func (c *Controller) equipped(steps []Step) error {
	for i := range steps {
		s := &steps[i]
		if s.Power != "" && c.config.Powers[s.Power] == nil {
			return c.lacks(s.Power)
		}
		if s.Ask != "" && c.config.Ask == nil {
			return fmt.Errorf("%w: it needs a person to ask; run it on a terminal", errSetup)
		}
		if s.Type != nil && s.Type.Env != "" {
			if text, there := c.config.Env(s.Type.Env); !there || text == "" {
				return fmt.Errorf("%w: the environment variable %s is not set; export it before the run", errSetup, s.Type.Env)
			}
		}
		if err := c.equipped(s.Then); err != nil {
			return err
		}
	}
	return nil
}
