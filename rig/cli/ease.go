package cli

import (
	"math"
	"os"
	"runtime/debug"
	"runtime/metrics"
)

// eased trades memory for time as tune does, for a reading that keeps facts: as
// long as what is alive is small, the collector has little to do below the
// limit. Where more is alive, it would do little else, so the limit is given up.
// It returns update with a look at that.
func eased(update func(frames, bytes uint64)) func(frames, bytes uint64) {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return update
	}
	const limit = 190 << 20
	debug.SetGCPercent(400)
	debug.SetMemoryLimit(limit)
	alive := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	tight := true
	return func(frames, bytes uint64) {
		if metrics.Read(alive); tight && alive[0].Value.Uint64() > limit*2/3 {
			tight = false
			debug.SetGCPercent(100)
			debug.SetMemoryLimit(math.MaxInt64)
		}
		update(frames, bytes)
	}
}
