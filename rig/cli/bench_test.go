package cli

import (
	"context"
	"io"
	"os"
	"testing"

	"github.com/spanrig/spanrig/rig/benchfile"
)

// BenchmarkFlows runs `spanrig flows --json` on the capture that BENCH_CAPTURE
// names, for profiles (-cpuprofile).
func BenchmarkFlows(b *testing.B) {
	path := os.Getenv("BENCH_CAPTURE")
	if path == "" {
		b.Skip("BENCH_CAPTURE names no capture")
	}
	for b.Loop() {
		if code := Main(context.Background(), []string{"flows", "--json", path}, Streams{Out: io.Discard, Err: io.Discard}, benchfile.Drivers{}); code != exitPass {
			b.Fatalf("exit %d", code)
		}
	}
}
