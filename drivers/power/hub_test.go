package power

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spanrig/spanrig/drivers"
)

// hubs is a made-up sysfs: hub 1-3 with a device at port 2, whose connector has
// port 1 of hub 2-3 for USB 3.
func hubs(t *testing.T, switchable bool) string {
	t.Helper()
	root := t.TempDir()
	write := func(path, text string) {
		full := filepath.Join(root, "sys/bus/usb/devices", path)
		if err := errors.Join(os.MkdirAll(filepath.Dir(full), 0o700), os.WriteFile(full, []byte(text+"\n"), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	write("1-3/idVendor", "0bda")
	write("1-3/bDeviceClass", "09")
	write("1-3/maxchild", "4")
	write("1-3/product", "4-Port USB 2.0 Hub")
	write("1-3.2/idVendor", "2ca3")
	write("1-3.2/idProduct", "001f")
	write("1-3.2/serial", "5YSZK3")
	for _, port := range []string{"1-3/1-3:1.0/1-3-port2", "2-3/2-3:1.0/2-3-port1"} {
		write(port+"/connect_type", "hotplug")
		if switchable {
			write(port+"/disable", "0")
		}
	}
	if err := os.Symlink(filepath.Join(root, "sys/bus/usb/devices/2-3/2-3:1.0/2-3-port1"), filepath.Join(root, "sys/bus/usb/devices/1-3/1-3:1.0/1-3-port2/peer")); err != nil {
		t.Fatal(err)
	}
	return root
}

// TestHubs: the hubs of a host are listed with what is plugged into them.
func TestHubs(t *testing.T) {
	for _, switches := range []bool{true, false} {
		list, err := Hubs(hubs(t, switches))
		if err != nil || len(list) != 1 {
			t.Fatal(list, err)
		}
		if h := list[0]; h.Name != "1-3" || h.Ports != 4 || h.Switches != switches || h.Product != "4-Port USB 2.0 Hub" || len(h.Devices) != 1 || h.Devices[2] != "2ca3:001f" {
			t.Errorf("%+v", h)
		}
	}
	if list, err := Hubs(t.TempDir()); list != nil || err != nil {
		t.Error(list, err)
	}
}

// kernel does with the device what a kernel does with the attribute.
func kernel(ctx context.Context, root string, lies bool) {
	device := filepath.Join(root, "sys/bus/usb/devices/1-3.2")
	away := filepath.Join(root, "away")
	for ctx.Err() == nil {
		switch attribute(filepath.Join(root, "sys/bus/usb/devices/1-3/1-3:1.0/1-3-port2"), "disable") {
		case "1":
			if !lies {
				_ = os.Rename(device, away)
			}
		case "0":
			_ = os.Rename(away, device)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func TestHubPort(t *testing.T) {
	root := hubs(t, true)
	go kernel(t.Context(), root, false)
	h, err := OpenHub(HubConfig{Hub: "1-3", Port: 2, Root: root})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []bool{false, true} {
		if err := h.Set(soon(t), want); err != nil {
			t.Fatal(err)
		}
		if on, by, err := h.Measured(soon(t)); err != nil || on != want || !strings.HasPrefix(by, "usb 1-3.2 ") {
			t.Errorf("measured %v by %q, %v", on, by, err)
		}
		peer := attribute(filepath.Join(root, "sys/bus/usb/devices/2-3/2-3:1.0/2-3-port1"), "disable")
		if (peer == "0") != want {
			t.Errorf("set %v: the port for USB 3 has disable %s", want, peer)
		}
		there := USB(root, drivers.USB{Vendor: "2ca3", Serial: "5YSZK3", Interface: "00"})
		if on, err := there(t.Context()); err != nil || on != want {
			t.Errorf("USB says %v, %v", on, err)
		}
	}
}

func TestHubThatLies(t *testing.T) {
	root := hubs(t, true)
	go kernel(t.Context(), root, true)
	var noted map[string]any
	h, err := OpenHub(HubConfig{Hub: "1-3", Port: 2, Root: root, Note: func(_ string, keys map[string]any) { noted = keys }})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Set(within(t, 300*time.Millisecond), false); !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "usb 1-3.2 is there") {
		t.Errorf("%v", err)
	}
	if noted["reached"] != false || noted["asked"] != "off" {
		t.Errorf("noted %v", noted)
	}
	network := Presence("the device's network", func(context.Context) (bool, error) { return true, nil })
	h, err = OpenHub(HubConfig{Hub: "1-3", Port: 2, Root: root, Witness: network})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Set(within(t, 300*time.Millisecond), false); err == nil || !strings.Contains(err.Error(), "the device's network is there") {
		t.Errorf("%v", err)
	}
}

func TestOpenHubRefuses(t *testing.T) {
	root := hubs(t, true)
	for _, cfg := range []HubConfig{{}, {Hub: "1-3"}, {Hub: "../1-3", Port: 1}, {Hub: "1-3", Port: 99}} {
		cfg.Root = root
		if _, err := OpenHub(cfg); err == nil {
			t.Errorf("%+v: no error", cfg)
		}
	}
	if _, err := OpenHub(HubConfig{Hub: "1-9", Port: 1, Root: root}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v", err)
	}
	h, err := OpenHub(HubConfig{Hub: "1-3", Port: 7, Root: root})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Set(soon(t), true); err == nil || !strings.Contains(err.Error(), "no such port") {
		t.Errorf("%v", err)
	}
}

// TestUhubctl runs a program of that name where the kernel has no attribute.
func TestUhubctl(t *testing.T) {
	root := hubs(t, false)
	bin := t.TempDir()
	device := filepath.Join(root, "sys/bus/usb/devices/1-3.2")
	program := func(script string) {
		if err := os.WriteFile(filepath.Join(bin, "uhubctl"), []byte("#!/bin/sh\n"+script), 0o700); err != nil { //nolint:gosec // a program
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", bin+":/usr/bin:/bin")
	h, err := OpenHub(HubConfig{Hub: "1-3", Port: 2, Root: root})
	if err != nil {
		t.Fatal(err)
	}
	program(fmt.Sprintf(`echo "$*" > %s/args; case "$*" in *off) mv %s %s/away;; *) mv %s/away %s;; esac`, bin, device, bin, bin, device))
	for _, want := range []bool{false, true} {
		if err := h.Set(soon(t), want); err != nil {
			t.Fatal(err)
		}
		if got := attribute(bin, "args"); got != "-l 1-3 -p 2 -a "+word(want) {
			t.Errorf("called with %s", got)
		}
	}
	for script, say := range map[string]string{
		"echo 'No compatible devices detected at location 1-3!'; exit 1": "a relay",
		"echo 'libusb: Permission denied'; exit 1":                       "as root",
		"echo something; exit 3":                                         "something",
	} {
		program(script)
		if err := h.Set(soon(t), false); err == nil || !strings.Contains(err.Error(), say) {
			t.Errorf("%s: %v", script, err)
		}
	}
}

func TestUSBIgnoresInterfacesAndOthers(t *testing.T) {
	root := hubs(t, true)
	for want, there := range map[drivers.USB]bool{
		{Vendor: "2ca3"}: true, {Path: "1-3.2"}: true, {Vendor: "2ca3", Serial: "other"}: false, {Vendor: "ffff"}: false,
	} {
		if got, err := USB(root, want)(t.Context()); err != nil || got != there {
			t.Errorf("%s: %v, %v", want, got, err)
		}
	}
}
