package packet

import (
	"net/netip"

	"github.com/spanrig/spanrig/captures"
)

// IANA protocol numbers that the rest of the road tells apart.
const (
	ICMP   = 1
	TCP    = 6
	UDP    = 17
	ICMPv6 = 58
	SCTP   = 132
)

// TCP header flags (RFC 9293 section 3.1).
const (
	FIN = 0x01
	SYN = 0x02
	RST = 0x04
	PSH = 0x08
	ACK = 0x10
)

// Packet is the innermost IP packet of a frame, or of the fragments that came
// in several frames. Src and Dst are 16 bytes; IPv4 is mapped (::ffff:a.b.c.d)
// and V6 is false.
type Packet struct {
	Frame  captures.FrameID // the frame that completed the packet
	First  captures.FrameID // the first frame of the packet; Frame unless fragmented
	Time   int64            // of Frame
	Begin  int64            // time of First
	Length uint64           // of all its frames on the wire, bytes

	Frames     uint32 // frames it came in, duplicates included
	Duplicates uint32 // of these, mirror duplicates

	Src, Dst         [16]byte
	SrcPort, DstPort uint16 // 0 where the protocol has none
	V6               bool
	Proto            uint8 // IANA; of the last IPv6 extension header
	TTL              uint8 // hop limit
	Flags            uint8 // TCP
	Tunnelled        bool  // inside GRE, ERSPAN, VXLAN, Geneve, IP in IP, PPPoE, MPLS or the like
	Partial          bool  // fragments are missing: Payload is what there is of the head
	Seq, Ack         uint32
	Window           uint16
	ICMPType         uint8
	ICMPCode         uint8
	EchoID, EchoSeq  uint16 // ICMP and ICMPv6 echo request and reply only

	PayloadLen uint32 // transport payload on the wire, bytes, by the IP header
	Payload    []byte // what was captured of it; valid as long as the frame's Data

	// SrcMAC, DstMAC and VLANs are those of the innermost Ethernet-like header:
	// a mirrored frame that comes in a tunnel has the device's address inside.
	SrcMAC, DstMAC captures.MAC // zero where none
	VLANs          [4]uint16    // IDs, outermost first; a fifth tag is not recorded
	NVLAN          uint8        // how many of VLANs there are
}

// SrcAddr and DstAddr return the addresses as netip values, IPv4 unmapped.
func (p *Packet) SrcAddr() netip.Addr { return Addr(p.Src, p.V6) }

// DstAddr returns the destination address.
func (p *Packet) DstAddr() netip.Addr { return Addr(p.Dst, p.V6) }

// Addr returns the 16-byte form as a netip value, IPv4 unmapped unless v6.
func Addr(a [16]byte, v6 bool) netip.Addr {
	addr := netip.AddrFrom16(a)
	if !v6 {
		return addr.Unmap()
	}
	return addr
}

// Duplicate reports whether the packet is wholly a mirror duplicate: it counts
// as frames, and as nothing else.
func (p *Packet) Duplicate() bool { return p.Duplicates == p.Frames }

// Result is what Decode made of one frame.
type Result uint8

const (
	OK        Result = iota // the Packet is filled
	ARP                     // an ARP frame; see Decoder.Binding
	Held                    // a fragment, kept until its datagram is complete
	NotIP                   // another network protocol
	Unlinked                // unknown link type: skipped
	Malformed               // shorter or other than its headers say
)

// Counts of what a Decoder did, by frame: each is counted once, as a packet
// of its own, as ARP, as a fragment, or under what was wrong with it.
type Counts struct {
	Packets, ARP, Fragments, NotIP, Unlinked, Malformed uint64

	Duplicates    uint64 // mirror duplicates, among Packets and Fragments
	Lost          uint64 // among Fragments: given up, and in no packet
	UnlinkedTypes map[captures.LinkType]uint64
}

// Binding ties a link-layer address to an IP address, as ARP (RFC 826) says it.
type Binding struct {
	Frame captures.FrameID
	Time  int64
	MAC   captures.MAC
	Addr  netip.Addr
}
