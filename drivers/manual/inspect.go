package manual

import (
	"context"
	"net"
	"net/netip"
	"strings"

	"github.com/spanrig/spanrig/drivers"
)

// Inspect implements [drivers.Controller]: by questions, with what the bench
// file says as the answers to confirm. Enter leaves unknown what nobody knows.
func (c *Controller) Inspect(ctx context.Context) (drivers.Inspection, error) {
	if err := c.begin(ctx); err != nil {
		return drivers.Inspection{}, err
	}
	defer c.end()
	known := c.config.Known
	r := drivers.Inspection{Package: known.Package, UID: known.UID, Obtained: map[string]string{}}
	if r.Package == "" {
		r.Package = c.config.Script.Package
	}
	for _, q := range []question{
		{"model", "Model of the device, as its settings show it", known.Model, &r.Model},
		{"serial", "Serial number of the device", known.Serial, &r.Serial},
		{"firmware", "Firmware version of the device", known.Firmware, &r.Firmware},
		{"version", "Version of the app " + r.Package, known.Version, &r.Version},
		{"aircraft_model", "Model of the aircraft, where one is linked", known.AircraftModel, &r.AircraftModel},
		{"aircraft_build", "Firmware version of the aircraft", known.AircraftBuild, &r.AircraftBuild},
	} {
		if err := c.put(ctx, q, r.Obtained); err != nil {
			return drivers.Inspection{}, err
		}
	}
	if err := c.addresses(ctx, &r); err != nil {
		return drivers.Inspection{}, err
	}
	return r, nil
}

// question is one that words answer.
type question struct {
	key, text, known string
	answer           *string
}

// put asks and says where the answer is from.
func (c *Controller) put(ctx context.Context, q question, obtained map[string]string) error {
	answer, err := c.operator.text(ctx, q.text, q.known)
	if err != nil || answer == "" {
		return err
	}
	*q.answer, obtained[q.key] = answer, drivers.ByOperator
	if answer == q.known {
		obtained[q.key] = "bench file, confirmed by the operator"
	}
	return nil
}

// addresses asks for the MAC and the address of the captured interface, until
// they are ones.
func (c *Controller) addresses(ctx context.Context, r *drivers.Inspection) error {
	var mac, addr string
	known := c.config.Known
	for {
		if err := c.put(ctx, question{"macs", "Wi-Fi MAC address of the device", strings.Join(known.MACs, " "), &mac}, r.Obtained); err != nil {
			return err
		}
		if macs, ok := parseAll(mac, func(s string) (string, bool) {
			hw, err := net.ParseMAC(s)
			return hw.String(), err == nil && len(hw) == 6
		}); ok {
			r.MACs = macs
			break
		}
		c.operator.say("%q is no MAC address such as 60:60:1f:00:00:01", mac)
		mac = ""
	}
	var texts []string
	for _, a := range known.Addrs {
		texts = append(texts, a.String())
	}
	for {
		if err := c.put(ctx, question{"addrs", "Wi-Fi IP address of the device", strings.Join(texts, " "), &addr}, r.Obtained); err != nil {
			return err
		}
		if addrs, ok := parseAll(addr, func(s string) (netip.Addr, bool) {
			a, err := netip.ParseAddr(s)
			return a, err == nil
		}); ok {
			r.Addrs = addrs
			return nil
		}
		c.operator.say("%q is no IP address such as 10.0.0.23", addr)
		addr = ""
	}
}

// parseAll reads a list of words.
func parseAll[T any](text string, parse func(string) (T, bool)) ([]T, bool) {
	var list []T
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == ',' }) {
		v, ok := parse(word)
		if !ok {
			return nil, false
		}
		list = append(list, v)
	}
	return list, true
}
