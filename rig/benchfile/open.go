package benchfile

import (
	"context"
	"errors"
	"fmt"
	"net/netip"

	"github.com/spanrig/spanrig/drivers"
	"github.com/spanrig/spanrig/drivers/adb"
	"github.com/spanrig/spanrig/drivers/controller"
	"github.com/spanrig/spanrig/drivers/duml"
	"github.com/spanrig/spanrig/drivers/lock"
	"github.com/spanrig/spanrig/drivers/manual"
	"github.com/spanrig/spanrig/drivers/serial"
)

// Equipment is an opened bench.
type Equipment struct {
	Controller drivers.Controller
	Console    drivers.Console // nil where the bench has no serial line
	Powers     map[string]drivers.Power

	lines map[Serial]drivers.Console // of relay boards
	lock  *lock.Lock
}

// Open takes the bench for itself and opens its drivers. Where somebody else
// has a device of it, the error is a *drivers.BusyError that says who and what
// for; else it joins a *PartError for each part that does not open.
func (b *Bench) Open(ctx context.Context, own Drivers, t Tools) (*Equipment, error) {
	if t.Note == nil {
		t.Note = drivers.Silent
	}
	held, err := lock.Take(t.Reason, b.Identities()...)
	if err != nil {
		return nil, err
	}
	e := &Equipment{Powers: map[string]drivers.Power{}, lines: map[Serial]drivers.Console{}, lock: held}
	if err := b.open(ctx, e, own, t); err != nil {
		return nil, errors.Join(err, e.abandon(ctx))
	}
	return e, nil
}

// Identities are what has to be nobody else's while the bench is used. The
// serial line locks itself when its port is found.
func (b *Bench) Identities() []string {
	var list []string
	if a := b.Device.ADB; a != nil {
		list = append(list, "adb "+a.name()+" at "+a.Server)
	}
	for _, i := range b.Span.Interfaces {
		list = append(list, "span "+i)
	}
	for _, m := range b.Device.MACs {
		list = append(list, "mac "+m)
	}
	return list
}

// PartError says which part of a bench could not be opened.
type PartError struct {
	Part string // "serial", "power usb", "device"
	Err  error
}

func (e *PartError) Error() string { return e.Err.Error() }

func (e *PartError) Unwrap() error { return e.Err }

func part(name string, err error) error {
	if err == nil {
		return nil
	}
	return &PartError{name, err}
}

// open opens every part by itself, and says of each that does not open why.
func (b *Bench) open(ctx context.Context, e *Equipment, own Drivers, t Tools) error {
	script, err := b.Script()
	if err != nil {
		return err
	}
	errs := []error{part("serial", b.openConsole(e, t)), b.openPowers(ctx, e, own, t)}
	c, err := b.openController(ctx, e, own, script, t)
	if err == nil {
		e.Controller = c
	}
	return errors.Join(append(errs, part("device", err))...)
}

func (b *Bench) openController(ctx context.Context, e *Equipment, own Drivers, script *controller.Script, t Tools) (drivers.Controller, error) {
	switch d := b.Device; {
	case d.Driver != "":
		make, ok := own.Controllers[d.Driver]
		if !ok {
			return nil, fmt.Errorf("device: %w", unknownDriver(d.Driver))
		}
		return make(ctx, b, t)
	case d.ADB != nil:
		return b.openADB(ctx, e, script, t)
	}
	return manual.New(manual.Config{Script: script, In: t.In, Out: t.Out, Known: b.known(),
		Captured: b.Network.Captured, Services: b.App.Services, Powers: e.Powers, Note: t.Note, Pace: b.App.Pace})
}

func (b *Bench) openADB(ctx context.Context, e *Equipment, script *controller.Script, t Tools) (drivers.Controller, error) {
	device, err := adb.New(adb.Config{Server: b.Device.ADB.server(), Serial: b.Device.ADB.name(), Booted: true, Note: t.Note})
	if err != nil {
		return nil, err
	}
	if err := device.Arrive(ctx, t.patience()); err != nil {
		return nil, err
	}
	cfg := controller.Config{Bridge: device, Script: script, Package: b.App.Package, Captured: b.Network.Captured,
		Services: b.App.Services, Powers: e.Powers, Ask: t.ask(), Note: t.Note, Pace: b.App.Pace}
	if e.Console != nil && b.Device.Serial.DUML {
		cfg.Pulse = &pulse{duml.New(e.Console, duml.Config{}), t.Note}
	}
	c, err := controller.New(cfg)
	if err != nil {
		return nil, err
	}
	return &inspected{c, b}, nil
}

// known is what the file says of the device, for a person to confirm.
func (b *Bench) known() drivers.Inspection {
	d := b.Device
	i := drivers.Inspection{Model: d.Model, Serial: d.Number, Firmware: d.Firmware, MACs: d.MACs, Package: b.App.Package}
	for _, text := range d.Addrs {
		if a, err := netip.ParseAddr(text); err == nil {
			i.Addrs = append(i.Addrs, a)
		}
	}
	return i
}

func (b *Bench) openConsole(e *Equipment, t Tools) error {
	s := b.Device.Serial
	if s == nil {
		return nil
	}
	console, err := serial.Open(serial.Config{USB: s.USB(), Path: b.Path(s.Path), Baud: s.Baud, Log: t.Log, Note: t.Note, Reason: t.Reason})
	if err != nil {
		return fmt.Errorf("device: serial: %w", err)
	}
	e.Console = console
	return nil
}

// abandon lets go of what was opened of a bench that did not open whole.
func (e *Equipment) abandon(ctx context.Context) error {
	var err error
	if e.Controller != nil {
		err = e.Controller.Close(ctx)
	}
	return errors.Join(err, e.Close())
}

// Close lets go of everything. The controller is closed by who drives it, for
// that takes a device that still answers.
func (e *Equipment) Close() error {
	var errs []error
	if e.Console != nil {
		errs = append(errs, e.Console.Close())
	}
	for _, line := range e.lines {
		errs = append(errs, line.Close())
	}
	if e.lock != nil {
		errs = append(errs, e.lock.Release())
	}
	return errors.Join(errs...)
}
