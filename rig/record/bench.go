package record

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"github.com/spanrig/spanrig/captures/span"
	"github.com/spanrig/spanrig/drivers"
	"github.com/spanrig/spanrig/rig/benchfile"
	"github.com/spanrig/spanrig/rig/plan"
)

// Of makes the configuration of a session from a bench file: dir is where the
// recording goes, tool what it says it was made with. t.Note and t.Log are the
// session's own.
func Of(b *benchfile.Bench, own benchfile.Drivers, t benchfile.Tools, dir, tool string) (Config, error) {
	target, err := b.Control.Endpoint()
	if err != nil && !b.Control.ByRig {
		return Config{}, err
	}
	judge, err := b.JudgeOptions()
	if err != nil {
		return Config{}, err
	}
	c := Config{
		Dir: dir, Tool: tool, Name: b.Name, Bench: b,
		Capture: span.Config{
			Interfaces: b.Span.Interfaces, RotateBytes: int64(b.Span.RotateMB) * 1e6, RotateEvery: b.Span.RotateTime,
			MinFree: int64(b.Span.MinFreeMB) * 1e6, Comment: "bench " + b.Name,
		},
		OnlyDevice: b.Span.OnlyDevice,
		Control:    Control{Target: target, Zone: b.Control.Zone, ByRig: b.Control.ByRig},
		Place:      Place{LAN: b.Network.LAN, Resolvers: b.Network.Resolvers, Vantage: b.Network.Vantage},
		Policy:     judge.Policy, Judge: judge.Judge,
	}
	if b.Span.RingMB > 0 {
		c.Capture.Blocks = b.Span.RingMB << 20 / span.DefaultBlockBytes
	}
	c.Open = func(ctx context.Context, note drivers.Note) (drivers.Controller, func() error, error) {
		return open(ctx, b, own, t, dir, note)
	}
	return c, nil
}

// open opens the bench for a session, its serial log in the recording.
func open(ctx context.Context, b *benchfile.Bench, own benchfile.Drivers, t benchfile.Tools, dir string, note drivers.Note) (drivers.Controller, func() error, error) {
	t.Note = note
	release := func() error { return nil }
	if b.Device.Serial != nil {
		log, err := os.OpenFile(filepath.Join(dir, "serial.log"), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return nil, release, err
		}
		t.Log, release = log, log.Close
	}
	e, err := b.Open(ctx, own, t)
	if err != nil {
		return nil, release, err
	}
	closeLog := release
	return e.Controller, func() error { return errors.Join(e.Close(), closeLog()) }, nil
}

// Windows expands the plan of a bench for the services that its app has, and
// refuses one with a stimulus that is not in its script.
func Windows(b *benchfile.Bench, p *plan.Plan) ([]plan.Window, error) {
	script, err := b.Script()
	if err != nil {
		return nil, err
	}
	services, err := script.Known(b.App.Services)
	if err != nil {
		return nil, err
	}
	if b.Device.Driver == "" { // a lab's own may give stimuli that no script names
		if err := p.Check(func(name string) error { _, err := script.Acts(name, services); return err }); err != nil {
			return nil, err
		}
	}
	return p.Expand(services, b.Timing.Plan()), nil
}
