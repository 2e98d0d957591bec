package evidence

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/spanrig/spanrig/rig"
	"github.com/spanrig/spanrig/rig/policy"
)

// Names in a bundle.
const (
	ManifestName    = "manifest.json"
	SumsName        = "SHA256SUMS"
	AttestationName = "attestation.json" // DSSE envelope of an in-toto Statement
	ReadmeName      = "README.txt"
	CustodyName     = "custody.jsonl"
	FlowsName       = "flows.jsonl"
	PlacesName      = "places.jsonl"
	VerdictsName    = "verdicts.json"

	recordingFolder = "recording/"
	policyFolder    = "policy/"
	baselineFolder  = "baseline/"
	keysFolder      = "keys/"
)

// Schema is the schema number of a manifest.
const Schema = 1

// Manifest says what a bundle holds and how it was judged. It is stored as
// manifest.json in canonical form.
type Manifest struct {
	Schema    int           `json:"schema"`
	Tool      string        `json:"tool"`   // that sealed: "spanrig VERSION"
	Sealed    string        `json:"sealed"` // RFC 3339
	Signer    string        `json:"signer"` // key ID of who sealed; empty: it was sealed unsigned
	Recording RecordingRef  `json:"recording"`
	Device    Subject       `json:"device"`
	Result    policy.Result `json:"result"`
	Judged    Judged        `json:"judged"`
	Journal   Chain         `json:"journal"`
	Custody   Chain         `json:"custody"`
	LeafBytes int64         `json:"leaf_bytes"` // length of all leaves of a file but the last
	Files     []File        `json:"files"`      // all but manifest, sums, attestation and keys, in the order in which they are stored
}

// RecordingRef names the recording that the bundle holds.
type RecordingRef struct {
	Name   string `json:"name"`
	Path   string `json:"path"` // in the bundle
	Bare   bool   `json:"bare"` // a capture file alone
	SHA256 string `json:"sha256"`
}

// Subject is what was on the bench, by the inventory; that says more.
type Subject struct {
	Model            string   `json:"model"`
	Serial           string   `json:"serial"`
	Firmware         string   `json:"firmware"`
	App              string   `json:"app"` // package
	AppVersion       string   `json:"app_version"`
	Aircraft         string   `json:"aircraft"`
	AircraftFirmware string   `json:"aircraft_firmware"`
	Vantage          string   `json:"vantage"` // country of the bench
	Resolvers        []string `json:"resolvers"`
}

func subjectOf(inv *rig.Inventory) Subject {
	s := Subject{
		Model: inv.Device.Model, Serial: inv.Device.Serial, Firmware: inv.Device.Firmware,
		App: inv.App.Package, AppVersion: inv.App.Version,
		Aircraft: inv.Aircraft.Model, AircraftFirmware: inv.Aircraft.Firmware,
		Vantage: inv.Vantage, Resolvers: []string{},
	}
	for _, a := range inv.Resolvers {
		s.Resolvers = append(s.Resolvers, a.String())
	}
	return s
}

// Judged is by what the recording was judged: policy, baseline, databases and
// the flags of spanrig judge.
type Judged struct {
	Policy        PolicyRef `json:"policy"`
	Baseline      string    `json:"baseline"` // name of the file in the bundle; empty: none
	Databases     Databases `json:"databases"`
	Mode          string    `json:"mode"`
	Allow         []string  `json:"allow"`
	Devices       []string  `json:"devices"`
	Trust         string    `json:"trust"`
	Require       []string  `json:"require"`
	AcceptWaivers bool      `json:"accept_waivers"`
}

// PolicyRef names the policy and its files, in the order in which they are read.
type PolicyRef struct {
	Name   string       `json:"name"`
	Title  string       `json:"title"`
	SHA256 string       `json:"sha256"`
	Files  []PolicyFile `json:"files"`
}

// PolicyFile is one file of the policy in the bundle.
type PolicyFile struct {
	Path string `json:"path"`
	Main bool   `json:"main"` // it names the policy; else an overlay, or what another extends
}

// Databases are what the places of endpoints come from: their records that
// were looked up are in places.jsonl.
type Databases struct {
	Files     []policy.FileRef `json:"files"`
	Countries bool             `json:"countries"` // they can tell countries at all
	Operators bool             `json:"operators"`
}

// Chain is the end of a hash chain: lines that each hold the SHA-256 of the one
// before.
type Chain struct {
	Lines int    `json:"lines"`
	Last  string `json:"last"` // SHA-256 of the last line without its newline; empty where there is none
}

// File is a file of the bundle.
type File struct {
	Name   string   `json:"name"` // with slashes
	Bytes  int64    `json:"bytes"`
	SHA256 string   `json:"sha256"`
	Leaves []string `json:"leaves,omitempty"` // of captures: SHA-256 of each LeafBytes bytes
}

// parseManifest reads manifest.json and refuses what no bundle has.
func parseManifest(content []byte) (*Manifest, error) {
	m := new(Manifest)
	if err := decode(content, m); err != nil {
		return nil, err
	}
	switch {
	case m.Schema != Schema:
		return nil, fmt.Errorf("schema %d is not known here, expected %d; use the release that sealed it (%s)", m.Schema, Schema, m.Tool)
	case m.LeafBytes != rig.LeafBytes:
		return nil, fmt.Errorf("leaf_bytes is %d, expected %d", m.LeafBytes, rig.LeafBytes)
	case m.Recording.Path != recordingFolder+m.Recording.Name:
		return nil, errors.New("the recording's path is not its name in recording/")
	}
	seen := map[string]bool{}
	for i, f := range m.Files {
		switch err := checkName(f.Name); {
		case err != nil:
			return nil, fmt.Errorf("file %q: %w", f.Name, err)
		case seen[f.Name] || rank(f.Name) == 2:
			return nil, fmt.Errorf("file %q: the name is taken", f.Name)
		case i > 0 && storedBefore(f.Name, m.Files[i-1].Name):
			return nil, fmt.Errorf("file %q: it is out of order", f.Name)
		case f.Bytes < 0:
			return nil, fmt.Errorf("file %q: it has %d bytes", f.Name, f.Bytes)
		}
		seen[f.Name] = true
	}
	return m, nil
}

// storedBefore is the order of files in a bundle: the recording first, the seal
// last, in between what the verdicts follow from; each by name.
func storedBefore(a, b string) bool {
	if x, y := rank(a), rank(b); x != y {
		return x < y
	}
	return a < b
}

func rank(name string) int {
	switch {
	case strings.HasPrefix(name, recordingFolder):
		return 0
	case name == ManifestName, name == SumsName, name == AttestationName, strings.HasPrefix(name, keysFolder):
		return 2
	}
	return 1
}

// file finds a file of the manifest; nil where it has none of that name.
func (m *Manifest) file(name string) *File {
	i, found := slices.BinarySearchFunc(m.Files, name, func(f File, name string) int { return storeOrder(f.Name, name) })
	if !found {
		return nil
	}
	return &m.Files[i]
}

// captures are the files that are read as traffic, in their order.
func (m *Manifest) captures(rec *rig.Recording) []string {
	if rec.Bare {
		return []string{m.Recording.Path}
	}
	list := make([]string, len(rec.Files))
	for i, name := range rec.Files {
		list[i] = path.Join(m.Recording.Path, name)
	}
	return list
}
