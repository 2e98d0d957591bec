package wiring

import (
	"fmt"
	"net"
	"net/netip"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// The second uplink is a link of its own from the device to the world.
var (
	cellular4 = struct{ device, world netip.Prefix }{netip.MustParsePrefix("10.64.0.2/30"), netip.MustParsePrefix("10.64.0.1/30")}
	cellular6 = struct{ device, world netip.Prefix }{netip.MustParsePrefix("2001:db8:e::2/64"), netip.MustParsePrefix("2001:db8:e::1/64")}
)

// Metrics of default routes: the LAN's are better, as Android prefers Wi-Fi.
// The kernel gives 1024 to those of router advertisements.
const (
	metricLAN      = 100
	metricCellular = 2048
)

func secondUplink(name string, on bool) error {
	r, err := openRoom(name, Device)
	if err != nil {
		return err
	}
	defer r.close()
	if err := r.set(Cellular, on); err != nil || !on {
		return err // routes go with the interface
	}
	for _, c := range []struct{ device, world netip.Prefix }{cellular4, cellular6} {
		if err := r.address(Cellular, c.device.String()); err != nil {
			return err
		}
		if err := r.defaultRoute(Cellular, c.world.Addr(), metricCellular); err != nil {
			return err
		}
	}
	return nil
}

// defaultRoute sends what no other route takes to a router behind an interface.
func (r *room) defaultRoute(name string, via netip.Addr, metric int) error {
	link, err := r.nl.LinkByName(name)
	if err != nil {
		return fmt.Errorf("find interface %s: %w", name, err)
	}
	route := &netlink.Route{
		LinkIndex: link.Attrs().Index, Priority: metric, Table: unix.RT_TABLE_MAIN,
		Dst: &net.IPNet{IP: make(net.IP, via.BitLen()/8), Mask: net.CIDRMask(0, via.BitLen())}, Gw: via.AsSlice(),
	}
	if err := r.nl.RouteReplace(route); err != nil {
		return fmt.Errorf("route through %s by %s: %w", via, name, err)
	}
	return nil
}
