package packet

import (
	"encoding/binary"

	"github.com/spanrig/spanrig/captures"
)

// A Decoder turns the frames of one capture into packets. It keeps the
// fragments of incomplete datagrams (at most 4 MiB) and the digests of recent
// packets (512 KiB).
type Decoder struct {
	counts     Counts
	binding    Binding
	recent     recent
	reassembly reassembly

	// State of the frame at hand.
	ip       view // the innermost IP packet so far; empty once reassembled
	peels    int  // tunnels tried
	strict   bool // the tunnel was guessed: its inside must fit
	fragment bool // the frame carries an IP fragment
}

// NewDecoder returns a Decoder for one capture.
func NewDecoder() *Decoder {
	return &Decoder{
		counts:     Counts{UnlinkedTypes: make(map[captures.LinkType]uint64)},
		recent:     newRecent(),
		reassembly: newReassembly(),
	}
}

// Decode fills every field of p from f and says what f was. Where the result
// is OK, p.Payload points into f.Data, or, for a reassembled datagram, into
// memory of its own. Where it is anything else, p holds nothing of use.
func (d *Decoder) Decode(f *captures.Frame, p *Packet) Result {
	*p = Packet{Frame: f.ID, First: f.ID, Time: f.Time, Begin: f.Time, Length: uint64(f.Length), Frames: 1}
	d.ip, d.peels, d.strict, d.fragment = view{}, 0, false, false

	// Some writers set a wire length below the captured one.
	wire := max(int(min(f.Length, maxWire)), len(f.Data))
	result := d.link(f.Link, p, view{f.Data, wire})
	if result == OK && d.ip.b != nil && d.recent.seen(d.ip, p.Time) {
		d.counts.Duplicates += uint64(p.Frames - p.Duplicates)
		p.Duplicates = p.Frames
	}
	d.count(result, f.Link)
	return result
}

// Counts returns what was done so far. The map is the Decoder's own.
func (d *Decoder) Counts() Counts { return d.counts }

func (d *Decoder) count(result Result, link captures.LinkType) {
	switch {
	case d.fragment:
		d.counts.Fragments++
	case result == OK:
		d.counts.Packets++
	case result == ARP:
		d.counts.ARP++
	case result == NotIP:
		d.counts.NotIP++
	case result == Malformed:
		d.counts.Malformed++
	case result == Unlinked:
		d.counts.Unlinked++
		d.counts.UnlinkedTypes[link]++
	}
}

// maxWire bounds what is believed of a frame's length, so that sums fit an
// int of 32 bits.
const maxWire = 1 << 30

// view is a part of a frame: the captured bytes, and how many there were on
// the wire.
type view struct {
	b    []byte
	wire int
}

// from drops the first n bytes; the caller has checked that n were captured.
func (v view) from(n int) view { return view{v.b[n:], v.wire - n} }

// to keeps what a header says there are: n bytes on the wire.
func (v view) to(n int) view { return view{v.b[:min(n, len(v.b))], n} }

// beyond drops a header of n bytes of which not all may have been captured.
func (v view) beyond(n int) view { return view{v.b[min(n, len(v.b)):], max(v.wire-n, 0)} }

func be16(b []byte) uint16 { return binary.BigEndian.Uint16(b) }
func be32(b []byte) uint32 { return binary.BigEndian.Uint32(b) }
func be64(b []byte) uint64 { return binary.BigEndian.Uint64(b) }
