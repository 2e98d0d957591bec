package pcapfile

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/google/gopacket/pcapgo"

	"github.com/spanrig/spanrig/captures"
)

var written = []captures.Frame{
	{Time: 1_340_954_905_298_858_123, Length: 60, Data: bytes.Repeat([]byte{1}, 60)},
	{Time: 1_340_954_905_298_858_124, Length: 1514, Data: bytes.Repeat([]byte{2}, 95), Interface: 1},
	{Time: 1_340_954_905_298_858_125, Length: 0},
	{Time: math.MaxInt64, Length: 3, Data: []byte{1, 2, 3}},
}

// writeExample writes two interfaces of one link type, four frames, comments,
// statistics and a block of somebody else.
func writeExample(t *testing.T) []byte {
	t.Helper()
	var file bytes.Buffer
	w, err := NewWriter(&file, WriterOptions{Application: "spanrig 1", Hardware: "amd64", OS: "Linux", Comment: "example"})
	if err != nil {
		t.Fatal(err)
	}
	_, err1 := w.AddInterface(Interface{Name: "span0", Description: "mirror port", Filter: "not port 22", Link: 1, Snaplen: 65535})
	second, err2 := w.AddInterface(Interface{Name: "span1", Link: 1})
	if err := errors.Join(err1, err2); err != nil || second != 1 {
		t.Fatal(second, err)
	}
	for i, f := range written {
		comments := []string{"one", "two: zwei"}[:i%3]
		if err := w.WriteFrame(&f, comments...); err != nil {
			t.Fatal(err)
		}
	}
	err = errors.Join(
		w.WriteBlock(block(binary.LittleEndian, NameResolution, make([]byte, 4))),
		w.WriteStats(0, written[0].Time, captures.InterfaceStats{Received: 1000, Dropped: 7}),
		w.Flush(),
	)
	if err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func TestWriterReadBack(t *testing.T) {
	file := writeExample(t)
	frames, stats := readWhole(t, file)
	if len(frames) != len(written) {
		t.Fatalf("%d frames, want %d", len(frames), len(written))
	}
	for i, want := range written {
		want.ID, want.Link, want.Offset = captures.FrameID(i+1), 1, frames[i].Offset
		sameFrame(t, frames[i], want)
	}
	want := []captures.InterfaceStats{
		{Name: "span0", Link: 1, Snaplen: 65535, Reported: true, Received: 1000, Dropped: 7},
		{Name: "span1", Link: 1},
	}
	if !slices.Equal(stats.Interfaces, want) {
		t.Errorf("interfaces %+v, want %+v", stats.Interfaces, want)
	}
	var types, comments []string
	for b, err := range Blocks(bytes.NewReader(file)) {
		c, errComments := b.Comments()
		if err := errors.Join(err, errComments); err != nil {
			t.Fatal(err)
		}
		types, comments = append(types, b.Type.String()), append(comments, strings.Join(c, "+"))
	}
	if got := strings.Join(types, " "); got != "SHB IDB IDB EPB EPB EPB EPB NRB ISB" {
		t.Errorf("blocks %s", got)
	}
	if got := strings.Join(comments, "|"); got != "example||||one|one+two: zwei|||" {
		t.Errorf("comments %s", got)
	}
}

// TestWriterPcapgo reads what we write with another reader.
func TestWriterPcapgo(t *testing.T) {
	r, err := pcapgo.NewNgReader(bytes.NewReader(writeExample(t)), pcapgo.DefaultNgReaderOptions)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range written {
		data, ci, err := r.ReadPacketData()
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(data, want.Data) || ci.Timestamp.UnixNano() != want.Time || ci.Length != int(want.Length) || ci.InterfaceIndex != int(want.Interface) {
			t.Errorf("frame %d: %+v", i+1, ci)
		}
	}
	if _, _, err := r.ReadPacketData(); err != io.EOF {
		t.Error(err)
	}
	if section := r.SectionInfo(); section.Application != "spanrig 1" || section.OS != "Linux" || section.Comment != "example" {
		t.Errorf("section %+v", section)
	}
	iface, err := r.Interface(0)
	if err != nil || iface.Name != "span0" || iface.Description != "mirror port" || iface.Filter != "not port 22" {
		t.Errorf("interface %+v, %v", iface, err)
	}
	if s := iface.Statistics; s.PacketsReceived != 1000 || s.PacketsDropped != 7 {
		t.Errorf("statistics %+v", s)
	}
}

func TestWriterRefuses(t *testing.T) {
	w, err := NewWriter(io.Discard, WriterOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.AddInterface(Interface{}); err != nil {
		t.Fatal(err)
	}
	little := binary.LittleEndian
	for name, err := range map[string]error{
		"unknown interface":   w.WriteFrame(&captures.Frame{Interface: 1}),
		"time before 1970":    w.WriteFrame(&captures.Frame{Time: -1}),
		"frame too long":      w.WriteFrame(&captures.Frame{Data: make([]byte, MaxRecord)}),
		"statistics of none":  w.WriteStats(1, 0, captures.InterfaceStats{}),
		"statistics too old":  w.WriteStats(0, -1, captures.InterfaceStats{}),
		"section header":      w.WriteBlock(sectionBlock(little)),
		"interface":           w.WriteBlock(interfaceBlock(little, 1, 0)),
		"big endian":          w.WriteBlock(block(binary.BigEndian, NameResolution, make([]byte, 4))),
		"half a block":        w.WriteBlock(block(little, NameResolution, make([]byte, 4))[:12]),
		"block too short":     w.WriteBlock(make([]byte, 8)),
		"block with two ends": w.WriteBlock(append(block(little, NameResolution)[:8], 16, 0, 0, 0)),
	} {
		if err == nil {
			t.Errorf("%s: written", name)
		}
	}
	if err := w.WriteFrame(&captures.Frame{}); err != nil {
		t.Errorf("after what was refused: %v", err)
	}
}

// TestWriterKeepsError wants the error of the stream from every call after it.
func TestWriterKeepsError(t *testing.T) {
	broken := errors.New("disk full")
	w, err := NewWriter(failing{broken}, WriterOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.AddInterface(Interface{}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := w.Flush(); err != broken {
			t.Error(err)
		}
	}
	if err := w.WriteFrame(&captures.Frame{}); err != broken {
		t.Error(err)
	}
	if err := w.WriteBlock(block(binary.LittleEndian, NameResolution)); err != broken {
		t.Error(err)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

// TestWriterTshark reads what we write with Wireshark: times to the
// nanosecond, lengths, comments, names and drops.
func TestWriterTshark(t *testing.T) {
	tshark, err := exec.LookPath("tshark")
	if err != nil {
		t.Skip("no tshark to read what is written")
	}
	path := store(t, "example.pcapng", writeExample(t))
	out, err := exec.Command(tshark, "-n", "-r", path, "-T", "fields", "-e", "frame.time_epoch",
		"-e", "frame.len", "-e", "frame.cap_len", "-e", "frame.interface_name", "-e", "frame.comment").Output()
	if err != nil {
		t.Fatal(err)
	}
	want := "1340954905.298858123\t60\t60\tspan0\t\n" +
		"1340954905.298858124\t1514\t95\tspan1\tone\n" +
		"1340954905.298858125\t0\t0\tspan0\tone,two: zwei\n" +
		"9223372036.854775807\t3\t3\tspan0\t\n"
	if string(out) != want {
		t.Errorf("tshark reads\n%swant\n%s", out, want)
	}
	out, err = exec.Command("capinfos", "-IFk", path).Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"spanrig 1", "amd64", "Linux", "example", "mirror port", "not port 22", "time resolution = 0x09", "Number of stat entries = 1"} {
		if !strings.Contains(strings.ToLower(string(out)), strings.ToLower(part)) {
			t.Errorf("capinfos does not show %q in\n%s", part, out)
		}
	}
}
