package packet

import (
	"testing"
	"time"

	"github.com/spanrig/spanrig/captures"
)

// changed returns a copy of b with one byte changed.
func changed(b []byte, at int) []byte {
	b = join(b)
	b[at] ^= 0x55
	return b
}

func TestDuplicates(t *testing.T) {
	const ms = int64(time.Millisecond)
	packet4 := ip4Packet(UDP, 1, udpSegment(5, 6, countingBytes(100)))
	packet6 := ip6Packet(UDP, 1, udpSegment(5, 6, countingBytes(100)))
	frame4 := etherFrame(outerMAC, typeIPv4, packet4)
	tests := []struct {
		name          string
		first, second []byte
		apart         int64 // ns
		want          bool
	}{
		{"the same", frame4, frame4, 0, true},
		{"2 ms apart", frame4, frame4, 2 * ms, true},
		{"more than 2 ms apart", frame4, frame4, 2*ms + 1, false},
		{"the clock a little back", frame4, frame4, -ms, true},
		{"tagged", frame4, etherFrame(innerMAC, typeVLAN, join(u16(42, typeIPv4), packet4)), ms, true},
		{"padded", frame4, append(join(frame4), 0, 0, 0, 0), ms, true},
		{"mirrored", frame4, etherFrame(innerMAC, typeIPv4, ip4Packet(protoGRE, 3, join(u16(0, greERSPAN), frame4))), ms, true},
		{"routed", frame4, changed(changed(changed(frame4, 14+8), 14+10), 14+11), ms, true},
		{"routed IPv6", etherFrame(outerMAC, typeIPv6, packet6), etherFrame(outerMAC, typeIPv6, changed(packet6, 7)), ms, true},
		{"another IPv4 identification", frame4, changed(frame4, 14+5), ms, false},
		{"another traffic class", frame4, changed(frame4, 14+1), ms, false},
		{"another IPv6 flow label", etherFrame(outerMAC, typeIPv6, packet6), etherFrame(outerMAC, typeIPv6, changed(packet6, 3)), ms, false},
		{"another IPv6 source", etherFrame(outerMAC, typeIPv6, packet6), etherFrame(outerMAC, typeIPv6, changed(packet6, 9)), ms, false},
		{"another last byte", frame4, changed(frame4, len(frame4)-1), ms, false},
		{"another middle byte", frame4, changed(frame4, 70), ms, false},
		{"another checksum of the payload", frame4, changed(frame4, 14+20+6), ms, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			d := NewDecoder()
			var p Packet
			for _, f := range []*captures.Frame{frameOf(1, 1, 1e18, test.first), frameOf(1, 2, 1e18+test.apart, test.second)} {
				if r := d.Decode(f, &p); r != OK {
					t.Fatalf("result %d", r)
				}
			}
			if p.Duplicate() != test.want || (d.Counts().Duplicates == 1) != test.want || d.Counts().Packets != 2 {
				t.Errorf("duplicate %v, counts %+v", p.Duplicate(), d.Counts())
			}
		})
	}
}

// TestDuplicateChain: each copy is held against the one before.
func TestDuplicateChain(t *testing.T) {
	d := NewDecoder()
	var p Packet
	for i := range 5 {
		d.Decode(frameOf(1, uint64(i+1), 1e18+int64(i)*1_500_000, etherFrame(outerMAC, typeIPv4, inner4())), &p)
	}
	if n := d.Counts().Duplicates; n != 4 {
		t.Errorf("%d duplicates of 4", n)
	}
}

// TestDuplicatesUnderLoad: a copy is recognised after as many packets as a
// gigabit link carries in 2 ms.
func TestDuplicatesUnderLoad(t *testing.T) {
	d := NewDecoder()
	var p Packet
	packets := make([][]byte, 2976) // 64-byte frames
	for i := range packets {
		packets[i] = tcpSegment(uint16(i), 443, nil)
		packets[i] = ip6Packet(TCP, 1, packets[i])
	}
	for copies := range 2 {
		for i, b := range packets {
			d.Decode(frameOf(captures.LinkRaw, uint64(i), 1e18+int64(copies)*2e6+int64(i)*600, b), &p)
		}
	}
	if n := d.Counts().Duplicates; n != uint64(len(packets)) {
		t.Errorf("%d duplicates of %d", n, len(packets))
	}
}

// TestNoTime: frames without a time have no copies.
func TestNoTime(t *testing.T) {
	d := NewDecoder()
	var p Packet
	for range 2 {
		d.Decode(frameOf(captures.LinkRaw, 1, 0, inner4()), &p)
	}
	if p.Duplicate() {
		t.Error("a copy without a time")
	}
}

// TestDuplicateFragments: copies are counted, whenever they come, and change
// nothing.
func TestDuplicateFragments(t *testing.T) {
	whole := udpSegment(1111, 53, countingBytes(92))
	cuts := split(whole, false, 1, []part{{0, 40, false}, {40, 100, true}})
	d := NewDecoder()
	var p Packet
	results := []Result{Held, Held, OK, OK, OK}
	wantFrames, wantDuplicates := []uint32{0, 0, 3, 1, 1}, []uint32{0, 0, 1, 1, 1}
	for i, fragment := range []int{0, 0, 1, 1, 0} {
		r := d.Decode(frameOf(captures.LinkRaw, uint64(i+1), 1e18+int64(i)*1000, cuts[fragment]), &p)
		if r != results[i] {
			t.Fatalf("fragment %d: result %d", i, r)
		}
		if r == OK && (p.Frames != wantFrames[i] || p.Duplicates != wantDuplicates[i] || p.DstPort != 53) {
			t.Errorf("fragment %d: %d frames, %d duplicates, port %d", i, p.Frames, p.Duplicates, p.DstPort)
		}
	}
	if c := d.Counts(); c.Fragments != 5 || c.Duplicates != 3 {
		t.Errorf("counts %+v", c)
	}
	d.Flush(1<<62, func(*Packet) { t.Error("something was left") })
}
