package rig

import (
	"context"
	"time"
)

// Stimulus is what happens to the device in a window. In replay it is not run.
type Stimulus struct {
	Name string
	Run  func(ctx context.Context) error
}

// Idle leaves the device alone for d.
func Idle(d time.Duration) Stimulus {
	return Stimulus{Name: "idle", Run: func(ctx context.Context) error {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(d):
			return nil
		}
	}}
}
