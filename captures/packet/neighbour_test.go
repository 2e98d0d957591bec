package packet

import (
	"net/netip"
	"slices"
	"testing"

	"github.com/spanrig/spanrig/captures"
)

// discovery makes a Neighbor Discovery message from 2001:db8::1: body is what
// follows the checksum.
func discovery(kind byte, body ...[]byte) []byte {
	b := ip6Packet(ICMPv6, 1, join([]byte{kind, 0, 0, 0}, join(body...)))
	b[7] = 255
	return b
}

func TestParseND(t *testing.T) {
	target := netip.MustParseAddr("fe80::42")
	target16 := target.As16()
	link := func(option byte) []byte { return join([]byte{option, 1}, innerMAC[:]) }
	prefix := func(flags, lifetime byte) []byte {
		return join([]byte{3, 4, 64, flags, 0, 0, 0, lifetime}, make([]byte, 8), []byte{0x20, 1, 0x0d, 0xb8, 0, 5}, make([]byte, 9), []byte{1})
	}
	router := netip.MustParseAddr("2001:db8::1")
	unspecified := discovery(neighborSolicit, make([]byte, 4), target16[:], link(optionSource))
	clear(unspecified[8:24])
	routed := discovery(neighborSolicit, make([]byte, 4), target16[:], link(optionSource))
	routed[7] = 64

	tests := []struct {
		name string
		data []byte
		ok   bool
		addr netip.Addr
	}{
		{"router solicitation", discovery(routerSolicit, make([]byte, 4), link(optionSource)), true, router},
		{"neighbour solicitation", discovery(neighborSolicit, make([]byte, 4), target16[:], link(optionSource)), true, router},
		{"neighbour advertisement", discovery(neighborAdvert, make([]byte, 4), target16[:], link(optionTarget)), true, target},
		{"other options first", discovery(neighborAdvert, make([]byte, 4), target16[:], []byte{14, 1, 1, 2, 3, 4, 5, 6}, link(optionTarget)), true, target},
		{"wrong option", discovery(neighborAdvert, make([]byte, 4), target16[:], link(optionSource)), true, netip.Addr{}},
		{"no option", discovery(neighborSolicit, make([]byte, 4), target16[:]), true, netip.Addr{}},
		{"duplicate address detection", unspecified, true, netip.Addr{}},
		{"routed", routed, false, netip.Addr{}},
		{"option of length 0", discovery(routerSolicit, make([]byte, 4), []byte{1, 0, 0, 0, 0, 0, 0, 0}), false, netip.Addr{}},
		{"option cut", discovery(routerSolicit, make([]byte, 4), link(optionSource)[:6]), false, netip.Addr{}},
		{"cut", discovery(neighborSolicit, make([]byte, 4), target16[:9]), false, netip.Addr{}},
		{"echo", discovery(128, make([]byte, 4)), false, netip.Addr{}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var p Packet
			NewDecoder().Decode(frameOf(captures.LinkRaw, 3, 4, test.data), &p)
			n, ok := ParseND(&p)
			if ok != test.ok || n.Binding.Addr != test.addr || n.Router != nil {
				t.Errorf("%v %+v", ok, n)
			}
			if test.addr.IsValid() && (n.Binding.MAC != innerMAC || n.Binding.Frame != 3 || n.Binding.Time != 4) {
				t.Errorf("%+v", n.Binding)
			}
		})
	}

	t.Run("router advertisement", func(t *testing.T) {
		servers := join([]byte{optionServers, 5, 0, 0, 0, 0, 0, 9}, target16[:], router.AsSlice())
		search := join([]byte{optionSearch, 4, 0, 0, 0, 0, 0, 9}, []byte("\x03Lab\x07example\x00\x04home\x00\x00\x00\x00\x00\x00"))
		withdrawn := join([]byte{optionServers, 3, 0, 0, 0, 0, 0, 0}, target16[:])
		var p Packet
		NewDecoder().Decode(frameOf(captures.LinkRaw, 3, 4, discovery(routerAdvert, make([]byte, 12),
			link(optionSource), prefix(0xc0, 9), prefix(0x40, 9), prefix(0x80, 0), servers, withdrawn, search)), &p)
		n, ok := ParseND(&p)
		if !ok || n.Router == nil || n.Binding.Addr != router {
			t.Fatalf("%v %+v", ok, n)
		}
		r := n.Router
		if r.MAC != innerMAC || !slices.Equal(r.Prefixes, []netip.Prefix{netip.MustParsePrefix("2001:db8:5::/64")}) ||
			!slices.Equal(r.Resolvers, []netip.Addr{target, router}) || !slices.Equal(r.Search, []string{"lab.example", "home"}) {
			t.Errorf("%+v", r)
		}
	})
}
