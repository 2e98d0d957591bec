package adb

import (
	"fmt"
	"io/fs"
	"strings"

	"github.com/spanrig/spanrig/drivers"
)

// StateError says that a device cannot be used in the state that it is in; it
// is a [drivers.ErrLost].
type StateError struct {
	Serial string
	State  State
}

func (e *StateError) Error() string {
	return fmt.Sprintf("adb %s: %v: %s", e.Serial, drivers.ErrLost, e.State.advice())
}

func (e *StateError) Unwrap() error { return drivers.ErrLost }

// RefusedError is the answer FAIL of the server or of the device.
type RefusedError struct {
	Request string // what was asked: "host:connect:..."
	Reason  string // the answer's text
}

func (e *RefusedError) Error() string {
	return fmt.Sprintf("adb: %s: %s", e.Request, e.Reason)
}

// Is finds the errors of files in the answer's text, which ends as strerror
// words them.
func (e *RefusedError) Is(target error) bool {
	switch target {
	case fs.ErrNotExist:
		return strings.Contains(e.Reason, "No such file or directory")
	case fs.ErrPermission:
		return strings.Contains(e.Reason, "Permission denied") || strings.Contains(e.Reason, "Read-only file system")
	}
	return false
}

// ServerError says that no server can be reached, and what to do.
type ServerError struct {
	Addr   string
	Advice string
	Cause  error
}

func (e *ServerError) Error() string {
	return fmt.Sprintf("no adb server at %s (%v): %s", e.Addr, e.Cause, e.Advice)
}

func (e *ServerError) Unwrap() []error { return []error{drivers.ErrLost, e.Cause} }
