package check

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spanrig/spanrig/drivers/adb"
	"github.com/spanrig/spanrig/drivers/power"
	"github.com/spanrig/spanrig/drivers/serial"
	"github.com/spanrig/spanrig/rig/benchfile"
)

// Discover prints what is plugged into this host as ready-made lines of a bench
// file: adb devices, serial ports, network interfaces, USB hubs. What cannot be
// asked is said in a comment.
func Discover(ctx context.Context, w io.Writer, server string) error {
	out := bufio.NewWriter(w)
	fmt.Fprintln(out, "# what is plugged into this host; copy what belongs to the bench")
	fmt.Fprintln(out, "device:")
	discoverADB(ctx, out, server)
	discoverSerial(out)
	fmt.Fprintln(out, "span:")
	discoverInterfaces(out)
	fmt.Fprintln(out, "power:")
	discoverHubs(out, "")
	return out.Flush()
}

func discoverADB(ctx context.Context, w io.Writer, server string) {
	s := &adb.Server{Addr: server}
	list, err := s.Devices(ctx)
	switch {
	case err != nil:
		fmt.Fprintf(w, "  # no adb: %s\n", oneLine(err))
	case len(list) == 0:
		fmt.Fprintln(w, "  # no adb device; allow debugging on the device, choose the USB mode that keeps adb, or say operator: true")
	}
	at := ""
	if where := cmp.Or(server, os.Getenv("ADB_SERVER_SOCKET"), s.String()); where != benchfile.DefaultServer {
		at = fmt.Sprintf(", server: %q", where) // a bench file takes no server from the environment
	}
	for _, d := range list {
		about := []string{}
		for _, s := range []string{d.Model, d.Product, d.Device, d.USB} {
			if s != "" {
				about = append(about, s)
			}
		}
		if d.State != adb.Online {
			about = append(about, "state "+string(d.State))
		}
		key := "serial"
		if _, err := netip.ParseAddrPort(d.Serial); err == nil {
			key = "address" // a device on the network
		}
		fmt.Fprintf(w, "  adb: {%s: %q%s}%s\n", key, d.Serial, at, comment(about...))
	}
}

func comment(parts ...string) string {
	if len(parts) == 0 {
		return ""
	}
	return " # " + strings.Join(parts, ", ")
}

func discoverSerial(w io.Writer) {
	ports, err := serial.Ports("")
	switch {
	case err != nil:
		fmt.Fprintf(w, "  # no serial ports: %s\n", oneLine(err))
	case len(ports) == 0:
		fmt.Fprintln(w, "  # no serial port")
	}
	for _, p := range ports {
		var keys []string
		add := func(key, value string) {
			if value != "" {
				keys = append(keys, fmt.Sprintf("%s: %q", key, value))
			}
		}
		add("vendor", p.USB.Vendor)
		add("product", p.USB.Product)
		add("serial_number", p.USB.Serial)
		add("interface", p.USB.Interface)
		add("port", p.USB.Path)
		if len(keys) == 0 {
			add("path", p.Path)
		}
		about := []string{p.Path}
		for _, s := range []string{p.Maker, p.Product, p.About} {
			if s != "" {
				about = append(about, s)
			}
		}
		fmt.Fprintf(w, "  serial: {%s}%s\n", strings.Join(keys, ", "), comment(about...))
	}
}

// discoverInterfaces lists what a SPAN port may be plugged into.
func discoverInterfaces(w io.Writer) {
	list, err := net.Interfaces()
	if err != nil {
		fmt.Fprintf(w, "  # no interfaces: %s\n", oneLine(err))
		return
	}
	for _, i := range list {
		if i.Flags&net.FlagLoopback != 0 {
			continue
		}
		about := []string{orNone(i.HardwareAddr.String())}
		if driver, err := os.Readlink(filepath.Join("/sys/class/net", i.Name, "device/driver")); err == nil {
			about = append(about, filepath.Base(driver))
		}
		if i.Flags&net.FlagRunning == 0 {
			about = append(about, "no link")
		}
		if addrs, err := i.Addrs(); err == nil && len(addrs) > 0 {
			about = append(about, addrs[0].String()+": in use, a SPAN port needs no address")
		}
		fmt.Fprintf(w, "  interfaces: [%s]%s\n", i.Name, comment(about...))
	}
}

// discoverHubs lists the hubs whose ports may be switched; which port, who wired
// the bench knows.
func discoverHubs(w io.Writer, root string) {
	list, err := power.Hubs(root)
	switch {
	case err != nil:
		fmt.Fprintf(w, "  # no USB hubs: %s\n", oneLine(err))
	case len(list) == 0:
		fmt.Fprintln(w, "  # no USB hub")
	}
	for _, h := range list {
		port := 1
		about := []string{fmt.Sprintf("ports 1 to %d", h.Ports)}
		if h.Product != "" {
			about = append(about, h.Product)
		}
		if !h.Switches {
			about = append(about, "this kernel does not switch it: needs uhubctl")
		}
		for i, p := range slices.Sorted(maps.Keys(h.Devices)) {
			if i == 0 {
				port = p
			}
			about = append(about, fmt.Sprintf("at %d %s", p, h.Devices[p]))
		}
		fmt.Fprintf(w, "  usb: {hub: {hub: %q, port: %d}}%s\n", h.Name, port, comment(about...))
	}
}
