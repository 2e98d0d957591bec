package packet_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/spanrig/spanrig/captures"
	"github.com/spanrig/spanrig/captures/packet"
	"github.com/spanrig/spanrig/captures/pcapfile"
)

// corpusDir is the folder of real captures, where there is one.
func corpusDir() (string, bool) {
	dir := os.Getenv("CORPUS_DIR")
	if dir == "" {
		dir = "../../../shared/corpus"
	}
	_, err := os.Stat(dir)
	return dir, err == nil
}

// corpus returns the folder of real captures, or skips.
func corpus(t testing.TB) string {
	t.Helper()
	dir, ok := corpusDir()
	if !ok {
		t.Skipf("no corpus of captures at %s", dir)
	}
	return dir
}

// corpusFiles lists the captures of some folders of the corpus; none where
// there is no corpus.
func corpusFiles(t testing.TB, folders ...string) (paths []string) {
	dir, ok := corpusDir()
	for _, folder := range folders {
		if ok {
			paths = append(paths, captureFiles(t, filepath.Join(dir, folder))...)
		}
	}
	return paths
}

// eachFrame calls f with every frame before the first damage.
func eachFrame(t testing.TB, path string, f func(*captures.Frame)) {
	t.Helper()
	file, err := pcapfile.Open(path)
	if err != nil {
		return // hostile files need no header
	}
	defer file.Close()
	var batch captures.Batch
	for {
		err := file.Next(&batch)
		if err != nil {
			var fault *captures.Fault
			if err != io.EOF && !errors.As(err, &fault) {
				t.Fatalf("%s: %v", path, err)
			}
			return
		}
		for i := range batch.Frames {
			f(&batch.Frames[i])
		}
	}
}

// innermost is what one frame holds, in our eyes or in tshark's.
type innermost struct {
	src, dst         netip.Addr
	srcPort, dstPort uint16
}

func (i innermost) String() string {
	return fmt.Sprintf("%v:%d > %v:%d", i.src, i.srcPort, i.dst, i.dstPort)
}

func ours(t testing.TB, path string) (seen map[uint64]innermost, held map[uint64]bool) {
	seen, held = make(map[uint64]innermost), make(map[uint64]bool)
	d := packet.NewDecoder()
	var p packet.Packet
	eachFrame(t, path, func(f *captures.Frame) {
		switch d.Decode(f, &p) {
		case packet.OK:
			seen[f.ID.Number()] = innermost{p.SrcAddr(), p.DstAddr(), p.SrcPort, p.DstPort}
		case packet.Held:
			held[f.ID.Number()] = true
		}
	})
	return seen, held
}

var fields = []string{
	"frame.number", "frame.protocols", "ip.src", "ip.dst", "ipv6.src", "ipv6.dst",
	"tcp.srcport", "tcp.dstport", "udp.srcport", "udp.dstport", "sctp.srcport", "sctp.dstport",
}

// theirs asks tshark. Frames with ICMP are left out: it dissects what they
// quote. So are those it calls malformed.
func theirs(t testing.TB, path string) map[uint64]innermost {
	args := []string{"-n", "-r", path, "-T", "fields", "-E", "occurrence=a", "-E", "aggregator=,"}
	for _, f := range fields {
		args = append(args, "-e", f)
	}
	cmd := exec.Command("tshark", args...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Wait() }() // it fails on damage after what it printed
	seen := make(map[uint64]innermost)
	for lines := bufio.NewScanner(out); lines.Scan(); {
		v := strings.Split(lines.Text(), "\t")
		if n, i, ok := inner(v); ok {
			seen[n] = i
		}
	}
	return seen
}

func inner(v []string) (uint64, innermost, bool) {
	protocols := strings.Split(v[1], ":")
	at := -1
	for i, p := range protocols {
		if p == "ip" || p == "ipv6" {
			at = i
		}
	}
	if at < 0 || slices.Contains(protocols, "icmp") || slices.Contains(protocols, "icmpv6") || slices.Contains(protocols, "_ws.malformed") {
		return 0, innermost{}, false
	}
	last := func(field int) string { return v[field][strings.LastIndexByte(v[field], ',')+1:] }
	number, _ := strconv.ParseUint(v[0], 10, 64)
	var i innermost
	if protocols[at] == "ip" {
		i.src, _ = netip.ParseAddr(last(2))
		i.dst, _ = netip.ParseAddr(last(3))
	} else {
		i.src, _ = netip.ParseAddr(last(4))
		i.dst, _ = netip.ParseAddr(last(5))
	}
	for n, name := range []string{"tcp", "udp", "sctp"} {
		if slices.Contains(protocols[at:], name) {
			src, _ := strconv.ParseUint(last(6+2*n), 10, 16)
			dst, _ := strconv.ParseUint(last(7+2*n), 10, 16)
			i.srcPort, i.dstPort = uint16(src), uint16(dst)
			break
		}
	}
	return number, i, true
}

// explained are the frames that tshark takes otherwise, with the reason.
func explained(a, b innermost) string {
	switch {
	case a.dstPort == 5247 || a.srcPort == 5247:
		return "CAPWAP is no tunnel of the contract"
	case a.src == b.src && (!b.dst.IsValid() || a.dst == b.dst && a.dstPort == 48879 && b.dstPort == 0):
		return "FabricPath: tshark takes the end of the packet for a frame check sequence"
	}
	return ""
}

// TestTshark holds the innermost addresses and ports of each frame of the
// smaller captures against tshark's. Fragments are left to TestFragments: what
// is held until its datagram is complete shows no ports there either.
func TestTshark(t *testing.T) {
	for _, tool := range []string{"tshark", "mergecap"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("no tshark: %v", err)
		}
	}
	const limit = 128 << 10 // bytes a file: many kinds in little time
	merged := filepath.Join(t.TempDir(), "merged.pcapng")
	args := []string{"-a", "-F", "pcapng", "-w", merged}
	dir := corpus(t)
	for _, folder := range []string{"zeek", "ndpi"} {
		for _, path := range captureFiles(t, filepath.Join(dir, folder)) {
			stat, err := os.Stat(path)
			if err == nil && stat.Size() <= limit && !strings.Contains(path, "trunc") {
				args = append(args, path)
			}
		}
	}
	if out, err := exec.Command("mergecap", args...).CombinedOutput(); err != nil {
		t.Fatalf("mergecap: %v: %s", err, out)
	}
	seen, held := ours(t, merged)
	var agreed int
	for number, want := range theirs(t, merged) {
		got := seen[number]
		switch {
		case got == want:
			agreed++
		case held[number] || explained(got, want) != "":
		default:
			t.Errorf("frame %d: %v, tshark has %v", number, got, want)
		}
	}
	if agreed < 10_000 {
		t.Errorf("only %d frames agree", agreed)
	}
}

// captureFiles lists the captures below dir in order.
func captureFiles(t testing.TB, dir string) (paths []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err == nil && !e.IsDir() && strings.Contains(filepath.Ext(path), "cap") {
			paths = append(paths, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

// TestCorpus decodes every capture of the corpus, the hostile ones included,
// and accounts for every frame.
func TestCorpus(t *testing.T) {
	for _, path := range captureFiles(t, corpus(t)) {
		d := packet.NewDecoder()
		var p packet.Packet
		var frames, delivered uint64
		emit := func(p *packet.Packet) { delivered += uint64(p.Frames) }
		eachFrame(t, path, func(f *captures.Frame) {
			frames++
			if d.Decode(f, &p) == packet.OK {
				emit(&p)
			}
			d.Flush(f.Time, emit)
		})
		d.Flush(math.MaxInt64, emit)
		c := d.Counts()
		if sum := c.Packets + c.ARP + c.Fragments + c.NotIP + c.Unlinked + c.Malformed; sum != frames {
			t.Errorf("%s: %d of %d frames counted", path, sum, frames)
		}
		if delivered != c.Packets+c.Fragments || c.Lost != 0 {
			t.Errorf("%s: %d frames in packets, counted %d and %d fragments", path, delivered, c.Packets, c.Fragments)
		}
	}
}
