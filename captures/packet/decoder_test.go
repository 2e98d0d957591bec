package packet

import (
	"net/netip"
	"testing"

	"github.com/spanrig/spanrig/captures"
)

// TestResults: what is no packet, and why.
func TestResults(t *testing.T) {
	wrongLength := changed(inner4(), 3)
	wrongLength[2], wrongLength[3] = 0, 19
	tests := []struct {
		name string
		link captures.LinkType
		data []byte
		want Result
	}{
		{"nothing", 1, nil, Malformed},
		{"half an Ethernet header", 1, make([]byte, 13), Malformed},
		{"half a tag", 1, etherFrame(outerMAC, typeVLAN, u16(42)), Malformed},
		{"LLDP", 1, etherFrame(outerMAC, 0x88cc, make([]byte, 46)), NotIP},
		{"spanning tree", 1, etherFrame(outerMAC, 38, join([]byte{0x42, 0x42, 3}, make([]byte, 35))), NotIP},
		{"PPPoE discovery in session", 1, etherFrame(outerMAC, typePPPoE, []byte{0x11, 9, 0, 0, 0, 0}), NotIP},
		{"MPLS associated channel", 1, etherFrame(outerMAC, typeMPLS, u16(1, 0x0140, 0x1000, 0)), NotIP},
		{"MPLS without end", 1, etherFrame(outerMAC, typeMPLS, u16(1, 0x0040)), Malformed},
		{"IP version 5", captures.LinkRaw, []byte{0x50}, Malformed},
		{"half an IPv4 header", captures.LinkRaw, inner4()[:19], Malformed},
		{"IPv4 header of 16 bytes", captures.LinkRaw, changed(inner4(), 0), Malformed},
		{"IPv4 shorter than its header", captures.LinkRaw, wrongLength, Malformed},
		{"half an IPv6 header", captures.LinkRaw, ip6Packet(UDP, 1, nil)[:39], Malformed},
		{"netlink", captures.LinkLinuxSLL, join(u16(0, arphrdNetlink, 0, 0, 0, 0, 0, typeIPv4), inner4()), NotIP},
		{"LCP", captures.LinkPPP, []byte{0xff, 3, 0xc0, 0x21, 1}, NotIP},
		{"802.11 beacon", captures.LinkIEEE80211, make([]byte, 60)[:60:60], NotIP},
		{"802.11 encrypted", captures.LinkIEEE80211, wlanDataFrame(0x08, wlanFromDS|wlanProtected, nil, inner4()), NotIP},
		{"radiotap longer than the frame", captures.LinkRadiotap, []byte{0, 0, 99, 0, 0, 0, 0, 0}, Malformed},
		{"Bluetooth", 187, make([]byte, 60), Unlinked},
		{"ARP", 1, etherFrame(outerMAC, typeARP, join(u16(1, typeIPv4, 0x0604, 1), make([]byte, 20))), ARP},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			d := NewDecoder()
			var p Packet
			if r := d.Decode(frameOf(test.link, 1, 1, test.data), &p); r != test.want {
				t.Errorf("result %d, want %d", r, test.want)
			}
			c := d.Counts()
			if c.Packets != 0 || c.ARP+c.NotIP+c.Malformed+c.Unlinked != 1 || c.UnlinkedTypes[187] != c.Unlinked {
				t.Errorf("counts %+v", c)
			}
		})
	}
}

func TestBinding(t *testing.T) {
	message := func(operation uint16, mac captures.MAC, addr ...byte) []byte {
		return etherFrame(outerMAC, typeARP, join(u16(1, typeIPv4, 0x0604, operation), mac[:], addr, make([]byte, 10)))
	}
	tests := []struct {
		name string
		data []byte
		want string
	}{
		{"request", message(1, innerMAC, 10, 0, 0, 5), "10.0.0.5"},
		{"reply", message(2, innerMAC, 10, 0, 0, 6), "10.0.0.6"},
		{"in a tag", etherFrame(outerMAC, typeVLAN, join(u16(42), message(2, innerMAC, 10, 0, 0, 7)[12:])), "10.0.0.7"},
		{"probe", message(1, innerMAC, 0, 0, 0, 0), ""},
		{"InARP", message(9, innerMAC, 10, 0, 0, 5), ""},
		{"group address", message(2, captures.MAC{1}, 10, 0, 0, 5), ""},
		{"no address", message(2, captures.MAC{}, 10, 0, 0, 5), ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			d := NewDecoder()
			var p Packet
			if r := d.Decode(frameOf(1, 7, 99, test.data), &p); r != ARP {
				t.Fatalf("result %d", r)
			}
			var want Binding
			if test.want != "" {
				want = Binding{Frame: 7, Time: 99, MAC: innerMAC, Addr: netip.MustParseAddr(test.want)}
			}
			if d.Binding() != want {
				t.Errorf("%+v, want %+v", d.Binding(), want)
			}
		})
	}
}

// TestLengths: the IP header says how much there was, the frame how much
// there is.
func TestLengths(t *testing.T) {
	long := ip4Packet(UDP, 1, udpSegment(1, 2, make([]byte, 100)))
	offloaded := join(long)
	offloaded[2], offloaded[3] = 0, 0
	jumbo := ip6Packet(UDP, 1, udpSegment(1, 2, make([]byte, 100)))
	jumbo[4], jumbo[5] = 0, 0
	shortUDP := join(long)
	shortUDP[25] = 8 + 60
	tests := []struct {
		name     string
		data     []byte
		wire     int
		captured int
		want     uint32
	}{
		{"whole", long, len(long), 100, 100},
		{"cut by the snap length", long[:60], len(long), 32, 100},
		{"cut in the UDP header", long[:26], len(long), 0, 100},
		{"cut without saying so", long[:60], 60, 32, 100},
		{"wire length below the captured", long, 10, 100, 100},
		{"padded", join(long, make([]byte, 9)), len(long) + 9, 100, 100},
		{"segmentation offload", offloaded, len(long), 100, 100},
		{"IPv6 without a length", jumbo, len(jumbo), 100, 100},
		{"UDP shorter than IP", shortUDP, len(long), 60, 60},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := frameOf(captures.LinkRaw, 1, 1, test.data)
			f.Length = uint32(test.wire)
			var p Packet
			if r := NewDecoder().Decode(f, &p); r != OK {
				t.Fatalf("result %d", r)
			}
			if len(p.Payload) != test.captured || p.PayloadLen != test.want || p.SrcPort != 1 || p.DstPort != 2 {
				t.Errorf("ports %d > %d, %d bytes of %d", p.SrcPort, p.DstPort, len(p.Payload), p.PayloadLen)
			}
		})
	}
}

// TestCutTCP: each field that was captured whole is read, and no other.
func TestCutTCP(t *testing.T) {
	segment := ip4Packet(TCP, 1, tcpSegment(1, 2, []byte("hello")))
	for n := 20; n <= len(segment); n++ {
		f := frameOf(captures.LinkRaw, 1, 1, segment[:n])
		f.Length = uint32(len(segment))
		var p Packet
		if r := NewDecoder().Decode(f, &p); r != OK {
			t.Fatalf("%d bytes: result %d", n, r)
		}
		has := func(field int) bool { return n >= 20+field }
		if (p.DstPort == 2) != has(4) || (p.Seq == 100) != has(8) || (p.Ack == 200) != has(12) ||
			(p.Flags != 0) != has(14) || (p.Window == 512) != has(16) || p.PayloadLen != 5 || len(p.Payload) != max(n-40, 0) {
			t.Errorf("%d bytes: %+v", n, p)
		}
	}
}

func TestTransports(t *testing.T) {
	echo := []byte{8, 0, 0, 0, 0, 7, 0, 9, 'h', 'i'}
	echo6 := join(echo)
	echo6[0] = 129
	tests := []struct {
		name    string
		data    []byte
		proto   uint8
		ports   [2]uint16
		echo    [2]uint16
		payload string
	}{
		{"SCTP", ip4Packet(SCTP, 1, join(u16(5, 6, 0, 0, 0, 0), []byte("hi"))), SCTP, [2]uint16{5, 6}, [2]uint16{}, "hi"},
		{"UDP-Lite", ip4Packet(protoUDPLite, 1, join(u16(5, 6, 8, 0), []byte("hi"))), protoUDPLite, [2]uint16{5, 6}, [2]uint16{}, "hi"},
		{"DCCP", ip6Packet(protoDCCP, 1, join(u16(5, 6, 0x0400, 0, 0, 0, 0, 0), []byte("hi"))), protoDCCP, [2]uint16{5, 6}, [2]uint16{}, "hi"},
		{"echo", ip4Packet(ICMP, 1, echo), ICMP, [2]uint16{}, [2]uint16{7, 9}, "hi"},
		{"ICMPv6 echo", ip6Packet(ICMPv6, 1, echo6), ICMPv6, [2]uint16{}, [2]uint16{7, 9}, "hi"},
		{"ICMP error", ip4Packet(ICMP, 1, join([]byte{3, 3, 0, 0, 0, 7, 0, 9}, inner4())), ICMP, [2]uint16{}, [2]uint16{}, string(inner4())},
		{"ESP", ip6Packet(50, 1, []byte("secret")), 50, [2]uint16{}, [2]uint16{}, "secret"},
		{"mobility message", ip6Packet(protoMobility, 1, join([]byte{protoNone, 0, 5, 0}, u16(1, 2))), protoMobility, [2]uint16{}, [2]uint16{}, "\x3b\x00\x05\x00\x00\x01\x00\x02"},
		{"half an extension header", ip6Packet(protoRouting, 1, []byte{TCP, 9, 0, 0, 0, 0, 0, 0}), protoRouting, [2]uint16{}, [2]uint16{}, "\x06\x09\x00\x00\x00\x00\x00\x00"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var p Packet
			if r := NewDecoder().Decode(frameOf(captures.LinkRaw, 1, 1, test.data), &p); r != OK {
				t.Fatalf("result %d", r)
			}
			if p.Proto != test.proto || p.SrcPort != test.ports[0] || p.DstPort != test.ports[1] || p.EchoID != test.echo[0] || p.EchoSeq != test.echo[1] {
				t.Errorf("proto %d, %d > %d, echo %d %d", p.Proto, p.SrcPort, p.DstPort, p.EchoID, p.EchoSeq)
			}
			if string(p.Payload) != test.payload || int(p.PayloadLen) != len(test.payload) {
				t.Errorf("payload %q of %d", p.Payload, p.PayloadLen)
			}
		})
	}
}
