package packet

import (
	"bytes"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/spanrig/spanrig/captures"
)

// part is one fragment of a test: bytes [from, to) of the datagram.
type part struct {
	from, to int
	last     bool
}

// split cuts a datagram into fragments of the given version.
func split(whole []byte, v6 bool, id uint16, parts []part) (fragments [][]byte) {
	for _, c := range parts {
		if v6 {
			fragments = append(fragments, fragment6(id, c.from, !c.last, UDP, whole[c.from:c.to]))
		} else {
			fragments = append(fragments, fragment4(id, c.from, !c.last, UDP, whole[c.from:c.to]))
		}
	}
	return fragments
}

func countingBytes(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i * 7)
	}
	return b
}

func TestReassembly(t *testing.T) {
	whole := udpSegment(1111, 53, countingBytes(92))
	tests := []struct {
		name  string
		parts []part
	}{
		{"in order", []part{{0, 40, false}, {40, 80, false}, {80, 100, true}}},
		{"last first", []part{{80, 100, true}, {40, 80, false}, {0, 40, false}}},
		{"overlapping", []part{{0, 48, false}, {40, 88, false}, {64, 100, true}}},
		{"one inside another", []part{{24, 48, false}, {16, 80, false}, {0, 24, false}, {80, 100, true}}},
		{"repeated", []part{{0, 40, false}, {0, 40, false}, {40, 100, true}}},
		{"teardrop", []part{{0, 40, false}, {24, 32, false}, {32, 100, true}}},
	}
	for _, test := range tests {
		for _, v6 := range []bool{false, true} {
			t.Run(test.name, func(t *testing.T) {
				d := NewDecoder()
				fragments := split(whole, v6, 1, test.parts)
				var p Packet
				var length uint64
				for i, b := range fragments {
					want := Held
					if i == len(fragments)-1 {
						want = OK
					}
					at := int64(i+1) * int64(time.Second)
					if r := d.Decode(frameOf(captures.LinkRaw, uint64(i+1), at, b), &p); r != want {
						t.Fatalf("fragment %d: result %d", i, r)
					}
					length += uint64(len(b))
				}
				if p.SrcPort != 1111 || p.DstPort != 53 || !bytes.Equal(p.Payload, whole[8:]) || p.PayloadLen != 92 {
					t.Errorf("%d > %d, %d bytes", p.SrcPort, p.DstPort, p.PayloadLen)
				}
				n := uint64(len(fragments))
				if p.First.Number() != 1 || p.Begin != int64(time.Second) || p.Frame.Number() != n || uint64(p.Frames) != n || p.Length != length || p.Duplicates != 0 {
					t.Errorf("frames %d to %d: %d, %d bytes", p.First, p.Frame, p.Frames, p.Length)
				}
				if c := d.Counts(); c.Fragments != n || c.Packets != 0 {
					t.Errorf("counts %+v", c)
				}
			})
		}
	}
}

// TestFirstCopyWins: what a receiver saw first is what it believes.
func TestFirstCopyWins(t *testing.T) {
	d := NewDecoder()
	var p Packet
	head := udpSegment(1, 53, []byte("genuine!"))
	head[5] = 32
	evil := bytes.Repeat([]byte{'x'}, 24)
	for i, b := range [][]byte{fragment4(1, 0, true, UDP, head), fragment4(1, 0, true, UDP, evil), fragment4(1, 8, false, UDP, evil)} {
		d.Decode(frameOf(captures.LinkRaw, uint64(i), 1, b), &p)
	}
	if string(p.Payload) != "genuine!xxxxxxxxxxxxxxxx" || p.DstPort != 53 {
		t.Errorf("port %d, payload %q", p.DstPort, p.Payload)
	}
}

// TestFragmentedTunnel: a fragmented outer packet is put together first.
func TestFragmentedTunnel(t *testing.T) {
	d := NewDecoder()
	var p Packet
	gre := join(u16(0, typeIPv4), inner4())
	d.Decode(frameOf(captures.LinkRaw, 1, 1, fragment4(1, 0, true, protoGRE, gre[:24])), &p)
	if r := d.Decode(frameOf(captures.LinkRaw, 2, 1, fragment4(1, 24, false, protoGRE, gre[24:])), &p); r != OK {
		t.Fatalf("result %d", r)
	}
	if p.DstPort != 443 || string(p.Payload) != "hello" || !p.Tunnelled || p.Frames != 2 {
		t.Errorf("%d frames, port %d, %q", p.Frames, p.DstPort, p.Payload)
	}
}

// TestPartial: fragments that never come together are told as far as they go.
func TestPartial(t *testing.T) {
	whole := udpSegment(1111, 53, countingBytes(92))
	tests := []struct {
		name    string
		parts   []part
		port    uint16
		payload []byte
		wire    uint32
	}{
		{"without the end", []part{{40, 80, false}, {0, 40, false}}, 53, whole[8:80], 72},
		{"without the middle", []part{{0, 40, false}, {80, 100, true}}, 53, whole[8:40], 52},
		{"without the start", []part{{40, 80, false}, {80, 100, true}}, 0, nil, 60},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			d := NewDecoder()
			var p Packet
			for i, b := range split(whole, false, 1, test.parts) {
				d.Decode(frameOf(captures.LinkRaw, uint64(i+1), 5, b), &p)
			}
			d.Flush(5+maxAge, func(*Packet) { t.Error("flushed too early") })
			n := 0
			d.Flush(6+maxAge, func(p *Packet) {
				n++
				if !p.Partial || p.DstPort != test.port || !bytes.Equal(p.Payload, test.payload) || p.PayloadLen != test.wire {
					t.Errorf("port %d, payload %x of %d", p.DstPort, p.Payload, p.PayloadLen)
				}
				if p.Proto != UDP || p.Frames != 2 || p.First.Number() != 1 || p.Frame.Number() != 2 {
					t.Errorf("proto %d, %d frames from %d to %d", p.Proto, p.Frames, p.First, p.Frame)
				}
			})
			d.Flush(math.MaxInt64, func(*Packet) { n++ })
			if n != 1 {
				t.Errorf("flushed %d times", n)
			}
		})
	}
}

// TestFragmentFlood: memory stays bounded, and no frame is forgotten while
// Flush is called.
func TestFragmentFlood(t *testing.T) {
	d, random := NewDecoder(), rand.New(rand.NewPCG(3, 4))
	payload := make([]byte, 8000)
	var p Packet
	var delivered uint64
	emit := func(p *Packet) { delivered += uint64(p.Frames) }
	const frames = 20_000
	for i := range frames {
		size := 8 * (1 + random.IntN(100)*random.IntN(2)*10)
		offset := 8 * random.IntN(8000)
		b := fragment4(uint16(random.IntN(5000)), offset, random.IntN(4) != 0, UDP, payload[:min(size, len(payload))])
		if d.Decode(frameOf(captures.LinkRaw, uint64(i), int64(i)*1e7, b), &p) == OK {
			emit(&p)
		}
		if n := d.reassembly.order.Len(); n > maxDatagrams || d.reassembly.cost > maxMemory || n != len(d.reassembly.datagrams) {
			t.Fatalf("%d datagrams in order, %d in all, %d bytes", n, len(d.reassembly.datagrams), d.reassembly.cost)
		}
		if i%500 == 0 {
			d.Flush(int64(i)*1e7, emit)
		}
	}
	d.Flush(math.MaxInt64, emit)
	if delivered != frames || d.reassembly.cost != 0 || d.reassembly.order.Len() != 0 {
		t.Errorf("%d frames of %d, %d bytes kept", delivered, frames, d.reassembly.cost)
	}
}
