package benchfile

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// openPowers opens every power of the bench.
func (b *Bench) openPowers(ctx context.Context, e *Equipment, own Drivers, t Tools) error {
	for _, name := range slices.Sorted(maps.Keys(b.Power)) {
		p := b.Power[name]
		switch {
		case p.Driver != "":
			make, ok := own.Powers[p.Driver]
			if !ok {
				return fmt.Errorf("power: %s: driver %q is not in this program; build one that has it (see cmd/spanrig)", name, p.Driver)
			}
			power, err := make(ctx, b, p, t)
			if err != nil {
				return fmt.Errorf("power: %s: %w", name, err)
			}
			e.Powers[name] = power
		default:
			return errors.ErrUnsupported
		}
	}
	return nil
}
