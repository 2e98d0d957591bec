package pilot

import (
	"time"

	"github.com/spanrig/spanrig/drivers"
	"github.com/spanrig/spanrig/rig/sim/device/talk"
)

// Knobs make the app misbehave. The zero value behaves; all of it is JSON, so
// that it can be handed to the process of the device.
type Knobs struct {
	Leaks      []Leak   `json:"leaks,omitempty"`
	Deaf       []string `json:"deaf,omitempty"`        // services that go on while their switch is off
	Pretends   bool     `json:"pretends,omitempty"`    // local data mode is on the screen and nowhere else
	KeepsOpen  bool     `json:"keeps_open,omitempty"`  // the session with the broker survives the way into local data mode
	FallsQuiet bool     `json:"falls_quiet,omitempty"` // and says nothing there
	Unreadable *Trigger `json:"unreadable,omitempty"`  // from then on no mode is marked on the screen, until the mode is left
	Crash      *Trigger `json:"crash,omitempty"`       // the process dies, once, and the system starts it again
	Password   string   `json:"password,omitempty"`    // protects the mode; empty: none
	Updates    bool     `json:"updates,omitempty"`     // a prompt to update the app gets in the way, every other time
}

// Leak is something that the app should not send, or not so.
type Leak struct {
	When Trigger   `json:"when"`
	How  Way       `json:"how"`
	To   talk.Peer `json:"to"`
}

// Way is how something is sent.
type Way string

// Ways.
const (
	OverTLS   Way = "tls"
	OverTLS10 Way = "tls10"
	OverQUIC  Way = "quic"
	OverHTTP  Way = "http"   // in the clear
	OverMQTT  Way = "mqtt"   // in the clear
	OverRTMP  Way = "rtmp"   // in the clear
	OverUDP   Way = "udp"    // a protocol of its own, to an address that the name had before; nobody is asked
	OverDoH   Way = "doh"    // a question to an encrypted resolver
	OnlyAsks  Way = "dns"    // the name is asked for and not used
	Serial    Way = "serial" // the device's serial number, in the clear
)

// Event is what a trigger waits for.
type Event string

// Events.
const (
	Enter  Event = "enter"  // the app is in a mode: it was chosen, or the app starts in it
	Launch Event = "launch" // the app's process starts
	Plug   Event = "plug"   // a USB host is plugged in
	Unplug Event = "unplug"
	Boot   Event = "boot" // the device has booted, and the app's receiver of that news runs; for leaks alone
)

// Trigger says when something happens: after an event, in a mode.
type Trigger struct {
	On    Event         `json:"on"`
	In    drivers.Mode  `json:"in,omitempty"`    // as long as the screen says that mode; empty: any
	Quiet time.Duration `json:"quiet,omitempty"` // once nobody has touched the screen for so long
	Every time.Duration `json:"every,omitempty"` // and again, so often; 0: once an event
}

// Pace scales the timers of app and system: 0.5 makes them twice as fast. 0 is 1.
type Pace float64

// Of scales one duration.
func (p Pace) Of(d time.Duration) time.Duration {
	if p == 0 {
		return d
	}
	return time.Duration(float64(d) * float64(p))
}
