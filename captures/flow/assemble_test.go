package flow_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"reflect"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/spanrig/spanrig/captures"
	"github.com/spanrig/spanrig/captures/dissect"
	"github.com/spanrig/spanrig/captures/flow"
	"github.com/spanrig/spanrig/captures/packet"
	"github.com/spanrig/spanrig/captures/pcapfile"
	"github.com/spanrig/spanrig/captures/synth"
)

// memorySource yields frames from memory, batch by batch, then err.
type memorySource struct {
	frames []captures.Frame
	batch  int
	err    error
	stats  captures.Stats
}

func (s *memorySource) Next(b *captures.Batch) error {
	if len(s.frames) == 0 {
		return s.err
	}
	n := min(len(s.frames), s.batch)
	b.Frames, b.Buf = b.Frames[:0], b.Buf[:0]
	for _, f := range s.frames[:n] { // into the batch's own memory, which is used again
		b.Buf = append(b.Buf, f.Data...)
	}
	at := 0
	for _, f := range s.frames[:n] {
		size := len(f.Data)
		f.Data = b.Buf[at : at+size : at+size]
		at += size
		b.Frames = append(b.Frames, f)
		s.stats.Frames++
	}
	s.frames = s.frames[n:]
	return nil
}

func (s *memorySource) Stats() captures.Stats { return s.stats }

const epoch = int64(1_700_000_000_000_000_000)

// source makes Ethernet frames, a millisecond apart.
func source(frames ...[]byte) *memorySource {
	s := &memorySource{batch: 100, err: io.EOF}
	for i, b := range frames {
		s.frames = append(s.frames, captures.Frame{
			ID: captures.NewFrameID(0, uint64(i+1)), Time: epoch + int64(i)*1e6,
			Length: uint32(len(b)), Link: captures.LinkEthernet, Data: b,
		})
	}
	return s
}

var (
	device = captures.MAC{0x02, 0, 0, 0, 0, 1}
	router = captures.MAC{0x02, 0, 0, 0, 0, 2}
	client = netip.MustParseAddrPort("192.0.2.10:50000")
	server = netip.MustParseAddrPort("203.0.113.7:53")
)

func ip4(src, dst netip.AddrPort, proto uint8, payload []byte) []byte {
	return synth.Ethernet(router, device, 0x0800, synth.IP(synth.IPHeader{Src: src.Addr(), Dst: dst.Addr(), Proto: proto, TTL: 64}, payload))
}

func udp(src, dst netip.AddrPort, payload []byte) []byte {
	return ip4(src, dst, packet.UDP, synth.UDP(src, dst, payload))
}

// arp asks who else has addr, which the device has.
func arp(addr netip.Addr) []byte {
	return synth.Ethernet(captures.MAC{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, device, 0x0806, synth.ARP(false, device, addr, captures.MAC{}, addr))
}

// collect assembles all flows.
func collect(t testing.TB, src captures.Source, cfg flow.Config) ([]*flow.Flow, flow.Summary, error) {
	t.Helper()
	var flows []*flow.Flow
	s, err := flow.Assemble(context.Background(), src, cfg, flow.Observer{Flow: func(f *flow.Flow) { flows = append(flows, f) }})
	if s.Flows != uint64(len(flows)) {
		t.Errorf("summary says %d flows of %d", s.Flows, len(flows))
	}
	return flows, s, err
}

func TestAssembleEnds(t *testing.T) {
	fault := &captures.Fault{Offset: 99, What: "cut"}
	broken := errors.New("cable cut")
	for _, c := range []struct{ end, want error }{{io.EOF, nil}, {fault, nil}, {fmt.Errorf("x: %w", fault), nil}, {broken, broken}} {
		src := source(udp(client, server, []byte("x")), udp(server, client, []byte("y")))
		src.err = c.end
		flows, s, err := collect(t, src, flow.Config{})
		if err != c.want || len(flows) != 1 || flows[0].Packets != [2]uint64{1, 1} {
			t.Errorf("%v: %v, flows %v", c.end, err, flows)
		}
		if (s.Fault != nil) != errors.Is(c.end, io.ErrUnexpectedEOF) || s.First != epoch || s.Last != epoch+1e6 || s.Packets.Packets != 2 || s.Source.Frames != 2 {
			t.Errorf("%v: summary %+v", c.end, s)
		}
	}
}

func TestAssembleEmpty(t *testing.T) {
	flows, s, err := collect(t, source(), flow.Config{})
	if len(flows) != 0 || err != nil || s.First != 0 || s.Last != 0 {
		t.Errorf("%v, %+v, %v", flows, s, err)
	}
}

// stuck is a source that never answers.
type stuck chan struct{}

func (s stuck) Next(*captures.Batch) error { <-s; return io.EOF }
func (s stuck) Stats() captures.Stats      { return captures.Stats{} }

func TestAssembleCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	src := make(stuck)
	defer close(src)
	if _, err := flow.Assemble(ctx, src, flow.Config{}, flow.Observer{}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func TestAssembleMetadata(t *testing.T) {
	query := synth.VLAN(7, synth.VLAN(42, udp(client, server, []byte("x"))))
	src := source(query, synth.Ethernet(device, router, 0x0800, synth.IP(synth.IPHeader{Src: server.Addr(), Dst: client.Addr(), Proto: packet.UDP, TTL: 64}, synth.UDP(server, client, nil))))
	src.frames[0].Length += 100 // cut
	src.frames[1].Time = 0      // none given: that of the frame before
	var progress [2]uint64
	flows, _, err := collect(t, src, flow.Config{Progress: func(frames, bytes uint64) { progress = [2]uint64{frames, bytes} }})
	if err != nil || len(flows) != 1 {
		t.Fatalf("%v, %v", flows, err)
	}
	f := flows[0]
	if !slices.Equal(f.VLAN, []uint16{7, 42}) || f.MAC != [2]captures.MAC{device, router} || f.Bytes != [2]uint64{uint64(len(query)) + 100, 60} {
		t.Errorf("VLAN %v, MAC %v, bytes %v", f.VLAN, f.MAC, f.Bytes)
	}
	if f.Start != epoch || f.End != epoch || f.ID.Number() != 1 || f.Last.Number() != 2 {
		t.Errorf("%+v", f)
	}
	if progress != [2]uint64{2, uint64(len(query)) + 60} {
		t.Errorf("progress %v", progress)
	}
}

// dhcpACK is a DHCP acknowledgement (RFC 2131) of addr for the device.
func dhcpACK(addr netip.Addr) []byte {
	b := make([]byte, 240)
	b[0], b[1], b[2] = 2, 1, 6
	copy(b[16:], addr.AsSlice())
	copy(b[28:], device[:])
	binary.BigEndian.PutUint32(b[236:], 0x63825363)
	return append(b, 53, 1, 5, 1, 4, 255, 255, 255, 0, 255)
}

func TestAssembleObserver(t *testing.T) {
	solicited := netip.MustParseAddr("fe80::1")
	all := netip.MustParseAddr("ff02::1")
	advert := synth.ICMP(solicited, all, 134, 0, 0x40000708, append(make([]byte, 8), append([]byte{1, 1}, router[:]...)...))
	query := []byte("\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x01a\x07example\x00\x00\x01\x00\x01")
	src := source(
		arp(client.Addr()),
		udp(client, server, query),
		udp(client, server, query), // a mirror duplicate
		udp(netip.MustParseAddrPort("192.0.2.1:67"), netip.MustParseAddrPort("192.0.2.11:68"), dhcpACK(netip.MustParseAddr("192.0.2.11"))),
		synth.Ethernet(captures.MAC{0x33, 0x33, 0, 0, 0, 1}, router, 0x86dd, synth.IP(synth.IPHeader{Src: solicited, Dst: all, Proto: packet.ICMPv6, TTL: 255}, advert)),
	)
	var said []string
	note := func(format string, args ...any) { said = append(said, fmt.Sprintf(format, args...)) }
	_, err := flow.Assemble(context.Background(), src, flow.Config{}, flow.Observer{
		DNS: func(f *flow.Flow, m *dissect.DNSMessage, from captures.Dir, at dissect.Mark) {
			note("%d: %s asks %s for %s, flow %d of %s", at.Frame, f.Orig.Addr, f.Resp.Addr, m.Questions[0].Name, f.ID, net(f.MAC[from]))
		},
		Binding: func(b packet.Binding) { note("%d: %s is %s", b.Frame, b.Addr, net(b.MAC)) },
		Lease:   func(l dissect.DHCPLease, at dissect.Mark) { note("%d: lease %v", at.Frame, l.Addr) },
		Router:  func(r flow.RouterAdvert, at dissect.Mark) { note("%d: router %s", at.Frame, net(r.MAC)) },
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"1: 192.0.2.10 is device",
		"2: 192.0.2.10 asks 203.0.113.7 for a.example, flow 2 of device",
		"4: lease [192 0 2 11]",
		"4: 192.0.2.11 is device",
		"5: fe80::1 is router",
		"5: router router",
	}
	if !slices.Equal(said, want) {
		t.Errorf("said %q, want %q", said, want)
	}
}

func net(m captures.MAC) string {
	return map[captures.MAC]string{device: "device", router: "router"}[m]
}

// TestAssembleDeterministic: the result depends neither on cores nor on how
// the source cuts its batches.
func TestAssembleDeterministic(t *testing.T) {
	var all []captures.Frame
	for _, file := range captureFiles(t, 12, "ndpi", "zeek") {
		all = append(all, readFrames(t, file)...)
	}
	for i := range all {
		all[i].ID = captures.NewFrameID(0, uint64(i+1))
	}
	cfg := flow.Config{Cuts: []int64{epoch}, Echoes: true, StreamLimit: 10_000, Idle: 2 * time.Minute}
	var want []*flow.Flow
	for _, c := range []struct{ cores, batch int }{{1, 1000}, {2, 1000}, {2, 1}, {1, 77}} {
		old := runtime.GOMAXPROCS(c.cores)
		got, _, err := collect(t, &memorySource{frames: all, batch: c.batch, err: io.EOF}, cfg)
		runtime.GOMAXPROCS(old)
		if err != nil || len(got) < 100 {
			t.Fatalf("%d flows, %v", len(got), err)
		}
		if want == nil {
			want = got
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%d cores, batches of %d: other flows", c.cores, c.batch)
		}
	}
}

// readFrames reads a capture into memory as far as it goes.
func readFrames(t testing.TB, file string) []captures.Frame {
	src, err := pcapfile.Open(file)
	if err != nil {
		return nil // hostile ones have no header
	}
	defer src.Close()
	var all []captures.Frame
	var b captures.Batch
	for src.Next(&b) == nil {
		for _, f := range b.Frames {
			f.Data = slices.Clone(f.Data)
			all = append(all, f)
		}
	}
	return all
}

// TestAssembleConserves: each frame that the decoder made a packet of is in
// exactly one flow, and flows come in the order of their last frame.
func TestAssembleConserves(t *testing.T) {
	for _, file := range captureFiles(t, 8, "ndpi", "zeek", "tcpdump", "ja4") {
		frames := readFrames(t, file)
		conserves(t, file, frames, flow.Config{StreamLimit: 1000, Echoes: true, Cuts: []int64{0}})
	}
}

func conserves(t testing.TB, name string, frames []captures.Frame, cfg flow.Config) {
	flows, s, err := collect(t, &memorySource{frames: frames, batch: 50, err: io.EOF}, cfg)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	var packets, duplicates uint64
	for i, f := range flows {
		packets += f.Packets[0] + f.Packets[1]
		duplicates += f.Duplicates
		if i > 0 && flows[i-1].Last > f.Last {
			t.Errorf("%s: flow %d comes after one with a later frame", name, f.ID.Number())
		}
		if f.ID == 0 || f.Last < f.ID || f.State == "" {
			t.Errorf("%s: flow %+v", name, f)
		}
		if f.Proto == packet.TCP || f.Proto == packet.UDP {
			talliesAddUp(t, name, f)
		}
	}
	if want := s.Packets.Packets + s.Packets.Fragments - s.Packets.Lost; packets != want || duplicates != s.Packets.Duplicates {
		t.Errorf("%s: %d packets in flows of %d, %d duplicates of %d", name, packets, want, duplicates, s.Packets.Duplicates)
	}
}

// talliesAddUp holds the tallies of a flow, which leave out duplicates,
// against its sums.
func talliesAddUp(t testing.TB, name string, f *flow.Flow) {
	var packets, payload uint64
	for _, tally := range f.Tallies {
		for _, side := range tally.Sides {
			packets += side.Packets
			payload += side.PayloadBytes
		}
	}
	if packets != f.Packets[0]+f.Packets[1]-f.Duplicates {
		t.Errorf("%s: flow %d: %d packets in tallies, %v in all, %d duplicates", name, f.ID.Number(), packets, f.Packets, f.Duplicates)
	}
	if payload > f.Payload[0]+f.Payload[1] {
		t.Errorf("%s: flow %d: %d bytes in tallies, %v in all", name, f.ID.Number(), payload, f.Payload)
	}
}
