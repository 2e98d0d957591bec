package pcapfile

import (
	"fmt"

	"github.com/spanrig/spanrig/captures"
)

const pcapHeaderLen = 24 // of the file

// saneRecord is the largest record that libpcap and Wireshark accept for most
// link types. A pcap record has no check of its length but its size; a larger
// one is damage unless the file's snapshot length allows it.
const saneRecord = 262144

// lengthOrder is the order of the two lengths in a record's header. Version
// 2.3 of the format swapped them, and not every writer of it did.
type lengthOrder uint8

const (
	capturedFirst lengthOrder = iota
	wireFirst
	smallerFirst
)

// pcap scans the records of a pcap file.
type pcap struct {
	order   byteOrder
	lengths lengthOrder
	header  int    // bytes before the data of a record
	scale   uint64 // ns a unit of the fraction
	limit   uint32 // largest captured length, bytes
	iface   captures.InterfaceStats
}

// pcapVariant tells the variant by the magic number; ok is false for none.
func pcapVariant(magic []byte) (p *pcap, ok bool) {
	p = new(pcap)
	for _, p.order = range []byteOrder{littleEndian, bigEndian} {
		switch p.order.u32(magic) {
		case 0xa1b2c3d4:
			p.header, p.scale = 16, 1000
		case 0xa1b23c4d:
			p.header, p.scale = 16, 1
		case 0xa1b2cd34: // Kuznetsov's, with interface, protocol and packet type
			p.header, p.scale = 24, 1000
		default:
			continue
		}
		return p, true
	}
	return nil, false
}

// open reads the header of the file.
func (p *pcap) open(h []byte) (fault string) {
	major, minor := p.order.u16(h[4:]), p.order.u16(h[6:])
	switch {
	case major == 543 && minor == 0, major == 2 && minor < 3: // 543.0 is DG/UX tcpdump
		p.lengths = wireFirst
	case major == 2 && minor == 3:
		p.lengths = smallerFirst
	case major != 2:
		return fmt.Sprintf("pcap version %d.%d is unknown; expected 2.0 to 2.4", major, minor)
	}
	snaplen, link := p.order.u32(h[16:]), p.order.u32(h[20:])
	p.limit = MaxRecord
	if snaplen > 0 && snaplen < MaxRecord {
		p.limit = max(snaplen, saneRecord)
	}
	// The upper half of the field holds the length of the frame check sequence.
	p.iface = captures.InterfaceStats{Link: captures.LinkType(link), Snaplen: snaplen}
	return ""
}

func (p *pcap) interfaces() []captures.InterfaceStats {
	return []captures.InterfaceStats{p.iface}
}

func (p *pcap) scan(buf []byte, offset int64, out *tally) (used, need int, fault string) {
	for {
		rest := buf[used:]
		if len(rest) < p.header {
			return used, p.header, ""
		}
		captured, length := p.order.u32(rest[8:]), p.order.u32(rest[12:])
		if p.lengths != capturedFirst && (p.lengths == wireFirst || captured > length) {
			captured, length = length, captured
		}
		if captured > p.limit {
			return used, 0, fmt.Sprintf("record of %d bytes where at most %d are plausible", captured, p.limit)
		}
		size := p.header + int(captured)
		if len(rest) < size {
			return used, size, ""
		}
		seconds, fraction := uint64(p.order.u32(rest)), uint64(p.order.u32(rest[4:]))
		out.add(captures.Frame{
			Time:   int64(seconds*second + fraction*p.scale),
			Offset: offset + int64(used),
			Length: length,
			Link:   p.iface.Link,
			Data:   rest[p.header:size:size],
		})
		used += size
	}
}
