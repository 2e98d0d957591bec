package casebook

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/spanrig/spanrig/captures/synth"
)

// traces are the cases that the repository keeps as recordings.
var traces = []string{"clean-ldm", "clean-rnm", "ldm1-tls", "ldm1-quic", "ldm3-dns-only", "ldm4-payload", "cap1-slot-missing", "rnm1-switched-off", "tls1-http"}

// Provenance says where a trace of the repository is from.
type Provenance struct {
	Name      string            `json:"name"`
	About     string            `json:"about"`
	Device    string            `json:"device"`
	Synthetic bool              `json:"synthetic"`
	Generator string            `json:"generator"`
	Licence   string            `json:"licence"`
	SHA256    map[string]string `json:"sha256"` // by file, lower-case hex
}

// Trace returns the files of a trace folder by name, with PROVENANCE.json.
func (c *Case) Trace() map[string][]byte {
	files := c.Build().Files()
	p := Provenance{Name: c.Name, About: c.About, Device: synth.Provenance, Synthetic: true,
		Generator: "go test ./captures/synth/casebook -run TestTraces -update", Licence: "Apache-2.0", SHA256: map[string]string{}}
	for name, b := range files {
		sum := sha256.Sum256(b)
		p.SHA256[name] = hex.EncodeToString(sum[:])
	}
	text, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		panic(fmt.Sprintf("casebook: %v", err)) // strings and maps of them always have a form
	}
	files["PROVENANCE.json"] = append(text, '\n')
	return files
}

// Traces lists the cases that the repository keeps as recordings.
func Traces() []Case {
	var list []Case
	for _, name := range traces {
		for _, c := range All() {
			if c.Name == name {
				list = append(list, c)
			}
		}
	}
	return list
}
