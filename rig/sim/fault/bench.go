package fault

import (
	"net/netip"
	"time"

	"github.com/spanrig/spanrig/drivers"
	"github.com/spanrig/spanrig/rig/sim/device"
	"github.com/spanrig/spanrig/rig/sim/device/pilot"
	"github.com/spanrig/spanrig/rig/sim/wiring"
)

type addr = netip.Addr

// Password protects the mode of a device with that fault.
const Password = "simulated"

// quiet is when nobody has touched the app in local data mode for that long.
func quiet(d time.Duration) *pilot.Trigger {
	return &pilot.Trigger{On: pilot.Enter, In: drivers.LocalData, Quiet: d}
}

// readings that do not fit, or cannot be had.
func readings() []Fault {
	entering := pilot.Trigger{On: pilot.Enter, In: drivers.LocalData}
	return []Fault{
		// MODE-1 is about the screen and passes; the flow of the broker goes on: LDM-4
		{Name: "mode-pretended", About: "The screen says local data mode and the app behaves as in standard mode.", Plan: "tour",
			Knobs: device.Knobs{App: pilot.Knobs{Pretends: true}}, Want: want("tour", contactAndQuery+" LDM-4")},
		// unread is inconclusive; then claims of the mode are, and absences in that window
		{Name: "mode-unreadable", About: "In local data mode the screen marks no mode.", Plan: "idle",
			Knobs: device.Knobs{App: pilot.Knobs{Unreadable: &entering}}, Want: want("idle", "inconclusive MODE-1"+ldmAbsences)},
		// another process than at the start: an error of the run; absences in that window are not proven
		{Name: "app-crash", About: "In local data mode the app's process dies and is started again, which the screen does not show.", Plan: "idle",
			Knobs: device.Knobs{App: pilot.Knobs{Crash: quiet(4 * time.Second)}}, Want: want("idle", "error APP-1", "inconclusive"+ldmAbsences)},
		// from the middle of the window beyond its end nothing can be read: slots without a control, no
		// read-back at the end, no app in the last third
		{Name: "adb-drops", About: "In local data mode the link of adb goes away for 15 s.", Plan: "idle",
			Knobs: device.Knobs{DropsADB: &device.Outage{When: *quiet(3 * time.Second), For: 15 * time.Second}},
			Want:  want("idle", "inconclusive CAP-1 MODE-1 APP-1"+ldmAbsences)},
		// nothing is read by it
		{Name: "serial-drops", About: "In local data mode the serial port goes away for 3 s.", Plan: "idle",
			Knobs: device.Knobs{DropsSerial: &device.Outage{When: *quiet(time.Second), For: 3 * time.Second}}, Want: want("idle")},
	}
}

// atLDM is the name of the signal that local data mode was entered.
const atLDM = "ldm"

func signal() device.Knobs {
	return device.Knobs{Signals: []device.Signal{{When: pilot.Trigger{On: pilot.Enter, In: drivers.LocalData}, Name: atLDM}}}
}

func mirror(m wiring.Mirror) Act {
	return func(w *wiring.Wiring) error { return inform("change what the mirror shows", w.Mirror(m)) }
}

// sensors are faults of the SPAN path, and of what it can see.
func sensors() []Fault {
	uplink := func(w *wiring.Wiring) error { return inform("give the device a second uplink", w.SecondUplink(true)) }
	unplug := func(w *wiring.Wiring) error { return inform("unplug the mirror port", w.SPANLink(false)) }
	return []Fault{
		// no control is seen any more (CAP-1), nor that the app talks afterwards (CTRL-1). The file itself is
		// whole (CAP-2). Places are judged in the first window, where there is a first-party flow.
		{Name: "span-dead", About: "The mirror shows nothing any more once local data mode has been entered.", Plan: "tour",
			Knobs: signal(), Acts: map[string]Act{atLDM: mirror(wiring.MirrorNone)},
			Want: want("tour", "inconclusive CAP-1 CTRL-1"+ldmAbsences)},
		// the file has nothing of a time without a link (CAP-2), whatever was sent then; no control (CAP-1), and
		// nothing that the app said afterwards (CTRL-1)
		{Name: "span-unplugged", About: "The mirror port is unplugged in local data mode, and then the app talks to the first party.", Plan: "idle",
			Knobs: device.Knobs{Signals: []device.Signal{{When: *quiet(1500 * time.Millisecond), Name: atLDM}},
				App: leaking(pilot.Leak{When: *quiet(3 * time.Second), How: pilot.OverTLS, To: https(firstParty)}).App},
			Acts: map[string]Act{atLDM: unplug}, Want: want("idle", "inconclusive CAP-1 CAP-2 CTRL-1"+ldmAbsences)},
		// controls are not seen both ways (CAP-1), and payload goes one way only (CTRL-1). Where one
		// direction was captured, acknowledgements have nothing to be compared with: CAP-2
		{Name: "span-one-way", About: "The mirror shows only what the device sends.", Plan: "tour", Setup: mirror(wiring.MirrorIn),
			Want: want("tour", "inconclusive CAP-1 CTRL-1"+ldmAbsences+geoAbsences)},
		// mirror duplicates are the same packet
		{Name: "span-doubled", About: "The mirror shows every frame twice.", Plan: "tour", Setup: mirror(wiring.MirrorDoubled), Want: want("tour")},
		// a default route beside the captured one at the end: nothing that was not seen is proven
		{Name: "second-uplink", About: "In local data mode the device gets a second interface with a default route.", Plan: "tour",
			Knobs: signal(), Acts: map[string]Act{atLDM: uplink}, Want: want("tour", "inconclusive CAP-3"+ldmAbsences+geoAbsences)},
	}
}

// annoyances must change no verdict.
func annoyances() []Fault {
	return []Fault{
		// verdicts go by the clock of the capture host. The app trusts no certificate then, but tries: payload
		// of handshakes goes both ways (CTRL-1), and where no application data follows, TLS-1 has no subject
		{Name: "clock-wrong", About: "The device's clock is 400 days ahead.", Plan: "tour",
			Knobs: device.Knobs{ClockOff: 400 * 24 * time.Hour}, Want: want("tour")},
		{Name: "password", About: "A password protects the mode.", Plan: "tour", Env: map[string]string{"SPANRIG_APP_PASSWORD": Password},
			Knobs: device.Knobs{App: pilot.Knobs{Password: Password}}, Want: want("tour")},
		{Name: "update-prompt", About: "A prompt to update the app gets in the way.", Plan: "tour",
			Knobs: device.Knobs{App: pilot.Knobs{Updates: true}}, Want: want("tour")},
	}
}
