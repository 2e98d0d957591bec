package device

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spanrig/spanrig/rig/sim/adbd"
	"github.com/spanrig/spanrig/rig/sim/device/screen"
)

// commands are the programs of the device beside those that adbd's shell brings.
func (d *device) commands() map[string]adbd.Command {
	return map[string]adbd.Command{
		"getprop": d.getprop, "setprop": d.setprop, "settings": d.settings, "svc": d.svc,
		"pm": d.pm, "am": d.am, "monkey": d.monkey, "cmd": d.cmd,
		"dumpsys": d.dumpsys, "pidof": d.pidof, "ps": d.ps, "logcat": d.logcat,
		"input": d.input, "uiautomator": d.uiautomator, "screencap": d.screencap, "wm": d.wm,
		"date": d.date, "ip": d.ip, "nc": d.nc, "netcat": d.nc, "ping": d.ping, "ping6": d.ping,
		"reboot": func(_ context.Context, _ *adbd.Call) int { d.reboot(); return 0 },
		"whoami": func(_ context.Context, c *adbd.Call) int { fmt.Fprintln(c.Stdout, "shell"); return 0 },
		"uptime": d.uptime,
	}
}

// usage says how a program is called, as Android's own do: on the standard
// error, with exit code 1.
func usage(c *adbd.Call, text string) int {
	fmt.Fprintln(c.Stderr, "usage: "+text)
	return 1
}

// argument is the n-th one; empty where it is not there.
func argument(c *adbd.Call, n int) string {
	if n < len(c.Args) {
		return c.Args[n]
	}
	return ""
}

func (d *device) getprop(_ context.Context, c *adbd.Call) int {
	props := d.props()
	if name := argument(c, 1); name != "" {
		value := props[name]
		if value == "" {
			value = argument(c, 2) // the default
		}
		fmt.Fprintln(c.Stdout, value)
		return 0
	}
	for _, name := range slices.Sorted(maps.Keys(props)) {
		fmt.Fprintf(c.Stdout, "[%s]: [%s]\n", name, props[name])
	}
	return 0
}

func (d *device) setprop(_ context.Context, c *adbd.Call) int {
	if len(c.Args) != 3 {
		return usage(c, "setprop NAME VALUE")
	}
	name, value := c.Args[1], c.Args[2]
	if strings.HasPrefix(name, "ro.") {
		return c.Fail("failed to set property '%s' to '%s'", name, value)
	}
	if err := d.setProp(name, value); err != nil {
		return c.Fail("%v", err)
	}
	return 0
}

// settings reads and writes settings: "get NAMESPACE KEY", "put", "delete", "list".
func (d *device) settings(_ context.Context, c *adbd.Call) int {
	space, key := argument(c, 2), argument(c, 3)
	if space != "global" && space != "system" && space != "secure" {
		return usage(c, "settings get|put|delete|list global|system|secure [KEY [VALUE]]")
	}
	switch argument(c, 1) {
	case "get":
		fmt.Fprintln(c.Stdout, d.setting(space, key))
	case "put":
		return d.changeSetting(c, func(k *kept) { k.Settings[space+"/"+key] = argument(c, 4) })
	case "delete":
		code := d.changeSetting(c, func(k *kept) { delete(k.Settings, space+"/"+key) })
		fmt.Fprintln(c.Stdout, "Deleted 1 rows")
		return code
	case "list":
		d.store.get(func(k *kept) {
			for _, name := range slices.Sorted(maps.Keys(k.Settings)) {
				if short, ok := strings.CutPrefix(name, space+"/"); ok {
					fmt.Fprintf(c.Stdout, "%s=%s\n", short, k.Settings[name])
				}
			}
		})
	default:
		return usage(c, "settings get|put|delete|list global|system|secure [KEY [VALUE]]")
	}
	return 0
}

// setting is a setting's value; "null" where it has none, as settings prints it.
func (d *device) setting(space, key string) string {
	value := "null"
	d.store.get(func(k *kept) {
		if v, ok := k.Settings[space+"/"+key]; ok {
			value = v
		}
	})
	return value
}

func (d *device) changeSetting(c *adbd.Call, change func(*kept)) int {
	if err := d.store.set(change); err != nil {
		return c.Fail("%v", err)
	}
	return 0
}

// svc switches Wi-Fi and what stays awake.
func (d *device) svc(_ context.Context, c *adbd.Call) int {
	on := argument(c, 2) == "enable"
	switch argument(c, 1) {
	case "wifi":
		if !on && argument(c, 2) != "disable" {
			return usage(c, "svc wifi [enable|disable]")
		}
		if err := d.store.set(func(k *kept) { k.WiFi = on }); err != nil {
			return c.Fail("%v", err)
		}
		d.running().radio.set(on)
		return 0
	case "data":
		return 0 // it has no modem
	case "power":
		value := map[string]string{"true": "7", "usb": "2", "ac": "1", "wireless": "4", "false": "0"}[argument(c, 3)]
		if argument(c, 2) != "stayon" || value == "" {
			return usage(c, "svc power stayon [true|false|usb|ac|wireless]")
		}
		return d.changeSetting(c, func(k *kept) { k.Settings["global/stay_on_while_plugged_in"] = value })
	}
	fmt.Fprintln(c.Stderr, "Available commands:\n    data\n    power\n    wifi")
	return 1
}

func (d *device) wm(_ context.Context, c *adbd.Call) int {
	switch argument(c, 1) {
	case "size":
		fmt.Fprintf(c.Stdout, "Physical size: %dx%d\n", screen.Size.X, screen.Size.Y)
	case "density":
		fmt.Fprintln(c.Stdout, "Physical density: 320")
	default:
		return usage(c, "wm size|density")
	}
	return 0
}

// date prints the device's time in the formats of toybox that are in use.
func (d *device) date(_ context.Context, c *adbd.Call) int {
	now := d.now().UTC()
	format, ok := strings.CutPrefix(argument(c, len(c.Args)-1), "+")
	if !ok {
		fmt.Fprintln(c.Stdout, now.Format("Mon Jan _2 15:04:05 UTC 2006"))
		return 0
	}
	layouts := map[byte]string{'Y': "2006", 'm': "01", 'd': "02", 'H': "15", 'M': "04", 'S': "05", 'F': "2006-01-02", 'T': "15:04:05", 'z': "-0700", 'Z': "MST"}
	for i := 0; i < len(format); i++ {
		if format[i] != '%' || i+1 == len(format) {
			fmt.Fprintf(c.Stdout, "%c", format[i])
			continue
		}
		i++
		switch layout, known := layouts[format[i]]; {
		case known:
			fmt.Fprint(c.Stdout, now.Format(layout))
		case format[i] == 's':
			fmt.Fprint(c.Stdout, now.Unix())
		case format[i] == 'N':
			fmt.Fprintf(c.Stdout, "%09d", now.Nanosecond())
		default:
			fmt.Fprintf(c.Stdout, "%c", format[i])
		}
	}
	fmt.Fprintln(c.Stdout)
	return 0
}

func (d *device) uptime(_ context.Context, c *adbd.Call) int {
	up := time.Since(d.running().began).Round(time.Second)
	fmt.Fprintf(c.Stdout, " %s up %s,  0 users,  load average: 0.52, 0.58, 0.59\n", d.now().UTC().Format("15:04:05"), up)
	return 0
}

func (d *device) pidof(_ context.Context, c *adbd.Call) int {
	var list []string
	for _, r := range d.processes() {
		if slices.Contains(c.Args[1:], r.name) {
			list = append(list, strconv.Itoa(r.pid))
		}
	}
	if len(list) == 0 {
		return 1
	}
	fmt.Fprintln(c.Stdout, strings.Join(list, " "))
	return 0
}

func (d *device) ps(_ context.Context, c *adbd.Call) int {
	fmt.Fprint(c.Stdout, psTable(d.processes()))
	return 0
}

// logcat prints and follows: -d ends with the last line, -c clears, -t and -T
// begin with the last lines or at a time, -v says how lines look.
func (d *device) logcat(ctx context.Context, c *adbd.Call) int {
	f, tail, on := logFormat{kind: "threadtime"}, -1, true
	var since time.Time
	for i := 1; i < len(c.Args); i++ {
		switch c.Args[i] {
		case "-c":
			d.log.clear()
			return 0
		case "-d":
			on = false
		case "-v", "-b", "-t", "-T":
			i++
			value := argument(c, i)
			switch n, err := strconv.Atoi(value); {
			case c.Args[i-1] == "-b":
			case c.Args[i-1] == "-v":
				f.set(value)
			case err == nil:
				tail, on = n, on && c.Args[i-1] == "-T"
			default:
				if since, err = logSince(value); err != nil {
					return c.Fail("%v", err)
				}
				on = on && c.Args[i-1] == "-T"
			}
		}
	}
	if err := d.log.follow(ctx, c.Stdout, f, tail, since, on, d.config.Knobs.ClockOff); err != nil {
		return 1
	}
	return 0
}
