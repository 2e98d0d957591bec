package generator

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/netip"
	"slices"
	"time"
)

// Config says what to send. Interface, the addresses, one of the rates and For
// are needed.
type Config struct {
	Interface            string
	SourceMAC, TargetMAC [6]byte
	Source, Target       netip.AddrPort // IPv4: documentation addresses, RFC 5737, where the path allows
	Run                  uint32         // tells this run from others; not 0
	Sizes                []int          // of frames, bytes with the check sequence: 64 to 9018; empty: DefaultSizes

	// Exactly one of these is above 0.
	BitsPerSecond   int64 // on the wire, with 20 bytes of preamble and gap a frame
	FramesPerSecond int64

	For time.Duration
}

// DefaultSizes are the smallest, a middle and the largest frame of Ethernet.
var DefaultSizes = []int{64, 512, 1518}

// Limits of a size: the smallest frame of Ethernet, which just holds the
// payload, and a jumbo frame.
const (
	minSize = 64
	maxSize = 9018
)

// Report is what was sent.
type Report struct {
	Run             uint32  `json:"run"`
	Sizes           []int   `json:"sizes"` // frame number n has size n modulo their count
	Sent            uint64  `json:"sent"`  // frames, numbered from 0
	Bytes           uint64  `json:"bytes"` // with the check sequences
	Began           int64   `json:"began"` // ns since the Unix epoch
	Ended           int64   `json:"ended"`
	FramesPerSecond float64 `json:"frames_per_second"` // reached
	BitsPerSecond   float64 `json:"bits_per_second"`   // reached, on the wire
}

// Send sends frames until the time is up or ctx ends; then the error is ctx's.
// The report is true even where there is an error.
func Send(ctx context.Context, c Config) (Report, error) {
	if len(c.Sizes) == 0 {
		c.Sizes = DefaultSizes
	}
	if err := c.check(); err != nil {
		return Report{}, err
	}
	out, err := open(c.Interface)
	if err != nil {
		return Report{}, err
	}
	defer out.close()
	return send(ctx, &c, out)
}

func (c *Config) check() error {
	for _, size := range c.Sizes {
		if size < minSize || size > maxSize {
			return fmt.Errorf("a frame of %d bytes: choose %d to %d, check sequence included", size, minSize, maxSize)
		}
	}
	switch {
	case !c.Source.Addr().Is4() || !c.Target.Addr().Is4():
		return errors.New("source and target are IPv4 addresses with ports")
	case (c.BitsPerSecond > 0) == (c.FramesPerSecond > 0):
		return errors.New("name one rate: bits or frames a second")
	case c.Run == 0:
		return errors.New("a run of 0 tells nothing apart: choose another number")
	case c.For <= 0:
		return errors.New("say how long to send")
	}
	return nil
}

// wireOverhead is what a frame takes beside its bytes: preamble, start and gap.
const wireOverhead = 20

// cost is the time that each of the sizes takes at the rate.
func (c *Config) cost() []time.Duration {
	var list []time.Duration
	for _, size := range c.Sizes {
		if c.FramesPerSecond > 0 {
			list = append(list, time.Second/time.Duration(c.FramesPerSecond))
		} else {
			list = append(list, time.Duration(float64(size+wireOverhead)*8/float64(c.BitsPerSecond)*float64(time.Second)))
		}
	}
	return list
}

// batch is how many frames one call sends at most.
const batch = 64

// send is Send on an open interface.
func send(ctx context.Context, c *Config, out *output) (Report, error) {
	r := Report{Run: c.Run, Sizes: slices.Clone(c.Sizes)}
	frames := newFrames(c)
	p := newPace(c.cost(), time.Now())
	began := time.Now()
	r.Began = began.UnixNano()
	var err error
	for err == nil && time.Since(began) < c.For && r.Sent < math.MaxUint32 {
		now := time.Now()
		n := p.due(now, batch)
		if n == 0 {
			err = rest(ctx, p.wait(now))
			continue
		}
		list := frames.stamp(uint32(r.Sent), n, now.UnixNano())
		var sent int
		sent, err = out.send(list)
		p.took(sent)
		for _, f := range list[:sent] {
			r.Bytes += uint64(len(f) + checkSequence)
		}
		r.Sent += uint64(sent)
		if err == nil {
			err = ctx.Err()
		}
	}
	r.finish(time.Now())
	return r, err
}

func (r *Report) finish(now time.Time) {
	r.Ended = now.UnixNano()
	if s := float64(r.Ended-r.Began) / 1e9; s > 0 {
		r.FramesPerSecond = float64(r.Sent) / s
		r.BitsPerSecond = float64(r.Bytes+r.Sent*wireOverhead) * 8 / s
	}
}

func rest(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
