package drivers

import (
	"errors"
	"fmt"
	"time"
)

// ErrLost is what errors.Is finds where a device or its link went away: an
// error of the rig, not of the product.
var ErrLost = errors.New("device lost")

// BusyError refuses a device that somebody else holds.
type BusyError struct {
	Device string
	Holder Holder
}

// Holder says who has a device, and what for.
type Holder struct {
	Who    string    `json:"who"` // user and host
	PID    int       `json:"pid"`
	Reason string    `json:"reason"`
	Since  time.Time `json:"since"`
}

func (e *BusyError) Error() string {
	h := e.Holder
	if h.PID == 0 {
		return fmt.Sprintf("%s is in use by another process; wait for it to finish", e.Device)
	}
	return fmt.Sprintf("%s is in use by %s (process %d) since %s: %s; wait for it to finish, or stop it",
		e.Device, h.Who, h.PID, h.Since.UTC().Format(time.RFC3339), h.Reason)
}

// BrokenError says that a controller failed before and has not been recovered.
type BrokenError struct{ Cause error }

func (e *BrokenError) Error() string {
	return fmt.Sprintf("the controller is broken until it has been recovered: %v", e.Cause)
}

func (e *BrokenError) Unwrap() error { return e.Cause }
