package sim

import (
	"fmt"
	"net/netip"
	"os"
	"strings"

	"github.com/spanrig/spanrig/fixtures"
	"github.com/spanrig/spanrig/rig/sim/wiring"
	"github.com/spanrig/spanrig/rig/sim/world"
)

// databases are the test geolocation of the documentation addresses.
var databases = []string{"country.mmdb", "country-second.mmdb", "asn.mmdb"}

// writeBench writes the bench file, and the databases that it names.
func (b *Bench) writeBench(port int) error {
	for _, name := range databases {
		content, err := fixtures.Geo.ReadFile("geo/" + name)
		if err != nil {
			return err
		}
		if err := os.WriteFile(b.path(name), content, 0o600); err != nil {
			return err
		}
	}
	plan, err := b.plan()
	if err != nil {
		return err
	}
	return os.WriteFile(b.File, []byte(b.text(port, plan)), 0o600)
}

// text is the bench file.
func (b *Bench) text(port int, plan string) string {
	control, _ := world.Lookup(world.Endpoints(), "any."+world.Control) // it is in the table
	var s strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&s, format+"\n", args...) }
	line("# A simulated bench: no device took part in what it records.")
	line("schema: 1")
	line("name: %s", b.config.Name)
	line("labels: {simulated: \"yes\", fault: %q}", b.fault.Name)
	line("device:")
	line("  adb: {address: 127.0.0.1:%d, server: %s}", port, b.server.addr())
	line("  serial: {path: duml, duml: true}")
	line("app: {script: dji-pilot2, services: [%s], pace: %g}", strings.Join(services, ", "), b.config.Scale)
	line("span: {interfaces: [%s], min_free_mb: 100, ring_mb: 16}", b.Wire.SPAN())
	line("network: {captured: %s, lan: [%q, %q], resolvers: [%s, %q], vantage: US}", wiring.WLAN, wiring.LAN4, wiring.LAN6, wiring.Router4, wiring.Router6)
	line("control: {target: %q, zone: %s}", netip.AddrPortFrom(control.Addr4, echoPort), world.Control)
	line("power:")
	line("  usb: {driver: sim, options: {what: usb, bench: %s, control: control}}", b.config.Name)
	line("  uplink: {driver: sim, options: {what: uplink, bench: %s}}", b.config.Name)
	line("plan: %s", plan)
	line("timing: {scale: %g, longest: 20s}", b.config.Scale)
	line("judge: {policy: dji-pilot2, geo: [country.mmdb, country-second.mmdb], asn: [asn.mmdb]}")
	return s.String()
}

const echoPort = 7 // RFC 862

// services are those that the bench switches: enough to show the rule.
var services = []string{"maps", "flysafe", "firmware"}
