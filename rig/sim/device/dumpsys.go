package device

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spanrig/spanrig/rig/sim/adbd"
	"github.com/spanrig/spanrig/rig/sim/device/pilot"
)

// dumpsys prints what services of Android know, as far as anybody asks.
func (d *device) dumpsys(_ context.Context, c *adbd.Call) int {
	service := argument(c, 1)
	dump, ok := map[string]func(io.Writer, []string){
		"power": d.dumpPower, "window": d.dumpWindow, "activity": d.dumpActivity, "package": d.dumpPackage,
		"netstats": d.dumpNetstats, "battery": dumpBattery, "wifi": d.dumpWiFi,
	}[service]
	if !ok {
		fmt.Fprintf(c.Stderr, "Can't find service: %s\n", service)
		return 0
	}
	dump(c.Stdout, c.Args[2:])
	return 0
}

func (d *device) dumpPower(w io.Writer, _ []string) {
	state := "Asleep"
	if d.isAwake() {
		state = "Awake"
	}
	fmt.Fprintf(w, "POWER MANAGER (dumpsys power)\n\nPower Manager State:\n  mDirty=0x0\n  mWakefulness=%s\n  mWakefulnessChanging=false\n  mIsPowered=true\n  mPlugType=2\n", state)
	fmt.Fprintf(w, "  mStayOnWhilePluggedInSetting=%s\n  mScreenOffTimeoutSetting=%s\n", d.setting("global", "stay_on_while_plugged_in"), d.setting("system", "screen_off_timeout"))
}

func (d *device) dumpWindow(w io.Writer, _ []string) {
	focus := d.component()
	pkg, activity, _ := strings.Cut(focus, "/")
	fmt.Fprintf(w, "WINDOW MANAGER DISPLAY CONTENTS (dumpsys window displays)\n  Display: mDisplayId=0\n    init=1920x1080 320dpi cur=1920x1080 app=1920x1080 rng=1080x1080-1920x1920\n")
	fmt.Fprintf(w, "  mCurrentFocus=Window{8e1b8f0 u0 %s/%s%s}\n", pkg, pkg, activity)
	fmt.Fprintf(w, "  mFocusedApp=AppWindowToken{d5e6a2f token=Token{5e5a2ce ActivityRecord{84f4d5c u0 %s t12}}}\n", focus)
}

func (d *device) dumpActivity(w io.Writer, _ []string) {
	fmt.Fprintf(w, "ACTIVITY MANAGER ACTIVITIES (dumpsys activity activities)\nDisplay #0 (activities from top to bottom):\n")
	if d.isAwake() {
		fmt.Fprintf(w, "    mResumedActivity: ActivityRecord{84f4d5c u0 %s t12}\n", d.component())
	}
	fmt.Fprintf(w, "  ResumedActivity: ActivityRecord{84f4d5c u0 %s t12}\n", d.component())
}

func (d *device) dumpPackage(w io.Writer, args []string) {
	fmt.Fprint(w, "Activity Resolver Table:\n\nPackages:\n")
	if len(args) > 0 && args[0] != pilot.Name {
		fmt.Fprintf(w, "\nUnable to find package: %s\n", args[0])
		return
	}
	fmt.Fprintf(w, "  Package [%s] (7b2c1d0):\n    userId=%d\n    pkg=Package{2f6c8a9 %s}\n    codePath=/system/app/Pilot2\n    versionCode=101030 minSdk=23 targetSdk=29\n    versionName=%s\n    splits=[base]\n    flags=[ SYSTEM HAS_CODE ]\n",
		pilot.Name, AppUID, pilot.Name, pilot.Version)
}

// dumpNetstats shows what the app sent and got since boot, as payload: the
// simulator counts no headers.
func (d *device) dumpNetstats(w io.Writer, args []string) {
	if len(args) == 0 || args[0] != "detail" {
		return
	}
	sent, received := d.running().app.Counters()
	const ident = `[{type=WIFI, subType=COMBINED, networkId="spanrig", metered=false, defaultNetwork=true}]`
	fmt.Fprintf(w, "Active interfaces:\n  iface=wlan0 ident=%s\n", ident)
	fmt.Fprintf(w, "UID stats:\n  Pending bytes: 0\n  History since boot:\n  ident=%s uid=%d set=FOREGROUND tag=0x0\n    NetworkStatsHistory: bucketDuration=7200\n", ident, AppUID)
	fmt.Fprintf(w, "      st=%d rb=%d rp=%d tb=%d tp=%d op=0\nUID tag stats:\n  Pending bytes: 0\n  History since boot:\n",
		d.running().began.Unix()/7200*7200, received, packets(received), sent, packets(sent))
}

// packets is how many there are at least.
func packets(bytes uint64) uint64 { return (bytes + 1447) / 1448 }

func dumpBattery(w io.Writer, _ []string) {
	fmt.Fprint(w, "Current Battery Service state:\n  AC powered: false\n  USB powered: true\n  status: 2\n  health: 2\n  present: true\n  level: 87\n  scale: 100\n")
}

func (d *device) dumpWiFi(w io.Writer, _ []string) {
	state := "disabled"
	d.store.get(func(k *kept) {
		if k.WiFi {
			state = "enabled"
		}
	})
	fmt.Fprintf(w, "Wi-Fi is %s\n", state)
	if lease, ok := d.running().radio.joined(); ok {
		fmt.Fprintf(w, "mWifiInfo SSID: spanrig, BSSID: 02:00:5e:00:00:02, IP: %v\n", lease.Addr.Addr())
	}
}
