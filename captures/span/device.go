package span

import (
	"encoding/binary"
	"net"
	"slices"
	"strings"

	"github.com/spanrig/spanrig/captures"
)

// EtherTypes (IEEE registry); GRE uses the same numbers.
const (
	etherIPv4    = 0x0800
	etherARP     = 0x0806
	etherCTag    = 0x8100
	etherIPv6    = 0x86dd
	etherSTag    = 0x88a8
	etherOldTag  = 0x9100
	etherBridged = 0x6558 // a whole Ethernet frame
	etherERSPAN2 = 0x88be // types I and II
	etherERSPAN3 = 0x22eb
)

// maxNesting is how deep a frame is searched; what is deeper is kept.
const maxNesting = 4

// deviceFilter tells the traffic of the device from that of its neighbours.
type deviceFilter struct {
	macs     []captures.MAC
	carriers carriers
}

// newDeviceFilter returns nil where all is to be kept.
func newDeviceFilter(macs []captures.MAC) *deviceFilter {
	if len(macs) == 0 {
		return nil
	}
	return &deviceFilter{macs: macs}
}

// String says in a file what is not in it.
func (d *deviceFilter) String() string {
	var list []string
	for _, m := range d.macs {
		list = append(list, net.HardwareAddr(m[:]).String())
	}
	return "only frames from or to " + strings.Join(list, ", ") + ", and ARP, DHCP and neighbour discovery to groups"
}

// keeps reports whether an Ethernet frame belongs into the recording. What is
// too short to tell does.
func (d *deviceFilter) keeps(frame []byte) bool { return d.concerns(frame, 0) }

func (d *deviceFilter) concerns(frame []byte, depth int) bool {
	if len(frame) < 14 || depth == maxNesting {
		return true
	}
	if d.has(frame) || d.has(frame[6:]) {
		return true
	}
	kind, payload := etherType(frame)
	p := ipPart{group: frame[0]&1 != 0, depth: depth}
	switch kind {
	case etherARP:
		return p.group
	case etherIPv4:
		return d.ip4(payload, p)
	case etherIPv6:
		return d.ip6(payload, p)
	}
	return false
}

func (d *deviceFilter) has(mac []byte) bool { return slices.Contains(d.macs, captures.MAC(mac)) }

// etherType skips the tags.
func etherType(frame []byte) (kind uint16, payload []byte) {
	at := macs
	for len(frame) >= at+2 {
		kind = binary.BigEndian.Uint16(frame[at:])
		if kind != etherCTag && kind != etherSTag && kind != etherOldTag {
			return kind, frame[at+2:]
		}
		at += tagBytes
	}
	return 0, nil
}

// ipPart is what is known of an IP packet, or of a fragment of one.
type ipPart struct {
	group    bool // to a group of stations
	depth    int
	later    bool // not the first fragment: the ports are elsewhere
	ends     ends
	protocol uint8
}

func (d *deviceFilter) ip4(b []byte, p ipPart) bool {
	if len(b) < 20 || int(b[0]&15)*4 > len(b) || b[0]&15 < 5 {
		return false
	}
	copy(p.ends[:], b[12:20])
	p.later = binary.BigEndian.Uint16(b[6:])&0x1fff != 0
	p.protocol = b[9]
	return d.transport(b[int(b[0]&15)*4:], p)
}

func (d *deviceFilter) ip6(b []byte, p ipPart) bool {
	if len(b) < 40 {
		return false
	}
	copy(p.ends[:], b[8:40])
	p.protocol, b = b[6], b[40:]
	for range 8 { // extension headers, RFC 8200 section 4
		size := 8
		switch p.protocol {
		case 0, 43, 60: // hop-by-hop, routing, destination
			if len(b) >= 8 {
				size = int(b[1])*8 + 8
			}
		case 44:
			if len(b) >= 8 {
				p.later = binary.BigEndian.Uint16(b[2:])&0xfff8 != 0
			}
		default:
			return d.transport(b, p)
		}
		if len(b) < size {
			return false
		}
		p.protocol, b = b[0], b[size:]
	}
	return false
}

func (d *deviceFilter) transport(b []byte, p ipPart) bool {
	switch p.protocol {
	case 17:
		return d.udp(b, p)
	case 47:
		return p.later || d.gre(b, p)
	case 58: // ICMPv6: router and neighbour discovery, RFC 4861
		return p.group && !p.later && len(b) > 0 && b[0] >= 133 && b[0] <= 137
	}
	return false
}

func (d *deviceFilter) udp(b []byte, p ipPart) bool {
	switch {
	case p.later:
		return d.carriers.has(p.ends)
	case len(b) < 8:
		return false
	}
	port, b := binary.BigEndian.Uint16(b[2:]), b[8:]
	switch port {
	case 67, 68, 546, 547: // DHCP, RFC 2131 and RFC 8415
		return p.group
	case 4789, 8472: // VXLAN, RFC 7348, and Linux before it had a number
		return d.inside(b, 8, p)
	case 6081: // Geneve, RFC 8926
		if len(b) < 8 || binary.BigEndian.Uint16(b[2:]) != etherBridged {
			return true
		}
		return d.inside(b, 8+int(b[0]&0x3f)*4, p)
	case 37008: // TZSP
		return true
	}
	return false
}

// inside looks at the frame behind n bytes.
func (d *deviceFilter) inside(b []byte, n int, p ipPart) bool {
	d.carriers.add(p.ends)
	return len(b) < n || d.concerns(b[n:], p.depth+1)
}

// gre looks into RFC 2784 with RFC 2890, and ERSPAN (draft-foschiano-erspan).
func (d *deviceFilter) gre(b []byte, p ipPart) bool {
	if len(b) < 4 {
		return true
	}
	flags, kind := binary.BigEndian.Uint16(b), binary.BigEndian.Uint16(b[2:])
	head := 4
	for _, field := range []uint16{0x8000, 0x2000, 0x1000} { // checksum, key, sequence
		if flags&field != 0 {
			head += 4
		}
	}
	switch {
	case flags&0x4007 != 0: // routing, or not version 0
		return true
	case kind == etherERSPAN2 && flags&0x1000 != 0: // type II; type I has no header
		head += 8
	case kind == etherERSPAN3:
		if len(b) < head+12 || binary.BigEndian.Uint16(b[head+10:])&0x7c00 != 0 { // not Ethernet
			return true
		}
		if b[head+11]&1 != 0 { // a subheader follows
			head += 8
		}
		head += 12
	case kind != etherERSPAN2 && kind != etherBridged:
		return true
	}
	return d.inside(b, head, p)
}

// ends are the addresses of an IP packet.
type ends [32]byte

// carriers are the ends between which encapsulated frames were seen: fragments
// between them, whose ports are elsewhere, may belong to one.
type carriers struct{ seen []ends }

const maxCarriers = 64

func (c *carriers) add(e ends) {
	if len(c.seen) < maxCarriers && !slices.Contains(c.seen, e) {
		c.seen = append(c.seen, e)
	}
}

func (c *carriers) has(e ends) bool { return len(c.seen) == maxCarriers || slices.Contains(c.seen, e) }
