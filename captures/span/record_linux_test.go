package span_test

import (
	"testing"
	"time"

	"github.com/spanrig/spanrig/captures/span"
)

// TestBurst sends faster than anybody should and wants every frame.
func TestBurst(t *testing.T) {
	if !namespace(t) {
		return
	}
	wire(t, "out0", "span0")
	dir := t.TempDir()
	r := start(t, span.Config{Interfaces: []string{"span0"}, Dir: dir, Application: "spanrig test"})
	const n = 200_000
	s, from := newSender(t, "out0"), time.Now()
	for i := range n {
		s.send(t, numbered(uint64(i), 60+i%1400))
	}
	t.Logf("sent %d frames in %v", n, time.Since(from))
	sum := stop(t, r)
	t.Logf("%+v", sum)
	accounted(t, sum)
	sequence(t, frames(t, dir), n)
}
