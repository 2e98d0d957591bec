//go:build usbvm

package usbtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"reflect"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/spanrig/spanrig/drivers"
	"github.com/spanrig/spanrig/drivers/duml"
	"github.com/spanrig/spanrig/drivers/power"
	"github.com/spanrig/spanrig/drivers/serial"
)

var (
	controller = drivers.USB{Vendor: "2ca3", Product: "001f", Serial: "5YSZK3"}
	radio      = duml.At(duml.Radio, 0)
	firmware   = duml.Version{Hardware: "RM510B Ver.A", Loader: duml.Release{1, 0, 0, 4}, Firmware: duml.Release{2, 1, 5, 7}, Flags: 1 << 31, Rest: []byte{1}}
)

func within(t *testing.T, d time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

func soon(t *testing.T) context.Context { return within(t, 20*time.Second) }

// found waits until the host sees a port of that identity.
func found(t *testing.T, want drivers.USB) (p serial.Port) {
	t.Helper()
	wait(t, want.String(), func() (ok bool) {
		var err error
		p, err = serial.Find("", want)
		return err == nil
	})
	return p
}

func gone(t *testing.T, want drivers.USB) {
	t.Helper()
	wait(t, "no "+want.String(), func() bool { _, err := serial.Find("", want); return errors.Is(err, fs.ErrNotExist) })
}

// open opens a console of an identity, and tells what the journal heard.
func open(t *testing.T, want drivers.USB) (*serial.Console, func() string) {
	t.Helper()
	found(t, want)
	var mu sync.Mutex
	var events []string
	c, err := serial.Open(serial.Config{USB: want, Note: func(_ string, keys map[string]any) {
		mu.Lock()
		defer mu.Unlock()
		events = append(events, keys["event"].(string))
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c, func() string {
		mu.Lock()
		defer mu.Unlock()
		return strings.Join(events, " ")
	}
}

// serve answers DUML on the device's side, until the test ends or stop is
// called. A line that hung up is opened again, as a device's program does.
func serve(t *testing.T) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	e := duml.Endpoint{Answers: duml.Versions(firmware)}
	go func() {
		defer close(done)
		for ctx.Err() == nil {
			if rw, err := device("/dev/ttyGS0"); err == nil {
				_ = e.Serve(ctx, rw) // it ends with each unplugging
				rw.Close()
			}
			time.Sleep(10 * time.Millisecond)
		}
	}()
	stop = func() { cancel(); <-done }
	t.Cleanup(stop)
	return stop
}

func askVersion(t *testing.T, c drivers.Console) {
	t.Helper()
	if v, err := duml.New(c, duml.Config{Wait: 5 * time.Second}).Version(soon(t), radio); err != nil || !reflect.DeepEqual(v, firmware) {
		t.Errorf("version %+v, %v", v, err)
	}
}

func TestDiscovery(t *testing.T) {
	plugController(t)
	p := found(t, controller)
	t.Log(p)
	if p.Driver != "cdc_acm" || p.Maker != "DJI" || p.Product != "RC" || p.USB.Interface != "00" || p.USB.Path != "1-1" || !strings.HasPrefix(p.Path, "/dev/ttyACM") {
		t.Errorf("%+v", p)
	}
	other := controller
	other.Serial = "another"
	if _, err := serial.Find("", other); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "5YSZK3") {
		t.Errorf("%v; want that it is not there, and what is", err)
	}
}

func TestConsole(t *testing.T) {
	plugController(t)
	c, _ := open(t, controller)
	dut, err := device("/dev/ttyGS0")
	if err != nil {
		t.Fatal(err)
	}
	defer dut.Close()
	cursor := c.Cursor()
	if err := c.Send(soon(t), []byte("uname\r")); err != nil {
		t.Fatal(err)
	}
	p := make([]byte, 6)
	if _, err := io.ReadFull(dut, p); err != nil || string(p) != "uname\r" {
		t.Fatalf("the device got %q, %v", p, err)
	}
	all := make([]byte, 100_000)
	for i := range all {
		all[i] = byte(i * 7)
	}
	go func() { fmt.Fprintf(dut, "Linux 1\r\n%s# ", all) }()
	if m, err := cursor.Expect(soon(t), regexp.MustCompile(`Linux (\d)\r\n`)); err != nil || m.Groups[0] != "1" {
		t.Errorf("%+v, %v", m, err)
	}
	if m, err := cursor.Expect(soon(t), regexp.MustCompile(`# $`)); err != nil || m.Before != string(all) {
		t.Errorf("%d bytes, %v, want %d as they were sent", len(m.Before), err, len(all))
	}
	if err := c.Settle(soon(t), 200*time.Millisecond); err != nil {
		t.Error(err)
	}
}

// TestDeviceThatReadsNothing has a line that takes no bytes: nobody listens on
// the device's side. Neither Send nor Close waits for the kernel, which would
// hold the port for 30 s.
func TestDeviceThatReadsNothing(t *testing.T) {
	unplug := plugController(t)
	found(t, controller)
	c, err := serial.Open(serial.Config{USB: controller})
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	err = c.Send(within(t, time.Second), make([]byte, 200_000))
	if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, drivers.ErrLost) || time.Since(began) > 5*time.Second {
		t.Errorf("send: %v after %v", err, time.Since(began))
	}
	began = time.Now()
	if err := c.Close(); err == nil || !strings.Contains(err.Error(), "takes no bytes") || time.Since(began) > 5*time.Second {
		t.Errorf("close: %v after %v", err, time.Since(began))
	}
	unplug() // lets the kernel give up its transfers
	gone(t, controller)
}

func TestDUML(t *testing.T) {
	plugController(t)
	serve(t)
	c, _ := open(t, controller)
	for range 20 {
		askVersion(t, c)
	}
}

// TestReplug pulls the cable and plugs it in again, within a run.
func TestReplug(t *testing.T) {
	cable := plugGadget(t, 0, "0x2ca3", "0x001f", "5YSZK3", function{"acm", "a"})
	serve(t)
	c, events := open(t, controller)
	askVersion(t, c)
	for n := 1; n <= 3; n++ {
		cable(false)
		wait(t, "gap", func() bool { return len(c.Gaps()) == n })
		if err := c.Send(within(t, 100*time.Millisecond), []byte("x")); !errors.Is(err, drivers.ErrLost) {
			t.Errorf("send while it is unplugged: %v", err)
		}
		time.AfterFunc(300*time.Millisecond, func() { cable(true) })
		askVersion(t, c) // waits for it
	}
	if events() != "open lost back lost back lost back" {
		t.Errorf("journal %q", events())
	}
	for _, g := range c.Gaps() {
		t.Logf("away %v, back as %s (%s)", g.To.Sub(g.From), g.Path, g.Because)
		if away := g.To.Sub(g.From); away < 300*time.Millisecond || away > 10*time.Second {
			t.Errorf("a gap of %v", away)
		}
	}
}

// TestOtherNumber lets another program keep the old port open, so that the
// kernel gives the next one another number.
func TestOtherNumber(t *testing.T) {
	cable := plugGadget(t, 0, "0x2ca3", "0x001f", "5YSZK3", function{"acm", "a"})
	serve(t)
	c, _ := open(t, controller)
	before := c.Port().Path
	keep, err := device(before)
	if err != nil {
		t.Fatal(err)
	}
	defer keep.Close()
	cable(false)
	wait(t, "gap", func() bool { return len(c.Gaps()) == 1 })
	cable(true)
	askVersion(t, c)
	if after := c.Port().Path; after == before {
		t.Errorf("it is %s again: the kernel gave no other number", after)
	} else {
		t.Logf("%s came back as %s", before, after)
	}
}

// TestTwinIsNotTaken plugs in another device of the same make while the first
// is away.
func TestTwinIsNotTaken(t *testing.T) {
	cable := plugGadget(t, 0, "0x2ca3", "0x001f", "5YSZK3", function{"acm", "a"})
	serve(t)
	any := drivers.USB{Vendor: "2ca3"}
	c, _ := open(t, any)
	cable(false)
	wait(t, "gap", func() bool { return len(c.Gaps()) == 1 })
	plugGadget(t, 1, "0x2ca3", "0x001f", "ANOTHER", function{"acm", "b"})
	found(t, drivers.USB{Serial: "ANOTHER"})
	if err := c.Send(within(t, time.Second), []byte("x")); !errors.Is(err, drivers.ErrLost) {
		t.Errorf("sent to the twin: %v", err)
	}
	cable(true)
	askVersion(t, c)
	if p := c.Port(); p.USB.Serial != "5YSZK3" {
		t.Errorf("back as %s", p)
	}
}

// TestModuleReload takes the device's driver away, as a device that reboots.
func TestModuleReload(t *testing.T) {
	unplug := plugController(t)
	stop := serve(t)
	c, _ := open(t, controller)
	askVersion(t, c)
	stop()
	unplug()
	gone(t, controller)
	plugController(t)
	serve(t)
	askVersion(t, c)
	if n := len(c.Gaps()); n != 1 {
		t.Errorf("%d gaps", n)
	}
}

// TestOneConsole refuses a second console of the same port.
func TestOneConsole(t *testing.T) {
	plugController(t)
	open(t, controller)
	_, err := serial.Open(serial.Config{Path: found(t, controller).Path})
	if busy, ok := errors.AsType[*drivers.BusyError](err); !ok || busy.Holder.PID != os.Getpid() {
		t.Errorf("%v; want who has it, also where the path is named", err)
	}
}

// TestComposite has two ports on one device.
func TestComposite(t *testing.T) {
	plugGadget(t, 0, "0x2ca3", "0x1020", "R2", function{"acm", "a"}, function{"acm", "b"})
	first := drivers.USB{Vendor: "2ca3", Serial: "R2", Interface: "00"}
	second := drivers.USB{Vendor: "2ca3", Serial: "R2", Interface: "02"}
	if a, b := found(t, first), found(t, second); a.Path == b.Path {
		t.Errorf("both are %s", a.Path)
	}
	_, err := serial.Find("", drivers.USB{Vendor: "2ca3"})
	if ambiguous, ok := errors.AsType[*serial.AmbiguousError](err); !ok || len(ambiguous.Fits) != 2 {
		t.Errorf("%v; want both named", err)
	}
}

// TestTwins has two adapters alike, without serial numbers, on two buses.
func TestTwins(t *testing.T) {
	for udc := range 2 {
		plugGadget(t, udc, "0x1a86", "0x7523", "", function{"acm", fmt.Sprintf("t%d", udc)})
	}
	kind := drivers.USB{Vendor: "1a86", Product: "7523"}
	wait(t, "two of a kind", func() bool {
		_, err := serial.Find("", kind)
		_, ok := errors.AsType[*serial.AmbiguousError](err)
		return ok
	})
	kind.Path = "2-1"
	if p := found(t, kind); p.USB.Serial != "" || p.USB.Path != "2-1" {
		t.Errorf("%+v", p)
	}
}

// TestAdapter has a port of the usb-serial drivers, which sysfs hangs
// elsewhere.
func TestAdapter(t *testing.T) {
	plugGadget(t, 0, "0x0525", "0xa4a6", "GS1", function{"gser", "a"})
	p := found(t, drivers.USB{Vendor: "0525", Serial: "GS1"})
	t.Log(p)
	if !strings.HasPrefix(p.Path, "/dev/ttyUSB") || p.Driver != "generic" || p.USB.Interface != "00" || p.USB.Path != "1-1" {
		t.Errorf("%+v", p)
	}
}

// TestPower switches the port of the root hub, while a console waits.
func TestPower(t *testing.T) {
	plugController(t)
	serve(t)
	c, _ := open(t, controller)
	hub, err := power.OpenHub(power.HubConfig{Hub: "usb1", Port: 1})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []bool{false, true} {
		if err := hub.Set(soon(t), want); err != nil {
			t.Fatal(err)
		}
		on, by, err := hub.Measured(t.Context())
		t.Log(on, by, err)
		there, _ := power.USB("", controller)(t.Context())
		if on != want || there != want || err != nil {
			t.Errorf("set %v: measured %v by %q, %v; the device is there: %v", want, on, by, err, there)
		}
	}
	askVersion(t, c)
	if n := len(c.Gaps()); n != 1 {
		t.Errorf("%d gaps", n)
	}
}

// TestPowerOfAnEmptyPort has nothing that could vanish: on cannot be shown.
func TestPowerOfAnEmptyPort(t *testing.T) {
	hub, err := power.OpenHub(power.HubConfig{Hub: "usb2", Port: 1})
	if err != nil {
		t.Fatal(err)
	}
	if err := hub.Set(within(t, time.Second), true); !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "usb 2-1 vanished") {
		t.Errorf("%v", err)
	}
}

// TestClones has two adapters with the same serial number behind a hub, which
// cannot switch its ports.
func TestClones(t *testing.T) {
	clone := drivers.USB{Vendor: "0403", Product: "6001", Serial: "FT1"}
	wait(t, "both clones", func() bool {
		_, err := serial.Find("", clone)
		_, ok := errors.AsType[*serial.AmbiguousError](err)
		return ok
	})
	clone.Path = "3-1.3"
	p := found(t, clone)
	t.Log(p)
	if p.Driver != "ftdi_sio" || p.USB.Interface != "00" || !strings.HasPrefix(p.Path, "/dev/ttyUSB") {
		t.Errorf("%+v", p)
	}
	c, _ := open(t, clone)
	if err := c.Send(soon(t), []byte("into the void\r")); err != nil {
		t.Error(err)
	}
	hub, err := power.OpenHub(power.HubConfig{Hub: "3-1", Port: 3})
	if err != nil {
		t.Fatal(err)
	}
	if err := hub.Set(soon(t), false); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("%v; want that the hub cannot", err)
	} else {
		t.Log(err)
	}
}

// TestUhubctl switches the port with the real program, as where the kernel
// cannot: there the port has no attribute for it. dummy_hcd then says off and
// does not tell the kernel that the device is gone, like hubs that lie: whoever
// looks for the device sees that, whoever asks the hub does not.
func TestUhubctl(t *testing.T) {
	plugController(t)
	found(t, controller)
	root := t.TempDir()
	if err := os.MkdirAll(root+"/sys/bus/usb/devices/usb1/1-0:1.0/usb1-port1", 0o700); err != nil {
		t.Fatal(err)
	}
	says := func(ctx context.Context) (bool, string, error) {
		out, err := exec.CommandContext(ctx, "/usr/sbin/uhubctl", "-l", "1").CombinedOutput()
		return !strings.Contains(string(out), "Port 1: 0000 off"), "the hub says so", err
	}
	looks := power.Presence("the controller", power.USB("", controller))
	for _, tt := range []struct {
		on      bool
		witness power.Witness
		works   bool
	}{{false, says, true}, {false, looks, false}, {true, says, true}} {
		hub, err := power.OpenHub(power.HubConfig{Hub: "usb1", Port: 1, Root: root, Witness: tt.witness})
		if err != nil {
			t.Fatal(err)
		}
		if err := hub.Set(within(t, 5*time.Second), tt.on); (err == nil) != tt.works {
			t.Errorf("set %v: %v", tt.on, err)
		}
	}
}
