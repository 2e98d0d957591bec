package policy

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spanrig/spanrig/captures/fact"
	"github.com/spanrig/spanrig/rig"
	"github.com/spanrig/spanrig/rig/party"
)

// Baseline is what a device contacts with the app stopped: the noise of its
// system on one firmware. It is a JSON file made by spanrig baseline.
type Baseline struct {
	Schema       int             `json:"schema"`
	Device       BaselineDevice  `json:"device"`
	Seconds      float64         `json:"seconds"` // of all recordings together
	Recordings   []RecordingRef  `json:"recordings"`
	Destinations []BaselineEntry `json:"destinations"` // sorted by name, then address

	ref     FileRef // of the file that it was loaded from
	content []byte
}

// BaselineDevice is what a baseline is bound to.
type BaselineDevice struct {
	Model    string `json:"model"`
	Firmware string `json:"firmware"`
}

// BaselineEntry is one destination: a name, or an address that had none.
type BaselineEntry struct {
	Name    string     `json:"name,omitempty"`
	Addr    netip.Addr `json:"addr,omitzero"`
	Flows   uint64     `json:"flows"`
	Queries uint64     `json:"queries"`
}

// ErrOtherFirmware is what errors.Is finds where a baseline was made on
// another device model or firmware than the recording.
var ErrOtherFirmware = errors.New("baseline of another firmware")

// Check refuses a recording of another device model or firmware.
func (b *Baseline) Check(model, firmware string) error {
	if b.Device.Model == model && b.Device.Firmware == firmware {
		return nil
	}
	return fmt.Errorf("%w: it was made on %s %s, the recording is of %s %s; record a baseline on that firmware",
		ErrOtherFirmware, orUnknown(b.Device.Model), orUnknown(b.Device.Firmware), orUnknown(model), orUnknown(firmware))
}

func orUnknown(s string) string {
	if s == "" {
		return "(unknown)"
	}
	return s
}

// Covers reports whether the baseline has the name, or, for an endpoint
// without a name, the address.
func (b *Baseline) Covers(name string, addr netip.Addr) bool {
	return slices.ContainsFunc(b.Destinations, func(e BaselineEntry) bool {
		if name != "" {
			return e.Name == name
		}
		return e.Name == "" && addr.IsValid() && e.Addr == addr.Unmap()
	})
}

// maxBaselineBytes bounds a baseline file; a device has a few hundred destinations.
const maxBaselineBytes = 8 << 20

// LoadBaseline reads a baseline file.
func LoadBaseline(path string) (*Baseline, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	content, err := io.ReadAll(io.LimitReader(f, maxBaselineBytes+1))
	if err != nil {
		return nil, err
	}
	return ReadBaseline(filepath.Base(path), content)
}

// ReadBaseline makes a baseline of the name and the content of its file.
func ReadBaseline(name string, content []byte) (*Baseline, error) {
	b, err := ParseBaseline(content)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	sum := sha256.Sum256(content)
	b.ref, b.content = FileRef{Name: name, SHA256: hex.EncodeToString(sum[:])}, content
	return b, nil
}

// File returns the name and the content that ReadBaseline or LoadBaseline had.
func (b *Baseline) File() (ref FileRef, content []byte) { return b.ref, b.content }

// ParseBaseline reads the contents of a baseline file, strictly.
func ParseBaseline(content []byte) (*Baseline, error) {
	if len(content) > maxBaselineBytes {
		return nil, errors.New("larger than 8 MB; is it a baseline?")
	}
	d := json.NewDecoder(bytes.NewReader(content))
	d.DisallowUnknownFields()
	b := &Baseline{}
	if err := d.Decode(b); err != nil {
		return nil, fmt.Errorf("not a baseline: %w; make one with spanrig baseline", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("not a baseline: something follows its end")
	}
	if b.Schema != 1 {
		return nil, fmt.Errorf("schema %d is not known; this program reads schema 1", b.Schema)
	}
	for i, e := range b.Destinations {
		if (e.Name == "") == !e.Addr.IsValid() {
			return nil, fmt.Errorf("destination %d has neither or both of name and addr", i+1)
		}
		if e.Name != strings.TrimSuffix(strings.ToLower(e.Name), ".") { // it would cover nothing
			return nil, fmt.Errorf("destination %d: write %.80q in lower case without a final dot", i+1, e.Name)
		}
		b.Destinations[i].Addr = e.Addr.Unmap()
	}
	return b, nil
}

// Save writes the baseline to a new file of mode 0600. It overwrites nothing.
func (b *Baseline) Save(path string) error {
	content, err := json.MarshalIndent(b, "", " ")
	if err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, os.ErrExist) {
		return fmt.Errorf("%s exists and is not overwritten; give another name", path)
	} else if err != nil {
		return err
	}
	_, err = f.Write(append(content, '\n'))
	if err = errors.Join(err, f.Close()); err != nil {
		_ = os.Remove(path) // half a baseline is none
	}
	return err
}

// Add takes the device's contacts beyond the LAN, and its DNS queries, of a
// recording made with the app stopped. It returns the first-party endpoints
// that it left out: they are never in a baseline, and show that something of
// the first party ran.
func (b *Baseline) Add(p *Policy, rec *rig.Recording, set *fact.Set, o Options) (refused []string, err error) {
	v, err := newView(p, rec, set, o)
	if err != nil {
		return nil, err
	}
	device := BaselineDevice{rec.Inventory.Device.Model, rec.Inventory.Device.Firmware}
	if device.Model == "" || device.Firmware == "" {
		return nil, usagef("%s names no device model and firmware, and a baseline is bound to both; give a recording folder with its inventory", rec.Name)
	}
	if len(b.Recordings) == 0 {
		b.Schema, b.Device = 1, device
	} else if err := b.Check(device.Model, device.Firmware); err != nil {
		return nil, err
	}
	b.Recordings = append(b.Recordings, RecordingRef{rec.Name, rec.SHA256})
	b.Seconds += float64(set.Summary.Last-set.Summary.First) / 1e9
	for i := range v.flows {
		f := &v.flows[i]
		if !v.contacted(f) || !v.beyond(f) || f.who.party == party.Control {
			continue
		}
		if f.who.party == party.First || f.who.ambiguous != "" {
			refused = append(refused, f.name())
			continue
		}
		b.count(f)
	}
	for _, q := range v.asked {
		name, counts := v.queried(q.Name)
		switch {
		case v.nameParty(name) == party.First:
			refused = append(refused, name)
		case counts || v.nameParty(name) == party.System:
			b.named(name).Queries++
		}
	}
	slices.SortFunc(b.Destinations, func(x, y BaselineEntry) int {
		if c := strings.Compare(x.Name, y.Name); c != 0 {
			return c
		}
		return x.Addr.Compare(y.Addr)
	})
	slices.Sort(refused)
	return slices.Compact(refused), nil
}

// contacted reports whether the device opened the flow or sent payload on it.
func (v *view) contacted(f *deviceFlow) bool {
	did := sum(f.Flow, int(f.side), v.cuts, beginning, forever)
	return did.Openings > 0 || did.Payloads > 0 && f.transfers()
}

// count notes a flow: under each name that its peer may have, for which of
// them it was nobody can tell.
func (b *Baseline) count(f *deviceFlow) {
	if len(f.who.names) == 0 {
		b.entry(BaselineEntry{Addr: f.peer.Addr.Unmap()}).Flows++
	}
	for _, group := range f.who.names {
		b.named(group[0]).Flows++
	}
}

func (b *Baseline) named(name string) *BaselineEntry { return b.entry(BaselineEntry{Name: name}) }

func (b *Baseline) entry(e BaselineEntry) *BaselineEntry {
	i := slices.IndexFunc(b.Destinations, func(d BaselineEntry) bool { return d.Name == e.Name && d.Addr == e.Addr })
	if i < 0 {
		i = len(b.Destinations)
		b.Destinations = append(b.Destinations, e)
	}
	return &b.Destinations[i]
}
