package wiring

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"path/filepath"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// up builds everything, or leaves nothing of what it built.
func up(c Config) error {
	list, err := remains(c.Name)
	if err != nil {
		return err
	}
	if len(list) > 0 {
		return fmt.Errorf("%s: %w", list[0], errExists)
	}
	err = shareMounts()
	for _, p := range places {
		if err == nil {
			err = makeNamespace(namespaceName(c.Name, p))
		}
	}
	if errors.Is(err, errExists) {
		return err // somebody else builds it at this moment
	}
	if err == nil {
		err = build(c)
	}
	if err != nil {
		return errors.Join(err, down(c.Name))
	}
	return nil
}

// build lays the cables between namespaces that are there.
func build(c Config) error {
	host, err := openHost()
	if err != nil {
		return err
	}
	defer host.close()
	rooms := map[Place]*room{}
	for _, p := range places {
		r, err := openRoom(c.Name, p)
		if err != nil {
			return err
		}
		defer r.close()
		rooms[p] = r
		if err := do(namespaceName(c.Name, p), func() error { return sysctl(settings[p]) }); err != nil {
			return err
		}
		if err := r.set("lo", true); err != nil {
			return err
		}
	}
	if err := cables(c.Name, host, rooms); err != nil {
		return err
	}
	if err := furnish(c, rooms); err != nil {
		return err
	}
	return show(c.Name, host, rooms[Switch])
}

// settings of the kernel in each namespace, below /proc/sys/net. Nothing waits
// for duplicate address detection: there are no duplicates.
var settings = map[Place]map[string]string{
	Device: {
		"ipv4/conf/all/rp_filter": "0", "ipv4/conf/default/rp_filter": "0",
		"ipv4/ping_group_range":                          "0 2147483647", // echo sockets for every user, as on Android
		"ipv6/conf/default/accept_dad":                   "0",
		"ipv6/conf/default/accept_ra":                    "1",
		"ipv6/conf/default/autoconf":                     "1",
		"ipv6/conf/default/use_tempaddr":                 "0",
		"ipv6/conf/default/router_solicitation_delay":    "0", // seconds; asked again soon, for the bridge may lose the first
		"ipv6/conf/default/router_solicitation_interval": "1",
	},
	Switch: {"ipv6/conf/all/disable_ipv6": "1", "ipv6/conf/default/disable_ipv6": "1"},
	World: {
		"ipv4/conf/all/rp_filter": "0", "ipv4/conf/default/rp_filter": "0",
		"ipv4/ip_nonlocal_bind": "1", "ipv6/ip_nonlocal_bind": "1", // servers bind any address of their prefixes
		"ipv6/conf/default/accept_dad": "0",
		"ipv6/conf/default/accept_ra":  "0",
		"ipv6/conf/all/forwarding":     "1", // it is a router, and says so in neighbour advertisements
	},
}

// cables joins the rooms, every interface still down.
func cables(name string, host *room, rooms map[Place]*room) error {
	device, middle, world := rooms[Device], rooms[Switch], rooms[World]
	for _, c := range [][2]end{
		{{device, WLAN, DeviceMAC}, {middle, port, ""}},
		{{world, LAN, RouterMAC}, {middle, uplink, ""}},
		{{device, Cellular, ""}, {world, cellEnd, ""}},
		{{middle, mirrorEnd, ""}, {host, spanName(name), ""}},
	} {
		if err := cable(c[0], c[1]); err != nil {
			return err
		}
	}
	if err := middle.bridgePorts(port, uplink); err != nil {
		return err
	}
	for p, list := range map[Place][]string{Device: {WLAN, Cellular}, Switch: {port, uplink, mirrorEnd, bridge}, World: {LAN, cellEnd}} {
		if err := do(namespaceName(name, p), func() error { return plain(list...) }); err != nil {
			return err
		}
	}
	return nil
}

// furnish gives the rooms addresses and rates, and brings the switch and the world up.
func furnish(c Config, rooms map[Place]*room) error {
	device, middle, world := rooms[Device], rooms[Switch], rooms[World]
	for _, name := range []string{bridge, uplink, mirrorEnd, port} {
		if err := middle.set(name, name != port || !c.Offline); err != nil {
			return err
		}
	}
	rate := cmp.Or(c.Mbits, 100)
	if err := errors.Join(device.limit(WLAN, rate), world.limit(LAN, rate), world.set(LAN, true), world.set(cellEnd, true)); err != nil {
		return err
	}
	for name, list := range map[string][]netip.Prefix{
		LAN:     {netip.PrefixFrom(Router4, LAN4.Bits()), netip.PrefixFrom(Router6, LAN6.Bits())},
		cellEnd: {cellular4.world, cellular6.world},
	} {
		for _, a := range list {
			if err := world.address(name, a.String()); err != nil {
				return err
			}
		}
	}
	return world.own(Servers)
}

// own makes prefixes local, so that every address of them is the namespace's.
// The IPv6 route is in the main table, where that of the LAN is longer.
func (r *room) own(prefixes []netip.Prefix) error {
	lo, err := r.nl.LinkByName("lo")
	if err != nil {
		return fmt.Errorf("find interface lo: %w", err)
	}
	for _, p := range prefixes {
		route := &netlink.Route{LinkIndex: lo.Attrs().Index, Type: unix.RTN_LOCAL, Table: unix.RT_TABLE_LOCAL, Scope: netlink.SCOPE_HOST,
			Dst: &net.IPNet{IP: p.Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(), p.Addr().BitLen())}}
		if p.Addr().Is6() {
			route.Table, route.Scope = unix.RT_TABLE_MAIN, netlink.SCOPE_UNIVERSE
		}
		if err := r.nl.RouteReplace(route); err != nil {
			return fmt.Errorf("make %s local: %w", p, err)
		}
	}
	return nil
}

// limit holds what an interface sends to a rate.
func (r *room) limit(name string, mbits int) error {
	link, err := r.nl.LinkByName(name)
	if err != nil {
		return fmt.Errorf("find interface %s: %w", name, err)
	}
	const burst = 64 << 10 // bytes
	rate := uint64(mbits) * 1e6 / 8
	err = r.nl.QdiscReplace(&netlink.Tbf{
		QdiscAttrs: netlink.QdiscAttrs{LinkIndex: link.Attrs().Index, Handle: netlink.MakeHandle(1, 0), Parent: netlink.HANDLE_ROOT},
		Rate:       rate, Limit: 1 << 20, Buffer: netlink.Xmittime(rate, burst),
	})
	if err != nil {
		return fmt.Errorf("limit %s to %d Mbit/s: %w", name, mbits, err)
	}
	return nil
}

// show starts the mirror and brings the SPAN interface up, deaf and mute but
// for whoever reads its frames.
func show(name string, host, middle *room) error {
	span := spanName(name)
	link, err := host.nl.LinkByName(span)
	if err != nil {
		return fmt.Errorf("find interface %s: %w", span, err)
	}
	if err := host.nl.LinkSetARPOff(link); err != nil {
		return fmt.Errorf("switch ARP off on %s: %w", span, err)
	}
	if err := sysctl(map[string]string{filepath.Join("ipv6/conf", span, "disable_ipv6"): "1"}); err != nil {
		return err
	}
	if err := plain(span); err != nil {
		return err
	}
	if err := middle.mirror(MirrorBoth); err != nil {
		return err
	}
	return host.set(span, true)
}
