package benchfile

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/spanrig/spanrig/drivers"
	"github.com/spanrig/spanrig/rig/strict"
)

// check finds what no driver could make sense of; the first counts.
func (b *Bench) check() error {
	if b.Schema != 1 {
		return strict.At(fmt.Errorf("schema %d is not known; this program reads schema: 1", b.Schema), "schema")
	}
	if b.Name == "" || strings.ContainsAny(b.Name, "/\x00") {
		return strict.At(fmt.Errorf("name: %q; give the bench a name without /", b.Name), "name")
	}
	for _, err := range []error{b.Device.check(), b.Span.check(), b.Network.check(), b.Control.check(), b.checkPowers(), b.checkTiming()} {
		if err != nil {
			return err
		}
	}
	return nil
}

func (d *Device) check() error {
	ways := 0
	for _, has := range []bool{d.Driver != "", d.ADB != nil, d.Operator} {
		if has {
			ways++
		}
	}
	switch {
	case ways == 0:
		return strict.At(errReach, "device")
	case ways > 1:
		return strict.At(errors.New("device: it has more than one of driver, adb and operator; leave one"), "device")
	case d.ADB == nil && len(d.MACs) == 0:
		return strict.At(errors.New("device: macs is missing; without adb nothing else says which traffic is the device's"), "device", "macs")
	}
	for i, m := range d.MACs {
		if hw, err := net.ParseMAC(m); err != nil || len(hw) != 6 {
			return strict.At(fmt.Errorf("device: macs: %q is no MAC address; write it as 02:00:5e:00:00:10", m), "device", "macs", i)
		}
	}
	for i, a := range d.Addrs {
		if _, err := netip.ParseAddr(a); err != nil {
			return strict.At(fmt.Errorf("device: addresses: %q is no address", a), "device", "addresses", i)
		}
	}
	if d.Serial != nil {
		if err := d.Serial.check(); err != nil {
			return strict.At(fmt.Errorf("device: serial: %w", err), "device", "serial")
		}
	}
	return d.ADB.check()
}

func (a *ADB) check() error {
	if a == nil {
		return nil
	}
	_, portless := netip.ParseAddr(a.Address) // for which adb knows the port
	switch {
	case (a.Serial == "") == (a.Address == ""):
		return strict.At(errors.New("device: adb takes exactly one of serial and address"), "device", "adb")
	case a.Address != "" && portless != nil && !addressed(a.Address):
		return strict.At(fmt.Errorf("device: adb: address %q; write HOST:PORT with a port from 1 to 65535", a.Address), "device", "adb", "address")
	}
	return strict.At(CheckServer(a.Server), "device", "adb", "server")
}

// CheckServer says what is wrong with the address of an adb server, as HOST:PORT
// or as adb spells it; empty is the default one.
func CheckServer(server string) error {
	kind, rest, _ := strings.Cut(server, ":")
	switch {
	case server == "", slices.Contains([]string{"local", "localfilesystem", "localabstract"}, kind) && rest != "":
		return nil
	case kind != "tcp":
		rest = server
	case !strings.Contains(rest, ":"):
		rest = "127.0.0.1:" + rest // as adb spells a port of this host
	}
	if addressed(rest) {
		return nil
	}
	return fmt.Errorf("adb server %q; write HOST:PORT with a port from 1 to 65535, such as %s", server, DefaultServer)
}

// addressed reports whether s is a host with a port.
func addressed(s string) bool {
	host, port, err := net.SplitHostPort(s)
	n, bad := strconv.ParseUint(port, 10, 16)
	return err == nil && bad == nil && n > 0 && host != ""
}

var (
	four = regexp.MustCompile(`^[0-9a-f]{4}$`)
	two  = regexp.MustCompile(`^[0-9a-f]{2}$`)
)

func (s *Serial) check() error {
	usb := s.USB() != (drivers.USB{})
	switch {
	case usb == (s.Path != ""):
		return errors.New("say which by USB identity (vendor, product, serial_number, interface, port), or by path where it is no USB device")
	case s.Vendor != "" && !four.MatchString(s.Vendor), s.Product != "" && !four.MatchString(s.Product):
		return fmt.Errorf("vendor %q, product %q: write four lower-case hex digits such as \"2ca3\", in quotes", s.Vendor, s.Product)
	case s.Interface != "" && !two.MatchString(s.Interface):
		return fmt.Errorf("interface %q: write two lower-case hex digits such as \"00\", in quotes", s.Interface)
	case s.Baud < 0:
		return fmt.Errorf("baud %d: say a rate such as 115200", s.Baud)
	}
	return nil
}

// USB is the identity that the line names.
func (s *Serial) USB() drivers.USB {
	return drivers.USB{Vendor: s.Vendor, Product: s.Product, Serial: s.Number, Interface: s.Interface, Path: s.Port}
}

func (s *Span) check() error {
	if len(s.Interfaces) == 0 {
		return strict.At(errors.New("span: interfaces is missing; name the one that the mirror port is plugged into (spanrig bench discover lists them)"), "span", "interfaces")
	}
	for i, name := range s.Interfaces {
		if slices.Contains(s.Interfaces[:i], name) {
			return strict.At(fmt.Errorf("span: interface %s is named twice; leave one out", name), "span", "interfaces", i)
		}
	}
	for _, size := range []struct {
		key          string
		mega, atMost int
	}{{"rotate_mb", s.RotateMB, maxFileMB}, {"min_free_mb", s.MinFreeMB, maxFileMB}, {"ring_mb", s.RingMB, maxRingMB}} {
		if size.mega < 0 || size.mega > size.atMost {
			return strict.At(fmt.Errorf("span: %s: %d; say 1 to %d, or leave it out", size.key, size.mega, size.atMost), "span", size.key)
		}
	}
	return nil
}

// Bounds in MB: of the memory that a ring may have, which is the recorder's, and
// of what a disk may hold.
const (
	maxRingMB = 1024
	maxFileMB = 1e9
)

func (n *Network) check() error {
	for i, p := range n.LAN {
		if _, err := netip.ParsePrefix(p); err != nil {
			return strict.At(fmt.Errorf("network: lan: %q is no prefix; write it as 10.0.0.0/24", p), "network", "lan", i)
		}
	}
	for i, a := range n.Resolvers {
		if _, err := netip.ParseAddr(a); err != nil {
			return strict.At(fmt.Errorf("network: resolvers: %q is no address", a), "network", "resolvers", i)
		}
	}
	if n.Vantage != "" && !regexp.MustCompile(`^[A-Z]{2}$`).MatchString(n.Vantage) {
		return strict.At(fmt.Errorf("network: vantage: %q; say two capital letters such as US (ISO 3166-1)", n.Vantage), "network", "vantage")
	}
	return nil
}

func (c *Control) check() error {
	if c.Zone != "" && (len(c.Zone) > maxZone || !zoneForm.MatchString(c.Zone)) {
		return strict.At(fmt.Errorf("control: zone: %q is no DNS name; write one such as control.lab.example, labels of a-z, 0-9 and '-' with dots between them", c.Zone), "control", "zone")
	}
	if c.ByRig && c.Target == "" {
		return nil
	}
	if _, err := c.Endpoint(); err != nil {
		return strict.At(fmt.Errorf("control: target: %w", err), "control", "target")
	}
	return nil
}

// maxZone leaves room in the 253 characters of a name (RFC 1035 section 2.3.4)
// for the label that a control puts before its zone.
const maxZone = 253 - 64

// zoneForm is the preferred syntax of names, RFC 1035 section 2.3.1 and RFC 1123
// section 2.1, with the underscore that DNS itself takes as well.
var zoneForm = regexp.MustCompile(`^(?i:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)(?i:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*$`)

// Endpoint is the target of controls; port 0: an ICMP echo.
func (c *Control) Endpoint() (netip.AddrPort, error) {
	if c.Target == "" {
		return netip.AddrPort{}, errors.New("it is missing; name a host beyond the mirrored port that answers: ADDRESS for a ping, ADDRESS:PORT for TCP")
	}
	if a, err := netip.ParseAddr(c.Target); err == nil {
		return netip.AddrPortFrom(a, 0), nil
	}
	ap, err := netip.ParseAddrPort(c.Target)
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("%q; write ADDRESS for a ping or ADDRESS:PORT for TCP", c.Target)
	}
	return ap, nil
}

// Names of powers that mode scripts and the recovery ladder use.
var powerNames = []string{"usb", "device", "aircraft", "uplink"}

func (b *Bench) checkPowers() error {
	for name, p := range b.Power {
		if !slices.Contains(powerNames, name) {
			return strict.At(fmt.Errorf("power: %q; known are %s", name, strings.Join(powerNames, ", ")), "power", name)
		}
		if err := p.check(); err != nil {
			return strict.At(fmt.Errorf("power: %s: %w", name, err), "power", name)
		}
	}
	return nil
}

func (p *Power) check() error {
	ways := 0
	for _, has := range []bool{p.Hub != nil, p.Relay != nil, p.Driver != ""} {
		if has {
			ways++
		}
	}
	switch {
	case ways != 1:
		return errors.New("it takes exactly one of hub, relay and driver")
	case p.Hub != nil && (p.Hub.Hub == "" || p.Hub.Port < 1):
		return errors.New("hub takes the hub as sysfs names it and the port: {hub: 1-3, port: 2}")
	case p.Relay != nil:
		return p.Relay.check()
	case !slices.Contains([]string{"", "adb", "serial", "none"}, p.Proof):
		return fmt.Errorf("proof: %q; say adb, serial or none", p.Proof)
	}
	return nil
}

func (r *Relay) check() error {
	if err := r.Line.check(); err != nil {
		return fmt.Errorf("relay: line: %w", err)
	}
	switch r.Protocol {
	case "a0":
		if r.Channel < 1 || r.Channel > 16 {
			return fmt.Errorf("relay: channel %d; say 1 to 16", r.Channel)
		}
	case "text":
		if r.On == "" || r.Off == "" {
			return errors.New("relay: protocol text needs on and off: what to send")
		}
	default:
		return fmt.Errorf("relay: protocol %q; say a0 or text", r.Protocol)
	}
	return nil
}

func (b *Bench) checkTiming() error {
	if t := b.Timing; t.Scale < 0 || t.Scale > MaxScale {
		return strict.At(fmt.Errorf("timing: scale %g; say a factor such as 0.5", t.Scale), "timing", "scale")
	}
	if b.App.Pace < 0 || b.App.Pace > MaxScale {
		return strict.At(fmt.Errorf("app: pace %g; say a factor such as 0.5", b.App.Pace), "app", "pace")
	}
	return nil
}
