package evidence_test

import (
	"bytes"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/spanrig/spanrig/captures"
	"github.com/spanrig/spanrig/captures/pcapfile"
	"github.com/spanrig/spanrig/captures/synth"
	"github.com/spanrig/spanrig/rig/evidence"
	"github.com/spanrig/spanrig/rig/replay"
)

// lateRecording is one in which flows from an address come first, from a
// router's MAC, and only later ARP says that the address is the device's. count
// is that of the flows of a neighbour.
func lateRecording(t testing.TB, tied bool, neighbours int) string {
	t.Helper()
	device, router, neighbour := captures.MAC{2, 0, 0, 0, 0, 1}, captures.MAC{2, 0, 0, 0, 0, 9}, captures.MAC{2, 0, 0, 0, 0, 7}
	own, far := netip.MustParseAddr("10.0.0.11"), netip.MustParseAddr("203.0.113.9")
	dir := filepath.Join(t.TempDir(), "late")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(filepath.Join(dir, "capture.pcapng"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w, err := pcapfile.NewWriter(f, pcapfile.WriterOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.AddInterface(pcapfile.Interface{Name: "span0", Link: captures.LinkEthernet}); err != nil {
		t.Fatal(err)
	}
	began := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	frame := func(after time.Duration, data []byte) {
		if err := w.WriteFrame(&captures.Frame{Time: began.Add(after).UnixNano(), Data: data, Length: uint32(len(data)), Link: captures.LinkEthernet}); err != nil {
			t.Fatal(err)
		}
	}
	say := func(after time.Duration, mac captures.MAC, from netip.AddrPort) {
		udp := synth.UDP(from, netip.AddrPortFrom(far, 4000), []byte("hello"))
		frame(after, synth.Ethernet(router, mac, 0x0800, synth.IP(synth.IPHeader{Src: from.Addr(), Dst: far, Proto: 17, TTL: 64}, udp)))
	}
	say(0, router, netip.AddrPortFrom(own, 5000))
	for i := range neighbours {
		say(time.Second, neighbour, netip.AddrPortFrom(netip.MustParseAddr("10.0.0.77"), uint16(2000+i)))
	}
	say(10*time.Minute, device, netip.AddrPortFrom(netip.MustParseAddr("10.0.0.12"), 6000)) // the first flow is over
	if tied {
		frame(11*time.Minute, synth.Ethernet(router, device, 0x0806, synth.ARP(true, device, own, router, netip.MustParseAddr("10.0.0.1"))))
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"inventory.json": `{"schema":1,"device":{"model":"M","firmware":"1","macs":["02:00:00:00:00:01"]}}`,
		"windows.json":   `{"schema":1,"windows":[{"name":"ldm/idle","mode":"ldm","from":"2026-11-23T09:59:00Z","to":"2026-11-23T10:20:00Z"}]}`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestLate: a station that turns out late to be the device is judged as such.
func TestLate(t *testing.T) {
	for _, tied := range []bool{false, true} {
		dir := lateRecording(t, tied, 3)
		o := options(t)
		out := filepath.Join(t.TempDir(), "bundle.zip")
		report, err := evidence.Seal(t.Context(), dir, out, o)
		if err != nil {
			t.Fatal(err)
		}
		want, err := replay.Run(t.Context(), dir, o.Options)
		if err != nil {
			t.Fatal(err)
		}
		if got := asJSON(t, report); !bytes.Equal(got, asJSON(t, want)) {
			t.Errorf("tied %v: sealed as\n%s\njudged as\n%s", tied, got, asJSON(t, want))
		}
		if _, err := verify(t, out); err != nil {
			t.Error(err)
		}
		var lines []string
		for f, err := range open(t, out).Flows() {
			if err != nil {
				t.Fatal(err)
			}
			lines = append(lines, fmt.Sprint(f.ID, f.Device))
		}
		first := "1"
		if tied {
			first = "1orig"
		}
		if want := []string{first, "2", "3", "4", "5orig"}; fmt.Sprint(lines[:5]) != fmt.Sprint(want) {
			t.Errorf("tied %v: %v, want %v", tied, lines, want)
		}
	}
}
