package pcapfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/gopacket"
	"github.com/google/gopacket/pcapgo"

	"github.com/spanrig/spanrig/captures"
)

// peer is a reader of somebody else.
type peer interface {
	ReadPacketData() ([]byte, gopacket.CaptureInfo, error)
}

func newPeer(file []byte) (peer, error) {
	if bytes.HasPrefix(file, []byte{0x0a, 0x0d, 0x0d, 0x0a}) {
		return pcapgo.NewNgReader(bytes.NewReader(file), pcapgo.NgReaderOptions{WantMixedLinkType: true, SkipUnknownVersion: true})
	}
	return pcapgo.NewReader(bytes.NewReader(file))
}

// TestCorpusPcapgo compares every frame of the corpus with pcapgo, as far as
// that reads: it gives up where a record is longer than the snapshot length.
func TestCorpusPcapgo(t *testing.T) {
	compared := 0
	for _, path := range corpus(t, "") {
		file := readFile(t, path)
		frames, stats := readWhole(t, file)
		if stats.Frames != uint64(len(frames)) {
			t.Errorf("%s: %d frames, but %d counted", path, len(frames), stats.Frames)
		}
		other, err := newPeer(file)
		if err != nil {
			continue
		}
		for i, f := range frames {
			data, ci, err := other.ReadPacketData()
			if err != nil {
				break
			}
			// pcapgo computes the fraction of classic pcap in 32 bits.
			wrong := (ci.Timestamp.UnixNano() - f.Time) % (1 << 32)
			if f.Time != 0 && wrong != 0 || ci.Length != int(f.Length) || !bytes.Equal(data, f.Data) {
				t.Errorf("%s: frame %d is %+v, pcapgo has %+v", path, i+1, f, ci)
				break
			}
			compared++
		}
	}
	t.Logf("%d frames compared", compared)
}

// TestCorpusCapinfos compares counts and lengths of the whole corpus with
// Wireshark's.
func TestCorpusCapinfos(t *testing.T) {
	capinfos, err := exec.LookPath("capinfos")
	if err != nil {
		t.Skip("no capinfos to compare with: install wireshark-common")
	}
	paths := corpus(t, "")
	// It leaves out files whose link type it does not know, with exit code 1.
	out, err := exec.Command(capinfos, append([]string{"-TMrcd"}, paths...)...).Output()
	if exit := new(exec.ExitError); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(lines) < len(paths)*99/100 {
		t.Errorf("capinfos read %d of %d files", len(lines), len(paths))
	}
	for _, line := range lines {
		columns := strings.Split(line, "\t")
		frames, stats := readWhole(t, readFile(t, columns[0]))
		var length uint64
		for _, f := range frames {
			length += uint64(f.Length)
			if f.Link == linkSunATM {
				length -= 4 // Wireshark takes the pseudo-header off
			}
		}
		if got := fmt.Sprintf("%d\t%d", stats.Frames, length); got != columns[1]+"\t"+columns[2] {
			t.Errorf("%s: frames and bytes %s, capinfos has %s %s", columns[0], got, columns[1], columns[2])
		}
	}
}

const linkSunATM captures.LinkType = 123

// TestCorpusTshark compares number, time and lengths of each frame with
// Wireshark's, on files of every kind.
func TestCorpusTshark(t *testing.T) {
	tshark, err := exec.LookPath("tshark")
	if err != nil {
		t.Skip("no tshark to compare with")
	}
	corpus(t, "pcapng-generator") // skips where there is none
	for _, name := range []string{
		"pcapng-generator/difficult/test202.pcapng", "pcapng-generator/big-endian/difficult/test202.pcapng",
		"pcapng-generator/advanced/test102.pcapng", "pcapng-generator/basic/test018.pcapng",
		"zeek/vntag.pcap", "tcpdump/pptp.pcap", "tcpdump/tcp-handshake-nano.pcap",
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(corpusRoot(), name)
			out, err := exec.Command(tshark, "-n", "-r", path, "-T", "fields", "-e", "frame.number",
				"-e", "frame.time_epoch", "-e", "frame.len", "-e", "frame.cap_len").Output()
			if err != nil {
				t.Fatal(err)
			}
			want := map[string]bool{} // more than ours: it has a line for custom blocks too
			for line := range strings.Lines(string(out)) {
				want[strings.TrimSpace(line)] = true
			}
			frames, _ := readWhole(t, readFile(t, path))
			for _, f := range frames {
				time := ""
				if f.Time != 0 {
					time = fmt.Sprintf("%d.%09d", f.Time/second, f.Time%second)
				}
				got := fmt.Sprintf("%d\t%s\t%d\t%d", f.ID.Number(), time, f.Length, len(f.Data))
				if !want[got] {
					t.Errorf("tshark has no frame %q", got)
				}
			}
		})
	}
}

// TestHostile reads every damaged capture of the corpus, and each again with
// its end cut and with single bytes overwritten: it ends, whatever the bytes.
func TestHostile(t *testing.T) {
	for _, path := range corpus(t, "tcpdump") {
		file := readFile(t, path)
		readAny(t, file)
		readAny(t, file[:len(file)*2/3])
		for _, at := range []int{4, 6, 16, 20, 24, 32, 36, 40, 44, 60} {
			if at < len(file) {
				damaged := bytes.Clone(file)
				damaged[at] ^= 0xff
				readAny(t, damaged)
			}
		}
	}
}

// readAny reads what may be damaged: frames up to io.EOF or a fault at a place
// in the file.
func readAny(t *testing.T, file []byte) {
	t.Helper()
	r, err := NewReader(bytes.NewReader(file), Options{})
	if err != nil {
		if r != nil {
			t.Fatalf("a reader and %v", err)
		}
		return
	}
	defer r.Close()
	var b captures.Batch
	for err == nil {
		err = r.Next(&b)
		if (err == nil) != (len(b.Frames) > 0) {
			t.Fatalf("%d frames and %v", len(b.Frames), err)
		}
		if cap(b.Buf) > MaxRecord+2*batchSize {
			t.Fatalf("a batch of %d bytes", cap(b.Buf))
		}
	}
	var fault *captures.Fault
	if err != io.EOF && !errors.As(err, &fault) {
		t.Fatalf("ended with %v", err)
	}
}
