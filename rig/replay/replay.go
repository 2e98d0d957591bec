package replay

import (
	"context"
	"fmt"

	"github.com/spanrig/spanrig/captures"
	"github.com/spanrig/spanrig/captures/fact"
	"github.com/spanrig/spanrig/captures/flow"
	"github.com/spanrig/spanrig/captures/pcapfile"
	"github.com/spanrig/spanrig/rig"
	"github.com/spanrig/spanrig/rig/policy"
)

// StreamLimit is how many bytes of each direction of a cleartext flow TLS-2 reads.
const StreamLimit = 1 << 20

// Options of Run.
type Options struct {
	Policy   *policy.Policy
	Judge    policy.Options
	Progress func(frames, bytes uint64) // may be nil
}

// Run judges the recording folder or bare capture at path.
func Run(ctx context.Context, path string, o Options) (*policy.Report, error) {
	rec, err := rig.Open(path)
	if err != nil {
		return nil, err
	}
	return Judge(ctx, rec, o)
}

// Judge judges a recording that is open.
func Judge(ctx context.Context, rec *rig.Recording, o Options) (*policy.Report, error) {
	set, err := Facts(ctx, rec, o)
	if err != nil {
		return nil, err
	}
	return policy.Evaluate(o.Policy, rec, set, o.Judge)
}

// Facts reads the traffic of a recording, cut where its windows need it.
func Facts(ctx context.Context, rec *rig.Recording, o Options) (*fact.Set, error) {
	src, err := pcapfile.OpenAll(rec.Captures)
	if err != nil {
		return nil, err
	}
	defer src.Close()
	return From(ctx, rec, src, o)
}

// From is Facts where the traffic of rec comes from src.
func From(ctx context.Context, rec *rig.Recording, src captures.Source, o Options) (*fact.Set, error) {
	cfg := config()
	cfg.Cuts, cfg.Progress = policy.Cuts(rec, o.Judge), o.Progress
	set, err := fact.Extract(ctx, src, cfg)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", rec.Name, err)
	}
	return set, nil
}

// Some is From for a judgement alone: of flows that are not the device's the
// set has only what that reads, which saves most of the memory. each is told of
// every flow, whole, in order of last frame, and whether it was left out.
//
// Where a flow that was left out turns out to be the device's, late is true:
// then read again with From.
func Some(ctx context.Context, rec *rig.Recording, src captures.Source, o Options, each func(f *fact.Fact, leftOut bool)) (set *fact.Set, late bool, err error) {
	cfg := config()
	cfg.Cuts, cfg.Progress = policy.Cuts(rec, o.Judge), o.Progress
	strangers := policy.NewStrangers(rec, o.Judge)
	set, err = fact.ExtractSome(ctx, src, cfg, func(set *fact.Set, f fact.Fact) fact.Fact {
		stranger := strangers.Is(set, &f)
		each(&f, stranger)
		if stranger {
			return strangers.Stub(&f)
		}
		return f
	})
	if err != nil {
		return nil, false, fmt.Errorf("read %s: %w", rec.Name, err)
	}
	return set, strangers.Late(set), nil
}

// config is what the rules need of every flow.
func config() flow.Config { return flow.Config{StreamLimit: StreamLimit, Echoes: true} }

// Live is how facts are extracted of a capture that is still being made: as
// Facts does it, with cuts that become known on the way.
func Live(t *flow.Timeline) flow.Config {
	cfg := config()
	cfg.Timeline = t
	return cfg
}
