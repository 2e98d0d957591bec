package span

import (
	"net/netip"
	"slices"
	"testing"

	"github.com/spanrig/spanrig/captures"
	"github.com/spanrig/spanrig/captures/synth"
)

var (
	device    = captures.MAC{0x02, 0, 0, 0, 0, 0x0d}
	neighbour = captures.MAC{0x02, 0, 0, 0, 0, 0x0e}
	router    = captures.MAC{0x02, 0, 0, 0, 0, 0x01}
	everyone  = captures.MAC{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}
	group6    = captures.MAC{0x33, 0x33, 0, 0, 0, 1}

	a4, b4 = netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2")
	a6, b6 = netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("2001:db8::2")
)

// ip is an Ethernet frame with a packet of the family of its addresses.
func ip(dst, src captures.MAC, from, to netip.Addr, proto uint8, payload []byte) []byte {
	kind := uint16(etherIPv4)
	if from.Is6() {
		kind = etherIPv6
	}
	return synth.Ethernet(dst, src, kind, synth.IP(synth.IPHeader{Src: from, Dst: to, Proto: proto, TTL: 64}, payload))
}

func udp(dst, src captures.MAC, from, to netip.Addr, port uint16, payload []byte) []byte {
	a, b := netip.AddrPortFrom(from, 40000), netip.AddrPortFrom(to, port)
	return ip(dst, src, from, to, 17, synth.UDP(a, b, payload))
}

// gre wraps in GRE between neighbours: the switch and the capture host.
func gre(from, to netip.Addr, head ...byte) func(frame []byte) []byte {
	return func(frame []byte) []byte {
		return ip(router, neighbour, from, to, 47, slices.Concat(head, frame))
	}
}

// TestDeviceFilter wants the device's frames, what ties addresses to it, and
// what cannot be told; nothing else.
func TestDeviceFilter(t *testing.T) {
	ours, theirs := synth.Ethernet(device, router, 0x88b5, nil), synth.Ethernet(neighbour, router, 0x88b5, nil)
	keep := map[string][]byte{
		"to the device":            ours,
		"from the device":          synth.Ethernet(everyone, device, 0x88b5, nil),
		"tagged":                   synth.VLAN(4, ours),
		"ARP to all":               synth.Ethernet(everyone, router, etherARP, make([]byte, 28)),
		"tagged ARP to all":        synth.VLAN(7, synth.VLAN(4, synth.Ethernet(everyone, router, etherARP, make([]byte, 28)))),
		"DHCP offer to all":        udp(everyone, router, a4, b4, 68, nil),
		"DHCP discover of others":  udp(everyone, neighbour, a4, b4, 67, nil),
		"DHCPv6 to a group":        udp(group6, neighbour, a6, b6, 547, nil),
		"router advertisement":     ip(group6, router, a6, b6, 58, synth.ICMP(a6, b6, 134, 0, 0, nil)),
		"neighbour solicitation":   ip(group6, router, a6, b6, 58, synth.ICMP(a6, b6, 135, 0, 0, nil)),
		"too short":                {1, 2, 3},
		"GRE of another kind":      gre(a4, b4, 0, 0, 0x08, 0x00)(make([]byte, 40)),
		"GRE with routing":         gre(a4, b4, 0x40, 0, 0x65, 0x58)(theirs),
		"GRE, cut":                 ip(router, neighbour, a4, b4, 47, []byte{0})[:35],
		"ERSPAN III, not Ethernet": gre(a4, b4, 0x10, 0, 0x22, 0xeb, 0, 0, 0, 1, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x08, 0)(theirs),
		"Geneve of another kind":   udp(router, neighbour, a4, b4, 6081, append([]byte{0, 0, 0x08, 0, 0, 0, 0, 0}, theirs...)),
		"VXLAN, cut":               udp(router, neighbour, a4, b4, 4789, []byte{8, 0, 0, 0, 0, 0, 1, 0, 2, 2}),
		"TZSP":                     udp(router, neighbour, a4, b4, 37008, theirs),
		"later fragment of GRE":    fragment(gre(a4, b4, 0, 0, 0x65, 0x58)(theirs)),
	}
	for name, frame := range keep {
		if !newDeviceFilter([]captures.MAC{{1}, device}).keeps(frame) {
			t.Errorf("%s: left out", name)
		}
	}
	leave := map[string][]byte{
		"between neighbours":        theirs,
		"tagged":                    synth.VLAN(4, theirs),
		"to all":                    synth.Ethernet(everyone, neighbour, 0x88b5, nil),
		"ARP between neighbours":    synth.Ethernet(neighbour, router, etherARP, make([]byte, 28)),
		"DHCP between neighbours":   udp(neighbour, router, a4, b4, 68, nil),
		"mDNS":                      udp(captures.MAC{1, 0, 0x5e, 0, 0, 0xfb}, neighbour, a4, b4, 5353, nil),
		"ICMPv6 echo to a group":    ip(group6, neighbour, a6, b6, 58, synth.ICMP(a6, b6, 128, 0, 0, nil)),
		"TCP":                       ip(neighbour, router, a4, b4, 6, make([]byte, 20)),
		"IP without a header":       synth.Ethernet(neighbour, router, etherIPv4, nil)[:20],
		"later fragment of UDP":     fragment(udp(neighbour, router, a4, b4, 4789, make([]byte, 8))),
		"tags without end":          append(synth.VLAN(4, theirs)[:16], 0x81),
		"IPv6 with endless headers": ip(neighbour, router, a6, b6, 60, slices.Repeat([]byte{60, 0, 0, 0, 0, 0, 0, 0}, 20)),
	}
	for name, frame := range leave {
		if newDeviceFilter([]captures.MAC{{1}, device}).keeps(frame) {
			t.Errorf("%s: kept", name)
		}
	}
	for name, wrap := range wraps() {
		f := newDeviceFilter([]captures.MAC{{1}, device})
		if !f.keeps(wrap(ours)) {
			t.Errorf("%s of the device: left out", name)
		}
		if f.keeps(wrap(theirs)) {
			t.Errorf("%s of a neighbour: kept", name)
		}
	}
}

// wraps are the ways in which a remote mirror arrives.
func wraps() map[string]func([]byte) []byte {
	vxlan := func(port uint16, head ...byte) func([]byte) []byte {
		return func(frame []byte) []byte {
			return udp(router, neighbour, a4, b4, port, slices.Concat(head, frame))
		}
	}
	encapsulationLimit := []byte{47, 0, 4, 1, 4, 1, 0, 0} // what ip6gre puts first
	return map[string]func([]byte) []byte{
		"ERSPAN II":       func(b []byte) []byte { return synth.ERSPAN(1, b) },
		"ERSPAN I":        gre(a4, b4, 0, 0, 0x88, 0xbe),
		"ERSPAN III":      gre(a4, b4, 0x10, 0, 0x22, 0xeb, 0, 0, 0, 1, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
		"ERSPAN III sub":  gre(a4, b4, 0x10, 0, 0x22, 0xeb, 0, 0, 0, 1, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8),
		"GRE":             gre(a4, b4, 0, 0, 0x65, 0x58),
		"GRE, all fields": gre(a6, b6, 0xb0, 0, 0x65, 0x58, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12),
		"VXLAN":           vxlan(4789, 8, 0, 0, 0, 0, 0, 1, 0),
		"old VXLAN":       vxlan(8472, 8, 0, 0, 0, 0, 0, 1, 0),
		"Geneve":          vxlan(6081, 1, 0, 0x65, 0x58, 0, 0, 1, 0, 9, 9, 9, 9),
		"GRE over IPv6 with options": func(b []byte) []byte {
			return ip(router, neighbour, a6, b6, 60, slices.Concat(encapsulationLimit, []byte{0, 0, 0x65, 0x58}, b))
		},
		"VXLAN in GRE": func(b []byte) []byte {
			return gre(a4, b4, 0, 0, 0x65, 0x58)(vxlan(4789, 8, 0, 0, 0, 0, 0, 1, 0)(b))
		},
	}
}

// fragment makes an IPv4 frame a later fragment.
func fragment(b []byte) []byte {
	b = slices.Clone(b)
	b[14+6], b[14+7] = 0, 100
	return b
}

// TestDeviceFilterCarrier keeps later fragments between the ends of a mirror.
func TestDeviceFilterCarrier(t *testing.T) {
	f := newDeviceFilter([]captures.MAC{device})
	whole := wraps()["VXLAN"](synth.Ethernet(neighbour, router, 0x88b5, nil))
	if f.keeps(fragment(whole)) {
		t.Error("a fragment is kept before a mirror was seen")
	}
	if f.keeps(whole) || !f.keeps(fragment(whole)) {
		t.Error("a fragment of a mirror is left out")
	}
	if f.keeps(fragment(udp(neighbour, router, b4, a4, 4789, make([]byte, 8)))) {
		t.Error("a fragment of other ends is kept")
	}
}

func TestNoDeviceFilter(t *testing.T) {
	if newDeviceFilter(nil) != nil {
		t.Error("a filter without addresses")
	}
	if got := newDeviceFilter([]captures.MAC{device}).String(); got != "only frames from or to 02:00:00:00:00:0d, and ARP, DHCP and neighbour discovery to groups" {
		t.Error(got)
	}
}

// FuzzDeviceFilter wants every frame of the device kept, whatever is in it.
func FuzzDeviceFilter(f *testing.F) {
	for _, wrap := range wraps() {
		f.Add(wrap(synth.Ethernet(neighbour, router, 0x88b5, nil)))
	}
	f.Fuzz(func(t *testing.T, frame []byte) {
		d := newDeviceFilter([]captures.MAC{device})
		d.keeps(frame)
		if len(frame) >= 14 {
			copy(frame[6:], device[:])
			if !d.keeps(frame) {
				t.Error("a frame of the device is left out")
			}
		}
	})
}

func BenchmarkDeviceFilter(b *testing.B) {
	f := newDeviceFilter([]captures.MAC{device})
	frame := udp(neighbour, router, a4, b4, 443, make([]byte, 1200))
	b.ReportAllocs()
	for b.Loop() {
		f.keeps(frame)
	}
}
