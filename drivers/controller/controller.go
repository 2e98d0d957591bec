package controller

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/spanrig/spanrig/drivers"
)

// Config says which device is driven, by what, and who is told.
type Config struct {
	Bridge   drivers.Bridge
	Script   *Script
	Package  string   // of the app; empty: the script's
	Captured string   // interface behind the SPAN port; empty: wlan0
	Services []string // those of the script to switch and tour; empty: all
	// Powers are what the bench can switch. The recovery ladder uses usb (the
	// device's port) and device; the script may name others.
	Powers map[string]drivers.Power
	// Ask asks a person; nil: there is none.
	Ask func(ctx context.Context, question string) (string, error)
	// Env looks up secrets; nil: os.LookupEnv.
	Env  func(name string) (string, bool)
	Note drivers.Note // nil: nobody is told
	// Pulse is a second way to the device that tells whether it lives, such as
	// its serial port; nil: there is none.
	Pulse interface {
		Alive(ctx context.Context) error
	}
	// Patience is that of a step that names none; 0: 15 s.
	Patience time.Duration
	// Pace scales pauses and the time between looks at the screen, for benches
	// that are simulated; 0 means 1.
	Pace float64
}

// Controller drives an app through a bridge. Readings, proofs and stimuli may
// run at the same time; the screen is one caller's at a time.
type Controller struct {
	standing drivers.Standing
	config   Config
	services []string
	screen   chan struct{} // holds who uses it

	mu       sync.Mutex
	secrets  []string // that were typed
	changed  []change // on the device, first to last
	kept     bool     // what these were is in a file on the device
	ownPorts bool     // the device's nc does not send from the port that it is told
	at       string   // words that led from home to where the app is now; empty: nobody knows
}

var (
	_ drivers.Controller   = (*Controller)(nil)
	_ drivers.Prover       = (*Controller)(nil)
	_ drivers.Timekeeper   = (*Controller)(nil)
	_ drivers.Photographer = (*Controller)(nil)
	_ drivers.Attributor   = (*Controller)(nil)
	_ drivers.Chronicler   = (*Controller)(nil)
)

// New makes a controller; nothing is sent before its first call. The script
// should have passed [Script.Check].
func New(c Config) (*Controller, error) {
	if c.Bridge == nil || c.Script == nil {
		return nil, errors.New("controller: it needs a bridge and a script")
	}
	if c.Package == "" {
		c.Package = c.Script.Package
	}
	if !packageName.MatchString(c.Package) {
		return nil, fmt.Errorf("controller: %q is no package name; say under app which it is, such as com.dji.industry.pilot", c.Package)
	}
	services, err := c.Script.Known(c.Services)
	if err != nil {
		return nil, err
	}
	if c.Captured == "" {
		c.Captured = "wlan0"
	}
	if c.Env == nil {
		c.Env = os.LookupEnv
	}
	if c.Note == nil {
		c.Note = drivers.Silent
	}
	if c.Patience <= 0 {
		c.Patience = 15 * time.Second
	}
	if c.Pace <= 0 {
		c.Pace = 1
	}
	return &Controller{config: c, services: services, screen: make(chan struct{}, 1)}, nil
}

// Services implements [drivers.Controller].
func (c *Controller) Services() []string { return slices.Clone(c.services) }

// take waits for the screen, and leave gives it on.
func (c *Controller) take(ctx context.Context) error {
	select {
	case c.screen <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("the screen is in use: %w", context.Cause(ctx))
	}
}

func (c *Controller) leave() { <-c.screen }

// use is take for whom c must not be broken.
func (c *Controller) use(ctx context.Context) error {
	if err := c.standing.Refusal(); err != nil {
		return err
	}
	return c.take(ctx)
}

// paced is a pause at the pace of the bench.
func (c *Controller) paced(d time.Duration) time.Duration {
	return time.Duration(float64(d) * c.config.Pace)
}

// sleep waits, or returns why the context ended.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// hopeless reports whether another try cannot help: the device is lost, the
// context over, or a person has to do something first.
func hopeless(ctx context.Context, err error) bool {
	return errors.Is(err, drivers.ErrLost) || ctx.Err() != nil || errors.Is(err, errSetup)
}

// errSetup marks what the bench lacks: a secret, a power, a person, the app.
var errSetup = errors.New("bench incomplete")
