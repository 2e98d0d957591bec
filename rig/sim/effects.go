package sim

import (
	"context"
	"fmt"

	"github.com/spanrig/spanrig/rig/sim/device"
)

// faulty is what a fault does.
type faulty struct {
	Plan   string
	Device device.Knobs
}

func faultOf(name string) (*faulty, error) {
	if name != "" {
		return nil, fmt.Errorf("no fault %q", name)
	}
	return &faulty{Plan: "quick"}, nil
}

// follow acts on the wiring when the device says so, until ctx ends.
func (b *Bench) follow(ctx context.Context) {
	for {
		if _, err := b.remote.Next(ctx); err != nil {
			return
		}
	}
}

// Fault is one known way in which a bench misbehaves.
type Fault struct{ Name, About string }

// Cells lists the verdicts that it must give.
func (f *Fault) Cells() []string { return nil }

// Faults lists them.
func Faults() []Fault { return nil }

// FaultNames lists their names.
func FaultNames() []string { return nil }
