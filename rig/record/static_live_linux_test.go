//go:build live

package record

import (
	"net"
	"testing"

	"github.com/vishvananda/netlink"

	"github.com/spanrig/spanrig/rig/sim/wiring"
)

// static gives the device its address without a lease, in the namespace of the
// calling thread.
func static(t *testing.T) error {
	t.Helper()
	link, err := netlink.LinkByName(wiring.WLAN)
	if err != nil {
		return err
	}
	if err := netlink.LinkSetUp(link); err != nil {
		return err
	}
	addr := &netlink.Addr{IPNet: &net.IPNet{IP: wiring.Device4.AsSlice(), Mask: net.CIDRMask(24, 32)}}
	if err := netlink.AddrAdd(link, addr); err != nil {
		return err
	}
	return netlink.RouteAdd(&netlink.Route{LinkIndex: link.Attrs().Index, Gw: wiring.Router4.AsSlice()})
}
