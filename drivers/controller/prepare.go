package controller

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spanrig/spanrig/drivers/adb/android"
)

// change is a setting of the device for the run.
type change struct {
	what           string // in words
	space, key, to string
	from           string // what it was
	set            bool   // it was something
	earlier        bool   // by a run that was cut short
}

// wanted are the settings of a device that is recorded: its screen stays on,
// and it asks for names in the clear.
var wanted = []change{
	{what: "stay awake while plugged in", space: android.Global, key: "stay_on_while_plugged_in", to: "7"}, // AC, USB, wireless
	{what: "screen timeout", space: android.System, key: "screen_off_timeout", to: "86400000"},             // ms: a day
	{what: "Private DNS", space: android.Global, key: "private_dns_mode", to: "off"},
}

// same reports whether another change is of the same setting.
func (w change) same(x change) bool { return w.space == x.space && w.key == x.key }

// Prepare makes the device fit to be recorded. What it changes is in the
// journal and is put back by Close, or where this run is killed by the next one
// on the device; what the device refuses is in the journal, and no error: its
// consequences are read back elsewhere. It fails where the app is not installed.
func (c *Controller) Prepare(ctx context.Context) error {
	if err := c.use(ctx); err != nil {
		return err
	}
	defer c.leave()
	if err := c.hand("prepare").back(ctx); err != nil {
		return fmt.Errorf("prepare the device: %w", err)
	}
	if err := c.installed(ctx); err != nil {
		return err
	}
	if err := c.prepare(ctx); err != nil {
		return fmt.Errorf("prepare the device: %w", err)
	}
	return nil
}

func (c *Controller) prepare(ctx context.Context) error {
	left, ok, err := c.recall(ctx)
	if err != nil {
		return err
	}
	list, err := c.changes(ctx, left)
	if err != nil {
		return err
	}
	if ok && len(left) > 0 {
		c.setKept(true) // to remove it
	}
	if ok && len(list) > 0 && !bytes.Equal(formatOriginals(list), formatOriginals(left)) {
		if err := c.keep(ctx, list); err != nil {
			return err
		}
	}
	for _, w := range list {
		if err := c.change(ctx, w); err != nil {
			return err
		}
	}
	return nil
}

// changes lists what has to be changed, or was by a run before. What an earlier
// run left counts where the device has what that run set: who changed a setting
// since, meant it.
func (c *Controller) changes(ctx context.Context, left []change) ([]change, error) {
	var list []change
	var words []string
	for _, w := range wanted {
		now, set, err := android.Setting(ctx, c.config.Bridge, w.space, w.key)
		if err != nil {
			if hopeless(ctx, err) {
				return nil, err
			}
			c.note("changed", map[string]any{"what": w.what, "to": w.to, "error": err.Error()})
			continue
		}
		switch mine, i := c.remembered(w), slices.IndexFunc(left, w.same); {
		case mine != nil:
			list = append(list, *mine)
		case i >= 0 && set && now == left[i].to:
			w.from, w.set, w.earlier = left[i].from, left[i].set, true
			list = append(list, w)
			words = append(words, fmt.Sprintf("%s (it was %s)", w.what, w.was()))
		case !set || now != w.to:
			w.from, w.set = now, set
			list = append(list, w)
		}
	}
	if len(words) > 0 {
		c.notice("an earlier run on this device was cut short and left changed: %s; this run puts it back when it ends", strings.Join(words, ", "))
	}
	return list, nil
}

// change changes one setting, unless it is as wanted. What this run has changed
// before is no news.
func (c *Controller) change(ctx context.Context, w change) error {
	news := c.remember(w)
	keys := map[string]any{"what": w.what, "from": w.was(), "to": w.to}
	if w.earlier {
		keys["earlier"] = true
	}
	now, set, err := android.Setting(ctx, c.config.Bridge, w.space, w.key)
	switch {
	case err != nil:
	case set && now == w.to && !news:
		return nil
	case !set || now != w.to:
		err = android.PutSetting(ctx, c.config.Bridge, w.space, w.key, w.to)
	}
	if err != nil {
		if hopeless(ctx, err) {
			return err
		}
		keys["error"] = err.Error()
	}
	c.note("changed", keys)
	return nil
}

// was says what the setting was before.
func (w change) was() string {
	if !w.set {
		return "not set"
	}
	return w.from
}

func (c *Controller) restore(ctx context.Context, w change) error {
	if !w.set {
		return android.DeleteSetting(ctx, c.config.Bridge, w.space, w.key)
	}
	return android.PutSetting(ctx, c.config.Bridge, w.space, w.key, w.from)
}

// remember reports whether it is the first time.
func (c *Controller) remember(w change) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if slices.ContainsFunc(c.changed, w.same) {
		return false
	}
	c.changed = append(c.changed, w)
	return true
}

// remembered is what this run did to a setting; nil where it did nothing.
func (c *Controller) remembered(w change) *change {
	c.mu.Lock()
	defer c.mu.Unlock()
	if i := slices.IndexFunc(c.changed, w.same); i >= 0 {
		return &c.changed[i]
	}
	return nil
}

// Close implements [drivers.Controller]. Its error names what is still changed
// on the device.
func (c *Controller) Close(ctx context.Context) error {
	if err := c.take(ctx); err != nil {
		return err
	}
	defer c.leave()
	c.mu.Lock()
	list := c.changed
	c.changed = nil
	c.mu.Unlock()
	var left []error
	for _, w := range slices.Backward(list) {
		err := c.restore(ctx, w)
		if err != nil {
			left = append(left, fmt.Errorf("%s was %s before and may still be %s: %w", w.what, w.was(), w.to, err))
			continue
		}
		c.note("restored", map[string]any{"what": w.what, "to": w.was()})
	}
	if len(left) == 0 {
		return c.discard(ctx)
	}
	return errors.Join(left...)
}

// candidates are shown of an app that is not there by its name.
const candidates = 10

// installed says so where the app is not installed, and which may be meant.
func (c *Controller) installed(ctx context.Context) error {
	list, err := android.Packages(ctx, c.config.Bridge)
	if err != nil || slices.Contains(list, c.config.Package) {
		return err
	}
	maker := strings.Split(c.config.Package, ".")[1] // of com.dji.industry.pilot: dji
	near := slices.DeleteFunc(slices.Clone(list), func(p string) bool { return !strings.Contains(p, maker) })
	if len(near) == 0 {
		near = slices.DeleteFunc(list, system)
	}
	if len(near) == 0 {
		near = []string{"none"}
	}
	slices.Sort(near)
	if len(near) > candidates {
		near = append(near[:candidates], "...")
	}
	return fmt.Errorf("%w: the app %s is not installed on the device; say under app which it is (candidates: %s)", errSetup, c.config.Package, strings.Join(near, ", "))
}

// system reports whether a package came with Android.
func system(name string) bool {
	return name == "android" || strings.HasPrefix(name, "com.android.") || strings.HasPrefix(name, "com.google.")
}
