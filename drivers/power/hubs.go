package power

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Hub is a USB hub that is there.
type Hub struct {
	Name     string         // as sysfs names it, for HubConfig: "1-3", "usb1"
	Ports    int            // how many it has
	Switches bool           // the kernel can switch its ports; else uhubctl may
	Product  string         // as the hub calls itself
	Devices  map[int]string // what is plugged in, by port: "2ca3:001f DJI RC"
}

// hubClass is bDeviceClass of hubs, USB 2.0 section 11.23.1.
const hubClass = "09"

// Hubs lists the USB hubs of this host, by name. The folder sys is looked for in
// root; "" is "/". A host without USB has none.
func Hubs(root string) ([]Hub, error) {
	entries, err := os.ReadDir(devices(root))
	if os.IsNotExist(err) {
		return nil, nil
	}
	var list []Hub
	for _, e := range entries {
		dir := filepath.Join(devices(root), e.Name())
		if hubName.MatchString(e.Name()) && attribute(dir, "bDeviceClass") == hubClass {
			list = append(list, hubOf(root, e.Name()))
		}
	}
	slices.SortFunc(list, func(a, b Hub) int { return strings.Compare(a.Name, b.Name) })
	return list, err
}

func hubOf(root, name string) Hub {
	dir := filepath.Join(devices(root), name)
	h := Hub{Name: name, Product: attribute(dir, "product"), Devices: map[int]string{}}
	h.Ports, _ = strconv.Atoi(attribute(dir, "maxchild")) // 0 where it does not say
	switches, _ := filepath.Glob(filepath.Join(dir, "*:*", "*-port*", "disable"))
	h.Switches = len(switches) > 0
	for port := 1; port <= h.Ports; port++ {
		device := filepath.Join(devices(root), child(name, port))
		if vendor := attribute(device, "idVendor"); vendor != "" {
			h.Devices[port] = strings.TrimSpace(vendor + ":" + attribute(device, "idProduct") + " " + attribute(device, "product"))
		}
	}
	return h
}
