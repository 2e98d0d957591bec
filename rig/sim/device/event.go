package device

import (
	"time"

	"github.com/spanrig/spanrig/drivers"
)

// Kinds of events beside those of pilot.Happening ("launch", "stop", "crash",
// "mode", "service", "leak").
const (
	Powered  = "power"    // the device begins to boot
	Booted   = "booted"   // sys.boot_completed
	Attached = "attached" // it is on the network, with a lease
	Detached = "detached"
	Down     = "reboot" // it goes down to boot again
	Outaged  = "outage" // Why is "adb" or "serial"; it is away
	Returned = "return" // it is back
	Signaled = "signal" // Why is the signal's name
	Cabled   = "usb"    // Why is "in" or "out"
)

// Event is what happens on the device.
type Event struct {
	Time time.Time    `json:"time"`
	What string       `json:"what"`
	Mode drivers.Mode `json:"mode,omitempty"` // of the app's screen
	PID  int          `json:"pid,omitempty"`  // of the app
	Why  string       `json:"why,omitempty"`
}
