package packet

import (
	"bytes"
	"net/netip"
	"slices"
	"testing"

	"github.com/spanrig/spanrig/captures"
)

// TestEncapsulations decodes the same packet in every wrapping that is peeled.
func TestEncapsulations(t *testing.T) {
	in4 := inner4()
	in6 := ip6Packet(TCP, 9, tcpSegment(1111, 443, []byte("hello")))
	mirrored := etherFrame(innerMAC, typeIPv4, in4)
	gre := func(b ...[]byte) []byte { return etherFrame(outerMAC, typeIPv4, ip4Packet(protoGRE, 1, join(b...))) }
	overUDP := func(port uint16, b ...[]byte) []byte {
		return etherFrame(outerMAC, typeIPv4, ip4Packet(UDP, 1, udpSegment(5000, port, join(b...))))
	}
	options := func(kind byte, n int) []byte { return append([]byte{kind, byte(n/8 - 1)}, make([]byte, n-2)...) }

	tests := []struct {
		name   string
		link   captures.LinkType
		data   []byte
		tunnel bool
		mac    captures.MAC
		vlans  []uint16
		v6     bool
	}{
		{name: "Ethernet", link: 1, data: etherFrame(outerMAC, typeIPv4, in4), mac: outerMAC},
		{name: "Ethernet IPv6", link: 1, data: etherFrame(outerMAC, typeIPv6, in6), mac: outerMAC, v6: true},
		{name: "Ethernet padding", link: 1, data: append(etherFrame(outerMAC, typeIPv4, in4), make([]byte, 40)...), mac: outerMAC},
		{name: "802.1Q", link: 1, data: etherFrame(outerMAC, typeVLAN, join(u16(0xa02a, typeIPv4), in4)), mac: outerMAC, vlans: []uint16{42}},
		{name: "five tags", link: 1, mac: outerMAC, vlans: []uint16{1, 2, 3, 4}, data: etherFrame(outerMAC, typeProvider,
			join(u16(1, typeOldQinQ, 2, typeOldQinQ2, 3, typeOldQinQ3, 4, typeVLAN, 5, typeIPv4), in4))},
		{name: "SNAP", link: 1, data: etherFrame(outerMAC, uint16(8+len(in4)), join([]byte{0xaa, 0xaa, 3, 0, 0, 0}, u16(typeIPv4), in4)), mac: outerMAC},
		{name: "LLC with IP", link: 1, data: etherFrame(outerMAC, 60, join([]byte{6, 6, 3}, in4)), mac: outerMAC},
		{name: "VNTag", link: 1, data: etherFrame(outerMAC, typeVNTag, join(u16(0, 0, typeIPv4), in4)), mac: outerMAC},
		{name: "E-Tag", link: 1, data: etherFrame(outerMAC, typeETag, join(u16(0, 0, 0, typeIPv4), in4)), mac: outerMAC},
		{name: "802.1ah", link: 1, data: etherFrame(outerMAC, typeBackbone, join(u16(0, 0), mirrored)), mac: innerMAC},

		{name: "raw", link: captures.LinkRaw, data: in4},
		{name: "raw BSD", link: captures.LinkRawBSD, data: in6, v6: true},
		{name: "raw OpenBSD", link: captures.LinkRawOpenBSD, data: in4},
		{name: "IPv4", link: captures.LinkIPv4, data: in4},
		{name: "IPv6", link: captures.LinkIPv6, data: in6, v6: true},
		{name: "null, little endian", link: captures.LinkNull, data: join([]byte{2, 0, 0, 0}, in4)},
		{name: "null, big endian macOS", link: captures.LinkNull, data: join([]byte{0, 0, 0, 30}, in6), v6: true},
		{name: "loop FreeBSD", link: captures.LinkLoop, data: join([]byte{0, 0, 0, 28}, in6), v6: true},
		{name: "SLL", link: captures.LinkLinuxSLL, data: join(u16(0, 1, 6), outerMAC[:], u16(0, typeIPv4), in4), mac: outerMAC},
		{name: "SLL with tag", link: captures.LinkLinuxSLL, data: join(u16(0, 1, 6), outerMAC[:], u16(0, typeVLAN, 42, typeIPv4), in4), mac: outerMAC, vlans: []uint16{42}},
		{name: "SLL2", link: captures.LinkLinuxSLL2, data: join(u16(typeIPv4, 0, 0, 2, 1), []byte{0, 6}, outerMAC[:], u16(0), in4), mac: outerMAC},
		{name: "PPP", link: captures.LinkPPP, data: join([]byte{0xff, 3, 0, 0x21}, in4)},
		{name: "PPP, compressed", link: captures.LinkPPP, data: join([]byte{0x57}, in6), v6: true},
		{name: "PPP in HDLC", link: captures.LinkPPPHDLC, data: join([]byte{0xff, 3, 0, 0x21}, in4)},
		{name: "Cisco HDLC", link: captures.LinkPPPHDLC, data: join([]byte{0x0f, 0}, u16(typeIPv4), in4)},
		{name: "PPPoE link", link: captures.LinkPPPoE, data: join([]byte{0x11, 0}, u16(1, uint16(len(in4)+2), 0x21), in4), tunnel: true},
		{name: "802.11", link: captures.LinkIEEE80211, data: wlanDataFrame(0x08, wlanFromDS, nil, in4), mac: innerMAC},
		{name: "802.11 QoS to DS", link: captures.LinkIEEE80211, data: wlanDataFrame(0x88, wlanToDS, u16(0), in4), mac: outerMAC},
		{name: "radiotap with FCS", link: captures.LinkRadiotap, mac: innerMAC,
			data: join([]byte{0, 0, 9, 0, 2, 0, 0, 0, radiotapFCS}, wlanDataFrame(0x08, wlanFromDS, nil, in4), u16(0, 0))},
		{name: "radiotap with TSFT and padding", link: captures.LinkRadiotap, mac: innerMAC,
			data: join([]byte{0, 0, 17, 0, 3, 0, 0, 0}, make([]byte, 8), []byte{radiotapPad}, wlanDataFrame(0x88, wlanFromDS, u16(0, 0), in4))},
		{name: "A-MSDU", link: captures.LinkIEEE80211, mac: innerMAC, data: join(wlanHeader(0x88, wlanFromDS), u16(wlanAMSDU<<8),
			outerMAC[:], innerMAC[:], u16(uint16(8+len(in4))), []byte{0xaa, 0xaa, 3, 0, 0, 0}, u16(typeIPv4), in4)},
		{name: "Prism", link: captures.LinkPrism, data: join([]byte{0x44, 0, 0, 0, 144, 0, 0, 0}, make([]byte, 136), wlanDataFrame(0x08, wlanFromDS, nil, in4)), mac: innerMAC},
		{name: "AVS", link: captures.LinkPrism, data: join([]byte{0x80, 0x21, 0x10, 0x01, 0, 0, 0, 64}, make([]byte, 56), wlanDataFrame(0x08, wlanFromDS, nil, in4)), mac: innerMAC},

		{name: "PPPoE", link: 1, data: etherFrame(outerMAC, typePPPoE, join([]byte{0x11, 0}, u16(1, 50, 0x21), in4)), tunnel: true, mac: outerMAC},
		{name: "MPLS IPv4", link: 1, data: etherFrame(outerMAC, typeMPLS, join(u16(1, 0x0040, 2, 0x0140), in4)), tunnel: true, mac: outerMAC},
		{name: "MPLS IPv6", link: 1, data: etherFrame(outerMAC, typeMPLS, join(u16(1, 0x0140), in6)), tunnel: true, mac: outerMAC, v6: true},
		{name: "pseudowire", link: 1, data: etherFrame(outerMAC, typeMPLS, join(u16(1, 0x0140), mirrored)), tunnel: true, mac: innerMAC},
		{name: "pseudowire with control word", link: 1, data: etherFrame(outerMAC, typeMPLS, join(u16(1, 0x0140, 0, 0), mirrored)), tunnel: true, mac: innerMAC},
		{name: "4 in 4", link: 1, data: etherFrame(outerMAC, typeIPv4, ip4Packet(protoIPv4, 1, in4)), tunnel: true, mac: outerMAC},
		{name: "6 in 4", link: 1, data: etherFrame(outerMAC, typeIPv4, ip4Packet(protoIPv6, 1, in6)), tunnel: true, mac: outerMAC, v6: true},
		{name: "4 in 6", link: 1, data: etherFrame(outerMAC, typeIPv6, ip6Packet(protoIPv4, 1, in4)), tunnel: true, mac: outerMAC},
		{name: "seven deep", link: 1, data: etherFrame(outerMAC, typeIPv4, nested(7, in4)), tunnel: true, mac: outerMAC},
		{name: "EtherIP", link: 1, data: etherFrame(outerMAC, typeIPv4, ip4Packet(protoEtherIP, 1, join(u16(0x3000), mirrored))), tunnel: true, mac: innerMAC},
		{name: "MPLS in IP", link: 1, data: etherFrame(outerMAC, typeIPv4, ip4Packet(protoMPLS, 1, join(u16(1, 0x0140), in4))), tunnel: true, mac: outerMAC},

		{name: "GRE", link: 1, data: gre(u16(0, typeIPv4), in4), tunnel: true, mac: outerMAC},
		{name: "GRE, all options", link: 1, data: gre(u16(0xb000, typeIPv6, 0, 0, 1, 1, 2, 2), in6), tunnel: true, mac: outerMAC, v6: true},
		{name: "GRE, source route", link: 1, data: gre(u16(0x4000, typeIPv4, 0, 0, typeIPv4), []byte{0, 4, 1, 1, 1, 1}, u16(0, 0), in4), tunnel: true, mac: outerMAC},
		{name: "NVGRE", link: 1, data: gre(u16(0x2000, typeTEB, 1, 1), mirrored), tunnel: true, mac: innerMAC},
		{name: "PPTP", link: 1, data: gre(u16(0x3081, typePPP, uint16(len(in4)+2), 1, 1, 1, 2, 2, 0x21), in4), tunnel: true, mac: outerMAC},
		{name: "WCCP 2", link: 1, data: gre(u16(0, greWCCP, 0, 0), in4), tunnel: true, mac: outerMAC},
		{name: "ERSPAN I", link: 1, data: gre(u16(0, greERSPAN), mirrored), tunnel: true, mac: innerMAC},
		{name: "ERSPAN II", link: 1, data: gre(u16(0x1000, greERSPAN, 0, 1, 0x1001, 0, 0, 0), mirrored), tunnel: true, mac: innerMAC},
		{name: "ERSPAN II drops the outer tag", link: 1, tunnel: true, mac: innerMAC, vlans: []uint16{7}, data: etherFrame(outerMAC, typeVLAN, join(u16(42, typeIPv4),
			ip4Packet(protoGRE, 1, join(u16(0x1000, greERSPAN, 0, 1, 0x1001, 0, 0, 0), etherFrame(innerMAC, typeVLAN, join(u16(7, typeIPv4), in4))))))},
		{name: "ERSPAN III", link: 1, data: gre(u16(0x1000, greERSPAN3, 0, 1, 0x2001, 0, 0, 0, 0, 0), mirrored), tunnel: true, mac: innerMAC},
		{name: "ERSPAN III, subheader", link: 1, data: gre(u16(0x1000, greERSPAN3, 0, 1, 0x2001, 0, 0, 0, 0, 1, 0, 0, 0, 0), mirrored), tunnel: true, mac: innerMAC},
		{name: "ERSPAN III of IP", link: 1, data: gre(u16(0x1000, greERSPAN3, 0, 1, 0x2001, 0, 0, 0, 0, 2<<10), in4), tunnel: true, mac: outerMAC},

		{name: "VXLAN", link: 1, data: overUDP(portVXLAN, u16(0x0800, 0, 0, 0x100), mirrored), tunnel: true, mac: innerMAC},
		{name: "VXLAN, old port", link: 1, data: overUDP(portVXLANOld, u16(0x0800, 0, 0, 0x100), mirrored), tunnel: true, mac: innerMAC},
		{name: "VXLAN-GPE", link: 1, data: overUDP(portVXLANGPE, u16(0x0c00, 2, 0, 0x100), in6), tunnel: true, mac: outerMAC, v6: true},
		{name: "Geneve", link: 1, data: overUDP(portGeneve, u16(0x0100, typeTEB, 0, 0, 1, 2), mirrored), tunnel: true, mac: innerMAC},
		{name: "Geneve with IP", link: 1, data: overUDP(portGeneve, u16(0, typeIPv4, 0, 0), in4), tunnel: true, mac: outerMAC},
		{name: "GTP-U", link: 1, data: overUDP(portGTP, u16(0x30ff, uint16(len(in4)), 0, 1), in4), tunnel: true, mac: outerMAC},
		{name: "GTP-U with extension", link: 1, data: overUDP(portGTP, u16(0x34ff, uint16(len(in4)), 0, 1, 0, 0x0085, 0x0110, 0x0900), in4), tunnel: true, mac: outerMAC},
		{name: "Teredo", link: 1, data: overUDP(portTeredo, in6), tunnel: true, mac: outerMAC, v6: true},
		{name: "Teredo with origin", link: 1, data: overUDP(portTeredo, u16(1, 0, 0, 0, 0, 0), []byte{0}, u16(0, 1, 2, 3), in6), tunnel: true, mac: outerMAC, v6: true},
		{name: "L2TP", link: 1, data: overUDP(portL2TP, u16(0x4202, 9, 1, 1, 1), []byte{0}, []byte{0xff, 3, 0, 0x21}, in4), tunnel: true, mac: outerMAC},
		{name: "AYIYA", link: 1, data: overUDP(portAYIYA, []byte{0x41, 0x52, 0x11, protoIPv6}, make([]byte, 4+16+20), in6), tunnel: true, mac: outerMAC, v6: true},

		{name: "IPv4 options", link: captures.LinkRaw, data: withOptions(in4)},
		{name: "IPv6 extensions", link: captures.LinkRaw, v6: true, data: ip6Packet(protoHopByHop, 9, join(options(protoRouting, 8), options(protoDestination, 24),
			options(protoFragment, 16), []byte{protoMobility, 0, 0, 0, 0, 0, 0, 0}, options(protoAH, 8), []byte{TCP, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, in6[40:]))},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var p Packet
			if r := NewDecoder().Decode(frameOf(test.link, 1, 1, test.data), &p); r != OK {
				t.Fatalf("result %d", r)
			}
			src, dst := netip.MustParseAddr("10.0.0.9"), netip.MustParseAddr("10.0.1.9")
			if test.v6 {
				src, dst = netip.MustParseAddr("2001:db8::9"), netip.MustParseAddr("2001:db8:1::9")
			}
			if p.SrcAddr() != src || p.DstAddr() != dst || p.SrcPort != 1111 || p.DstPort != 443 || p.Proto != TCP || p.V6 != test.v6 {
				t.Errorf("%v:%d > %v:%d proto %d", p.SrcAddr(), p.SrcPort, p.DstAddr(), p.DstPort, p.Proto)
			}
			if !bytes.Equal(p.Payload, []byte("hello")) || p.PayloadLen != 5 {
				t.Errorf("payload %q of %d", p.Payload, p.PayloadLen)
			}
			if p.Seq != 100 || p.Ack != 200 || p.Flags != PSH|ACK || p.Window != 512 || p.TTL != 64 {
				t.Errorf("seq %d ack %d flags %#x window %d ttl %d", p.Seq, p.Ack, p.Flags, p.Window, p.TTL)
			}
			if p.Tunnelled != test.tunnel || p.SrcMAC != test.mac || !slices.Equal(p.VLANs[:p.NVLAN], test.vlans) {
				t.Errorf("tunnelled %v, MAC %x, VLANs %v", p.Tunnelled, p.SrcMAC, p.VLANs[:p.NVLAN])
			}
			if p.Frames != 1 || p.Length != uint64(len(test.data)) {
				t.Errorf("%d frames, %d bytes", p.Frames, p.Length)
			}
		})
	}
}

func nested(n int, b []byte) []byte {
	for range n {
		b = ip4Packet(protoIPv4, 1, b)
	}
	return b
}

func withOptions(b []byte) []byte {
	b = join(b[:20], []byte{1, 1, 1, 0}, b[20:])
	b[0], b[3] = 0x46, b[3]+4
	return b
}

// wlanHeader has three addresses, such that the source by the rules of toDS
// is outerMAC and by those of fromDS innerMAC.
func wlanHeader(control, flags byte) []byte {
	return join([]byte{control, flags, 0, 0, 6, 6, 6, 6, 6, 6}, outerMAC[:], innerMAC[:], u16(0))
}

func wlanDataFrame(control, flags byte, qos, ip []byte) []byte {
	return join(wlanHeader(control, flags), qos, []byte{0xaa, 0xaa, 3, 0, 0, 0}, u16(typeIPv4), ip)
}

// TestOuterStands: what only looks like a tunnel is its outer packet.
func TestOuterStands(t *testing.T) {
	overUDP := func(port uint16, b ...[]byte) []byte { return ip4Packet(UDP, 1, udpSegment(5000, port, join(b...))) }
	lldp := etherFrame(innerMAC, 0x88cc, make([]byte, 46))
	long := ip4Packet(UDP, 9, udpSegment(1, 2, make([]byte, 30)))
	tests := []struct {
		name string
		data []byte
		port uint16
	}{
		{"VXLAN with LLDP", overUDP(portVXLAN, u16(0x0800, 0, 0, 0x100), lldp), portVXLAN},
		{"VXLAN without identifier", overUDP(portVXLAN, u16(0, 0, 0, 0x100), etherFrame(innerMAC, typeIPv4, inner4())), portVXLAN},
		{"VXLAN with half a packet", overUDP(portVXLAN, u16(0x0800, 0, 0, 0x100), etherFrame(innerMAC, typeIPv4, long[:40])), portVXLAN},
		{"Geneve version 1", overUDP(portGeneve, u16(0x4000, typeIPv4, 0, 0), inner4()), portGeneve},
		{"GTP echo", overUDP(portGTP, u16(0x3001, 0, 0, 0), inner4()), portGTP},
		{"GTP with an extension of length 0", overUDP(portGTP, u16(0x34ff, 0, 0, 0, 0, 0x0085, 0, 0)), portGTP},
		{"L2TP control", overUDP(portL2TP, u16(0xc802, 12, 0, 0, 0, 0)), portL2TP},
		{"text on Teredo's port", overUDP(portTeredo, []byte("text, no packet at all")), portTeredo},
		{"GRE keepalive", ip4Packet(protoGRE, 1, u16(0, 0)), 0},
		{"GRE version 7", ip4Packet(protoGRE, 1, join(u16(7, typeIPv4), inner4())), 0},
		{"nine deep", nested(9, inner4()), 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var p Packet
			if r := NewDecoder().Decode(frameOf(captures.LinkRaw, 1, 1, test.data), &p); r != OK {
				t.Fatalf("result %d", r)
			}
			if p.SrcAddr() != netip.MustParseAddr("10.0.0.1") || p.DstPort != test.port {
				t.Errorf("%v > %v:%d", p.SrcAddr(), p.DstAddr(), p.DstPort)
			}
		})
	}
}
