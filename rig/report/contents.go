package report

import (
	"encoding/json"
	"iter"
	"net/netip"
	"strings"

	"github.com/spanrig/spanrig/rig"
	"github.com/spanrig/spanrig/rig/evidence"
	"github.com/spanrig/spanrig/rig/locate"
	"github.com/spanrig/spanrig/rig/policy"
)

// contents are what a page is made of: what stands in a bundle.
type contents struct {
	manifest *evidence.Manifest
	verdict  *policy.Report
	policy   *policy.Policy
	rec      *rig.Recording
	places   map[netip.Addr]locate.Location // that were looked up
	custody  []evidence.Custody
	signed   []evidence.Signature

	simulated bool // no device took part
	name      string
	flows     iter.Seq2[*evidence.Flow, error]
	read      func(name string) ([]byte, error) // a file of the recording
}

// open reads what stands beside the flows.
func open(b *evidence.Bundle, name string) (*contents, error) {
	c := &contents{manifest: b.Manifest(), name: name, flows: b.Flows()}
	c.read = func(name string) ([]byte, error) { return b.ReadFile(b.RecordingFile(name)) }
	err := b.Intact()
	if err != nil {
		return nil, err
	}
	if c.rec, err = b.Recording(); err != nil {
		return nil, err
	}
	if c.verdict, err = b.Report(); err != nil {
		return nil, err
	}
	if c.policy, err = b.Policy(); err != nil {
		return nil, err
	}
	places, err := b.Places()
	if err != nil {
		return nil, err
	}
	if places != nil {
		c.places = places.All()
	}
	if c.custody, err = b.Custody(); err != nil {
		return nil, err
	}
	c.signed = b.Signatures()
	c.simulated = c.artificial()
	return c, nil
}

// artificial reports whether the recording says of itself that no device took part
// in it: the simulator's bench does, and so do the provenance of a trace and an
// inventory with one.
func (c *contents) artificial() bool {
	if c.rec.Bare {
		return false
	}
	var bench struct{ Labels map[string]string }
	if text, err := c.read("bench.json"); err == nil && json.Unmarshal(text, &bench) == nil && bench.Labels["simulated"] == "yes" {
		return true
	}
	var inventory struct {
		Provenance string
		Host       struct{ Provenance string }
	}
	if json.Unmarshal(c.rec.Inventory.Raw, &inventory) == nil && (madeUp(inventory.Provenance) || madeUp(inventory.Host.Provenance)) {
		return true
	}
	var provenance struct{ Synthetic bool }
	text, err := c.read("PROVENANCE.json")
	return err == nil && json.Unmarshal(text, &provenance) == nil && provenance.Synthetic
}

// madeUp reports whether a provenance begins with a word that says so.
func madeUp(provenance string) bool {
	word := strings.ToLower(strings.TrimSpace(provenance))
	return strings.HasPrefix(word, "synthetic") || strings.HasPrefix(word, "simulat")
}
