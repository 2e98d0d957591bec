package pcapfile

import (
	"math"
	"math/bits"
)

const second = 1_000_000_000 // ns

// microseconds is the resolution of an interface that names none.
const microseconds = 6

// A clock turns the timestamps of one pcapng interface into nanoseconds since
// the epoch, in exact integers, rounded down. Times that an int64 cannot hold
// (before 1677, after 2262) become the nearest one that it can.
type clock struct {
	resolution byte   // if_tsresol: 10^-n, or 2^-n with the high bit set
	offset     int64  // if_tsoffset, seconds
	scale      uint64 // ns a unit, where that is a whole number
	limit      uint64 // scale is enough for timestamps below
}

func newClock(resolution byte, offset int64) clock {
	c := clock{resolution: resolution, offset: offset}
	if resolution <= 9 && offset == 0 {
		c.scale = pow10(9 - uint(resolution))
		c.limit = math.MaxInt64 / c.scale
	}
	return c
}

// nanoseconds is the time of a timestamp.
func (c *clock) nanoseconds(timestamp uint64) int64 {
	if timestamp < c.limit {
		return int64(timestamp * c.scale)
	}
	return c.exact(timestamp)
}

func (c *clock) exact(timestamp uint64) int64 {
	n := uint(c.resolution & 0x7f)
	var seconds, nanos uint64
	if c.resolution&0x80 != 0 {
		seconds, nanos = splitBinary(timestamp, n)
	} else {
		seconds, nanos = splitDecimal(timestamp, n)
	}
	return clamp(seconds, nanos, c.offset)
}

// splitDecimal divides a count of 10^-n seconds.
func splitDecimal(timestamp uint64, n uint) (seconds, nanos uint64) {
	if n > 19 { // 10^n is more than 64 bits: the timestamp is below one second
		if n-9 > 19 {
			return 0, 0
		}
		return 0, timestamp / pow10(n-9)
	}
	unit := pow10(n)
	hi, lo := bits.Mul64(timestamp%unit, second)
	nanos, _ = bits.Div64(hi, lo, unit)
	return timestamp / unit, nanos
}

// splitBinary divides a count of 2^-n seconds.
func splitBinary(timestamp uint64, n uint) (seconds, nanos uint64) {
	if n < 64 {
		seconds = timestamp >> n
		timestamp -= seconds << n
	}
	hi, lo := bits.Mul64(timestamp, second)
	if n >= 64 {
		return 0, hi >> (n - 64)
	}
	return seconds, lo>>n | hi<<(64-n)
}

// clamp returns seconds + offset as nanoseconds, plus nanos, without overflow.
func clamp(seconds, nanos uint64, offset int64) int64 {
	const most = math.MaxInt64/second - 1
	if offset < 0 {
		rest, negative := bits.Sub64(seconds, -uint64(offset), 0)
		if negative != 0 {
			if -rest > most {
				return math.MinInt64
			}
			return int64(nanos) - int64(-rest*second)
		}
		seconds, offset = rest, 0
	}
	total, overflow := bits.Add64(seconds, uint64(offset), 0)
	if overflow != 0 || total > most {
		return math.MaxInt64
	}
	return int64(total*second + nanos)
}

func pow10(n uint) uint64 {
	p := uint64(1)
	for range n {
		p *= 10
	}
	return p
}
