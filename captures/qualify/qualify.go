package qualify

import (
	"encoding/binary"
	"errors"
	"io"

	"github.com/spanrig/spanrig/captures"
	"github.com/spanrig/spanrig/captures/packet"
)

// Expectation is what the generator says that it sent.
type Expectation struct {
	Run   uint32
	Sent  uint64 // frames, numbered from 0
	Sizes []int  // frame n has size n modulo their count; bytes with the check sequence
}

// Counts are what arrived. Lost is about numbers: a frame that came twice is
// received once and duplicated once.
type Counts struct {
	Run         uint32      `json:"run"`
	Sent        uint64      `json:"sent"`
	Received    uint64      `json:"received"`
	Lost        uint64      `json:"lost"`
	LongestLoss uint64      `json:"longest_loss"` // frames lost in a row
	Duplicated  uint64      `json:"duplicated"`   // copies beside the first
	Reordered   uint64      `json:"reordered"`    // with a lower number than one before, RFC 4737
	Damaged     uint64      `json:"damaged"`      // of another size than was sent, or a number that was not
	Cut         uint64      `json:"cut"`          // longer on the wire than in the capture
	Foreign     uint64      `json:"foreign"`      // frames of other runs
	Sizes       []SizeCount `json:"sizes"`
	First       int64       `json:"first"` // time of the earliest and the latest, ns since the epoch
	Last        int64       `json:"last"`
	Delay       Delay       `json:"delay_not_a_promise"`
}

// SizeCount is the part of one size.
type SizeCount struct {
	Size       int    `json:"size"` // bytes with the check sequence
	Sent       uint64 `json:"sent"`
	Received   uint64 `json:"received"`
	Lost       uint64 `json:"lost"`
	Duplicated uint64 `json:"duplicated"`
}

// Delay is from sending to capture, ns. It has the scheduling of two programs
// and two clocks in it, and promises nothing of the path.
type Delay struct {
	Min  int64 `json:"min_ns"`
	Mean int64 `json:"mean_ns"`
	Max  int64 `json:"max_ns"`
}

// most is the highest count of frames that a run can have, for numbers have 32 bits.
const most = 1 << 32

// Count reads src to its end. Memory is a bit for each frame sent. The counts
// are true as far as the capture could be read; the error is src's.
func Count(src captures.Source, e Expectation) (Counts, error) {
	if e.Sent > most || len(e.Sizes) == 0 {
		return Counts{}, errors.New("a qualification has sizes, and at most 2^32 frames")
	}
	c := counter{want: e, seen: make([]uint64, (e.Sent+63)/64), counts: Counts{Run: e.Run, Sent: e.Sent}}
	for _, size := range e.Sizes {
		c.counts.Sizes = append(c.counts.Sizes, SizeCount{Size: size})
	}
	err := c.read(src)
	c.finish()
	return c.counts, err
}

type counter struct {
	want   Expectation
	seen   []uint64 // a bit a frame
	next   uint64   // one above the highest number so far
	delays float64  // sum, ns
	counts Counts
}

func (c *counter) read(src captures.Source) error {
	d := packet.NewDecoder()
	var b captures.Batch
	var p packet.Packet
	for {
		switch err := src.Next(&b); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		for i := range b.Frames {
			if d.Decode(&b.Frames[i], &p) == packet.OK && p.Proto == packet.UDP {
				c.add(&b.Frames[i], &p)
			}
		}
	}
}

// Lengths of the payload's fields, and of what stands around it.
const (
	stampLen   = 18
	headersLen = 14 + 20 + 8 + 4 // Ethernet, IPv4, UDP, check sequence
)

func (c *counter) add(f *captures.Frame, p *packet.Packet) {
	if len(p.Payload) < stampLen || string(p.Payload[:2]) != "SQ" {
		return
	}
	if binary.BigEndian.Uint32(p.Payload[2:]) != c.want.Run {
		c.counts.Foreign++
		return
	}
	n := uint64(binary.BigEndian.Uint32(p.Payload[6:]))
	if n >= c.want.Sent || int(p.PayloadLen)+headersLen != c.size(n) {
		c.counts.Damaged++
		return
	}
	if f.Cut() {
		c.counts.Cut++
	}
	size := &c.counts.Sizes[n%uint64(len(c.want.Sizes))]
	if c.seen[n/64]&(1<<(n%64)) != 0 {
		c.counts.Duplicated++
		size.Duplicated++
		return
	}
	c.seen[n/64] |= 1 << (n % 64)
	size.Received++
	if n < c.next {
		c.counts.Reordered++
	}
	c.next = max(c.next, n+1)
	c.time(f.Time, f.Time-int64(binary.BigEndian.Uint64(p.Payload[10:])))
	c.counts.Received++
}

func (c *counter) size(n uint64) int { return c.want.Sizes[n%uint64(len(c.want.Sizes))] }

// time notes when a frame came and how long it was on its way.
func (c *counter) time(at, delay int64) {
	t := &c.counts
	if t.Received == 0 {
		t.First, t.Last, t.Delay.Min, t.Delay.Max = at, at, delay, delay
	}
	t.First, t.Last = min(t.First, at), max(t.Last, at)
	t.Delay.Min, t.Delay.Max = min(t.Delay.Min, delay), max(t.Delay.Max, delay)
	c.delays += float64(delay)
}

// finish counts what is missing.
func (c *counter) finish() {
	t := &c.counts
	t.Lost = t.Sent - t.Received
	if t.Received > 0 {
		t.Delay.Mean = int64(c.delays / float64(t.Received))
	}
	sizes := uint64(len(t.Sizes))
	for i := range t.Sizes {
		s := &t.Sizes[i]
		s.Sent = (t.Sent + sizes - 1 - uint64(i)) / sizes
		s.Lost = s.Sent - s.Received
	}
	row := uint64(0)
	for n := range t.Sent {
		if row++; c.seen[n/64]&(1<<(n%64)) != 0 {
			row = 0
		}
		t.LongestLoss = max(t.LongestLoss, row)
	}
}
