package adb

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/spanrig/spanrig/drivers"
)

const (
	noticeAfter = 2 * time.Second // of waiting, and between two looks for another reason
	startTime   = 3 * time.Minute // of Android, from when the device answers
)

// Arrive is Ready for a device that may not be there at all: within a time it is,
// or the error is a drivers.ErrLost with the reason of the last try. One that
// answers and is still starting gets three minutes from then on. Who waits for
// more than two seconds is told through Config.Note what for: the kind waiting,
// once a reason.
func (d *Device) Arrive(ctx context.Context, within time.Duration) error {
	waiting, cancel := context.WithCancel(ctx)
	defer cancel()
	v := &vigil{device: d, limit: within, patience: time.AfterFunc(within, cancel)}
	defer v.patience.Stop()
	over, told := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(told)
		v.tell(over)
	}()
	err := d.ready(waiting, v.failed)
	close(over)
	<-told
	if err == nil || ctx.Err() != nil || waiting.Err() == nil {
		return err
	}
	return fmt.Errorf("not there within %v: %w", v.limit, v.reason())
}

// vigil is the wait for one device.
type vigil struct {
	device   *Device
	patience *time.Timer

	mu    sync.Mutex
	limit time.Duration
	last  error // of a try; nil: the first goes on
}

// failed takes the reason of a try, and is patient with a device that starts.
func (v *vigil) failed(err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if errors.Is(err, errStarting) && !errors.Is(v.last, errStarting) && v.patience.Stop() {
		v.limit += startTime
		v.patience.Reset(startTime)
	}
	v.last = err
}

// reason is that of the last try, or that it still goes on.
func (v *vigil) reason() error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.last != nil {
		return v.last
	}
	c := &v.device.config
	return fmt.Errorf("adb %s: %w: the adb server at %s has not answered about it yet; see whether its address is right and reachable", c.Serial, drivers.ErrLost, c.Server)
}

// tell notes each reason once, until over.
func (v *vigil) tell(over <-chan struct{}) {
	ticker := time.NewTicker(noticeAfter)
	defer ticker.Stop()
	told := ""
	for {
		select {
		case <-over:
			return
		case <-ticker.C:
		}
		name := "adb " + v.device.config.Serial
		if reason := strings.TrimPrefix(oneLine(v.reason().Error()), name+": "); reason != told {
			told = reason
			v.device.config.Note("waiting", map[string]any{"device": name, "reason": reason})
		}
	}
}
