package pcapfile

import (
	"bytes"
	"encoding/binary"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spanrig/spanrig/captures"
)

// anyOrder reads, puts and appends.
type anyOrder interface {
	binary.ByteOrder
	binary.AppendByteOrder
}

// orders are both byte orders; every format exists in both.
var orders = map[string]anyOrder{"little": binary.LittleEndian, "big": binary.BigEndian}

// pcapHeader builds the header of a pcap file.
func pcapHeader(o anyOrder, magic uint32, major, minor uint16, snaplen, link uint32) []byte {
	b := o.AppendUint32(nil, magic)
	b = o.AppendUint16(b, major)
	b = o.AppendUint16(b, minor)
	b = append(b, make([]byte, 8)...) // thiszone, sigfigs
	return o.AppendUint32(o.AppendUint32(b, snaplen), link)
}

// pcapRecord builds a record with its fields in the order of the file.
func pcapRecord(o anyOrder, seconds, fraction, first, second uint32, data []byte) []byte {
	b := o.AppendUint32(nil, seconds)
	b = o.AppendUint32(b, fraction)
	b = o.AppendUint32(b, first)
	b = o.AppendUint32(b, second)
	return append(b, data...)
}

// block builds a pcapng block around a body, which it pads.
func block(o anyOrder, t BlockType, body ...[]byte) []byte {
	all := bytes.Join(body, nil)
	all = append(all, make([]byte, padded(len(all))-len(all))...)
	size := uint32(len(all) + blockOverhead)
	b := o.AppendUint32(o.AppendUint32(nil, uint32(t)), size)
	return o.AppendUint32(append(b, all...), size)
}

func option(o anyOrder, code uint16, value []byte) []byte {
	return appendOption(nil, o, Option{code, value})
}

func sectionBlock(o anyOrder) []byte {
	b := o.AppendUint32(nil, byteOrderMagic)
	return block(o, SectionHeader, o.AppendUint16(b, 1), o.AppendUint16(nil, 0), bytes.Repeat([]byte{0xff}, 8))
}

func interfaceBlock(o anyOrder, link uint16, snaplen uint32, options ...[]byte) []byte {
	b := o.AppendUint16(o.AppendUint16(nil, link), 0)
	return block(o, InterfaceDescription, o.AppendUint32(b, snaplen), bytes.Join(options, nil))
}

func statisticsBlock(o anyOrder, iface uint32, options ...[]byte) []byte {
	return block(o, InterfaceStatistics, o.AppendUint32(nil, iface), make([]byte, 8), bytes.Join(options, nil))
}

func enhancedBlock(o anyOrder, iface uint32, timestamp uint64, length uint32, data []byte, options ...[]byte) []byte {
	b := o.AppendUint32(nil, iface)
	b = o.AppendUint32(b, uint32(timestamp>>32))
	b = o.AppendUint32(b, uint32(timestamp))
	b = o.AppendUint32(b, uint32(len(data)))
	b = o.AppendUint32(b, length)
	b = append(b, data...)
	b = append(b, zeros[:padded(len(data))-len(data)]...)
	return block(o, EnhancedPacket, b, bytes.Join(options, nil))
}

func simpleBlock(o anyOrder, length uint32, data []byte) []byte {
	return block(o, SimplePacket, o.AppendUint32(nil, length), data)
}

func obsoleteBlock(o anyOrder, iface uint16, timestamp uint64, data []byte) []byte {
	b := o.AppendUint16(o.AppendUint16(nil, iface), 7) // 7 dropped before
	b = o.AppendUint32(b, uint32(timestamp>>32))
	b = o.AppendUint32(b, uint32(timestamp))
	b = o.AppendUint32(b, uint32(len(data)))
	return block(o, ObsoletePacket, o.AppendUint32(b, uint32(len(data))), data)
}

// drain reads a source to its end and returns copies of its frames, and the
// error that ended it.
func drain(s captures.Source) ([]captures.Frame, error) {
	var all []captures.Frame
	var b captures.Batch
	for {
		if err := s.Next(&b); err != nil {
			return all, err
		}
		for _, f := range b.Frames {
			f.Data = bytes.Clone(f.Data)
			all = append(all, f)
		}
	}
}

// read reads a whole capture; the header has to be good.
func read(t *testing.T, file []byte) ([]captures.Frame, captures.Stats, error) {
	t.Helper()
	r, err := NewReader(bytes.NewReader(file), Options{Name: "test"})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	frames, err := drain(r)
	return frames, r.Stats(), err
}

// readWhole reads a capture that has to end cleanly.
func readWhole(t *testing.T, file []byte) ([]captures.Frame, captures.Stats) {
	t.Helper()
	frames, stats, err := read(t, file)
	if err != io.EOF {
		t.Fatalf("ended with %v, want io.EOF", err)
	}
	return frames, stats
}

// corpusRoot is the folder of the corpus of captures, which may be absent.
func corpusRoot() string {
	if root := os.Getenv("CORPUS_DIR"); root != "" {
		return root
	}
	return "../../../shared/corpus"
}

// corpus returns the captures of the corpus below dir, "" for all of them.
func corpus(t testing.TB, dir string) []string {
	t.Helper()
	if _, err := os.Stat(corpusRoot()); err != nil {
		t.Skipf("no corpus of captures: %v (set CORPUS_DIR)", err)
	}
	var paths []string
	err := filepath.WalkDir(filepath.Join(corpusRoot(), dir), func(path string, _ fs.DirEntry, err error) error {
		if ext := filepath.Ext(path); ext == ".pcap" || ext == ".pcapng" || ext == ".cap" {
			paths = append(paths, path)
		}
		return err
	})
	if err != nil || len(paths) == 0 {
		t.Fatalf("%d captures in the corpus below %q (%v)", len(paths), dir, err)
	}
	return paths
}

func readFile(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// blockList reads the list of blocks beside a file of pcapng-generator, and
// counts the blocks that hold a frame.
func blockList(t *testing.T, path string) (blocks []string, packets int) {
	t.Helper()
	text := string(readFile(t, strings.TrimSuffix(path, ".pcapng")+".txt"))
	_, list, ok := strings.Cut(text, "Block sequence:")
	if !ok {
		t.Fatalf("no block sequence in the text beside %s", path)
	}
	for name := range strings.SplitSeq(list, ",") {
		name = strings.TrimSpace(name)
		blocks = append(blocks, name)
		if name == "EPB" || name == "SPB" || name == "PB" {
			packets++
		}
	}
	return blocks, packets
}
