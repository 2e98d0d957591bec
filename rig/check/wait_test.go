package check

import (
	"context"
	"slices"
	"testing"

	"github.com/spanrig/spanrig/drivers"
)

// TestTelling: what a driver tells for a person is told, and the journal has every line.
func TestTelling(t *testing.T) {
	open := func(_ context.Context, note drivers.Note) (drivers.Controller, func() error, error) {
		note("waiting", map[string]any{"device": "adb X", "reason": "unplugged"})
		note("notice", map[string]any{"text": "it is late"})
		note("step", map[string]any{"step": "tap"})
		return nil, nil, nil
	}
	var told, noted []string
	_, _, _ = telling(open, func(text string) { told = append(told, text) })(t.Context(), func(kind string, _ map[string]any) { noted = append(noted, kind) })
	if !slices.Equal(told, []string{"waiting for adb X: unplugged", "it is late"}) || !slices.Equal(noted, []string{"waiting", "notice", "step"}) {
		t.Errorf("told %q, noted %q", told, noted)
	}
}
