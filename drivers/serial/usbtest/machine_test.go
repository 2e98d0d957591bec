//go:build usbvm

package usbtest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestMain is the first process of the virtual machine.
func TestMain(m *testing.M) {
	if os.Getpid() != 1 {
		fmt.Println("these tests are the only program of a virtual machine; run .ci/usb")
		os.Exit(1)
	}
	code := 1
	if err := boot(); err != nil {
		fmt.Println("boot:", err)
	} else {
		code = m.Run()
	}
	fmt.Printf("exit code %d\n", code)
	unix.Sync()
	_ = unix.Reboot(unix.LINUX_REBOOT_CMD_RESTART) // the machine does not start again, it ends
	os.Exit(code)
}

// boot mounts what a system has and loads the modules that are always there.
func boot() error {
	for _, m := range [][2]string{{"proc", "/proc"}, {"sysfs", "/sys"}, {"devtmpfs", "/dev"}, {"tmpfs", "/run"}, {"tmpfs", "/tmp"}} {
		if err := errors.Join(os.MkdirAll(m[1], 0o755), unix.Mount(m[0], m[1], m[0], 0, "")); err != nil {
			return fmt.Errorf("mount %s: %w", m[1], err)
		}
	}
	if err := errors.Join(os.MkdirAll("/run/lock", 0o755), os.MkdirAll("/dev/pts", 0o755), unix.Mount("devpts", "/dev/pts", "devpts", 0, "")); err != nil {
		return err
	}
	list, err := os.ReadFile("/modules/order")
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(list)) {
		name, parameters, _ := strings.Cut(strings.TrimSpace(line), " ")
		if err := load(name, parameters); err != nil {
			return err
		}
	}
	return unix.Mount("configfs", "/sys/kernel/config", "configfs", 0, "")
}

func load(name, parameters string) error {
	f, err := os.Open(filepath.Join("/modules", name+".ko"))
	if err != nil {
		return err
	}
	defer f.Close()
	if err := unix.FinitModule(int(f.Fd()), parameters, 0); err != nil {
		return fmt.Errorf("load %s %s: %w", name, parameters, err)
	}
	return nil
}

// plugController lets g_serial pose as a remote controller, until the test ends
// or unplug is called.
func plugController(t *testing.T) (unplug func()) {
	t.Helper()
	if err := load("g_serial", "idVendor=0x2ca3 idProduct=0x001f iManufacturer=DJI iProduct=RC iSerialNumber=5YSZK3 use_acm=1 n_ports=1"); err != nil {
		t.Fatal(err)
	}
	plugged := true
	unplug = func() {
		if plugged {
			plugged = false
			if err := unix.DeleteModule("g_serial", 0); err != nil {
				t.Errorf("unload g_serial: %v", err)
			}
		}
	}
	t.Cleanup(unplug)
	return unplug
}

// function is one of a gadget.
type function struct{ kind, name string }

// plugGadget makes a USB device with configfs and plugs it into a bus, 0 or 1,
// until the test ends. cable unplugs it and plugs it in again.
func plugGadget(t *testing.T, udc int, vendor, product, serial string, functions ...function) (cable func(in bool)) {
	t.Helper()
	root := fmt.Sprintf("/sys/kernel/config/usb_gadget/g%d", udc)
	make1 := func(path string) {
		if err := os.Mkdir(filepath.Join(root, path), 0o755); err != nil && !errors.Is(err, os.ErrExist) {
			t.Fatal(err)
		}
	}
	set := func(path, value string) {
		if err := os.WriteFile(filepath.Join(root, path), []byte(value), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	make1("")
	set("idVendor", vendor)
	set("idProduct", product)
	make1("strings/0x409")
	if serial != "" {
		set("strings/0x409/serialnumber", serial)
	}
	make1("configs/c.1")
	for _, f := range functions {
		name := f.kind + "." + f.name
		make1("functions/" + name)
		if err := os.Symlink(filepath.Join(root, "functions", name), filepath.Join(root, "configs/c.1", name)); err != nil {
			t.Fatal(err)
		}
	}
	plugged := false
	cable = func(in bool) {
		name := "\n"
		if in {
			name = fmt.Sprintf("dummy_udc.%d", udc)
		}
		if plugged != in {
			set("UDC", name)
		}
		plugged = in
	}
	cable(true)
	t.Cleanup(func() {
		cable(false)
		for _, f := range functions {
			name := f.kind + "." + f.name
			if err := errors.Join(os.Remove(filepath.Join(root, "configs/c.1", name)), unix.Rmdir(filepath.Join(root, "functions", name))); err != nil {
				t.Error(err)
			}
		}
		for _, dir := range []string{"configs/c.1", "strings/0x409", ""} {
			if err := unix.Rmdir(filepath.Join(root, dir)); err != nil {
				t.Errorf("%s: %v", dir, err)
			}
		}
	})
	return cable
}

// device opens the device's side of a line, raw.
func device(path string) (*os.File, error) {
	fd, err := unix.Open(path, unix.O_RDWR|unix.O_NOCTTY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	f := os.NewFile(uintptr(fd), path)
	term, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	if err == nil {
		term.Iflag, term.Oflag, term.Lflag = 0, 0, 0
		term.Cc[unix.VMIN], term.Cc[unix.VTIME] = 1, 0
		err = unix.IoctlSetTermios(fd, unix.TCSETS, term)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// wait waits until something is so.
func wait(t *testing.T, what string, so func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !so(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("in vain: %s", what)
		}
	}
}
