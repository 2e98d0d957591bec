package benchfile

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/spanrig/spanrig/drivers"
	"github.com/spanrig/spanrig/drivers/adb"
	"github.com/spanrig/spanrig/drivers/power"
	"github.com/spanrig/spanrig/drivers/serial"
)

// openPowers opens every power of the bench by itself.
func (b *Bench) openPowers(ctx context.Context, e *Equipment, own Drivers, t Tools) error {
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(b.Power)) {
		one, err := b.openPower(ctx, e, name, b.Power[name], own, t)
		if err != nil {
			errs = append(errs, part("power "+name, fmt.Errorf("power: %s: %w", name, err)))
			continue
		}
		e.Powers[name] = bounded{one}
	}
	return errors.Join(errs...)
}

func (b *Bench) openPower(ctx context.Context, e *Equipment, name string, p Power, own Drivers, t Tools) (drivers.Power, error) {
	switch {
	case p.Hub != nil:
		return power.OpenHub(power.HubConfig{Hub: p.Hub.Hub, Port: p.Hub.Port, Witness: b.witness(name, p), Note: t.Note})
	case p.Relay != nil:
		return b.openRelay(e, name, p, t)
	}
	make, ok := own.Powers[p.Driver]
	if !ok {
		return nil, unknownDriver(p.Driver)
	}
	return make(ctx, b, p, t)
}

// witness is what shows whether a power is on: for the device's own ones
// whether adb sees it, unless the bench says otherwise; nil leaves it to the
// equipment.
func (b *Bench) witness(name string, p Power) power.Witness {
	proof := p.Proof
	if proof == "" && b.Device.ADB != nil && b.Device.ADB.Serial != "" && (name == "usb" || name == "device") {
		proof = "adb"
	}
	switch {
	case proof == "adb" && b.Device.ADB != nil:
		a := b.Device.ADB
		return power.Presence("adb device "+a.name(), func(ctx context.Context) (bool, error) {
			list, err := a.server().Devices(ctx)
			there := slices.ContainsFunc(list, func(l adb.Listed) bool { return l.Serial == a.name() && l.State == adb.Online })
			return there, err
		})
	case proof == "serial" && b.Device.Serial != nil:
		return power.Presence("serial port", power.USB("", b.Device.Serial.USB()))
	}
	return nil
}

func (b *Bench) openRelay(e *Equipment, name string, p Power, t Tools) (drivers.Power, error) {
	r := p.Relay
	board := power.A0(byte(r.Channel))
	if r.Protocol == "text" {
		var err error
		if board, err = power.Text(r.On, r.Off, r.Query, r.IsOn, r.IsOff); err != nil {
			return nil, err
		}
	}
	console, err := e.line(b, r.Line, t)
	if err != nil {
		return nil, err
	}
	return power.NewRelay(power.RelayConfig{Console: console, Board: board, Name: "relay " + name, Witness: b.witness(name, p), Note: t.Note})
}

// line opens a relay board's serial line, once for all its channels.
func (e *Equipment) line(b *Bench, s Serial, t Tools) (drivers.Console, error) {
	if console, open := e.lines[s]; open {
		return console, nil
	}
	console, err := serial.Open(serial.Config{USB: s.USB(), Path: b.Path(s.Path), Baud: s.Baud, Note: t.Note, Reason: t.Reason})
	if err != nil {
		return nil, err
	}
	e.lines[s] = console
	return console, nil
}

// longestSwitch bounds how long a power may take until it is so.
const longestSwitch = 30 * time.Second

// bounded is a power whose Set has a deadline.
type bounded struct{ drivers.Power }

// Set implements drivers.Power.
func (p bounded) Set(ctx context.Context, on bool) error {
	ctx, cancel := context.WithTimeout(ctx, longestSwitch)
	defer cancel()
	return p.Power.Set(ctx, on)
}
