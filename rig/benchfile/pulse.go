package benchfile

import (
	"context"
	"fmt"

	"github.com/spanrig/spanrig/drivers"
	"github.com/spanrig/spanrig/drivers/duml"
)

// pulse tells over the serial line whether the controller lives: it answers a
// version inquiry.
type pulse struct {
	client *duml.Client
	note   drivers.Note
}

// Alive implements the controller's pulse.
func (p *pulse) Alive(ctx context.Context) error {
	v, err := p.client.Version(ctx, duml.At(duml.Radio, 0))
	if err != nil {
		return fmt.Errorf("serial: the controller answers no version inquiry: %w", err)
	}
	p.note("serial", map[string]any{"answered": "version", "hardware": v.Hardware, "firmware": v.Firmware.String()})
	return nil
}
