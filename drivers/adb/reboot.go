package adb

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spanrig/spanrig/drivers"
)

// Reboot implements [drivers.Bridge]: it returns once the server has lost the
// device. Ready waits for its return.
func (d *Device) Reboot(ctx context.Context) error {
	l, err := d.open(ctx, "reboot:")
	if err != nil {
		return err
	}
	defer l.Close()
	// The device's daemon keeps the stream until it ends itself, and says
	// something only where it refuses.
	answer, err := io.ReadAll(io.LimitReader(l, 1<<10))
	if text := oneLine(string(answer)); text != "" {
		return fmt.Errorf("adb %s: %w", d.config.Serial, &RefusedError{"reboot:", text})
	}
	if err != nil && !errors.Is(err, drivers.ErrLost) {
		return err
	}
	return d.gone(ctx)
}

// gone waits until the device is not online any more. A device on a network
// may have gone without a word, which the server notices late.
func (d *Device) gone(ctx context.Context) error {
	for begin := time.Now(); time.Since(begin) < d.config.Silence; {
		state, err := d.state(ctx)
		if err == nil && state == Online {
			err = d.alive(ctx)
		}
		switch {
		case ctx.Err() != nil:
			return ended(ctx, "adb "+d.config.Serial+": reboot")
		case err != nil || state != Online:
			return nil
		}
		select {
		case <-time.After(again):
		case <-ctx.Done():
		}
	}
	return fmt.Errorf("adb %s: %w: it took the request to reboot, and is still there", d.config.Serial, drivers.ErrLost)
}
