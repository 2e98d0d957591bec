package sim

import (
	"context"
	"os"

	"github.com/spanrig/spanrig/rig/sim/device"
	"github.com/spanrig/spanrig/rig/sim/fault"
)

// faultOf finds what the bench does wrong; nothing where the name is empty.
func faultOf(name string) (*fault.Fault, error) {
	if name == "" {
		name = "none"
	}
	return fault.Find(name)
}

// plan is the plan under which the fault shows: a built-in one, or a file that
// is written beside the bench file.
func (b *Bench) plan() (string, error) {
	text, own := fault.Plan(b.fault.Plan)
	if !own {
		return b.fault.Plan, nil
	}
	return planFile, os.WriteFile(b.path(planFile), text, 0o600)
}

const planFile = "plan.yaml"

// follow acts on the wiring when the device says so, until ctx ends.
func (b *Bench) follow(ctx context.Context) {
	for {
		e, err := b.remote.Next(ctx)
		if err != nil {
			return
		}
		if act := b.fault.Acts[e.Why]; e.What == device.Signaled && act != nil {
			if err := act(b.Wire); err != nil {
				b.failed(err)
			}
		}
	}
}

// failed keeps what first went wrong: the bench is then not as it says.
func (b *Bench) failed(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.err == nil {
		b.err = err
	}
}

// Err is what kept the fault from having its effect, or a part of the bench from
// going on; nil where all went well.
func (b *Bench) Err() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.err
}
