//go:build live

package sim_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/spanrig/spanrig/rig/benchfile"
	"github.com/spanrig/spanrig/rig/check"
	"github.com/spanrig/spanrig/rig/sim"
	"github.com/spanrig/spanrig/rig/sim/simtest"
)

// TestLiveCheck: a bench that works is ready, with the planted flow seen to
// fail, and one whose mirror shows half is not.
func TestLiveCheck(t *testing.T) {
	t.Parallel()
	for fault, want := range map[string]string{"none": "ok    plant ", "span-one-way": "FIND  SPAN "} {
		t.Run(fault, func(t *testing.T) {
			b, err := benchfile.Load(simtest.Up(t, "checked", fault).File)
			if err != nil {
				t.Fatal(err)
			}
			b.Span.MinFreeMB = 1 // room is no matter of this test
			var lines strings.Builder
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
			defer cancel()
			found, err := check.Bench(ctx, b, check.Options{Drivers: sim.Drivers, Tools: benchfile.Tools{Reason: "test"}, Tool: "test", Plant: true,
				Show: func(l check.Line) { lines.WriteString(l.String() + "\n") }})
			if err != nil || (found == 0) != (fault == "none") || !strings.Contains(lines.String(), want) {
				t.Errorf("%d findings, %v:\n%s", found, err, &lines)
			}
		})
	}
}
