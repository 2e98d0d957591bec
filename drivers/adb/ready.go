package adb

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"github.com/spanrig/spanrig/drivers"
)

const (
	again       = 200 * time.Millisecond // between two looks at the list
	offlineTime = time.Second            // how long a device on the network may be offline before the server is made to reconnect
)

// Ready implements [drivers.Bridge]: it starts a server where none runs,
// connects to a device on the network, and waits until the device answers, and
// with Config.Booted until Android has started. A state that does not pass by
// itself (unauthorized, recovery, no permissions) is a *StateError at once.
//
// It looks at the server's list time and again, for an adb server up to that of
// Android 10 at least does not tell its trackers of a network device that went
// offline.
func (d *Device) Ready(ctx context.Context) error {
	var offline time.Time
	for {
		err := d.try(ctx, &offline)
		if err == nil || !worthRetry(err) {
			return err
		}
		select {
		case <-time.After(again):
		case <-ctx.Done():
			return fmt.Errorf("%w; the last try: %w", ended(ctx, "adb "+d.config.Serial+": not ready"), err)
		}
	}
}

// worthRetry reports whether an error may pass by itself: a loss does, but not
// a state that needs a person, nor that there is no adb to start.
func worthRetry(err error) bool {
	var state *StateError
	if errors.As(err, &state) {
		return state.State.passing()
	}
	return errors.Is(err, drivers.ErrLost) && !errors.Is(err, exec.ErrNotFound)
}

// try is one look, and what it can do for the device. It keeps since when the
// device was offline.
func (d *Device) try(ctx context.Context, offline *time.Time) error {
	state, err := d.state(ctx)
	if err != nil {
		return err
	}
	if state != Offline {
		*offline = time.Time{}
	} else if offline.IsZero() {
		*offline = time.Now()
	}
	switch {
	case state == Online:
		return d.answers(ctx)
	case !d.networked() || !state.passing():
		return &StateError{d.config.Serial, state}
	case state == Offline && time.Since(*offline) > offlineTime:
		// The server would try by itself every 10 s only, and not for ever.
		*offline = time.Time{}
		if err := d.config.Server.Disconnect(ctx, d.config.Serial); err != nil {
			return err
		}
	case state != Absent:
		return &StateError{d.config.Serial, state}
	}
	if err := d.config.Server.Connect(ctx, d.config.Serial); err != nil {
		return err
	}
	return d.answers(ctx)
}

// state looks the device up in the server's list.
func (d *Device) state(ctx context.Context) (State, error) {
	list, err := d.config.Server.Devices(ctx)
	if err != nil {
		return "", err
	}
	for _, l := range list {
		if l.Serial == d.config.Serial {
			return l.State, nil
		}
	}
	return Absent, nil
}

// answers asks the device's daemon itself, and Android where that matters.
func (d *Device) answers(ctx context.Context) error {
	if err := d.alive(ctx); err != nil || !d.config.Booted {
		return err
	}
	out, err := d.Run(ctx, "getprop", "sys.boot_completed")
	if err != nil {
		return err
	}
	if strings.TrimSpace(string(out.Stdout)) != "1" {
		return fmt.Errorf("adb %s: %w: Android has not started yet", d.config.Serial, drivers.ErrLost)
	}
	return nil
}
