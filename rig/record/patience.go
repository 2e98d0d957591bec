package record

import (
	"context"
	"fmt"
	"time"

	"github.com/spanrig/spanrig/drivers"
)

// grace is how long a run that was interrupted may take to put things back.
const grace = 30 * time.Second

// byPerson reports whether a person is the hands.
func (s *Session) byPerson() bool {
	_, device := s.hands.(drivers.Prover)
	return !device
}

// patience bounds one reading of the device; a person gets longer.
func (s *Session) patience() time.Duration {
	if s.byPerson() {
		return 5 * time.Minute
	}
	return 20 * time.Second
}

// act gives one act of the hands, of many steps, its time, and ends it where
// the recorder ends: a device that answers no more must not hold the run. more
// is for what the act waits for itself.
func (s *Session) act(ctx context.Context, more time.Duration, do func(context.Context) error) error {
	limit := more + 15*time.Minute
	if s.byPerson() {
		limit = more + time.Hour
	}
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("not done within %v", limit))
	defer cancel()
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	if s.recorder != nil {
		done := begin(ctx, func(ctx context.Context) {
			select {
			case <-s.recorder.Done():
				stop(s.recording())
			case <-ctx.Done():
			}
		})
		defer done.end()
	}
	return do(ctx)
}
