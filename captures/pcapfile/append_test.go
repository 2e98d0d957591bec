package pcapfile

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"

	"github.com/spanrig/spanrig/captures"
)

// TestAppend wants from the functions that append what the Writer writes, and
// frames in parts like whole ones.
func TestAppend(t *testing.T) {
	frame := captures.Frame{Time: 1_700_000_000_123_456_789, Length: 70, Data: bytes.Repeat([]byte("abc"), 21)}
	var want bytes.Buffer
	w, err := NewWriter(&want, WriterOptions{Application: "spanrig 1"})
	if err != nil {
		t.Fatal(err)
	}
	_, _ = w.AddInterface(Interface{Name: "span0", Link: captures.LinkEthernet})
	_ = w.WriteFrame(&frame)
	_ = w.WriteStats(0, frame.Time, captures.InterfaceStats{Received: 9, Dropped: 1})
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	got := AppendSection(nil, WriterOptions{Application: "spanrig 1"})
	got = AppendInterface(got, Interface{Name: "span0", Link: captures.LinkEthernet})
	before := len(got)
	got = AppendFrame(got, 0, frame.Time, frame.Length, frame.Data[:12], frame.Data[12:12], frame.Data[12:])
	if grew := len(got) - before; grew > PacketOverhead+len(frame.Data)+3 {
		t.Errorf("a frame of %d bytes takes %d", len(frame.Data), grew)
	}
	got = AppendStatistics(got, 0, frame.Time, Statistics{Received: 9, Dropped: 1})
	if !bytes.Equal(got, want.Bytes()) {
		t.Errorf("appended\n%x, the writer wrote\n%x", got, want.Bytes())
	}
}

// TestAppendStatistics lets our reader and Wireshark read all counts.
func TestAppendStatistics(t *testing.T) {
	file := AppendSection(nil, WriterOptions{})
	file = AppendInterface(file, Interface{Name: "span0", Link: captures.LinkEthernet})
	file = AppendStatistics(file, 0, 1_700_000_001_000_000_000, Statistics{
		Begin: 1_700_000_000_000_000_000, Received: 12, Dropped: 3, Delivered: 9, Comment: "ring freezes: 1",
	})
	_, stats := readWhole(t, file)
	want := captures.InterfaceStats{Name: "span0", Link: captures.LinkEthernet, Reported: true, Received: 12, Dropped: 3}
	if len(stats.Interfaces) != 1 || stats.Interfaces[0] != want {
		t.Errorf("interfaces %+v, want %+v", stats.Interfaces, want)
	}
	for b, err := range Blocks(bytes.NewReader(file)) {
		if err != nil {
			t.Fatal(err)
		}
		if c, err := b.Comments(); b.Type == InterfaceStatistics && (err != nil || len(c) != 1 || c[0] != "ring freezes: 1") {
			t.Errorf("comments %q, %v", c, err)
		}
	}
	tshark, err := exec.LookPath("tshark")
	if err != nil {
		t.Skip("no tshark to read what is written")
	}
	out, err := exec.Command(tshark, "-n", "-X", "read_format:MIME Files Format", "-V", "-r", store(t, "stats.pcapng", file)).Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"Received Packets = 12", "Dropped Packets = 3", "Delivered to the User = 9", "Comment = ring freezes: 1"} {
		if !strings.Contains(string(out), part) {
			t.Errorf("tshark does not show %q", part)
		}
	}
	if t.Failed() {
		t.Logf("%s", out)
	}
}

func BenchmarkAppendFrame(b *testing.B) {
	out, data := make([]byte, 0, 1<<20), make([]byte, benchFrameLen)
	b.SetBytes(benchFrameLen)
	b.ReportAllocs()
	for b.Loop() {
		if len(out) > 1<<19 {
			out = out[:0]
		}
		out = AppendFrame(out, 0, 1e18, benchFrameLen, data[:12], nil, data[12:])
	}
}
