package device

import (
	"context"
	"time"

	"github.com/spanrig/spanrig/drivers/duml"
	"github.com/spanrig/spanrig/drivers/serial/pseudo"
	"github.com/spanrig/spanrig/rig/sim/adbd"
)

// serveADB is adb's daemon.
func (d *device) serveADB(ctx context.Context) error {
	daemon, err := adbd.New(adbd.Config{
		Shell: adbd.NewShell(adbd.ShellConfig{Commands: d.commands(), Files: d.files}), Files: d.files,
		Product: "rm510b", Model: Model, Device: "rm510b", Reboot: func(string) { d.reboot() },
	})
	if err != nil {
		return err
	}
	return d.running().adb.serve(ctx, func(ctx context.Context) error {
		l, err := d.config.Listen()
		if err != nil {
			return err
		}
		return daemon.Serve(ctx, l)
	})
}

// reboot asks for one; several at once are one.
func (d *device) reboot() {
	select {
	case d.restart <- struct{}{}:
	default:
	}
}

// serveSerial answers DUML where the device has a serial port.
func (d *device) serveSerial(ctx context.Context) error {
	if d.config.DUML == "" {
		<-ctx.Done()
		return nil
	}
	e := &duml.Endpoint{Answers: duml.Versions(dumlVersion), State: func() duml.Push { return duml.Push{} }}
	return d.running().serial.serve(ctx, func(ctx context.Context) error {
		port, err := pseudo.Open(d.config.DUML)
		if err != nil {
			return err
		}
		defer port.Close() // gone is gone
		return e.Serve(ctx, port)
	})
}

// dumlVersion is what the device answers to a version inquiry.
var dumlVersion = duml.Version{Hardware: Model + " SIM", Loader: duml.Release{1, 0, 0, 0}, Firmware: duml.Release{2, 1, 5, 7}, Flags: 1 << 31}

// outage takes a link away for a while.
func (d *device) outage(ctx context.Context, name string, link *outlet, long time.Duration) {
	link.set("outage", true)
	d.tell(Outaged, name)
	select {
	case <-time.After(long):
	case <-ctx.Done():
	}
	link.set("outage", false)
	d.tell(Returned, name)
}

// plug puts the USB cable in or out: the serial port is on it, adb is not.
func (d *device) plug(in bool) {
	d.mu.Lock()
	changed := d.cable != in
	d.cable = in
	b := d.boot
	d.mu.Unlock()
	if !changed {
		return
	}
	d.tell(Cabled, map[bool]string{true: "in", false: "out"}[in])
	if b != nil {
		b.serial.set("cable", !in)
		b.app.USB(in)
	}
}
