package benchfile

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/spanrig/spanrig/drivers"
)

// check finds what no driver could make sense of; the first counts.
func (b *Bench) check() error {
	if b.Schema != 1 {
		return fmt.Errorf("schema %d is not known; this program reads schema: 1", b.Schema)
	}
	if b.Name == "" || strings.ContainsAny(b.Name, "/\x00") {
		return fmt.Errorf("name: %q; give the bench a name without /", b.Name)
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
		return errReach
	case ways > 1:
		return errors.New("device: it has more than one of driver, adb and operator; leave one")
	case d.ADB != nil && (d.ADB.Serial == "") == (d.ADB.Address == ""):
		return errors.New("device: adb takes exactly one of serial and address")
	case d.ADB == nil && len(d.MACs) == 0:
		return errors.New("device: macs is missing; without adb nothing else says which traffic is the device's")
	}
	for _, m := range d.MACs {
		if hw, err := net.ParseMAC(m); err != nil || len(hw) != 6 {
			return fmt.Errorf("device: macs: %q is no MAC address; write it as 02:00:5e:00:00:10", m)
		}
	}
	for _, a := range d.Addrs {
		if _, err := netip.ParseAddr(a); err != nil {
			return fmt.Errorf("device: addresses: %q is no address", a)
		}
	}
	if d.Serial != nil {
		if err := d.Serial.check(); err != nil {
			return fmt.Errorf("device: serial: %w", err)
		}
	}
	return nil
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
	switch {
	case len(s.Interfaces) == 0:
		return errors.New("span: interfaces is missing; name the one that the mirror port is plugged into (spanrig bench discover lists them)")
	case s.RotateMB < 0, s.MinFreeMB < 0, s.RingMB < 0:
		return errors.New("span: a size is below zero")
	}
	return nil
}

func (n *Network) check() error {
	for _, p := range n.LAN {
		if _, err := netip.ParsePrefix(p); err != nil {
			return fmt.Errorf("network: lan: %q is no prefix; write it as 10.0.0.0/24", p)
		}
	}
	for _, a := range n.Resolvers {
		if _, err := netip.ParseAddr(a); err != nil {
			return fmt.Errorf("network: resolvers: %q is no address", a)
		}
	}
	if n.Vantage != "" && !regexp.MustCompile(`^[A-Z]{2}$`).MatchString(n.Vantage) {
		return fmt.Errorf("network: vantage: %q; say two capital letters such as US (ISO 3166-1)", n.Vantage)
	}
	return nil
}

func (c *Control) check() error {
	if c.ByRig && c.Target == "" {
		return nil
	}
	if _, err := c.Endpoint(); err != nil {
		return fmt.Errorf("control: target: %w", err)
	}
	return nil
}

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
			return fmt.Errorf("power: %q; known are %s", name, strings.Join(powerNames, ", "))
		}
		if err := p.check(); err != nil {
			return fmt.Errorf("power: %s: %w", name, err)
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
	if t := b.Timing; t.Scale < 0 || t.Scale > 100 {
		return fmt.Errorf("timing: scale %g; say a factor such as 0.5", t.Scale)
	}
	if b.App.Pace < 0 || b.App.Pace > 100 {
		return fmt.Errorf("app: pace %g; say a factor such as 0.5", b.App.Pace)
	}
	return nil
}
