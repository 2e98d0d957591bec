package drivers

import (
	"context"
	"io"
	"net/netip"
	"time"
)

// Unknown is the mode that could not be read: no mode of the app, but an answer.
const Unknown Mode = ""

// Witnesses of a reading.
const (
	ByScreen   = "screen"
	ByOperator = "operator"
)

// Controller drives the device under test: its app's modes, services and
// stimuli. After a failed transition it is broken: every call but Recover and
// Close returns *BrokenError until Recover has verified success.
type Controller interface {
	// Inspect says what is under test.
	Inspect(ctx context.Context) (Inspection, error)
	// ReadMode asks the device and returns as soon as it knows; Unknown is an
	// answer. The app is then where the mode is shown.
	ReadMode(ctx context.Context) (ModeReading, error)
	// SetMode brings the app into a mode and returns after reading it back; the
	// error says so where it read another. The app is then where the mode is shown.
	SetMode(ctx context.Context, m Mode) (ModeReading, error)
	// Home brings the app to its home screen.
	Home(ctx context.Context) error
	// Services lists the ids of the services that restricted mode can switch.
	Services() []string
	// SetService switches a service of restricted mode and reads it back.
	SetService(ctx context.Context, id string, on bool) error
	// Stimulate gives a stimulus by its name and returns when it has been given.
	Stimulate(ctx context.Context, name string) error
	// ReadApp reads the app's process and the screen.
	ReadApp(ctx context.Context) (AppReading, error)
	// ReadRoutes lists the device's interfaces.
	ReadRoutes(ctx context.Context) (RoutesReading, error)
	// Recover climbs the recovery ladder until a rung has verified success.
	Recover(ctx context.Context) error
	// Close puts back what the driver changed.
	Close(ctx context.Context) error
}

// Prover is a Controller whose device can send a control itself.
type Prover interface {
	// Prove lets the device send one try of a control and waits for its answer.
	Prove(ctx context.Context, c Challenge) (Proof, error)
}

// Timekeeper is a Controller that can read the device's clock.
type Timekeeper interface {
	// Clock returns the device's clock minus the host's, and how far off that may be.
	Clock(ctx context.Context) (offset, uncertain time.Duration, err error)
}

// Photographer is a Controller that can show the screen, also while it is broken.
type Photographer interface {
	// Photograph writes what the screen shows as files into dir, whose names
	// begin with stem, and returns the names; there may be none.
	Photograph(ctx context.Context, dir, stem string) ([]string, error)
}

// Chronicler is a Controller whose device keeps a log.
type Chronicler interface {
	// Chronicle copies the device's log to w, from now until ctx ends, which is
	// no error; the loss of the device is marked in it.
	Chronicle(ctx context.Context, w io.Writer) error
}

// Attributor is a Controller that can say which user of the device has a socket.
type Attributor interface {
	// Sockets lists the sockets that are open now, with their user ids.
	Sockets(ctx context.Context) ([]Socket, error)
	// Counters returns the bytes that the app's user sent and received since boot.
	Counters(ctx context.Context) (sent, received uint64, err error)
}

// Inspection is what is under test and how that is known.
type Inspection struct {
	Model, Serial, Firmware      string
	MACs                         []string // of the captured interface first
	Addrs                        []netip.Addr
	Package, Version, UID        string // of the app
	AircraftModel, AircraftBuild string
	Obtained                     map[string]string // by key of the above: "getprop ro.product.model", "operator"
}

// ModeReading is a read-back of the app's mode.
type ModeReading struct {
	Mode    Mode
	Witness string // ByScreen or ByOperator
	Saw     string // what on the screen decided, for a person
}

// AppReading is the state of the app's process.
type AppReading struct {
	PID               int // 0: not running, or unknown to the witness
	Running           bool
	Awake, Foreground bool
	Witness           string
}

// RoutesReading lists the interfaces of the device.
type RoutesReading struct {
	Interfaces []InterfaceRoutes
	Captured   string // the one behind the SPAN port
	Witness    string
}

// InterfaceRoutes says whether an interface has a default route.
type InterfaceRoutes struct {
	Name     string `json:"name"`
	Up       bool   `json:"up"`
	Default4 bool   `json:"default4"`
	Default6 bool   `json:"default6"`
}

// Challenge is a control to be sent: to an address of the bench, under a name
// of the run's own where the bench can resolve one.
type Challenge struct {
	Name   string         // empty: none
	Target netip.AddrPort // port 0: an ICMP echo
	Source uint16         // the port to send from
	Text   string         // payload: run id and counter
}

// Proof is one try of a control as the device reports it.
type Proof struct {
	Name       string // that was asked of the resolver; empty: none was
	Proto      string // "icmp", "ipv6-icmp", "tcp", "udp"
	Orig, Resp netip.AddrPort
	EchoID     *uint16 // where it is an echo
	EchoSeq    *uint16
	Answered   bool
}

// Socket is an open socket of the device.
type Socket struct {
	Proto         string // "tcp", "udp"
	Local, Remote netip.AddrPort
	UID           int
}
