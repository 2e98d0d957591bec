package suite

import (
	"testing"

	"github.com/spanrig/spanrig/rig/benchfile"
)

// TestOperator: on a bench that no operator serves there is nobody to ask, and
// drivers see that: nil, and not a nil file.
func TestOperator(t *testing.T) {
	tools := benchfile.Tools{In: operator(&benchfile.Bench{})}
	if tools.In != nil {
		t.Errorf("somebody answers: %T", tools.In)
	}
	if operator(&benchfile.Bench{Device: benchfile.Device{Operator: true}}) == nil {
		t.Error("nobody answers where an operator does")
	}
}
