package pcapfile

import (
	"fmt"
	"math"

	"github.com/spanrig/spanrig/captures"
)

const (
	// maxInterfaces in a file, all sections together: nobody has as many, and
	// each takes memory until the end.
	maxInterfaces = 1 << 16
	maxNameLen    = 256 // of an interface, bytes; what is longer is cut
)

// pcapng scans the blocks of a pcapng file.
type pcapng struct {
	order   byteOrder
	section []ngInterface // interfaces of this section
	first   uint32        // index in the file of the section's first interface
	stats   []captures.InterfaceStats
}

// ngInterface is what a packet block needs of its interface.
type ngInterface struct {
	clock   clock
	link    captures.LinkType
	snaplen uint32 // 0: no limit
}

func (p *pcapng) interfaces() []captures.InterfaceStats { return p.stats }

func (p *pcapng) scan(buf []byte, offset int64, out *tally) (used, need int, fault string) {
	for {
		rest := buf[used:]
		if len(rest) < blockOverhead {
			return used, blockOverhead, ""
		}
		t, size, fault := blockHeader(rest, &p.order)
		if fault != "" {
			return used, 0, fault
		}
		if len(rest) < size {
			return used, size, ""
		}
		raw := rest[:size:size]
		if fault := blockTrailer(raw, t, p.order); fault != "" {
			return used, 0, fault
		}
		if t == EnhancedPacket {
			fault = p.enhanced(raw, offset+int64(used), out)
		} else {
			fault = p.other(&Block{Type: t, Offset: offset + int64(used), Raw: raw, order: p.order}, out)
		}
		if fault != "" {
			return used, 0, fault
		}
		used += size
	}
}

// enhanced reads an enhanced packet block, section 4.3.
func (p *pcapng) enhanced(raw []byte, offset int64, out *tally) (fault string) {
	const head = blockHeaderLen + 20
	if len(raw) < head+4 {
		return fmt.Sprintf("EPB of %d bytes is too short", len(raw))
	}
	id, captured := p.order.u32(raw[8:]), p.order.u32(raw[20:])
	if uint64(id) >= uint64(len(p.section)) {
		return p.noInterface(EnhancedPacket, id)
	}
	if captured > uint32(len(raw)-head-4) {
		return fmt.Sprintf("EPB of %d bytes with %d captured", len(raw), captured)
	}
	in := &p.section[id]
	timestamp := uint64(p.order.u32(raw[12:]))<<32 | uint64(p.order.u32(raw[16:]))
	out.add(captures.Frame{
		Time:      in.clock.nanoseconds(timestamp),
		Offset:    offset,
		Length:    p.order.u32(raw[24:]),
		Interface: p.first + id,
		Link:      in.link,
		Data:      raw[head : head+captured : head+captured],
	})
	return ""
}

// other reads the rarer blocks that matter, and passes over the rest.
func (p *pcapng) other(b *Block, out *tally) (fault string) {
	if len(b.Body()) < fixedLen(b.Type) {
		return fmt.Sprintf("%v of %d bytes is too short", b.Type, len(b.Raw))
	}
	switch b.Type {
	case SectionHeader:
		return p.sectionHeader(b)
	case InterfaceDescription:
		return p.interfaceDescription(b)
	case InterfaceStatistics:
		return p.interfaceStatistics(b)
	case SimplePacket:
		return p.simple(b, out)
	case ObsoletePacket:
		return p.obsolete(b, out)
	}
	if b.Type.numbered() {
		out.id++
	}
	return ""
}

// sectionHeader begins a section: section 4.1. Interfaces are numbered anew.
func (p *pcapng) sectionHeader(b *Block) (fault string) {
	body := b.Body()
	if major, minor := b.order.u16(body[4:]), b.order.u16(body[6:]); major != 1 {
		return fmt.Sprintf("pcapng version %d.%d is unknown; expected 1.x", major, minor)
	}
	p.first += uint32(len(p.section))
	p.section = p.section[:0]
	return ""
}

// interfaceDescription is section 4.2.
func (p *pcapng) interfaceDescription(b *Block) (fault string) {
	if len(p.stats) == maxInterfaces {
		return fmt.Sprintf("more than %d interfaces", maxInterfaces)
	}
	options, err := b.Options()
	if err != nil {
		return err.Error()
	}
	resolution, offset, name := byte(microseconds), int64(0), ""
	for _, o := range options {
		switch {
		case o.Code == ifName:
			name = string(o.Value[:min(len(o.Value), maxNameLen)])
		case o.Code == ifResolution && len(o.Value) == 1:
			resolution = o.Value[0]
		case o.Code == ifOffset && len(o.Value) == 8:
			offset = int64(b.order.u64(o.Value))
		case o.Code == ifResolution, o.Code == ifOffset:
			return fmt.Sprintf("IDB with option %d of %d bytes: its times are unknown", o.Code, len(o.Value))
		}
	}
	body := b.Body()
	link, snaplen := captures.LinkType(b.order.u16(body)), b.order.u32(body[4:])
	p.section = append(p.section, ngInterface{newClock(resolution, offset), link, snaplen})
	p.stats = append(p.stats, captures.InterfaceStats{Name: name, Link: link, Snaplen: snaplen})
	return ""
}

// interfaceStatistics is section 4.6. Of several blocks the last holds.
func (p *pcapng) interfaceStatistics(b *Block) (fault string) {
	id := b.order.u32(b.Body())
	if uint64(id) >= uint64(len(p.section)) {
		return p.noInterface(b.Type, id)
	}
	options, err := b.Options()
	if err != nil {
		return err.Error()
	}
	s := &p.stats[p.first+id]
	s.Reported, s.Received, s.Dropped = true, 0, 0
	for _, o := range options {
		if o.Code != isbReceived && o.Code != isbDropped && o.Code != isbOSDropped {
			continue
		}
		if len(o.Value) != 8 {
			return fmt.Sprintf("ISB with option %d of %d bytes", o.Code, len(o.Value))
		}
		count := b.order.u64(o.Value)
		if o.Code == isbReceived {
			s.Received = count
		} else if s.Dropped += count; s.Dropped < count {
			s.Dropped = math.MaxUint64
		}
	}
	return ""
}

// simple reads a simple packet block, section 4.4: of interface 0, without time.
func (p *pcapng) simple(b *Block, out *tally) (fault string) {
	if len(p.section) == 0 {
		return p.noInterface(b.Type, 0)
	}
	body, in := b.Body(), &p.section[0]
	length, data := b.order.u32(body), body[4:]
	captured := length
	if in.snaplen > 0 {
		captured = min(captured, in.snaplen)
	}
	if uint64(captured) > uint64(len(data)) {
		return fmt.Sprintf("SPB of %d bytes with %d captured", len(b.Raw), captured)
	}
	out.add(captures.Frame{
		Offset:    b.Offset,
		Length:    length,
		Interface: p.first,
		Link:      in.link,
		Data:      data[:captured:captured],
	})
	return ""
}

// obsolete reads the packet block of early versions, appendix A.
func (p *pcapng) obsolete(b *Block, out *tally) (fault string) {
	body, id := b.Body(), uint32(b.order.u16(b.Body()))
	if uint64(id) >= uint64(len(p.section)) {
		return p.noInterface(b.Type, id)
	}
	data, captured := body[20:], b.order.u32(body[12:])
	if uint64(captured) > uint64(len(data)) {
		return fmt.Sprintf("PB of %d bytes with %d captured", len(b.Raw), captured)
	}
	in := &p.section[id]
	timestamp := uint64(b.order.u32(body[4:]))<<32 | uint64(b.order.u32(body[8:]))
	out.add(captures.Frame{
		Time:      in.clock.nanoseconds(timestamp),
		Offset:    b.Offset,
		Length:    b.order.u32(body[16:]),
		Interface: p.first + id,
		Link:      in.link,
		Data:      data[:captured:captured],
	})
	return ""
}

func (p *pcapng) noInterface(t BlockType, id uint32) (fault string) {
	return fmt.Sprintf("%v of interface %d where the section has %d", t, id, len(p.section))
}
