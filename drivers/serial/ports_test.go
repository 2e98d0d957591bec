package serial

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spanrig/spanrig/drivers"
)

// tree is a made-up root with sys and dev, linked as the kernel links them.
type tree struct {
	t    *testing.T
	root string
}

func newTree(t *testing.T) tree {
	tr := tree{t, t.TempDir()}
	tr.dir("sys/class/tty")
	tr.dir("dev")
	return tr
}

func (tr tree) dir(path string) string {
	tr.t.Helper()
	full := filepath.Join(tr.root, path)
	if err := os.MkdirAll(full, 0o700); err != nil {
		tr.t.Fatal(err)
	}
	return full
}

func (tr tree) files(dir string, attributes map[string]string) {
	tr.t.Helper()
	for name, text := range attributes {
		if err := os.WriteFile(filepath.Join(tr.dir(dir), name), []byte(text+"\n"), 0o600); err != nil {
			tr.t.Fatal(err)
		}
	}
}

func (tr tree) link(target, name string) {
	tr.t.Helper()
	if err := os.Symlink(filepath.Join(tr.root, target), filepath.Join(tr.root, name)); err != nil {
		tr.t.Fatal(err)
	}
}

// device adds a USB device and returns its folder.
func (tr tree) device(path string, attributes map[string]string) string {
	dir := "sys/devices/pci0000:00/0000:00:14.0/usb1/" + path
	tr.files(dir, attributes)
	return dir
}

// acm adds a CDC-ACM port on an interface of a USB device.
func (tr tree) acm(device, number, name, about string) {
	iface := device + "/" + filepath.Base(device) + ":1." + strings.TrimLeft(number, "0") + "x"
	tr.files(iface, map[string]string{"bInterfaceNumber": number, "interface": about})
	tr.dir("sys/bus/usb/drivers/cdc_acm")
	tr.link("sys/bus/usb/drivers/cdc_acm", iface+"/driver")
	tr.node(iface+"/tty/"+name, iface)
}

// adapter adds a port of a usb-serial driver, which has a device of its own
// below the interface.
func (tr tree) adapter(device, number, name, driver string) {
	iface := device + "/" + filepath.Base(device) + ":1." + number
	tr.files(iface, map[string]string{"bInterfaceNumber": number})
	port := iface + "/" + name
	tr.dir(port)
	tr.dir("sys/bus/usb-serial/drivers/" + driver)
	tr.link("sys/bus/usb-serial/drivers/"+driver, port+"/driver")
	tr.node(port+"/tty/"+name, port)
}

// node adds what sys/class/tty and dev have of a port.
func (tr tree) node(dir, device string) {
	tr.dir(dir)
	tr.link(device, dir+"/device")
	tr.link(dir, "sys/class/tty/"+filepath.Base(dir))
	tr.files("dev", map[string]string{filepath.Base(dir): ""})
}

// lab is a bench as labs have them.
func lab(t *testing.T) tree {
	tr := newTree(t)
	rc := tr.device("1-3/1-3.2", map[string]string{"idVendor": "2ca3", "idProduct": "001f", "serial": "5YSZK3", "manufacturer": "DJI", "product": "RC"})
	tr.acm(rc, "00", "ttyACM0", "DUML")
	tr.acm(rc, "02", "ttyACM1", "")
	for _, hub := range []string{"1-4", "1-5"} { // twins: clones with the same serial number
		twin := tr.device(hub, map[string]string{"idVendor": "10C4", "idProduct": "EA60", "serial": "0001"})
		tr.adapter(twin, "00", "ttyUSB"+hub[2:], "cp210x")
	}
	nameless := tr.device("1-6", map[string]string{"idVendor": "1a86", "idProduct": "7523"})
	tr.adapter(nameless, "00", "ttyUSB0", "ch341-uart")
	four := tr.device("1-7", map[string]string{"idVendor": "9710", "idProduct": "7840"})
	tr.adapter(four, "00", "ttyUSB7", "mos7840")
	tr.node(four+"/1-7:1.00/ttyUSB8/tty/ttyUSB8", tr.sub(four+"/1-7:1.00/ttyUSB8"))
	tr.files("sys/devices/platform/serial8250/tty/ttyS0", map[string]string{"type": "4"})
	tr.node("sys/devices/platform/serial8250/tty/ttyS0", "sys/devices/platform/serial8250")
	tr.files("sys/devices/platform/serial8250/tty/ttyS1", map[string]string{"type": "0"})
	tr.node("sys/devices/platform/serial8250/tty/ttyS1", "sys/devices/platform/serial8250")
	tr.dir("sys/devices/virtual/tty/tty1")
	tr.link("sys/devices/virtual/tty/tty1", "sys/class/tty/tty1")
	return tr
}

func (tr tree) sub(dir string) string { tr.dir(dir); return dir }

func TestPorts(t *testing.T) {
	tr := lab(t)
	ports, err := Ports(tr.root)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]Port{
		"ttyACM0": {USB: drivers.USB{Vendor: "2ca3", Product: "001f", Serial: "5YSZK3", Interface: "00", Path: "1-3.2"}, Driver: "cdc_acm", Maker: "DJI", Product: "RC", About: "DUML"},
		"ttyACM1": {USB: drivers.USB{Vendor: "2ca3", Product: "001f", Serial: "5YSZK3", Interface: "02", Path: "1-3.2"}, Driver: "cdc_acm", Maker: "DJI", Product: "RC"},
		"ttyS0":   {},
		"ttyUSB0": {USB: drivers.USB{Vendor: "1a86", Product: "7523", Interface: "00", Path: "1-6"}, Driver: "ch341-uart"},
		"ttyUSB4": {USB: drivers.USB{Vendor: "10c4", Product: "ea60", Serial: "0001", Interface: "00", Path: "1-4"}, Driver: "cp210x"},
		"ttyUSB5": {USB: drivers.USB{Vendor: "10c4", Product: "ea60", Serial: "0001", Interface: "00", Path: "1-5"}, Driver: "cp210x"},
		"ttyUSB7": {USB: drivers.USB{Vendor: "9710", Product: "7840", Interface: "00", Path: "1-7"}, Driver: "mos7840"},
		"ttyUSB8": {USB: drivers.USB{Vendor: "9710", Product: "7840", Interface: "00", Path: "1-7"}},
	}
	for _, p := range ports {
		name := filepath.Base(p.Path)
		w, ok := want[name]
		w.Path = filepath.Join(tr.root, "dev", name)
		if !ok || p != w {
			t.Errorf("%+v, want %+v", p, w)
		}
		delete(want, name)
	}
	if len(want) > 0 {
		t.Errorf("not listed: %v", want)
	}
}

func TestFind(t *testing.T) {
	root := lab(t).root
	tests := []struct {
		want drivers.USB
		port string // or how many it fits
		fits int
	}{
		{drivers.USB{Vendor: "2ca3", Interface: "00"}, "ttyACM0", 0},
		{drivers.USB{Serial: "5YSZK3", Interface: "02"}, "ttyACM1", 0},
		{drivers.USB{Vendor: "1a86"}, "ttyUSB0", 0},
		{drivers.USB{Vendor: "10c4", Path: "1-5"}, "ttyUSB5", 0},
		{drivers.USB{Vendor: "2ca3"}, "", 2},
		{drivers.USB{Vendor: "10c4", Product: "ea60", Serial: "0001"}, "", 2},
		{drivers.USB{Vendor: "9710", Interface: "00"}, "", 2},
		{drivers.USB{Vendor: "ffff"}, "", 0},
	}
	for _, tt := range tests {
		p, err := Find(root, tt.want)
		if tt.port != "" {
			if err != nil || filepath.Base(p.Path) != tt.port {
				t.Errorf("%s: %v, %v, want %s", tt.want, p, err, tt.port)
			}
			continue
		}
		ambiguous, ok := errors.AsType[*AmbiguousError](err)
		switch {
		case tt.fits == 0 && !errors.Is(err, fs.ErrNotExist):
			t.Errorf("%s: %v, want that none is there", tt.want, err)
		case tt.fits > 0 && (!ok || len(ambiguous.Fits) != tt.fits || !strings.Contains(err.Error(), ambiguous.Fits[1].Path)):
			t.Errorf("%s: %v, want %d named", tt.want, err, tt.fits)
		}
	}
}

func TestAt(t *testing.T) {
	tr := lab(t)
	link := filepath.Join(tr.root, "link")
	tr.link("dev/ttyACM0", "link")
	if p, err := at(tr.root, link); err != nil || p.USB.Serial != "5YSZK3" {
		t.Errorf("%+v, %v: a link to a USB port is that port", p, err)
	}
	if p, err := at(tr.root, filepath.Join(tr.root, "dev/ttyS0")); err != nil || p.Identity() != "tty "+tr.root+"/dev/ttyS0" {
		t.Errorf("%+v, %v", p, err)
	}
	if _, err := at(tr.root, filepath.Join(tr.root, "dev/none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v", err)
	}
}

func TestPin(t *testing.T) {
	twin := Port{USB: drivers.USB{Vendor: "10c4", Product: "ea60", Interface: "00", Path: "1-4"}}
	w := want{usb: drivers.USB{Vendor: "10c4"}}
	w.pin(twin)
	if w.usb != (drivers.USB{Vendor: "10c4", Path: "1-4"}) {
		t.Errorf("without a serial number it is known by its place: %v", w.usb)
	}
	twin.USB.Serial = "7"
	w = want{usb: drivers.USB{Vendor: "10c4"}}
	w.pin(twin)
	if w.usb != (drivers.USB{Vendor: "10c4", Serial: "7"}) {
		t.Errorf("with one by that, wherever it comes back: %v", w.usb)
	}
	w = want{path: "/dev/ttyUSB0"}
	w.pin(twin)
	if w.path != "" || w.usb != (drivers.USB{Vendor: "10c4", Product: "ea60", Interface: "00", Serial: "7"}) {
		t.Errorf("a path is good for finding it once: %+v", w)
	}
}

// TestThisMachine lists what is really here; it must not fail, whatever that is.
func TestThisMachine(t *testing.T) {
	ports, err := Ports("")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range ports {
		t.Log(p)
	}
}
