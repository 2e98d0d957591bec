package flow_test

import (
	"context"
	"io"
	"testing"

	"github.com/spanrig/spanrig/captures"
	"github.com/spanrig/spanrig/captures/flow"
)

// BenchmarkAssemble reads a part of the corpus from memory, over and over,
// with facts. The decoder's goroutine is part of it.
func BenchmarkAssemble(b *testing.B) {
	var all []captures.Frame
	for _, file := range captureFiles(b, 4, "ndpi") {
		all = append(all, readFrames(b, file)...)
	}
	var bytes int64
	for i := range all {
		all[i].ID = captures.NewFrameID(0, uint64(i+1))
		bytes += int64(len(all[i].Data))
	}
	b.SetBytes(bytes)
	b.ReportAllocs()
	for b.Loop() {
		src := &memorySource{frames: all, batch: 1000, err: io.EOF}
		if _, err := flow.Assemble(context.Background(), src, flow.Config{}, flow.Observer{Flow: func(*flow.Flow) {}}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(all)), "ns/packet")
}
