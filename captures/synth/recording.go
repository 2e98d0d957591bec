package synth

import (
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/spanrig/spanrig/captures"
)

// The bench of every recording.
var (
	lan4     = netip.MustParsePrefix("10.20.0.0/24")
	lan6     = netip.MustParsePrefix("2001:db8:a::/64")
	controls = [2]netip.Addr{netip.MustParseAddr("192.0.2.200"), netip.MustParseAddr("2001:db8:c::200")} // IPv4, IPv6
	begin    = time.Date(2026, 11, 2, 10, 0, 0, 0, time.UTC)

	// Router stands between the LAN and the rest of the world, and resolves names.
	Router = Host{captures.MAC{0x02, 0x00, 0x5e, 0x00, 0x00, 0x01}, netip.MustParseAddr("10.20.0.1"), netip.MustParseAddr("2001:db8:a::1")}
	// Device is the controller under test.
	Device = Host{captures.MAC{0x02, 0x00, 0x5e, 0x00, 0x00, 0x10}, netip.MustParseAddr("10.20.0.10"), netip.MustParseAddr("2001:db8:a::10")}
	// Neighbour is a second host on the LAN that nobody judges.
	Neighbour = Host{captures.MAC{0x02, 0x00, 0x5e, 0x00, 0x00, 0x77}, netip.MustParseAddr("10.20.0.77"), netip.MustParseAddr("2001:db8:a::77")}
)

// Recording is a recording in the making. Choose how it was made first
// (IPv6Only, Resolvers, Mirror, ...), then append windows with Standard, LDM
// and RNM, then change what went wrong (Drop, Truncate, Forget, ...), then Save.
type Recording struct {
	Name      string
	Inventory Inventory

	now     time.Time
	frames  []frame
	journal []entry
	windows []span
	macs    map[netip.Addr]captures.MAC
	port    uint16 // the last one given out
	ident   uint16 // the last DNS or echo identifier
	ipid    uint16
	slot    int // controls so far

	ipv6      bool
	attached  bool
	unleased  bool
	resolvers []netip.Addr
	search    []string
	domain    string
	mirror    func(frame) []frame
	snaplen   uint32
	parts     int // capture files; 0: one without a number
	damage    damage
}

// frame is one frame as the mirror port shows it.
type frame struct {
	at   time.Time
	data []byte
	wire int // length on the wire, bytes
}

// New returns an empty recording of a bench with the device on it.
func New(name string) *Recording {
	r := &Recording{Name: name, Inventory: inventory(), now: begin, macs: map[netip.Addr]captures.MAC{}, port: 40000,
		resolvers: []netip.Addr{Router.V4}}
	r.know(Router)
	r.know(Device)
	return r
}

// IPv6Only gives the device no IPv4 address.
func (r *Recording) IPv6Only() *Recording {
	r.ipv6 = true
	r.resolvers = []netip.Addr{Router.V6}
	r.Inventory.Resolvers = []string{Router.V6.String()}
	return r
}

// Resolvers says which resolvers DHCP and the inventory name.
func (r *Recording) Resolvers(list ...string) *Recording {
	r.resolvers, r.Inventory.Resolvers = nil, list
	for _, s := range list {
		r.resolvers = append(r.resolvers, netip.MustParseAddr(s))
	}
	return r
}

// Search announces DNS search domains by DHCP.
func (r *Recording) Search(domains ...string) *Recording {
	r.search = domains
	return r
}

// Domain announces a domain name by DHCP (option 15), which hosts search too.
func (r *Recording) Domain(name string) *Recording {
	r.domain = name
	return r
}

// Split spreads the capture over n numbered files.
func (r *Recording) Split(n int) *Recording {
	r.parts = n
	return r
}

// Attached begins the recording after the device joined the LAN: neither its
// DHCP exchange nor its router solicitation is in it.
func (r *Recording) Attached() *Recording {
	r.unleased = true
	return r
}

func (r *Recording) resolver() netip.Addr { return r.resolvers[0] }

func (r *Recording) know(h Host) {
	r.macs[h.V4], r.macs[h.V6], r.macs[linkLocal(h.MAC)] = h.MAC, h.MAC, h.MAC
}

// attach brings the device onto the LAN before the first window.
func (r *Recording) attach() {
	if r.attached {
		return
	}
	r.attached = true
	r.log(r.now, "routes", routes(false, r.damage.dummy))
	r.log(r.now, "clock", map[string]any{"device_minus_host_s": 0.012})
	r.log(r.now, "stats", r.statistics(r.now))
	at := r.now.Add(200 * time.Millisecond)
	if r.unleased {
		r.now = r.now.Add(3 * time.Second)
		return
	}
	if r.ipv6 {
		r.joinIPv6(at)
	} else {
		r.joinIPv4(at)
	}
	r.now = r.now.Add(3 * time.Second)
}

// joinIPv4 is the exchange of RFC 2131 section 3.1, then an ARP probe of the router.
func (r *Recording) joinIPv4(at time.Time) {
	lease := Lease{Client: Device.MAC, Addr: Device.V4, Mask: [4]byte{255, 255, 255, 0}, Router: Router.V4, Resolvers: r.resolvers, Search: r.search, Domain: r.domain}
	none := netip.IPv4Unspecified()
	client, server := netip.AddrPortFrom(none, 68), netip.AddrPortFrom(broadcast, 67)
	offer, to := netip.AddrPortFrom(Router.V4, 67), netip.AddrPortFrom(Device.V4, 68)
	for i, kind := range []uint8{dhcpDiscover, dhcpOffer, dhcpRequest, dhcpAck} {
		src, dst := client, server
		if i%2 == 1 {
			src, dst = offer, to
		}
		payload := lease.message(kind, 0x53504e01)
		r.packet(at, src.Addr(), dst.Addr(), protoUDP, UDP(src, dst, payload))
		at = at.Add(20 * time.Millisecond)
	}
	r.arp(at)
}

// arp resolves the router's address.
func (r *Recording) arp(at time.Time) {
	r.put(at, Ethernet(broadcastMAC, Device.MAC, etherARP, ARP(false, Device.MAC, Device.V4, captures.MAC{}, Router.V4)))
	r.put(at.Add(time.Millisecond), Ethernet(Device.MAC, Router.MAC, etherARP, ARP(true, Router.MAC, Router.V4, Device.MAC, Device.V4)))
}

// joinIPv6 joins by router and neighbour discovery (RFC 4861), with the MLD
// report that comes with an address (RFC 3810).
func (r *Recording) joinIPv6(at time.Time) {
	self, router := linkLocal(Device.MAC), linkLocal(Router.MAC)
	r.icmp6(at, self, mldRouters, 143, 1, mldReport(allNodes))
	r.icmp6(at.Add(5*time.Millisecond), self, allRouters, 133, 0, linkOption(1, Device.MAC))
	r.icmp6(at.Add(9*time.Millisecond), router, allNodes, 134, 64<<24|1800, routerAdvert(Router.MAC, lan6, Router.V6))
	r.neighbour(at.Add(50 * time.Millisecond))
}

// neighbour resolves the router's IPv6 address.
func (r *Recording) neighbour(at time.Time) {
	r.icmp6(at, Device.V6, Router.V6, 135, 0, concat(Router.V6.AsSlice(), linkOption(1, Device.MAC)))
	r.icmp6(at.Add(time.Millisecond), Router.V6, Device.V6, 136, 0xe0000000, concat(Router.V6.AsSlice(), linkOption(2, Router.MAC)))
}

func (r *Recording) icmp6(at time.Time, src, dst netip.Addr, kind uint8, rest uint32, body []byte) {
	r.packetTTL(at, src, dst, protoICMPv6, 255, ICMP(src, dst, kind, 0, rest, body))
}

// packet puts an IP packet on the LAN: from and to whichever station has the
// addresses, else the router.
func (r *Recording) packet(at time.Time, src, dst netip.Addr, proto uint8, payload []byte) {
	ttl := uint8(64)
	if !lan4.Contains(src) && !lan6.Contains(src) {
		ttl = 51
	}
	r.packetTTL(at, src, dst, proto, ttl, payload)
}

func (r *Recording) packetTTL(at time.Time, src, dst netip.Addr, proto, ttl uint8, payload []byte) {
	r.ipid++
	kind := uint16(etherIPv4)
	if src.Is6() {
		kind = etherIPv6
	}
	b := IP(IPHeader{Src: src, Dst: dst, Proto: proto, TTL: ttl, ID: r.ipid}, payload)
	r.put(at, Ethernet(r.mac(dst), r.mac(src), kind, b))
}

func (r *Recording) mac(a netip.Addr) captures.MAC {
	switch {
	case a == broadcast:
		return broadcastMAC
	case a.IsMulticast():
		return multicastMAC(a)
	case a == netip.IPv4Unspecified():
		return Device.MAC
	}
	if m, ok := r.macs[a]; ok {
		return m
	}
	return Router.MAC
}

// put shows one Ethernet frame to the mirror port.
func (r *Recording) put(at time.Time, data []byte) {
	f := frame{at, data, len(data)}
	if r.mirror == nil {
		r.frames = append(r.frames, f)
		return
	}
	r.frames = append(r.frames, r.mirror(f)...)
}

// echo is an ICMP echo request of host with its reply; either may be missing.
func (r *Recording) echo(at time.Time, host Host, to netip.Addr, id, seq uint16, asked, answered bool) {
	from, proto, request, reply := host.V4, uint8(protoICMP), uint8(8), uint8(0)
	if to.Is6() {
		from, proto, request, reply = host.V6, protoICMPv6, 128, 129
	}
	rest := uint32(id)<<16 | uint32(seq)
	body := noise(fmt.Sprint("echo", id, seq), 48)
	if asked {
		r.packet(at, from, to, proto, ICMP(from, to, request, 0, rest, body))
	}
	if answered {
		r.packet(at.Add(20*time.Millisecond), to, from, proto, ICMP(to, from, reply, 0, rest, body))
	}
}

// sorted returns the frames in order of time; equal times keep the order of the script.
func (r *Recording) sorted() []frame {
	list := slices.Clone(r.frames)
	slices.SortStableFunc(list, func(a, b frame) int { return a.at.Compare(b.at) })
	return list
}

// Interval is a window as the recording names it.
type Interval struct {
	Name, Mode, Stimulus string
	Services             map[string]string
}

// Windows lists the windows so far.
func (r *Recording) Windows() []Interval {
	var list []Interval
	for _, w := range r.windows {
		list = append(list, Interval{w.Name, w.Mode, w.Stimulus, w.Services})
	}
	return list
}
