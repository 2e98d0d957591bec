package android

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/spanrig/spanrig/drivers"
)

// Interface is a network interface of the device.
type Interface struct {
	drivers.InterfaceRoutes
	MAC   string         // lower-case with colons; empty: it has none
	Addrs []netip.Prefix // address and the length of its network
}

// Interfaces reads links, addresses and default routes of all routing tables,
// in the kernel's order. Android keeps the routes of each network in a table of
// its own, so "ip route" alone would show hardly any.
func Interfaces(ctx context.Context, b drivers.Bridge) ([]Interface, error) {
	out, err := run(ctx, b, "ip", "-o", "link")
	if err != nil {
		return nil, err
	}
	list, err := ParseLinks(out)
	if err != nil {
		return nil, err
	}
	if out, err = run(ctx, b, "ip", "-o", "addr"); err != nil {
		return nil, err
	}
	if err := parseAddrs(out, list); err != nil {
		return nil, err
	}
	for _, family := range []string{"-4", "-6"} {
		if out, err = run(ctx, b, "ip", "-o", family, "route", "show", "table", "all"); err != nil {
			return nil, err
		}
		devices, err := ParseDefaultRoutes(out)
		if err != nil {
			return nil, err
		}
		if list, err = withRoutes(list, devices, family); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// withRoutes marks the interfaces that have a default route.
func withRoutes(list []Interface, devices []string, family string) ([]Interface, error) {
	for _, name := range devices {
		i := slices.IndexFunc(list, func(f Interface) bool { return f.Name == name })
		if i < 0 {
			return nil, fmt.Errorf("ip route: a default route over %s, which is no interface", name)
		}
		list[i].Default4 = list[i].Default4 || family == "-4"
		list[i].Default6 = list[i].Default6 || family == "-6"
	}
	return list, nil
}

// ParseLinks reads the output of "ip -o link":
//
//	21: wlan0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 ...\    link/ether 60:60:1f:00:00:01 brd ff:ff:ff:ff:ff:ff
//
// Up is the flag UP: that somebody switched it on, whether or not it has a link.
func ParseLinks(text []byte) ([]Interface, error) {
	var list []Interface
	for line := range lines(text) {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		if len(words) < 3 || !isIndex(words[0]) || !strings.HasSuffix(words[1], ":") || !strings.HasPrefix(words[2], "<") {
			return nil, fmt.Errorf("ip link: the line %q is no interface", line)
		}
		name, _, _ := strings.Cut(strings.TrimSuffix(words[1], ":"), "@") // "wlan0.7@wlan0" names its base
		if name == "" {
			return nil, fmt.Errorf("ip link: the line %q has no name", line)
		}
		flags := strings.Split(strings.Trim(words[2], "<>"), ",")
		f := Interface{InterfaceRoutes: drivers.InterfaceRoutes{Name: name, Up: slices.Contains(flags, "UP")}}
		if i := slices.Index(words, "link/ether"); i >= 0 && i+1 < len(words) {
			mac, err := net.ParseMAC(words[i+1])
			if err != nil {
				return nil, fmt.Errorf("ip link: %s: %w", name, err)
			}
			f.MAC = mac.String()
		}
		list = append(list, f)
	}
	if len(list) == 0 {
		return nil, errors.New("ip link: no interface in the output")
	}
	return list, nil
}

func isIndex(s string) bool {
	n, ok := strings.CutSuffix(s, ":")
	_, err := strconv.ParseUint(n, 10, 31)
	return ok && err == nil
}

// parseAddrs reads the output of "ip -o addr" into the interfaces:
//
//	21: wlan0    inet 10.0.0.7/24 brd 10.0.0.255 scope global wlan0\ ...
//	21: wlan0    inet6 fe80::1/64 scope link \ ...
func parseAddrs(text []byte, list []Interface) error {
	for line := range lines(text) {
		words := strings.Fields(line)
		if len(words) < 4 || !isIndex(words[0]) || words[2] != "inet" && words[2] != "inet6" {
			continue // "ip addr" of some versions repeats the links
		}
		p, err := prefix(words[3])
		if err != nil {
			return fmt.Errorf("ip addr: the line %q: %w", line, err)
		}
		name, _, _ := strings.Cut(words[1], "@")
		i := slices.IndexFunc(list, func(f Interface) bool { return f.Name == name })
		if i < 0 {
			continue // it came between the two commands
		}
		list[i].Addrs = append(list[i].Addrs, p)
	}
	return nil
}

// prefix reads an address with or without the length of its network.
func prefix(s string) (netip.Prefix, error) {
	if p, err := netip.ParsePrefix(s); err == nil {
		return p, nil
	}
	a, err := netip.ParseAddr(s)
	if err != nil {
		return netip.Prefix{}, err
	}
	return netip.PrefixFrom(a, a.BitLen()), nil
}

// ParseDefaultRoutes reads the output of "ip -o -4 route show table all", or
// -6, and names the interfaces behind its default routes:
//
//	default via 10.0.0.1 dev wlan0 table 1021 proto static
//	unreachable default dev lo table default proto kernel metric 4294967295 error -101 pref medium
//
// A route to half of the addresses, as tunnels set them, counts as a default
// route, and so does 2000::/3, all of the Internet. One that refuses does not.
func ParseDefaultRoutes(text []byte) ([]string, error) {
	var devices []string
	for line := range lines(text) {
		words := strings.Fields(strings.ReplaceAll(line, `\`, " "))
		if len(words) == 0 || !defaultTo(words[0]) {
			continue
		}
		found := false
		for i, w := range words[:len(words)-1] {
			if w == "dev" {
				name, _, _ := strings.Cut(words[i+1], "@")
				found = true
				if !slices.Contains(devices, name) {
					devices = append(devices, name)
				}
			}
		}
		if !found {
			return nil, fmt.Errorf("ip route: the default route %q names no interface", line)
		}
	}
	return devices, nil
}

func defaultTo(destination string) bool {
	if destination == "default" {
		return true
	}
	p, err := netip.ParsePrefix(destination)
	return err == nil && (p.Bits() <= 1 || p == netip.MustParsePrefix("2000::/3"))
}
