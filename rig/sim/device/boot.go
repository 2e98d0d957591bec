package device

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"

	"github.com/spanrig/spanrig/rig/sim/device/pilot"
)

// powerOn makes the device anew from what it keeps.
func (d *device) powerOn() *boot {
	var k kept
	d.store.get(func(have *kept) { k = *have })
	b := &boot{began: time.Now(), id: newBootID(), adb: newOutlet(), serial: newOutlet()}
	b.traffic = newSystem(d)
	b.radio = newRadio(d, k.WiFi)
	b.app = pilot.New(pilot.Config{
		Host: d.host, UID: AppUID, Serial: Serial, Pace: d.config.Pace, Knobs: d.config.Knobs.App, NewPID: d.pids.next,
		Load: func() pilot.State { return k.App },
		Save: func(s pilot.State) error { return d.store.set(func(have *kept) { have.App = s }) },
		Tell: func(h pilot.Happening) { d.report(Event{What: h.What, Mode: h.Mode, PID: h.PID, Why: h.Why}) },
		Log: func(tag, format string, a ...any) {
			d.log.write(logLine{at: time.Now(), pid: d.pids.newest(), uid: AppUID, tag: tag, text: fmt.Sprintf(format, a...)})
		},
		Watches: d.watches(b),
	})
	b.props = d.properties(b, k.Props)
	d.log.clear()
	d.mu.Lock()
	d.boot = b
	b.serial.set("cable", !d.cable)
	d.mu.Unlock()
	d.tell(Powered, "")
	return b
}

func newBootID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// finishBoot is Android's own start, after which the display shows the launcher.
func (d *device) finishBoot(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case <-time.After(d.config.Pace.Of(d.config.Boot)):
	}
	d.mu.Lock()
	b := d.boot
	b.done, b.awake = true, true
	b.props["sys.boot_completed"], b.props["dev.bootcomplete"] = "1", "1"
	d.mu.Unlock()
	d.log.add("ActivityManager", "Finished processing BOOT_COMPLETED for u0")
	d.tell(Booted, "")
	d.networked(ctx)
	b.app.Booted(ctx)
	<-ctx.Done()
	return nil
}

// watches are what the knobs of the device hang on the app's triggers.
func (d *device) watches(b *boot) []pilot.Watch {
	var list []pilot.Watch
	k := &d.config.Knobs
	for _, s := range k.Signals {
		list = append(list, pilot.Watch{When: s.When, Do: func(context.Context) { d.tell(Signaled, s.Name) }})
	}
	for name, o := range map[string]struct {
		knob *Outage
		link *outlet
	}{"adb": {k.DropsADB, b.adb}, "serial": {k.DropsSerial, b.serial}} {
		if o.knob != nil {
			list = append(list, pilot.Watch{When: o.knob.When, Do: func(context.Context) { d.outage(context.Background(), name, o.link, o.knob.For) }})
		}
	}
	return list
}

// networked waits until the device is on a network, as news of a boot comes
// after Wi-Fi on a device that knows its access point.
func (d *device) networked(ctx context.Context) {
	for len(d.nameServers()) == 0 && ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-time.After(50 * time.Millisecond):
		}
	}
}
