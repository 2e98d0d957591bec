package wiring

import (
	"fmt"
	"net/netip"
	"regexp"
	"strings"
)

// Place is one of the network namespaces of a bench.
type Place string

// Places of a bench.
const (
	Device Place = "device" // wlan0, rmnet0
	Switch Place = "switch" // br0 with ap0 and wan0, and mirror0
	World  Place = "world"  // lan0, cell0, and servers' addresses on lo
)

var places = []Place{Device, Switch, World}

// Names of interfaces, the same in every bench.
const (
	WLAN      = "wlan0"   // in Device: the captured interface
	Cellular  = "rmnet0"  // in Device: the second uplink
	LAN       = "lan0"    // in World: the router's side of the LAN
	bridge    = "br0"     // in Switch
	port      = "ap0"     // in Switch: the mirrored port, towards the device
	uplink    = "wan0"    // in Switch: towards the world
	mirrorEnd = "mirror0" // in Switch: other end of the SPAN interface
	cellEnd   = "cell0"   // in World: other end of the second uplink
)

// Addresses, the same in every bench.
var (
	LAN4      = netip.MustParsePrefix("10.20.0.0/24")
	LAN6      = netip.MustParsePrefix("2001:db8:a::/64")
	Router4   = netip.MustParseAddr("10.20.0.1")
	Router6   = netip.MustParseAddr("2001:db8:a::1")
	Device4   = netip.MustParseAddr("10.20.0.10")                  // what DHCP leases to the device
	Device6   = netip.MustParseAddr("2001:db8:a:0:0:5eff:fe00:10") // what it makes of its MAC (RFC 4862)
	RouterMAC = "02:00:5e:00:00:01"
	DeviceMAC = "02:00:5e:00:00:10"
)

// Servers are the prefixes that end in the world: any address of them can be
// bound there. The IPv6 one holds the LAN, which is nearer.
var Servers = []netip.Prefix{
	netip.MustParsePrefix("192.0.2.0/24"),
	netip.MustParsePrefix("198.51.100.0/24"),
	netip.MustParsePrefix("203.0.113.0/24"),
	netip.MustParsePrefix("2001:db8::/32"),
}

// Mirror is what the switch copies to the SPAN interface.
type Mirror int

// Mirrors. In and out are the switch's view of the port to the device.
const (
	MirrorBoth    Mirror = iota // each frame once
	MirrorIn                    // only what the device sends
	MirrorOut                   // only what the device gets
	MirrorNone                  // nothing
	MirrorDoubled               // each frame twice
)

// Config says what to build.
type Config struct {
	Name    string // of the bench: 1 to 10 of a-z, 0-9 and '-'
	Mbits   int    // rate of the device's link, each way, in Mbit/s; 0: 100, as a port should be that a mirror must keep up with
	Offline bool   // the device's port begins without carrier
}

// Wiring is the network of a bench that is up. Its methods may be called from
// every goroutine, and from every process that has opened it.
type Wiring struct{ name string }

// Name returns the name of the bench.
func (w *Wiring) Name() string { return w.name }

// SPAN returns the name of the SPAN interface in the namespace of whoever called Up.
func (w *Wiring) SPAN() string { return spanName(w.name) }

// Namespace returns the name of a namespace, as `ip netns` knows it.
func (w *Wiring) Namespace(where Place) string { return namespaceName(w.name, where) }

var nameForm = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,9}$`)

// CheckName refuses what is no name of a bench. Names become those of files and
// interfaces, and these are removed: nothing is done with a name before.
func CheckName(name string) error {
	if !nameForm.MatchString(name) {
		return fmt.Errorf("bench name %q: give 1 to 10 of a-z, 0-9 and '-', which begin with a letter or digit", name)
	}
	return nil
}

const namespacePrefix, spanPrefix = "spanrig-", "span-"

func namespaceName(name string, where Place) string {
	return namespacePrefix + name + "-" + string(where)
}

func spanName(name string) string { return spanPrefix + name }

// benchOf returns the bench to which a namespace belongs, or "".
func benchOf(namespace string) string {
	for _, p := range places {
		stem, ok := strings.CutSuffix(namespace, "-"+string(p))
		if name, found := strings.CutPrefix(stem, namespacePrefix); ok && found && CheckName(name) == nil {
			return name
		}
	}
	return ""
}
