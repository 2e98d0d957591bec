package packet_test

import (
	"encoding/binary"
	"math"
	"testing"

	"github.com/spanrig/spanrig/captures"
	"github.com/spanrig/spanrig/captures/packet"
)

var linkTypes = []captures.LinkType{
	captures.LinkNull, captures.LinkEthernet, captures.LinkPPP, captures.LinkPPPHDLC, captures.LinkPPPoE,
	captures.LinkRaw, captures.LinkIEEE80211, captures.LinkLoop, captures.LinkLinuxSLL, captures.LinkPrism,
	captures.LinkRadiotap, captures.LinkIPv4, captures.LinkIPv6, captures.LinkLinuxSLL2,
	captures.LinkRawOpenBSD, captures.LinkRawBSD, 104, 163, 9999,
}

// FuzzDecode: frames of any content give a packet whose payload lies within
// what was captured, or none; every frame is accounted for. The input is cut
// into frames by 16-bit lengths, so that fragments can meet.
func FuzzDecode(f *testing.F) {
	for _, b := range seeds(f) {
		f.Add(uint8(1), b)
	}
	f.Add(uint8(5), []byte("\x00\x1c\x45\x00\x00\x1c\x00\x01\x20\x00\x40\x11\x00\x00\x0a\x00\x00\x01\x0a\x00\x00\x02\x00\x35\x00\x35\x00\x10\x00\x00"+
		"\x00\x1c\x45\x00\x00\x1c\x00\x01\x00\x01\x40\x11\x00\x00\x0a\x00\x00\x01\x0a\x00\x00\x02\x00\x35\x00\x35\x00\x10\x00\x00"))
	f.Fuzz(func(t *testing.T, link uint8, b []byte) {
		d := packet.NewDecoder()
		var p packet.Packet
		var frames, delivered uint64
		emit := func(p *packet.Packet) {
			delivered += uint64(p.Frames)
			check(t, p)
		}
		for len(b) >= 2 {
			n := min(int(binary.BigEndian.Uint16(b)), len(b)-2)
			frames++
			frame := captures.Frame{
				ID: captures.NewFrameID(0, frames), Time: int64(frames), Length: uint32(n) + uint32(link)/64,
				Link: linkTypes[int(link)%len(linkTypes)], Data: b[2 : 2+n],
			}
			b = b[2+n:]
			if d.Decode(&frame, &p) == packet.OK {
				emit(&p)
				if p.Frames == 1 && len(p.Payload) > n {
					t.Errorf("%d bytes of payload in %d", len(p.Payload), n)
				}
			}
			packet.ParseND(&p)
		}
		d.Flush(math.MaxInt64, emit)
		c := d.Counts()
		if sum := c.Packets + c.ARP + c.Fragments + c.NotIP + c.Unlinked + c.Malformed; sum != frames || delivered+c.Lost != c.Packets+c.Fragments {
			t.Errorf("%d frames, %d delivered, %+v", frames, delivered, c)
		}
	})
}

// FuzzParseND: a message is read whole, or not at all.
func FuzzParseND(f *testing.F) {
	f.Add(uint8(134), []byte("\x00\x00\x00\x00\x00\x00\x00\x00\x01\x01\x02\x00\x00\x00\x00\x01"))
	f.Add(uint8(134), []byte("\x00\x00\x00\x00\x00\x00\x00\x00\x1f\x02\x00\x00\x00\x00\x00\x09\x03lab\x00\x00\x00\x00"))
	f.Add(uint8(135), []byte("\xfe\x80\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x01\x01\x02\x00\x00\x00\x00\x01"))
	f.Fuzz(func(t *testing.T, kind uint8, b []byte) {
		p := packet.Packet{V6: true, Proto: packet.ICMPv6, TTL: 255, ICMPType: kind, Payload: b}
		p.Src[0], p.Src[15] = 0xfe, 1
		n, ok := packet.ParseND(&p)
		if !ok && (n.Router != nil || n.Binding.Addr.IsValid()) {
			t.Errorf("refused, yet %+v", n)
		}
		if n.Router != nil && len(n.Router.Resolvers)+len(n.Router.Prefixes)+len(n.Router.Search) > len(b) {
			t.Errorf("%d bytes gave %+v", len(b), n.Router)
		}
	})
}

func check(t *testing.T, p *packet.Packet) {
	t.Helper()
	if uint64(len(p.Payload)) > uint64(p.PayloadLen) && !p.Partial {
		t.Errorf("%d bytes captured of %d", len(p.Payload), p.PayloadLen)
	}
	if p.Duplicates > p.Frames || p.Frames == 0 || int(p.NVLAN) > len(p.VLANs) {
		t.Errorf("%+v", p)
	}
	if !p.V6 && !p.SrcAddr().Is4() {
		t.Errorf("source %v", p.SrcAddr())
	}
}

// seeds are the first frames of captures with tunnels, where there is a corpus.
func seeds(f *testing.F) (all [][]byte) {
	add := func(b []byte) { all = append(all, append(binary.BigEndian.AppendUint16(nil, uint16(len(b))), b...)) }
	add([]byte("\x02\x00\x00\x00\x00\x01\x02\x00\x00\x00\x00\x02\x08\x00\x45\x00\x00\x1c\x00\x01\x00\x00\x40\x11\x00\x00\x0a\x00\x00\x01\x0a\x00\x00\x02\x00\x35\x00\x35\x00\x08\x00\x00"))
	for _, path := range corpusFiles(f, "zeek/tunnels", "zeek/mobile-ipv6", "zeek/ipv4", "zeek/icmp") {
		n := 0
		eachFrame(f, path, func(frame *captures.Frame) {
			if n++; n <= 4 && frame.Link == captures.LinkEthernet {
				add(frame.Data)
			}
		})
	}
	return all
}
