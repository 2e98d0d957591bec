package serial

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spanrig/spanrig/drivers"
)

// Port is a serial port that is there.
type Port struct {
	Path    string      // its device node, as "/dev/ttyACM0"; another one after each plugging in
	USB     drivers.USB // the interface that it is; zero where it is no USB
	Driver  string      // of the kernel: "cdc_acm", "ftdi_sio", "serial8250"; empty where there is none
	Maker   string      // as the USB device says; may be empty
	Product string
	About   string // the interface's own description; may be empty
}

// String prints the port for lists and messages.
func (p Port) String() string {
	words := []string{p.Path}
	if p.isUSB() {
		words = append(words, p.USB.String())
	}
	for _, s := range []string{p.Maker, p.Product, p.About, p.Driver} {
		if s != "" {
			words = append(words, "("+s+")")
		}
	}
	return strings.Join(words, " ")
}

// Identity names the port for locks and journals: what is plugged in where, or
// the device node where that is all there is.
func (p Port) Identity() string {
	if p.isUSB() {
		return p.USB.String()
	}
	return "tty " + p.Path
}

func (p Port) isUSB() bool { return p.USB != drivers.USB{} }

// AmbiguousError says that an identity fits several ports.
type AmbiguousError struct {
	Want drivers.USB
	Fits []Port
}

func (e *AmbiguousError) Error() string {
	return fmt.Sprintf("%s fits %d serial ports; name serial, interface or path too: %s", e.Want, len(e.Fits), list(e.Fits))
}

// Ports lists the serial ports with hardware behind them, by path. The
// folders sys and dev are looked for in root; "" is "/".
func Ports(root string) ([]Port, error) {
	root = orRoot(root)
	class := filepath.Join(root, "sys/class/tty")
	entries, err := os.ReadDir(class)
	if err != nil {
		return nil, fmt.Errorf("list serial ports: %w", err)
	}
	var ports []Port
	for _, e := range entries {
		dir := filepath.Join(class, e.Name())
		device, err := filepath.EvalSymlinks(filepath.Join(dir, "device"))
		if err != nil || attribute(dir, "type") == "0" {
			continue // a virtual terminal, or a UART that is not there
		}
		p := Port{Path: filepath.Join(root, "dev", e.Name()), Driver: linked(device, "driver")}
		p.describe(device)
		ports = append(ports, p)
	}
	slices.SortFunc(ports, func(a, b Port) int { return strings.Compare(a.Path, b.Path) })
	return ports, nil
}

// Find returns the one port that has every field that want names. The error
// is an *AmbiguousError where several have, and fs.ErrNotExist where none has.
func Find(root string, want drivers.USB) (Port, error) {
	ports, err := Ports(root)
	if err != nil {
		return Port{}, err
	}
	var fits []Port
	for _, p := range ports {
		if p.isUSB() && want.Matches(p.USB) {
			fits = append(fits, p)
		}
	}
	switch {
	case len(fits) == 1:
		return fits[0], nil
	case len(fits) > 1:
		return Port{}, &AmbiguousError{want, fits}
	case len(ports) == 0:
		return Port{}, fmt.Errorf("no serial port is %s, and no other is there; is it plugged in and switched on? (%w)", want, fs.ErrNotExist)
	}
	return Port{}, fmt.Errorf("no serial port is %s; there is %s (%w)", want, list(ports), fs.ErrNotExist)
}

// describe climbs from a device of sysfs to the USB interface and device above it.
func (p *Port) describe(device string) {
	for dir := device; len(dir) > 1; dir = filepath.Dir(dir) {
		number := attribute(dir, "bInterfaceNumber")
		if number == "" {
			continue
		}
		parent := filepath.Dir(dir)
		p.USB = drivers.USB{
			Vendor: strings.ToLower(attribute(parent, "idVendor")), Product: strings.ToLower(attribute(parent, "idProduct")),
			Serial: attribute(parent, "serial"), Interface: strings.ToLower(number), Path: filepath.Base(parent),
		}
		p.Maker, p.Product, p.About = attribute(parent, "manufacturer"), attribute(parent, "product"), attribute(dir, "interface")
		if p.Driver == "" {
			p.Driver = linked(dir, "driver")
		}
		return
	}
}

// attribute reads a file of sysfs; empty where there is none.
func attribute(dir, name string) string {
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b))
}

// linked returns the name of what a link of sysfs leads to.
func linked(dir, name string) string {
	target, err := os.Readlink(filepath.Join(dir, name))
	if err != nil {
		return ""
	}
	return filepath.Base(target)
}

func list(ports []Port) string {
	var names []string
	for _, p := range ports {
		names = append(names, p.String())
	}
	return strings.Join(names, "; ")
}

func orRoot(root string) string {
	if root == "" {
		return "/"
	}
	return root
}

// at returns the port with a device node, which may be a link to it. A node
// that sysfs does not list, as a pseudo-terminal, is a port by its path alone.
func at(root, path string) (Port, error) {
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return Port{}, fmt.Errorf("serial port: %w", err)
	}
	ports, err := Ports(root)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return Port{}, err
	}
	for _, p := range ports {
		if p.Path == real {
			return p, nil
		}
	}
	return Port{Path: real}, nil
}
