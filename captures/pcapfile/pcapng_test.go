package pcapfile

import (
	"bytes"
	"encoding/binary"
	"math"
	"slices"
	"testing"

	"github.com/spanrig/spanrig/captures"
)

// TestSections reads two sections of different byte order, with every kind of
// packet block, two link types and interfaces of different resolution.
func TestSections(t *testing.T) {
	for first, a := range orders {
		for second, b := range orders {
			t.Run(first+" then "+second, func(t *testing.T) {
				blocks := [][]byte{
					sectionBlock(a),
					interfaceBlock(a, 1, 0, option(a, ifName, []byte("eth0"))),
					interfaceBlock(a, 276, 4, option(a, ifResolution, []byte{9}), option(a, ifOffset, a.AppendUint64(nil, 100))),
					enhancedBlock(a, 0, 1_000_001, 60, []byte("abc"), option(a, optComment, []byte("first"))),
					block(a, Custom, a.AppendUint32(nil, 32473), []byte("kept")), // 2 in Wireshark
					enhancedBlock(a, 1, 5, 3, []byte("def")),
					obsoleteBlock(a, 0, 7, []byte("ghij")),
					block(a, NameResolution, []byte("not read")),
					sectionBlock(b),
					interfaceBlock(b, 101, 2),
					simpleBlock(b, 5, []byte("kl")),
					enhancedBlock(b, 0, math.MaxUint64>>1, 1, []byte("m")),
				}
				offset := func(n int) int64 { return int64(len(bytes.Join(blocks[:n], nil))) }
				frames, stats := readWhole(t, bytes.Join(blocks, nil))
				want := []captures.Frame{
					{ID: 1, Time: 1_000_001_000, Offset: offset(3), Length: 60, Link: 1, Data: []byte("abc")},
					{ID: 3, Time: 100_000_000_005, Offset: offset(5), Length: 3, Interface: 1, Link: 276, Data: []byte("def")},
					{ID: 4, Time: 7000, Offset: offset(6), Length: 4, Link: 1, Data: []byte("ghij")},
					{ID: 5, Time: 0, Offset: offset(10), Length: 5, Interface: 2, Link: 101, Data: []byte("kl")},
					{ID: 6, Time: math.MaxInt64, Offset: offset(11), Length: 1, Interface: 2, Link: 101, Data: []byte("m")},
				}
				if len(frames) != len(want) {
					t.Fatalf("%d frames, want %d", len(frames), len(want))
				}
				for i := range want {
					sameFrame(t, frames[i], want[i])
				}
				if stats.Frames != 5 || stats.Bytes != 13 || stats.Cut != 2 || len(stats.Interfaces) != 3 ||
					stats.Interfaces[0].Name != "eth0" || stats.Interfaces[1].Snaplen != 4 || stats.Interfaces[2].Link != 101 {
					t.Errorf("stats %+v", stats)
				}
			})
		}
	}
}

func TestStatistics(t *testing.T) {
	for name, o := range orders {
		t.Run(name, func(t *testing.T) {
			count := func(n uint64) []byte { return o.AppendUint64(nil, n) }
			file := slices.Concat(
				sectionBlock(o), interfaceBlock(o, 1, 0), interfaceBlock(o, 1, 0), interfaceBlock(o, 1, 0),
				statisticsBlock(o, 0, option(o, isbReceived, count(1)), option(o, isbDropped, count(1))),
				statisticsBlock(o, 0, option(o, isbReceived, count(100)), option(o, isbDropped, count(2)), option(o, isbOSDropped, count(3))),
				statisticsBlock(o, 1, option(o, isbDropped, count(math.MaxUint64)), option(o, isbOSDropped, count(2))),
			)
			_, stats := readWhole(t, file)
			want := []captures.InterfaceStats{
				{Link: 1, Reported: true, Received: 100, Dropped: 5},
				{Link: 1, Reported: true, Dropped: math.MaxUint64},
				{Link: 1},
			}
			if !slices.Equal(stats.Interfaces, want) {
				t.Errorf("got %+v, want %+v", stats.Interfaces, want)
			}
		})
	}
}

// TestDamagedBlocks wants each fault at the block that has it, and the frame
// before it.
func TestDamagedBlocks(t *testing.T) {
	for name, o := range orders {
		header := func(t BlockType, size uint32) []byte { return o.AppendUint32(o.AppendUint32(nil, uint32(t)), size) }
		good := enhancedBlock(o, 0, 1, 1, []byte("a"))
		trailer := bytes.Clone(good)
		o.PutUint32(trailer[len(trailer)-4:], 40)
		captured := bytes.Clone(good)
		o.PutUint32(captured[20:], 5)
		huge := bytes.Clone(good)
		o.PutUint32(huge[20:], math.MaxUint32)
		magic := sectionBlock(o)
		magic[8] ^= 0xff
		tests := []struct {
			name  string
			block []byte
			fault string
		}{
			{"length 0", append(header(EnhancedPacket, 0), good...), "EPB with an impossible length of 0 bytes"},
			{"length below 12", append(header(7, 8), good...), "0x00000007 with an impossible length of 8 bytes"},
			{"length no multiple of 4", append(header(7, 13), good...), "0x00000007 with an impossible length of 13 bytes"},
			{"length above the limit", append(header(7, MaxRecord+4), good...), "0x00000007 of 16777220 bytes where at most"},
			{"length above all limits", append(header(7, math.MaxUint32&^3), good...), "0x00000007 of 4294967292 bytes where at most"},
			{"other length at its end", trailer, "EPB of 36 bytes that ends with the length 40"},
			{"captured more than the block", captured, "EPB of 36 bytes with 5 captured"},
			{"captured 4 GiB", huge, "EPB of 36 bytes with 4294967295 captured"},
			{"EPB too short", block(o, EnhancedPacket, make([]byte, 16)), "EPB of 28 bytes is too short"},
			{"EPB without interface", enhancedBlock(o, 1, 1, 1, nil), "EPB of interface 1 where the section has 1"},
			{"SPB too short", block(o, SimplePacket), "SPB of 12 bytes is too short"},
			{"SPB longer than its block", simpleBlock(o, 9, []byte("12345678")), "SPB of 24 bytes with 9 captured"},
			{"SPB without interface", append(sectionBlock(o), simpleBlock(o, 0, nil)...), "SPB of interface 0 where the section has 0"},
			{"PB too short", block(o, ObsoletePacket, make([]byte, 16)), "PB of 28 bytes is too short"},
			{"PB without interface", obsoleteBlock(o, 1, 1, nil), "PB of interface 1 where the section has 1"},
			{"IDB too short", block(o, InterfaceDescription, make([]byte, 4)), "IDB of 16 bytes is too short"},
			{"IDB with half an option", interfaceBlock(o, 1, 0, make([]byte, 0), o.AppendUint32(nil, 0x01000100)), "IDB: option"},
			{"IDB with a long if_tsresol", interfaceBlock(o, 1, 0, option(o, ifResolution, []byte{6, 0})), "IDB with option 9 of 2 bytes: its times are unknown"},
			{"ISB without interface", statisticsBlock(o, 1), "ISB of interface 1 where the section has 1"},
			{"ISB with a short count", statisticsBlock(o, 0, option(o, isbDropped, make([]byte, 4))), "ISB with option 5 of 4 bytes"},
			{"SHB without byte order", magic, "section header with byte-order magic"},
			{"SHB too short", block(o, SectionHeader, o.AppendUint32(nil, byteOrderMagic)), "SHB of 16 bytes is too short"},
			{"SHB of version 2", versioned(o, 2), "pcapng version 2.0 is unknown"},
		}
		for _, test := range tests {
			t.Run(test.name+"/"+name, func(t *testing.T) {
				before := slices.Concat(sectionBlock(o), interfaceBlock(o, 1, 0), good)
				frames, _, err := read(t, slices.Concat(before, test.block, good))
				offset := len(before)
				if test.name == "SPB without interface" {
					offset += len(sectionBlock(o))
				}
				wantFault(t, err, int64(offset), test.fault)
				if len(frames) != 1 {
					t.Errorf("%d frames before the fault, want 1", len(frames))
				}
			})
		}
	}
}

func versioned(o anyOrder, major uint16) []byte {
	b := sectionBlock(o)
	o.PutUint16(b[12:], major)
	return b
}

// TestInterfacesBounded wants an end to a file that only describes interfaces.
func TestInterfacesBounded(t *testing.T) {
	o := binary.LittleEndian
	file := slices.Concat(sectionBlock(o), bytes.Repeat(interfaceBlock(o, 1, 0), maxInterfaces))
	readWhole(t, file)
	offset := int64(len(file))
	_, _, err := read(t, slices.Concat(file, sectionBlock(o), interfaceBlock(o, 1, 0)))
	wantFault(t, err, offset+int64(len(sectionBlock(o))), "more than 65536 interfaces")
}

// TestGeneratorBlockLists wants the block lists that come with the files, which
// tells the order of all blocks, and a frame for each packet block.
func TestGeneratorBlockLists(t *testing.T) {
	for _, path := range corpus(t, "pcapng-generator") {
		t.Run(path, func(t *testing.T) {
			want, packets := blockList(t, path)
			file, got := readFile(t, path), []string(nil)
			for b, err := range Blocks(bytes.NewReader(file)) {
				if err != nil {
					t.Fatal(err)
				}
				if at := file[b.Offset:]; !bytes.HasPrefix(at, b.Raw) {
					t.Errorf("%v is not at its offset %d", b.Type, b.Offset)
				}
				if _, err := b.Options(); err != nil {
					t.Error(err)
				}
				got = append(got, b.Type.String())
			}
			if !slices.Equal(got, want) {
				t.Errorf("blocks %v\nwant   %v", got, want)
			}
			if _, stats := readWhole(t, file); stats.Frames != uint64(packets) {
				t.Errorf("%d frames, want %d", stats.Frames, packets)
			}
		})
	}
}
