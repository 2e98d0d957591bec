package controller

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/spanrig/spanrig/drivers"
	"github.com/spanrig/spanrig/drivers/adb/android"
)

// doDevice does the steps that need no screen.
func (h *hand) doDevice(ctx context.Context, s *Step, keys map[string]any) error {
	switch {
	case s.Key != "":
		return h.press(ctx, "KEYCODE_"+strings.ToUpper(s.Key))
	case s.Launch:
		return h.launch(ctx)
	case s.Stop:
		return h.stop(ctx, keys)
	case s.Reboot:
		return h.reboot(ctx, longer(s, rebootTime))
	case s.WiFi != "":
		return h.wifi(ctx, s.WiFi == "on", longer(s, wifiTime))
	case s.Power != "":
		return h.power(ctx, s.Power, s.On, longer(s, rebootTime))
	case s.Pause != 0:
		return sleep(ctx, h.paced(s.Pause))
	case s.Ask != "":
		return h.ask(ctx, s.Ask, keys)
	}
	return errors.New("it does nothing")
}

// Patience of steps that take a device its time.
const (
	rebootTime = 5 * time.Minute
	wifiTime   = time.Minute
	launchTime = 30 * time.Second
	stopTime   = 5 * time.Second
	dhcpTime   = 3 * time.Second
)

func longer(s *Step, otherwise time.Duration) time.Duration {
	if s.Within != 0 {
		return s.Within
	}
	return otherwise
}

// launch starts the app as its icon does, and waits for its process.
func (h *hand) launch(ctx context.Context) error {
	if _, err := h.run(ctx, "monkey", "-p", h.config.Package, "-c", "android.intent.category.LAUNCHER", "1"); err != nil {
		return fmt.Errorf("the app %s cannot be started: %w", h.config.Package, err)
	}
	return h.wait(ctx, launchTime, func(ctx context.Context) error {
		pid, err := h.pid(ctx)
		if err == nil && pid == 0 {
			err = fmt.Errorf("the app %s was started, but has no process", h.config.Package)
		}
		return err
	})
}

// stop kills the app. One that comes back by itself is a finding, not a failure.
func (h *hand) stop(ctx context.Context, keys map[string]any) error {
	before, err := h.pid(ctx)
	if err != nil {
		return err
	}
	if _, err := h.run(ctx, "am", "force-stop", h.config.Package); err != nil || before == 0 {
		return err
	}
	return h.wait(ctx, stopTime, func(ctx context.Context) error {
		after, err := h.pid(ctx)
		switch {
		case err == nil && after == before:
			return fmt.Errorf("the app %s was stopped, but process %d is still there", h.config.Package, before)
		case after != 0:
			keys["came_back"] = after
		}
		return err
	})
}

// reboot restarts the device and waits until it is back on the network.
func (h *hand) reboot(ctx context.Context, within time.Duration) error {
	ctx, cancel := context.WithTimeoutCause(ctx, within, fmt.Errorf("%w: it was not back within %v after a reboot", drivers.ErrLost, within))
	defer cancel()
	if err := h.config.Bridge.Reboot(ctx); err != nil {
		return err
	}
	return h.back(ctx)
}

// up waits until the device answers and has started.
func (h *hand) up(ctx context.Context) error {
	if err := h.config.Bridge.Ready(ctx); err != nil {
		return err
	}
	return h.wait(ctx, rebootTime, h.started)
}

// back waits until the device is up and on the network.
func (h *hand) back(ctx context.Context) error {
	if err := h.up(ctx); err != nil {
		return err
	}
	if err := h.wait(ctx, wifiTime, func(ctx context.Context) error { return h.addressed(ctx, true) }); err != nil {
		return err
	}
	// An IPv6 address may be there before DHCP has given the other.
	return h.grace(ctx, dhcpTime, func(ctx context.Context) (bool, error) {
		list, err := h.addresses(ctx)
		return slices.ContainsFunc(list, netip.Addr.Is4), err
	})
}

// grace waits for what is good to have and may never come.
func (h *hand) grace(ctx context.Context, within time.Duration, there func(context.Context) (bool, error)) error {
	deadline := time.Now().Add(within)
	for {
		if ok, err := there(ctx); ok || err != nil || time.Now().After(deadline) {
			return err
		}
		if err := sleep(ctx, h.paced(poll)); err != nil {
			return err
		}
	}
}

func (h *hand) started(ctx context.Context) error {
	done, err := android.Booted(ctx, h.config.Bridge)
	if err == nil && !done {
		err = errors.New("the device has not started yet")
	}
	return err
}

// wifi switches Wi-Fi and reads back whether the captured interface has an address.
func (h *hand) wifi(ctx context.Context, on bool, within time.Duration) error {
	if err := android.Svc(ctx, h.config.Bridge, "wifi", onOff(on, "enable", "disable")); err != nil {
		return err
	}
	return h.wait(ctx, within, func(ctx context.Context) error { return h.addressed(ctx, on) })
}

// power switches a supply of the bench. After that of the device itself came
// back, so must its link.
func (h *hand) power(ctx context.Context, name string, on bool, within time.Duration) error {
	p := h.config.Powers[name]
	if p == nil {
		return h.lacks(name)
	}
	if err := p.Set(ctx, on); err != nil || !on || name != "usb" && name != "device" {
		return err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, within, fmt.Errorf("%w: it was not back within %v after its power %s came back", drivers.ErrLost, within, name))
	defer cancel()
	if name == "device" {
		return h.back(ctx)
	}
	return h.config.Bridge.Ready(ctx)
}

func (c *Controller) lacks(power string) error {
	there := slices.Sorted(maps.Keys(c.config.Powers))
	if len(there) == 0 {
		there = []string{"none"}
	}
	return fmt.Errorf("%w: the bench has no power named %s (it has: %s); add it under power in the bench file", errSetup, power, strings.Join(there, ", "))
}

func (h *hand) ask(ctx context.Context, question string, keys map[string]any) error {
	if h.config.Ask == nil {
		return fmt.Errorf("%w: there is nobody to ask; run it on a terminal", errSetup)
	}
	answer, err := h.config.Ask(ctx, question)
	if answer != "" {
		keys["answer"] = answer
	}
	return err
}

// wait asks again until there is no error, which is returned when time is up.
func (h *hand) wait(ctx context.Context, within time.Duration, check func(context.Context) error) error {
	deadline := time.Now().Add(within)
	for {
		err := check(ctx)
		if err == nil || hopeless(ctx, err) || time.Now().After(deadline) {
			return err
		}
		if err := sleep(ctx, h.paced(poll)); err != nil {
			return err
		}
	}
}
