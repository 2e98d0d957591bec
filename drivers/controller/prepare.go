package controller

import (
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
}

// wanted are the settings of a device that is recorded: its screen stays on,
// and it asks for names in the clear.
var wanted = []change{
	{what: "stay awake while plugged in", space: android.Global, key: "stay_on_while_plugged_in", to: "7"}, // AC, USB, wireless
	{what: "screen timeout", space: android.System, key: "screen_off_timeout", to: "86400000"},             // ms: a day
	{what: "Private DNS", space: android.Global, key: "private_dns_mode", to: "off"},
}

// Prepare makes the device fit to be recorded. What it changes is in the
// journal and is put back by Close; what the device refuses is in the journal,
// and no error: its consequences are read back elsewhere. It fails where the
// app is not installed.
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
	for _, w := range wanted {
		if err := c.change(ctx, w); err != nil {
			return fmt.Errorf("prepare the device: %w", err)
		}
	}
	return nil
}

// change changes one setting, unless it is as wanted.
func (c *Controller) change(ctx context.Context, w change) error {
	var err error
	w.from, w.set, err = android.Setting(ctx, c.config.Bridge, w.space, w.key)
	if err == nil && w.set && w.from == w.to {
		return nil
	}
	if err == nil {
		c.remember(w)
		err = android.PutSetting(ctx, c.config.Bridge, w.space, w.key, w.to)
	}
	keys := map[string]any{"what": w.what, "from": w.was(), "to": w.to}
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

func (c *Controller) remember(w change) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !slices.ContainsFunc(c.changed, func(x change) bool { return x.key == w.key }) {
		c.changed = append(c.changed, w)
	}
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
