package power

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spanrig/spanrig/drivers"
)

// Witness says whether a thing is on, and what shows it: "meter 0.02 A".
type Witness func(ctx context.Context) (on bool, by string, err error)

// Presence takes a device that is there for one that is on.
func Presence(name string, there func(context.Context) (bool, error)) Witness {
	return func(ctx context.Context) (bool, string, error) {
		on, err := there(ctx)
		switch {
		case err != nil:
			return false, "", err
		case on:
			return true, name + " is there", nil
		}
		return false, name + " vanished", nil
	}
}

// USB says whether a USB device with every field that want names is in sysfs;
// the interface does not count. The folder sys is looked for in root; "" is "/".
func USB(root string, want drivers.USB) func(context.Context) (bool, error) {
	want.Interface = ""
	return func(context.Context) (bool, error) {
		devices, err := filepath.Glob(filepath.Join(devices(root), "*-*"))
		if err != nil {
			return false, err
		}
		for _, dir := range devices {
			there := drivers.USB{
				Vendor: attribute(dir, "idVendor"), Product: attribute(dir, "idProduct"),
				Serial: attribute(dir, "serial"), Path: filepath.Base(dir),
			}
			if there.Vendor != "" && want.Matches(there) {
				return true, nil
			}
		}
		return false, nil
	}
}

func devices(root string) string {
	if root == "" {
		root = "/"
	}
	return filepath.Join(root, "sys/bus/usb/devices")
}

func attribute(dir, name string) string {
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b))
}

const (
	look   = 100 * time.Millisecond // between two readings
	steady = 3                      // readings that must agree, for hubs have been seen to switch on again
)

// reach waits until the witness has agreed for a moment. It gives up when ctx
// ends, and at once where nothing can tell.
func reach(ctx context.Context, what string, want bool, w Witness) (by string, err error) {
	last := errors.New("nothing was read")
	for agreed := 0; ; {
		on, by, err := w(ctx)
		switch {
		case errors.Is(err, errors.ErrUnsupported):
			return "", err
		case err == nil && on == want:
			if agreed++; agreed == steady {
				return by, nil
			}
		default:
			agreed = 0
		}
		switch {
		case err == nil:
			last = errors.New(by)
		case ctx.Err() == nil: // else the time ended the reading, which says nothing
			last = err
		}
		select {
		case <-ctx.Done():
			return "", fmt.Errorf("%s: asked %s, but %w: %w", what, word(want), last, context.Cause(ctx))
		case <-time.After(look):
		}
	}
}

func word(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

// tell notes a switching for the journal.
func tell(note drivers.Note, what string, on bool, by string, err error) {
	keys := map[string]any{"event": "set", "device": what, "asked": word(on), "reached": err == nil}
	if by != "" {
		keys["witness"] = by
	}
	if err != nil {
		keys["because"] = err.Error()
	}
	note("power", keys)
}
