package drivertest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/spanrig/spanrig/drivers"
)

// Power tests a power switch with a load on it that may lose its supply. It is
// left on.
func Power(t *testing.T, open func(*testing.T) drivers.Power) {
	p := open(t)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	t.Cleanup(func() {
		if err := p.Set(context.WithoutCancel(ctx), true); err != nil {
			t.Errorf("it cannot be left on: %v", err)
		}
	})
	for _, on := range []bool{true, false, false, true, true} {
		if err := p.Set(ctx, on); err != nil {
			t.Fatalf("Set(%v): %v", on, err)
		}
		got, witness, err := p.Measured(ctx)
		switch {
		case errors.Is(err, errors.ErrUnsupported):
			if got || witness != "" {
				t.Errorf("nothing can tell, but it is %v by %q", got, witness)
			}
		case err != nil || got != on || witness == "":
			t.Errorf("after Set(%v): %v by %q, %v", on, got, witness, err)
		}
	}
	over, end := context.WithCancel(ctx)
	end()
	if err := p.Set(over, false); !errors.Is(err, context.Canceled) {
		t.Errorf("Set with a context that is over: %v", err)
	}
	if on, _, err := p.Measured(ctx); err == nil && !on {
		t.Error("Set with a context that is over has switched")
	}
}
