package policy

import (
	"cmp"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"

	"github.com/spanrig/spanrig/captures"
	"github.com/spanrig/spanrig/captures/fact"
	"github.com/spanrig/spanrig/rig"
)

// device tells the device's traffic from that of others: by its MAC addresses,
// and by the addresses that ARP, ND or DHCP tie to them in the recording.
type device struct {
	macs  map[captures.MAC]bool
	addrs map[netip.Addr]bool
	note  string // how it was found, where nobody said so
}

// findDevice takes the caller's word, else the inventory's, else guesses.
func findDevice(rec *rig.Recording, set *fact.Set, l *lan, named []string) (device, error) {
	d := device{macs: map[captures.MAC]bool{}, addrs: map[netip.Addr]bool{}}
	for _, m := range rec.Inventory.Device.MACs {
		d.macs[m] = true
	}
	for _, s := range named {
		if err := d.name(s); err != nil {
			return d, err
		}
	}
	if len(d.macs)+len(d.addrs) == 0 {
		if err := d.guess(rec.Name, set, l); err != nil {
			return d, err
		}
	}
	d.tie(set)
	return d, nil
}

// name adds a MAC or IP address in text.
func (d *device) name(s string) error {
	if m, err := rig.ParseMAC(s); err == nil {
		d.macs[m] = true
		return nil
	}
	a, err := netip.ParseAddr(s)
	if err != nil {
		return usagef("--device %s is neither a MAC nor an IP address", s)
	}
	d.addrs[a.Unmap().WithZone("")] = true
	return nil
}

// tie adds the stations that have one of the addresses, then every address of
// the stations.
func (d *device) tie(set *fact.Set) {
	for _, b := range set.Bindings {
		if d.addrs[b.Addr] {
			d.macs[b.MAC] = true
		}
	}
	for _, b := range set.Bindings {
		if d.macs[b.MAC] {
			d.addrs[b.Addr] = true
		}
	}
	for i := range set.Leases {
		if d.macs[set.Leases[i].MAC] {
			d.addrs[netip.AddrFrom4(set.Leases[i].Addr)] = true
		}
	}
}

// is reports whether a station with this MAC and address is the device.
func (d *device) is(m captures.MAC, a netip.Addr) bool { return d.macs[m] || d.addrs[a] }

// side returns the direction in which the device sends in a flow.
func (d *device) side(f *fact.Fact) (captures.Dir, bool) {
	switch {
	case d.is(f.MAC[captures.Orig], f.Orig.Addr):
		return captures.Orig, true
	case d.is(f.MAC[captures.Resp], f.Resp.Addr):
		return captures.Resp, true
	}
	return captures.Orig, false
}

// host is a station that may be the device.
type host struct {
	mac     captures.MAC // zero where the link has none
	addr    netip.Addr   // the first one seen
	packets uint64
}

func (h host) String() string {
	if h.mac == (captures.MAC{}) {
		return fmt.Sprintf("%v (%s)", h.addr, count(int(h.packets), "packet~"))
	}
	return fmt.Sprintf("%v %v (%s)", macText(h.mac), h.addr, count(int(h.packets), "packet~"))
}

func macText(m captures.MAC) string { return net.HardwareAddr(m[:]).String() }

// guess takes the one station that opens flows to beyond the LAN; where none
// does, the one that is there at all.
func (d *device) guess(name string, set *fact.Set, l *lan) error {
	list := candidates(set, func(f *fact.Fact) bool { return l.contains(f.Orig.Addr) && !l.contains(f.Resp.Addr) })
	if len(list) == 0 {
		list = candidates(set, func(f *fact.Fact) bool { return !f.Orig.Addr.IsUnspecified() })
	}
	switch len(list) {
	case 0:
		d.note = "no host in the capture can be the device"
		return nil
	case 1:
		h := list[0]
		if h.mac != (captures.MAC{}) {
			d.macs[h.mac] = true
		} else {
			d.addrs[h.addr] = true
		}
		d.note = fmt.Sprintf("device guessed: %v is the only candidate", h)
		return nil
	}
	const most = 8
	texts := make([]string, 0, most)
	for _, h := range list[:min(len(list), most)] {
		texts = append(texts, h.String())
	}
	return usagef("%s has %d hosts that may be the device: %s; say which with --device", name, len(list), strings.Join(texts, ", "))
}

// candidates are the originators of the flows that are wanted, busiest first.
func candidates(set *fact.Set, wanted func(*fact.Fact) bool) []host {
	type key struct {
		mac  captures.MAC
		addr netip.Addr // only where there is no MAC
	}
	index := map[key]int{}
	var list []host
	for i := range set.Facts {
		f := &set.Facts[i]
		if !wanted(f) {
			continue
		}
		k := key{mac: f.MAC[captures.Orig]}
		if k.mac == (captures.MAC{}) {
			k.addr = f.Orig.Addr
		}
		n, ok := index[k]
		if !ok {
			n = len(list)
			index[k] = n
			list = append(list, host{mac: k.mac, addr: f.Orig.Addr})
		}
		list[n].packets += f.Packets[captures.Orig] + f.Packets[captures.Resp]
	}
	slices.SortStableFunc(list, func(a, b host) int {
		return cmp.Or(cmp.Compare(b.packets, a.packets), slices.Compare(a.mac[:], b.mac[:]), a.addr.Compare(b.addr))
	})
	return list
}
