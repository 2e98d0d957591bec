// Command benchcapture writes a long classic pcap to stdout, built from the
// Ethernet captures of a corpus: all files one after the other, again and
// again, each pass later in time and between other addresses than the one
// before, until there are enough bytes and frames. So every pass brings new
// flows to every tool, also to one that never forgets a flow.
package main

import (
	"bufio"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/spanrig/spanrig/captures"
	"github.com/spanrig/spanrig/captures/pcapfile"
)

const gap = int64(10 * 60 * 1e9) // between two files, ns: longer than any idle flow lives

const etherLen = 14 // bytes of a frame's header, which an MTU does not count

func main() {
	bytes := flag.Int64("bytes", 1_180_000_000, "at least so many bytes")
	frames := flag.Int64("frames", 4_000_000, "at least so many frames")
	mtu := flag.Int("mtu", 0, "only frames that an interface of this MTU can send, whole (default: all)")
	flag.Parse()
	if err := run(*bytes, *frames, *mtu, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "benchcapture:", err)
		os.Exit(1)
	}
}

// pass is the corpus as pcap records without their times.
type pass struct {
	records []byte
	times   []int64 // of each record, ns from the start of the pass
	length  int64   // ns
	hosts   []int   // offsets of the address bytes that tell one pass from another
	mask    byte    // what those bytes are XORed with
	mtu     int     // of the interface that is to send it; 0: none
}

func run(wantBytes, wantFrames int64, mtu int, dirs []string) error {
	p, err := read(mtu, dirs)
	if err != nil {
		return err
	}
	if len(p.times) == 0 {
		return errors.New("no Ethernet frames below the folders given; name the corpus folders ndpi and zeek")
	}
	w := bufio.NewWriterSize(os.Stdout, 1<<20)
	header := make([]byte, 24)
	binary.LittleEndian.PutUint32(header, 0xa1b2c3d4)
	binary.LittleEndian.PutUint16(header[4:], 2)
	binary.LittleEndian.PutUint16(header[6:], 4)
	binary.LittleEndian.PutUint32(header[16:], 262144)
	binary.LittleEndian.PutUint32(header[20:], uint32(captures.LinkEthernet))
	if _, err := w.Write(header); err != nil {
		return err
	}
	const epoch = 1_700_000_000 * int64(1e9)
	for n := int64(0); n*int64(len(p.records)) < wantBytes || n*int64(len(p.times)) < wantFrames; n++ {
		p.shift(epoch + n*p.length)
		p.renumber(byte(n))
		if _, err := w.Write(p.records); err != nil {
			return err
		}
	}
	return w.Flush()
}

// shift writes the times of all records, start later than those of the pass.
func (p *pass) shift(start int64) {
	at := 0
	for _, t := range p.times {
		us := (start + t) / 1000
		binary.LittleEndian.PutUint32(p.records[at:], uint32(us/1e6))
		binary.LittleEndian.PutUint32(p.records[at+4:], uint32(us%1e6))
		at += 16 + int(binary.LittleEndian.Uint32(p.records[at+8:]))
	}
}

// renumber moves all addresses to those of pass n. Checksums stay as they are:
// no tool here looks at them.
func (p *pass) renumber(n byte) {
	for _, at := range p.hosts {
		p.records[at] ^= p.mask ^ n
	}
	p.mask = n
}

// addresses notes the second octet of both IPv4 addresses, or the sixth of both
// IPv6 addresses, of a frame that begins at offset at.
func (p *pass) addresses(frame []byte, at int) {
	link := 12
	for len(frame) >= link+2 && binary.BigEndian.Uint16(frame[link:]) == 0x8100 {
		link += 4
	}
	if len(frame) < link+2+40 {
		return
	}
	switch ip := link + 2; binary.BigEndian.Uint16(frame[link:]) {
	case 0x0800:
		p.hosts = append(p.hosts, at+ip+12+1, at+ip+16+1)
	case 0x86dd:
		p.hosts = append(p.hosts, at+ip+8+5, at+ip+24+5)
	}
}

func read(mtu int, dirs []string) (*pass, error) {
	p := &pass{mtu: mtu}
	for _, dir := range dirs {
		var files []string
		err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
			if err == nil && slices.Contains([]string{".pcap", ".pcapng", ".cap", ".trace"}, filepath.Ext(path)) {
				files = append(files, path)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
		slices.Sort(files)
		for _, f := range files {
			if err := p.add(f); err != nil {
				return nil, err
			}
		}
	}
	return p, nil
}

// add appends the Ethernet frames of one file; damage ends it early.
func (p *pass) add(path string) error {
	src, err := pcapfile.Open(path)
	if err != nil {
		return nil // no capture: the corpus has a few on purpose
	}
	defer src.Close()
	var b captures.Batch
	var first, last int64
	for {
		err := src.Next(&b)
		var fault *captures.Fault
		if errors.Is(err, io.EOF) || errors.As(err, &fault) {
			p.length = max(p.length, last) + gap
			return nil
		} else if err != nil {
			return err
		}
		for i := range b.Frames {
			f := &b.Frames[i]
			if f.Link != captures.LinkEthernet || len(f.Data) == 0 || len(f.Data) > 262144 {
				continue
			}
			if p.mtu > 0 {
				if len(f.Data) < etherLen || len(f.Data) > p.mtu+etherLen {
					continue
				}
				f.Length = uint32(len(f.Data)) // what is sent is whole
			}
			if first == 0 {
				first = f.Time
			}
			// Files last at most a day here, and time within one may jump.
			last = p.length + min(max(f.Time-first, 0), 24*3600*1e9)
			p.times = append(p.times, last)
			p.records = binary.LittleEndian.AppendUint64(p.records, 0)
			p.records = binary.LittleEndian.AppendUint32(p.records, uint32(len(f.Data)))
			p.records = binary.LittleEndian.AppendUint32(p.records, f.Length)
			p.addresses(f.Data, len(p.records))
			p.records = append(p.records, f.Data...)
		}
	}
}
