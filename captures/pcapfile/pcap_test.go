package pcapfile

import (
	"bytes"
	"encoding/binary"
	"errors"
	"strings"
	"testing"

	"github.com/spanrig/spanrig/captures"
)

func TestPcapVariants(t *testing.T) {
	data := []byte("sixteen bytes xx")
	const seconds, fraction = 1_340_954_905, 123_456
	tests := []struct {
		name          string
		magic         uint32
		major, minor  uint16
		snaplen, link uint32
		first, wire   uint32 // lengths in the record's header
		extra         int    // bytes of header after them
		fraction      uint32
		want          captures.Frame
	}{
		{name: "microseconds", magic: 0xa1b2c3d4, snaplen: 65535, link: 1, first: 16, wire: 60,
			want: captures.Frame{Time: seconds*second + fraction*1000, Length: 60, Link: 1}},
		{name: "nanoseconds", magic: 0xa1b23c4d, snaplen: 65535, link: 1, first: 16, wire: 60,
			want: captures.Frame{Time: seconds*second + fraction, Length: 60, Link: 1}},
		{name: "modified", magic: 0xa1b2cd34, snaplen: 65535, link: 1, first: 16, wire: 60, extra: 8,
			want: captures.Frame{Time: seconds*second + fraction*1000, Length: 60, Link: 1}},
		{name: "version 2.2 swaps the lengths", magic: 0xa1b2c3d4, major: 2, minor: 2, snaplen: 65535, link: 1, first: 60, wire: 16,
			want: captures.Frame{Time: seconds*second + fraction*1000, Length: 60, Link: 1}},
		{name: "version 2.3 swaps them", magic: 0xa1b2c3d4, major: 2, minor: 3, snaplen: 65535, link: 1, first: 60, wire: 16,
			want: captures.Frame{Time: seconds*second + fraction*1000, Length: 60, Link: 1}},
		{name: "version 2.3 does not", magic: 0xa1b2c3d4, major: 2, minor: 3, snaplen: 65535, link: 1, first: 16, wire: 60,
			want: captures.Frame{Time: seconds*second + fraction*1000, Length: 60, Link: 1}},
		{name: "version 543.0", magic: 0xa1b2c3d4, major: 543, minor: 0, snaplen: 65535, link: 1, first: 60, wire: 16,
			want: captures.Frame{Time: seconds*second + fraction*1000, Length: 60, Link: 1}},
		{name: "no snapshot length", magic: 0xa1b2c3d4, link: 1, first: 16, wire: 16,
			want: captures.Frame{Time: seconds*second + fraction*1000, Length: 16, Link: 1}},
		{name: "captured above the snapshot length", magic: 0xa1b2c3d4, snaplen: 8, link: 1, first: 16, wire: 16,
			want: captures.Frame{Time: seconds*second + fraction*1000, Length: 16, Link: 1}},
		{name: "captured above the length on the wire", magic: 0xa1b2c3d4, snaplen: 65535, link: 1, first: 16, wire: 4,
			want: captures.Frame{Time: seconds*second + fraction*1000, Length: 4, Link: 1}},
		{name: "frame check sequence in the link type", magic: 0xa1b2c3d4, snaplen: 65535, link: 0x24000001, first: 16, wire: 16,
			want: captures.Frame{Time: seconds*second + fraction*1000, Length: 16, Link: 1}},
		{name: "link type of 16 bits", magic: 0xa1b2c3d4, snaplen: 65535, link: 276, first: 16, wire: 16,
			want: captures.Frame{Time: seconds*second + fraction*1000, Length: 16, Link: 276}},
		{name: "fraction above a second", magic: 0xa1b2c3d4, snaplen: 65535, link: 1, first: 16, wire: 16, fraction: 4_294_967_295,
			want: captures.Frame{Time: seconds*second + 4_294_967_295_000, Length: 16, Link: 1}},
	}
	for _, test := range tests {
		for order, o := range orders {
			t.Run(test.name+"/"+order, func(t *testing.T) {
				if test.major == 0 {
					test.major, test.minor = 2, 4
				}
				if test.fraction == 0 {
					test.fraction = fraction
				}
				file := pcapHeader(o, test.magic, test.major, test.minor, test.snaplen, test.link)
				body := append(make([]byte, test.extra), data...)
				record := pcapRecord(o, seconds, test.fraction, test.first, test.wire, body)
				frames, stats := readWhole(t, append(append(file, record...), record...))
				if len(frames) != 2 || stats.Frames != 2 || stats.Bytes != 32 {
					t.Fatalf("%d frames, stats %+v, want 2 of 16 bytes", len(frames), stats)
				}
				test.want.ID, test.want.Offset, test.want.Data = 1, pcapHeaderLen, data
				sameFrame(t, frames[0], test.want)
				test.want.ID, test.want.Offset = 2, pcapHeaderLen+int64(len(record))
				sameFrame(t, frames[1], test.want)
			})
		}
	}
}

func sameFrame(t *testing.T, got, want captures.Frame) {
	t.Helper()
	if !bytes.Equal(got.Data, want.Data) {
		t.Errorf("frame %d: data %x, want %x", got.ID, got.Data, want.Data)
	}
	got.Data, want.Data = nil, nil
	if got.ID != want.ID || got.Time != want.Time || got.Offset != want.Offset || got.Length != want.Length ||
		got.Interface != want.Interface || got.Link != want.Link {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// TestPcapImplausibleLength wants the fault at the record, and no memory for it.
func TestPcapImplausibleLength(t *testing.T) {
	o := binary.LittleEndian
	for _, test := range []struct {
		snaplen, captured uint32
		fault             string
	}{
		{65535, 262144, "record cut after 16 of 262160 bytes"},
		{65535, 262145, "record of 262145 bytes where at most 262144 are plausible"},
		{0, MaxRecord, "record cut after 16 of 16777232 bytes"},
		{0, MaxRecord + 1, "record of 16777217 bytes where at most 16777216 are plausible"},
		{0xffffffff, 0xffffffff, "record of 4294967295 bytes where at most 16777216 are plausible"},
	} {
		file := pcapHeader(o, 0xa1b2c3d4, 2, 4, test.snaplen, 1)
		file = append(file, pcapRecord(o, 1, 0, 1, 1, []byte{1})...)
		_, stats, err := read(t, append(file, pcapRecord(o, 1, 0, test.captured, test.captured, nil)...))
		wantFault(t, err, int64(len(file)), test.fault)
		if stats.Frames != 1 {
			t.Errorf("%d frames before the fault, want 1", stats.Frames)
		}
	}
}

// wantFault wants a *captures.Fault of the file "test".
func wantFault(t *testing.T, err error, offset int64, what string) {
	t.Helper()
	var fault *captures.Fault
	if !errors.As(err, &fault) {
		t.Fatalf("ended with %v, want a fault", err)
	}
	if fault.Offset != offset || !strings.Contains(fault.What, what) || fault.File != "test" {
		t.Errorf("fault %q at %d of %q, want %q at %d of test", fault.What, fault.Offset, fault.File, what, offset)
	}
}
