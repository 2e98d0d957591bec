package benchfile

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"

	"github.com/spanrig/spanrig/rig/strict"
)

// Check says which driver a bench names that this program lacks. The error is
// one line, with line and column.
func (d Drivers) Check(b *Bench) error {
	if name := b.Device.Driver; name != "" && d.Controllers[name] == nil {
		return b.finding(fmt.Errorf("device: %w", unknownDriver(name)), "device", "driver")
	}
	for _, name := range slices.Sorted(maps.Keys(b.Power)) {
		if p := b.Power[name]; p.Driver != "" && d.Powers[p.Driver] == nil {
			return b.finding(fmt.Errorf("power: %s: %w", name, unknownDriver(p.Driver)), "power", name, "driver")
		}
	}
	return nil
}

func unknownDriver(name string) error {
	return fmt.Errorf("driver %q is not in this program; build one that has it (see cmd/spanrig)", name)
}

// finding gives an error about a value of the bench file its place there.
func (b *Bench) finding(err error, path ...any) error {
	return strict.Locate(filepath.Base(b.File), b.content, strict.At(err, path...))
}
