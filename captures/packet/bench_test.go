package packet

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"

	"github.com/spanrig/spanrig/captures"
)

// benchFrames are 4096 frames of 302 bytes in the mean: TCP and UDP over IPv4
// and IPv6, every eighth with a VLAN tag.
func benchFrames() []captures.Frame {
	random := rand.New(rand.NewPCG(1, 2))
	frames := make([]captures.Frame, 4096)
	for i := range frames {
		size := 64
		if i%5 == 0 {
			size = 1254
		}
		b := make([]byte, 12, size)
		if i%8 == 0 {
			b = append(b, 0x81, 0x00, 0x00, 0x2a)
		}
		proto := byte(TCP)
		if i%4 == 0 {
			proto = UDP
		}
		if i%3 == 0 {
			b = append(b, 0x86, 0xdd, 0x60, 0, 0, 0)
			b = binary.BigEndian.AppendUint16(b, uint16(size-len(b)-36))
			b = append(b, proto, 64)
		} else {
			b = append(b, 0x08, 0x00, 0x45, 0)
			b = binary.BigEndian.AppendUint16(b, uint16(size-len(b)+2))
			b = append(b, byte(i), byte(i>>8), 0x40, 0, 64, proto, 0, 0)
		}
		start := len(b)
		for len(b) < size {
			b = append(b, byte(random.Uint32()))
		}
		transport := start + 8
		if i%3 == 0 {
			transport = start + 32
		}
		if proto == TCP && transport+12 < size {
			b[transport+12] = 0x50
		}
		frames[i] = captures.Frame{Time: 1e18 + int64(i)*1000, Length: uint32(size), Link: captures.LinkEthernet, Data: b}
	}
	return frames
}

func BenchmarkDecode(b *testing.B) {
	frames, d := benchFrames(), NewDecoder()
	var p Packet
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		f := frames[i&4095]
		f.Time += int64(i) * 1000
		d.Decode(&f, &p)
	}
}

// BenchmarkDecodeAlone leaves mirror duplicates aside.
func BenchmarkDecodeAlone(b *testing.B) {
	frames, d := benchFrames(), NewDecoder()
	var p Packet
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		f := frames[i&4095]
		f.Time = 0
		d.Decode(&f, &p)
	}
}

func BenchmarkGopacketDecodingLayerParser(b *testing.B) {
	var (
		ethernet layers.Ethernet
		vlan     layers.Dot1Q
		ip4      layers.IPv4
		ip6      layers.IPv6
		tcp      layers.TCP
		udp      layers.UDP
	)
	frames := benchFrames()
	parser := gopacket.NewDecodingLayerParser(layers.LayerTypeEthernet, &ethernet, &vlan, &ip4, &ip6, &tcp, &udp)
	parser.IgnoreUnsupported = true
	var found []gopacket.LayerType
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		_ = parser.DecodeLayers(frames[i&4095].Data, &found)
	}
}
