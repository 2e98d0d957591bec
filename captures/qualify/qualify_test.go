package qualify_test

import (
	"io"
	"net/netip"
	"reflect"
	"testing"

	"github.com/spanrig/spanrig/captures"
	"github.com/spanrig/spanrig/captures/qualify"
	"github.com/spanrig/spanrig/captures/synth"
	"github.com/spanrig/spanrig/drivers/generator"
)

var sent = generator.Config{
	SourceMAC: [6]byte{2, 0, 0, 0, 0, 1}, TargetMAC: [6]byte{2, 0, 0, 0, 0, 2},
	Source: netip.MustParseAddrPort("192.0.2.1:40000"), Target: netip.MustParseAddrPort("198.51.100.1:9"),
	Run: 7, Sizes: []int{64, 512, 1518},
}

// path is a list of frames as a path delivers them, 1 ms each on their way.
type path struct{ list []captures.Frame }

func (p *path) deliver(b []byte) *captures.Frame {
	at := int64(len(p.list)+1) * 1e9
	p.list = append(p.list, captures.Frame{Time: at, Link: captures.LinkEthernet, Length: uint32(len(b)), Data: b})
	return &p.list[len(p.list)-1]
}

func (p *path) frame(c generator.Config, n uint32) *captures.Frame {
	return p.deliver(generator.Frame(&c, n, int64(len(p.list)+1)*1e9-1e6))
}

func (p *path) Next(b *captures.Batch) error {
	if len(p.list) == 0 {
		return io.EOF
	}
	b.Frames, p.list = p.list, nil
	return nil
}

func (p *path) Stats() captures.Stats { return captures.Stats{} }

// TestCount lets the generator's frames take every wrong turn: this holds the
// two descriptions of the format together.
func TestCount(t *testing.T) {
	p := &path{}
	for _, n := range []uint32{0, 1, 4, 3, 3, 8} { // 2, 5, 6 and 7 are lost
		p.frame(sent, n)
	}
	p.deliver(synth.VLAN(42, generator.Frame(&sent, 9, 7e9-1e6)))
	other := sent
	other.Run = 8
	p.frame(other, 2)
	p.frame(sent, 10) // was never sent
	small := sent
	small.Sizes = []int{65}
	p.frame(small, 2)
	p.deliver(synth.Ethernet(captures.MAC{1}, captures.MAC{2}, 0x0800, []byte("no packet")))
	got, err := qualify.Count(p, qualify.Expectation{Run: sent.Run, Sent: 10, Sizes: sent.Sizes})
	if err != nil {
		t.Fatal(err)
	}
	want := qualify.Counts{
		Run: 7, Sent: 10, Received: 6, Lost: 4, LongestLoss: 3, Duplicated: 1, Reordered: 1, Damaged: 2, Foreign: 1,
		Sizes: []qualify.SizeCount{{64, 4, 3, 1, 1}, {512, 3, 2, 1, 0}, {1518, 3, 1, 2, 0}},
		First: 1e9, Last: 7e9, Delay: qualify.Delay{Min: 1e6, Mean: 1e6, Max: 1e6},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("counted\n%+v, want\n%+v", got, want)
	}
}

// TestCountMirrored reads frames that a remote mirror wrapped, and cut ones.
func TestCountMirrored(t *testing.T) {
	p := &path{}
	inner := generator.Frame(&sent, 0, 1e9-1e6)
	vxlan := append([]byte{8, 0, 0, 0, 0, 0, 1, 0}, inner...)
	from, to := netip.MustParseAddrPort("192.0.2.9:5000"), netip.MustParseAddrPort("192.0.2.10:4789")
	p.deliver(synth.Ethernet(captures.MAC{4}, captures.MAC{6}, 0x0800,
		synth.IP(synth.IPHeader{Src: from.Addr(), Dst: to.Addr(), Proto: 17, TTL: 9}, synth.UDP(from, to, vxlan))))
	f := p.frame(sent, 1)
	f.Data = f.Data[:60]
	got, err := qualify.Count(p, qualify.Expectation{Run: sent.Run, Sent: 2, Sizes: sent.Sizes})
	if err != nil || got.Received != 2 || got.Cut != 1 || got.Lost != 0 {
		t.Errorf("%+v, %v", got, err)
	}
}

// broken is a capture that is cut.
type broken struct{ path }

func (b *broken) Next(batch *captures.Batch) error {
	if err := b.path.Next(batch); err == nil {
		return nil
	}
	return &captures.Fault{What: "record cut"}
}

func TestCountFault(t *testing.T) {
	b := &broken{}
	b.frame(sent, 0)
	got, err := qualify.Count(b, qualify.Expectation{Run: 7, Sent: 2, Sizes: sent.Sizes})
	if err == nil || got.Received != 1 || got.Lost != 1 {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := qualify.Count(b, qualify.Expectation{Sent: 1 << 33, Sizes: []int{64}}); err == nil {
		t.Error("2^33 frames are counted")
	}
}

// FuzzCount wants counts that add up, whatever comes.
func FuzzCount(f *testing.F) {
	for n := range uint32(3) {
		f.Add(generator.Frame(&sent, n, 1e9), uint8(3))
	}
	f.Fuzz(func(t *testing.T, frame []byte, n uint8) {
		p := &path{}
		p.deliver(frame)
		p.deliver(frame)
		got, err := qualify.Count(p, qualify.Expectation{Run: 7, Sent: uint64(n), Sizes: sent.Sizes})
		if err != nil || got.Received+got.Lost != uint64(n) || got.Received+got.Duplicated+got.Damaged+got.Foreign > 2 {
			t.Errorf("%+v, %v", got, err)
		}
	})
}
