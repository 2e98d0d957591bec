package device

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/netip"
	"slices"
	"strings"

	"github.com/vishvananda/netlink"

	"github.com/spanrig/spanrig/rig/sim/adbd"
	"github.com/spanrig/spanrig/rig/sim/wiring"
)

// ip prints links, addresses and routes of the namespace as iproute2 does with
// -o; it changes nothing.
func (d *device) ip(_ context.Context, c *adbd.Call) int {
	family, rest := netlink.FAMILY_ALL, []string(nil)
	for _, a := range c.Args[1:] {
		switch a {
		case "-4":
			family = netlink.FAMILY_V4
		case "-6":
			family = netlink.FAMILY_V6
		case "-o":
		default:
			rest = append(rest, a)
		}
	}
	what := strings.Join(rest, " ")
	var err error
	switch {
	case strings.HasPrefix(what, "link"):
		err = printLinks(c.Stdout)
	case strings.HasPrefix(what, "addr"), what == "a":
		err = printAddrs(c.Stdout, family)
	case strings.HasPrefix(what, "route get ") && len(rest) > 2:
		err = printWay(c.Stdout, rest[2])
	case strings.HasPrefix(what, "route"):
		err = printRoutes(c.Stdout, family)
	case strings.HasPrefix(what, "neigh"):
		err = printNeighbours(c.Stdout, family)
	default:
		fmt.Fprintf(c.Stderr, "Object \"%s\" is unknown, try \"ip help\".\n", what)
		return 1
	}
	if err != nil {
		fmt.Fprintf(c.Stderr, "RTNETLINK answers: %v\n", err)
		return 2
	}
	return 0
}

func printLinks(w io.Writer) error {
	links, err := wiring.Dump(netlink.LinkList)
	if err != nil {
		return err
	}
	for _, l := range links {
		a := l.Attrs()
		kind, mac := "link/ether", a.HardwareAddr.String()
		if a.Flags&net.FlagLoopback != 0 {
			kind, mac = "link/loopback", "00:00:00:00:00:00"
		}
		fmt.Fprintf(w, "%d: %s: <%s> mtu %d qdisc noqueue state %s mode DEFAULT group default qlen %d\\    %s %s brd ff:ff:ff:ff:ff:ff\n",
			a.Index, a.Name, linkFlags(a), a.MTU, strings.ToUpper(a.OperState.String()), a.TxQLen, kind, mac)
	}
	return nil
}

// linkFlags names them in the order of iproute2.
func linkFlags(a *netlink.LinkAttrs) string {
	var names []string
	for _, f := range []struct {
		bit  net.Flags
		name string
	}{{net.FlagLoopback, "LOOPBACK"}, {net.FlagBroadcast, "BROADCAST"}, {net.FlagMulticast, "MULTICAST"}, {net.FlagUp, "UP"}, {net.FlagRunning, "LOWER_UP"}} {
		if a.Flags&f.bit != 0 {
			names = append(names, f.name)
		}
	}
	return strings.Join(names, ",")
}

func printAddrs(w io.Writer, family int) error {
	names, err := linkNames()
	if err != nil {
		return err
	}
	list, err := wiring.Dump(func() ([]netlink.Addr, error) { return netlink.AddrList(nil, family) })
	if err != nil {
		return err
	}
	slices.SortStableFunc(list, func(a, b netlink.Addr) int { return a.LinkIndex - b.LinkIndex })
	for _, a := range list {
		kind, brd := "inet", ""
		if a.IP.To4() == nil {
			kind = "inet6"
		} else if a.Broadcast != nil {
			brd = " brd " + a.Broadcast.String()
		}
		scope := map[int]string{0: "global", 200: "site", 253: "link", 254: "host"}[a.Scope]
		fmt.Fprintf(w, "%d: %s    %s %s%s scope %s %s\\       valid_lft forever preferred_lft forever\n", a.LinkIndex, names[a.LinkIndex], kind, a.IPNet, brd, scope, names[a.LinkIndex])
	}
	return nil
}

func linkNames() (map[int]string, error) {
	links, err := wiring.Dump(netlink.LinkList)
	names := map[int]string{}
	for _, l := range links {
		names[l.Attrs().Index] = l.Attrs().Name
	}
	return names, err
}

func printRoutes(w io.Writer, family int) error {
	names, err := linkNames()
	if err != nil {
		return err
	}
	families := []int{family}
	if family == netlink.FAMILY_ALL {
		families = []int{netlink.FAMILY_V4}
	}
	for _, f := range families {
		list, err := wiring.Dump(func() ([]netlink.Route, error) { return netlink.RouteList(nil, f) })
		if err != nil {
			return err
		}
		for _, r := range list {
			fmt.Fprintln(w, routeText(&r, names))
		}
	}
	return nil
}

func routeText(r *netlink.Route, names map[int]string) string {
	to := "default"
	if r.Dst != nil {
		if ones, _ := r.Dst.Mask.Size(); ones > 0 {
			to = r.Dst.String()
		}
	}
	if r.Gw != nil {
		to += " via " + r.Gw.String()
	}
	to += " dev " + names[r.LinkIndex] + " proto " + r.Protocol.String()
	if r.Src != nil {
		to += " src " + r.Src.String()
	}
	if r.Priority != 0 {
		to += fmt.Sprintf(" metric %d", r.Priority)
	}
	return to
}

// printWay is "route get": which way a packet to an address takes.
func printWay(w io.Writer, text string) error {
	to, err := netip.ParseAddr(text)
	if err != nil {
		return err
	}
	names, err := linkNames()
	if err != nil {
		return err
	}
	list, err := netlink.RouteGet(to.AsSlice())
	if err != nil {
		return err
	}
	for _, r := range list {
		via := ""
		if r.Gw != nil {
			via = " via " + r.Gw.String()
		}
		fmt.Fprintf(w, "%s%s dev %s src %s uid 2000 \n    cache \n", to, via, names[r.LinkIndex], r.Src)
	}
	return nil
}

func printNeighbours(w io.Writer, family int) error {
	names, err := linkNames()
	if err != nil {
		return err
	}
	list, err := wiring.Dump(func() ([]netlink.Neigh, error) { return netlink.NeighList(0, family) })
	if err != nil {
		return err
	}
	for _, n := range list {
		if n.HardwareAddr != nil {
			fmt.Fprintf(w, "%s dev %s lladdr %s REACHABLE\n", n.IP, names[n.LinkIndex], n.HardwareAddr)
		}
	}
	return nil
}
