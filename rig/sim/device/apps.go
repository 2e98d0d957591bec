package device

import (
	"context"
	"fmt"
	"strings"

	"github.com/spanrig/spanrig/rig/sim/adbd"
	"github.com/spanrig/spanrig/rig/sim/device/pilot"
)

// packages are what is installed; all of it came with the firmware.
var packages = []string{"android", launcher, "com.android.settings", "com.android.networkstack", "com.android.shell", pilot.Name, "com.dji.gallery"}

// pm lists packages and says where they are.
func (d *device) pm(_ context.Context, c *adbd.Call) int {
	switch {
	case argument(c, 1) == "list" && argument(c, 2) == "packages":
		options := strings.Join(c.Args[3:], " ")
		for _, p := range packages {
			if !strings.Contains(options, "-3") {
				fmt.Fprintln(c.Stdout, "package:"+p)
			}
		}
	case argument(c, 1) == "path" && argument(c, 2) == pilot.Name:
		fmt.Fprintln(c.Stdout, "package:/system/app/Pilot2/Pilot2.apk")
	default:
		return usage(c, "pm list packages [-3] | pm path PACKAGE")
	}
	return 0
}

// cmd is the newer door to the same services.
func (d *device) cmd(ctx context.Context, c *adbd.Call) int {
	inner := *c
	inner.Args = c.Args[1:]
	switch argument(c, 1) {
	case "package":
		return d.pm(ctx, &inner)
	case "activity":
		return d.am(ctx, &inner)
	case "settings":
		return d.settings(ctx, &inner)
	}
	fmt.Fprintf(c.Stderr, "cmd: Can't find service: %s\n", argument(c, 1))
	return 20
}

// am starts and stops the app.
func (d *device) am(_ context.Context, c *adbd.Call) int {
	last := argument(c, len(c.Args)-1)
	switch argument(c, 1) {
	case "start":
		if !strings.HasPrefix(last, pilot.Name) {
			fmt.Fprintf(c.Stderr, "Error: Activity not started, unable to resolve Intent { %s }\n", last)
			return 1
		}
		if !d.hasBooted() {
			return c.Fail("Can't find service: activity")
		}
		fmt.Fprintf(c.Stdout, "Starting: Intent { cmp=%s/.MainActivity }\n", pilot.Name)
		d.launch()
	case "force-stop":
		if last == pilot.Name {
			d.running().app.Stop()
			d.setFront(false)
		}
	default:
		return usage(c, "am start|force-stop ...")
	}
	return 0
}

// monkey starts an app as its icon does; its other uses are not here.
func (d *device) monkey(_ context.Context, c *adbd.Call) int {
	pkg := ""
	for i, a := range c.Args {
		if a == "-p" {
			pkg = argument(c, i+1)
		}
	}
	switch {
	case !d.hasBooted():
		return c.Fail("Unable to connect to activity manager; is the system running?")
	case pkg != pilot.Name:
		fmt.Fprintln(c.Stdout, "** No activities found to run, monkey aborted.")
		return 252
	}
	d.launch()
	fmt.Fprintln(c.Stdout, "Events injected: 1\n## Network stats: elapsed time=12ms (0ms mobile, 0ms wifi, 12ms not connected)")
	return 0
}
