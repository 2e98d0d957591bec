package benchfile

import (
	"context"
	"io"
	"time"

	"github.com/spanrig/spanrig/drivers"
	"github.com/spanrig/spanrig/drivers/adb"
	"github.com/spanrig/spanrig/drivers/manual"
)

// Drivers are the drivers of a lab's own, by the name that stands behind
// driver: in its bench files. The zero value has none; adb, operator, hub and
// relay need none.
type Drivers struct {
	Controllers map[string]func(context.Context, *Bench, Tools) (drivers.Controller, error)
	Powers      map[string]func(context.Context, *Bench, Power, Tools) (drivers.Power, error)
}

// Tools are what a driver may need beside the bench file.
type Tools struct {
	Note   drivers.Note // the journal
	Reason string       // what the bench is taken for, told to whom it refuses
	In     io.Reader    // a person's answers; nil: there is nobody
	Out    io.Writer    // questions to a person
	Log    io.Writer    // what goes over the serial line, for the recording; may be nil
	// Patience is how long a device may take to be there when the bench is
	// opened; 0: a minute.
	Patience time.Duration
}

// patience is what Open has.
func (t *Tools) patience() time.Duration {
	if t.Patience > 0 {
		return t.Patience
	}
	return time.Minute
}

// ask asks the person at the terminal; nil where there is nobody.
func (t *Tools) ask() func(context.Context, string) (string, error) {
	if t.In == nil {
		return nil
	}
	return manual.Ask(t.In, t.Out)
}

// Server is the adb server that the bench names.
func (a *ADB) server() *adb.Server { return &adb.Server{Addr: a.Server} }

// name is the device's serial at its server.
func (a *ADB) name() string {
	if a.Address != "" {
		return a.Address
	}
	return a.Serial
}
