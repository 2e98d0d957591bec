package check

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spanrig/spanrig/captures/pcapfile"
	"github.com/spanrig/spanrig/captures/qualify"
	"github.com/spanrig/spanrig/captures/span"
	"github.com/spanrig/spanrig/drivers/generator"
	"github.com/spanrig/spanrig/rig"
	"github.com/spanrig/spanrig/rig/benchfile"
)

// Load is what Qualify sends through the switch.
type Load struct {
	From          string // interface of the rig, on a port of the switch that is not the mirror's
	Target        string // MAC address behind the mirrored port; empty: the device's, as the bench names it
	BitsPerSecond int64
	For           time.Duration
}

// Certificate says what a SPAN path lost once at a rate: it stands beside the
// bench file as BENCH.span.json.
type Certificate struct {
	Schema    int              `json:"schema"`
	Bench     string           `json:"bench"`
	Tool      string           `json:"tool"`
	Date      time.Time        `json:"date"`
	Passed    bool             `json:"passed"` // the rate was reached, and every frame arrived
	Asked     int64            `json:"asked_bits_per_second"`
	Because   string           `json:"because"`
	Sent      generator.Report `json:"sent"`
	Arrived   qualify.Counts   `json:"arrived"`
	Interface []span.Stats     `json:"interfaces"`
}

// CertificatePath is where the certificate of a bench stands.
func CertificatePath(b *benchfile.Bench) string {
	return strings.TrimSuffix(b.File, filepath.Ext(b.File)) + ".span.json"
}

// Qualify sends numbered frames at a rate through the switch to the mirrored
// port, counts what the SPAN port shows of them, and leaves the certificate.
func Qualify(ctx context.Context, b *benchfile.Bench, load Load, tool string) (*Certificate, error) {
	g, err := load.generator(b)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "spanrig-qualify-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	recorder, err := span.Start(ctx, span.Config{Interfaces: b.Span.Interfaces, Dir: dir, NoHashes: true})
	if err != nil {
		return nil, err
	}
	sent, sendErr := generator.Send(ctx, g)
	settle(ctx)
	summary, err := recorder.Stop()
	if err := errors.Join(sendErr, err); err != nil {
		return nil, err
	}
	src, err := pcapfile.Open(filepath.Join(dir, summary.Files[0].Name))
	if err != nil {
		return nil, err
	}
	defer src.Close()
	counts, err := qualify.Count(src, qualify.Expectation{Run: sent.Run, Sent: sent.Sent, Sizes: sent.Sizes})
	if err != nil {
		return nil, err
	}
	c := &Certificate{Schema: 1, Bench: b.Name, Tool: tool, Date: time.Now().UTC(), Asked: load.BitsPerSecond, Sent: sent, Arrived: counts, Interface: summary.Interfaces}
	c.judge()
	return c, c.save(CertificatePath(b))
}

// settle lets the last frames arrive.
func settle(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-time.After(300 * time.Millisecond):
	}
}

// Check says why the load cannot be sent on a bench: an address that is missing,
// an interface that is not there.
func (l *Load) Check(b *benchfile.Bench) error {
	_, err := l.generator(b)
	return err
}

func (l *Load) generator(b *benchfile.Bench) (generator.Config, error) {
	target := l.Target
	if target == "" && len(b.Device.MACs) > 0 {
		target = b.Device.MACs[0]
	}
	to, err := rig.ParseMAC(target)
	if err != nil {
		return generator.Config{}, fmt.Errorf("target %q: %w; name the MAC address behind the mirrored port with --to, or macs in the bench file", target, err)
	}
	from, err := net.InterfaceByName(l.From)
	if err != nil {
		return generator.Config{}, fmt.Errorf("%s: %w; name an interface of this host on a port of the switch", l.From, err)
	}
	if len(from.HardwareAddr) != len(to) {
		return generator.Config{}, fmt.Errorf("%s has no Ethernet address", l.From)
	}
	return generator.Config{
		Interface: l.From, SourceMAC: [6]byte(from.HardwareAddr), TargetMAC: to,
		Source: netip.MustParseAddrPort("192.0.2.1:9"), Target: netip.MustParseAddrPort("192.0.2.2:9"),
		Run: rand.Uint32() | 1, BitsPerSecond: l.BitsPerSecond, For: l.For,
	}, nil
}

// judge says whether the path lost nothing.
func (c *Certificate) judge() {
	var dropped uint64
	for _, i := range c.Interface {
		dropped += i.Lost()
	}
	switch {
	case c.Sent.Sent == 0:
		c.Because = "nothing was sent"
	case c.Arrived.Received == 0:
		c.Because = "no frame arrived: is the generator's port another than the mirror's, and the target behind the mirrored port?"
	case c.Sent.BitsPerSecond < 0.9*float64(c.Asked):
		c.Because = fmt.Sprintf("only %.1f of %.1f Mbit/s could be sent: the link or this host is slower; ask for less with --rate", c.Sent.BitsPerSecond/1e6, float64(c.Asked)/1e6)
	case c.Arrived.Lost > 0:
		c.Because = fmt.Sprintf("%d of %d frames were lost, %d of them in this host", c.Arrived.Lost, c.Sent.Sent, dropped)
	case c.Arrived.Cut > 0:
		c.Because = fmt.Sprintf("%d frames were cut on the way into the capture", c.Arrived.Cut)
	case c.Arrived.Damaged > 0:
		c.Because = fmt.Sprintf("%d frames arrived in another form than they were sent: does the switch's mirror add or strip something?", c.Arrived.Damaged)
	default:
		c.Passed = true
		c.Because = fmt.Sprintf("all of %d frames arrived at %.1f Mbit/s", c.Sent.Sent, c.Sent.BitsPerSecond/1e6)
	}
}

// save writes the certificate in the place of an older one.
func (c *Certificate) save(path string) error {
	text, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(text, '\n'), 0o600)
}
