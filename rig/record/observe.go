package record

import (
	"context"
	"errors"
	"fmt"
	"net/netip"

	"github.com/spanrig/spanrig/captures"
	"github.com/spanrig/spanrig/drivers"
	"github.com/spanrig/spanrig/rig"
	"github.com/spanrig/spanrig/rig/plan"
	"github.com/spanrig/spanrig/rig/policy"
	"github.com/spanrig/spanrig/rig/replay"
)

// Observe records a window in the mode in which the device is; w.Mode counts
// where that cannot be read. do takes the place of the stimulus.
func (s *Session) Observe(ctx context.Context, w plan.Window, do func(context.Context) error) error {
	r, err := s.readMode(ctx)
	switch {
	case err != nil && ctx.Err() == nil:
		s.unread("mode", err)
	case err != nil:
		return context.Cause(ctx)
	case r.Mode != drivers.Unknown:
		w.Mode = r.Mode
	}
	return s.window(ctx, w, r, do)
}

const httpsPort = 443

// Plant lets the device open a flow to a name that no local data mode allows:
// the negative control. It has no line in the journal that would excuse it.
func (s *Session) Plant(ctx context.Context, name string) error {
	s.journal.note("plant", map[string]any{"name": name})
	p, ok := s.hands.(drivers.Prover)
	if !ok {
		if a, asks := s.hands.(interface {
			Ask(ctx context.Context, do string) error
		}); asks {
			return a.Ask(ctx, "open https://"+name+"/ in a browser on the device")
		}
		return fmt.Errorf("plant a flow: %w: nothing on this bench can send one", errors.ErrUnsupported)
	}
	// Where the name leads is the resolver's to say; the target only tells in
	// which direction the device sends.
	target := netip.AddrPortFrom(s.config.Control.Target.Addr(), httpsPort)
	one, cancel := context.WithTimeout(ctx, longestTry)
	defer cancel()
	_, err := p.Prove(one, drivers.Challenge{Name: name, Target: target, Source: firstPort + ports, Text: s.run})
	return err
}

// Seen counts the frames from and to the device that the closed session saw.
func (s *Session) Seen() (sent, got uint64) {
	own := map[captures.MAC]bool{}
	for _, text := range s.device.MACs {
		if m, err := rig.ParseMAC(text); err == nil {
			own[m] = true
		}
	}
	if s.facts.set == nil {
		return 0, 0
	}
	for i := range s.facts.set.Facts {
		f := &s.facts.set.Facts[i]
		for _, side := range []captures.Dir{captures.Orig, captures.Resp} {
			if own[f.MAC[side]] {
				sent += f.Packets[side]
				got += f.Packets[side.Reverse()]
			}
		}
	}
	return sent, got
}

// JudgeBare judges a capture of the session alone, as of one mode.
func (s *Session) JudgeBare(rec *rig.Recording, mode string) (*policy.Report, error) {
	return replay.Judge(context.Background(), rec, replay.Options{Policy: s.config.Policy, Judge: policy.Options{Mode: mode, Devices: s.device.MACs}})
}
