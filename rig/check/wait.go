package check

import (
	"context"
	"time"

	"github.com/spanrig/spanrig/drivers"
	"github.com/spanrig/spanrig/rig/record"
)

// patience is how long a device may take to be there: who checks a bench sits
// before it.
const patience = 15 * time.Second

// opening is how a session opens its device.
type opening = func(context.Context, drivers.Note) (drivers.Controller, func() error, error)

// telling opens as open does, and tells what drivers tell for a person.
func telling(open opening, tell func(string)) opening {
	return func(ctx context.Context, note drivers.Note) (drivers.Controller, func() error, error) {
		return open(ctx, func(kind string, keys map[string]any) {
			note(kind, keys)
			if text := record.Notice(kind, keys); text != "" {
				tell(text)
			}
		})
	}
}
