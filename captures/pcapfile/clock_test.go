package pcapfile

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

func TestClock(t *testing.T) {
	tests := []struct {
		name       string
		resolution byte
		offset     int64
		timestamp  uint64
		want       int64
	}{
		{"microseconds", 6, 0, 1340954905298858, 1340954905298858000},
		{"nanoseconds", 9, 0, 1340954905298858123, 1340954905298858123},
		{"seconds", 0, 0, 1340954905, 1340954905000000000},
		{"picoseconds round down", 12, 0, 1999, 1},
		{"10^-19", 19, 0, 15_000_000_000_000_000_000, 1_500_000_000},
		{"10^-20", 20, 0, 15_000_000_000_000_000_000, 150_000_000},
		{"10^-127", 127, 0, math.MaxUint64, 0},
		{"2^-0", 0x80, 0, 7, 7_000_000_000},
		{"2^-10", 0x80 | 10, 0, 1024 + 512, 1_500_000_000},
		{"2^-32 as NTP has it", 0x80 | 32, 0, 1340954905<<32 | 1<<31, 1340954905_500_000_000},
		{"2^-63", 0x80 | 63, 0, 1<<63 | 1<<62, 1_500_000_000},
		{"2^-64", 0x80 | 64, 0, 1 << 63, 500_000_000},
		{"2^-65", 0x80 | 65, 0, 1 << 63, 250_000_000},
		{"2^-127", 0xff, 0, math.MaxUint64, 0},
		{"offset", 6, 1_000_000_000, 500_000, 1_000_000_000_500_000_000},
		{"negative offset", 6, -1, 500_000, -500_000_000},
		{"after 2262", 0, 0, math.MaxUint64, math.MaxInt64},
		{"offset after 2262", 6, math.MaxInt64, math.MaxUint64, math.MaxInt64},
		{"before 1677", 6, math.MinInt64, 0, math.MinInt64},
		{"offset brings it back", 0, math.MinInt64, 1<<63 + 5, 5_000_000_000},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := newClock(test.resolution, test.offset)
			if got := c.nanoseconds(test.timestamp); got != test.want {
				t.Errorf("got %d ns, want %d", got, test.want)
			}
		})
	}
}

// TestClockExact holds every resolution against integers of any size.
func TestClockExact(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for resolution := range 256 {
		for range 50 {
			timestamp := random.Uint64() >> random.UintN(64)
			offset := int64(random.Uint64()) >> random.UintN(64)
			c := newClock(byte(resolution), offset)
			if got, want := c.nanoseconds(timestamp), bigTime(byte(resolution), offset, timestamp); got != want {
				t.Fatalf("resolution %#x, offset %d, timestamp %d: got %d ns, want %d", resolution, offset, timestamp, got, want)
			}
		}
	}
}

// bigTime is floor(timestamp*10^9/units) + offset*10^9 as an int64.
func bigTime(resolution byte, offset int64, timestamp uint64) int64 {
	base := int64(10)
	if resolution&0x80 != 0 {
		base = 2
	}
	units := new(big.Int).Exp(big.NewInt(base), big.NewInt(int64(resolution&0x7f)), nil)
	ns := new(big.Int).SetUint64(timestamp)
	ns.Div(ns.Mul(ns, big.NewInt(second)), units)
	ns.Add(ns, new(big.Int).Mul(big.NewInt(offset), big.NewInt(second)))
	switch {
	case ns.IsInt64():
		return ns.Int64()
	case ns.Sign() > 0:
		return math.MaxInt64
	}
	return math.MinInt64
}
