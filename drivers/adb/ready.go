package adb

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"strings"
	"time"

	"github.com/spanrig/spanrig/drivers"
)

const (
	again    = 200 * time.Millisecond // between two looks at the list
	deadTime = time.Second            // how long a device may be offline before the server is made to look anew
)

// Ready implements [drivers.Bridge]: it starts a server where none runs,
// connects to a device on the network, and waits until the device answers, and
// with Config.Booted until Android has started. A state that does not pass by
// itself (unauthorized, recovery, no permissions) is a *StateError at once.
//
// It looks at the server's list time and again, for an adb server up to that of
// Android 10 at least does not tell its trackers of a network device that went
// offline.
func (d *Device) Ready(ctx context.Context) error { return d.ready(ctx, func(error) {}) }

// ready is Ready that tells why each look was in vain.
func (d *Device) ready(ctx context.Context, failed func(error)) error {
	var dead time.Time
	for {
		err := d.try(ctx, &dead)
		if err == nil || !worthRetry(err) {
			return err
		}
		failed(err)
		select {
		case <-time.After(again):
		case <-ctx.Done():
			return fmt.Errorf("%w; the last try: %w", ended(ctx, "adb "+d.config.Serial+": not ready"), err)
		}
	}
}

// worthRetry reports whether an error may pass by itself: a loss does, but not
// a state that needs a person, nor that there is no adb to start or no such port.
func worthRetry(err error) bool {
	var state *StateError
	var nowhere *net.AddrError
	if errors.As(err, &state) {
		return state.State.passing()
	}
	return errors.Is(err, drivers.ErrLost) && !errors.Is(err, exec.ErrNotFound) && !errors.As(err, &nowhere)
}

// try is one look, and what it can do for the device. It keeps since when the
// device has been offline, or online without an answer.
func (d *Device) try(ctx context.Context, dead *time.Time) error {
	state, err := d.state(ctx)
	if err != nil {
		return err
	}
	err = &StateError{d.config.Serial, state}
	switch {
	case state == Online:
		if err = d.alive(ctx); err == nil {
			return d.started(ctx)
		}
	case state == Absent && d.networked():
		if err := d.config.Server.Connect(ctx, d.config.Serial); err != nil {
			return err
		}
		return d.started(ctx)
	case state != Offline:
		*dead = time.Time{}
		return err
	}
	switch {
	case dead.IsZero():
		*dead = time.Now()
	case time.Since(*dead) > deadTime && ctx.Err() == nil:
		*dead = time.Time{}
		return errors.Join(err, d.drop(ctx))
	}
	return err
}

// drop makes the server give up a connection that is dead, and look for the
// device anew. By itself it would try a network device every 10 s only, and
// one that it holds for alive not at all.
func (d *Device) drop(ctx context.Context) error {
	if d.networked() {
		return d.config.Server.Disconnect(ctx, d.config.Serial)
	}
	_, err := d.config.Server.query(ctx, "host-serial:"+d.config.Serial+":reconnect", d.config.Silence)
	return d.explain(err)
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

// started asks Android whether it has started, where that matters.
func (d *Device) started(ctx context.Context) error {
	if !d.config.Booted {
		return nil
	}
	out, err := d.Run(ctx, "getprop", "sys.boot_completed")
	if err != nil {
		return err
	}
	if strings.TrimSpace(string(out.Stdout)) != "1" {
		return fmt.Errorf("adb %s: %w: %w", d.config.Serial, drivers.ErrLost, errStarting)
	}
	return nil
}

// errStarting is a device that is there and needs its time.
var errStarting = errors.New("Android has not started yet")
