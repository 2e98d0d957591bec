package flow

import (
	"net/netip"

	"github.com/spanrig/spanrig/captures"
	"github.com/spanrig/spanrig/captures/dissect"
	"github.com/spanrig/spanrig/captures/packet"
)

// Observer receives what Assemble finds; nil fields are skipped. Calls come
// from one goroutine, in the order of the capture. What a *Flow points to
// belongs to the observer when it is handed over by Flow.
type Observer struct {
	// Flow receives each flow once, in order of last frame (ties: first frame).
	Flow func(f *Flow)
	// DNS receives each DNS message as it is seen, mirror duplicates left out;
	// from is the direction it went. Over TCP, one behind bytes that never came
	// is seen late. f is still growing: read ID, Proto, Orig,
	// Resp and MAC only, and keep no pointer to it.
	DNS func(f *Flow, m *dissect.DNSMessage, from captures.Dir, at dissect.Mark)
	// Binding receives address bindings from ARP, ND and DHCP.
	Binding func(b packet.Binding)
	// Lease receives DHCP acknowledgements.
	Lease func(l dissect.DHCPLease, at dissect.Mark)
	// Router receives router advertisements (RFC 4861, RFC 8106).
	Router func(r RouterAdvert, at dissect.Mark)
}

// RouterAdvert is what a router advertisement announces.
type RouterAdvert = packet.RouterAdvert

func (a *assembler) dns(m *dissect.DNSMessage, from captures.Dir, at dissect.Mark) {
	a.current.describe(&a.scratch)
	a.obs.DNS(&a.scratch, m, from, at)
}

func (a *assembler) lease(l dissect.DHCPLease, at dissect.Mark) {
	if a.obs.Lease != nil {
		a.obs.Lease(l, at)
	}
	if addr := netip.AddrFrom4(l.Addr); !addr.IsUnspecified() && l.MAC != (captures.MAC{}) {
		a.bind(packet.Binding{Frame: at.Frame, Time: at.Time, MAC: l.MAC, Addr: addr})
	}
}

func (a *assembler) bind(b packet.Binding) {
	if a.obs.Binding != nil {
		a.obs.Binding(b)
	}
}

// icmp looks for what the observer asked for.
func (a *assembler) icmp(e *entry, p *packet.Packet, d captures.Dir) {
	if a.cfg.Echoes {
		a.echo(e, p, d)
	}
	if a.obs.Binding == nil && a.obs.Router == nil {
		return
	}
	n, ok := packet.ParseND(p)
	if !ok {
		return
	}
	if n.Binding.Addr.IsValid() {
		a.bind(n.Binding)
	}
	if n.Router != nil && a.obs.Router != nil {
		a.obs.Router(*n.Router, markOf(p))
	}
}
