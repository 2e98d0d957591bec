package device

import (
	"errors"
	"net"
	"time"

	"github.com/spanrig/spanrig/rig/sim/device/pilot"
)

// Config says what device it is and how it is reached.
type Config struct {
	State string // folder for what survives a reboot; made where it is not there
	// Listen opens adb's port, where the rig can reach it; it is called at each boot.
	Listen  func() (net.Listener, error)
	Roots   []byte        // certificates that the device trusts, PEM
	DUML    string        // where the serial port appears, a link to a pty; empty: it has none
	Control string        // unix socket for the bench; empty: none
	Boot    time.Duration // from power-on to sys.boot_completed at pace 1; 0: 3 s
	Pace    pilot.Pace
	Knobs   Knobs
	Tell    func(Event) // is told what happens, beside those at Control; nil: nobody
}

// Identity of the device, as it shows it.
const (
	Model    = "RM510B"
	Serial   = "SIM0RC0PRO0001"
	Firmware = "02.01.0507"
	AppUID   = 10085
)

// Knobs make the device misbehave. The zero value behaves; all of it is JSON,
// so that it can be handed to the device's process.
type Knobs struct {
	App         pilot.Knobs   `json:"app"`
	ClockOff    time.Duration `json:"clock_off,omitempty"`    // what its clock is ahead of the host's
	DropsADB    *Outage       `json:"drops_adb,omitempty"`    // the link of adb goes away for a while
	DropsSerial *Outage       `json:"drops_serial,omitempty"` // so does the serial port
	Signals     []Signal      `json:"signals,omitempty"`      // tell the bench when to act
}

// Outage is something that is away for a while.
type Outage struct {
	When pilot.Trigger `json:"when"`
	For  time.Duration `json:"for"` // at every pace
}

// Signal is an event of the kind "signal" that tells the bench its name.
type Signal struct {
	When pilot.Trigger `json:"when"`
	Name string        `json:"name"`
}

const bootTime = 3 * time.Second

func (c *Config) check() error {
	switch {
	case c.State == "":
		return errors.New("device: name a folder for its state")
	case c.Listen == nil:
		return errors.New("device: say where adb listens")
	}
	if c.Boot == 0 {
		c.Boot = bootTime
	}
	if c.Tell == nil {
		c.Tell = func(Event) {}
	}
	return nil
}
