package check

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"

	"github.com/spanrig/spanrig/drivers/adb"
	"github.com/spanrig/spanrig/drivers/serial"
)

// Discover prints what is plugged into this host as ready-made lines of a bench
// file: adb devices, serial ports, network interfaces. What cannot be asked is
// said in a comment.
func Discover(ctx context.Context, w io.Writer, server string) error {
	out := bufio.NewWriter(w)
	fmt.Fprintln(out, "# what is plugged into this host; copy what belongs to the bench")
	fmt.Fprintln(out, "device:")
	discoverADB(ctx, out, server)
	discoverSerial(out)
	fmt.Fprintln(out, "span:")
	discoverInterfaces(out)
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
		fmt.Fprintf(w, "  adb: {%s: %q}%s\n", key, d.Serial, comment(about...))
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
