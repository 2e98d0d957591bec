package android

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spanrig/spanrig/drivers"
)

const clockTries = 5

// Clock measures the device's clock minus the host's, and how far off that may
// be: half of the round trip, of the quickest of five tries, and half a second
// more on a device that tells whole seconds only.
func Clock(ctx context.Context, b drivers.Bridge) (offset, uncertain time.Duration, err error) {
	for i := range clockTries {
		before := time.Now()
		out, err := run(ctx, b, "date", "+%s.%N")
		if err != nil {
			return 0, 0, err
		}
		half := time.Since(before) / 2
		device, exact, err := ParseDate(out)
		if err != nil {
			return 0, 0, err
		}
		doubt := half
		if !exact {
			doubt += time.Second / 2
			device = device.Add(time.Second / 2)
		}
		if i == 0 || doubt < uncertain {
			offset, uncertain = device.Sub(before.Add(half)), doubt
		}
	}
	return offset, uncertain, nil
}

// ParseDate reads the output of "date +%s.%N": seconds and nine digits of
// nanoseconds, or, where date knows no %N, seconds and what it made of it; then
// the time is not exact.
func ParseDate(text []byte) (t time.Time, exact bool, err error) {
	s := strings.TrimSpace(string(text))
	seconds, nanos, _ := strings.Cut(s, ".")
	sec, err := strconv.ParseInt(seconds, 10, 40)
	if err != nil {
		return time.Time{}, false, fmt.Errorf("date: %q is no time", s)
	}
	ns, err := strconv.ParseUint(nanos, 10, 30)
	if err != nil || len(nanos) != 9 {
		return time.Unix(sec, 0), false, nil
	}
	return time.Unix(sec, int64(ns)), true, nil
}
