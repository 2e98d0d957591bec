package evidence

import (
	"bytes"
	"slices"

	"github.com/spanrig/spanrig/rig/policy"
)

// Grounds are by what a bundle was judged, as far as the sealer chose it: a
// policy, also one of their own under a known name, what was added to it, a
// capture that is to be trusted, waivers that are accepted. None of that is a
// difference from what was sealed, so it must be said beside the verdicts.
type Grounds struct {
	Policy        string           `json:"policy"` // name
	SHA256        string           `json:"sha256"` // of the policy with all its files
	Standing      Standing         `json:"standing"`
	Files         []GroundFile     `json:"files"`
	Baseline      *policy.FileRef  `json:"baseline,omitempty"`
	Databases     []policy.FileRef `json:"databases"`
	Mode          string           `json:"mode"`    // of a bare capture, and so the next two
	Allow         []string         `json:"allow"`   // services said to be switched on
	Devices       []string         `json:"devices"` // said to be the device
	Trust         string           `json:"trust"`   // why the capture is to be trusted; empty: it is not
	Require       []string         `json:"require"` // claims
	AcceptWaivers bool             `json:"accept_waivers"`
	Waived        []Waived         `json:"waived"` // pass for the exit code where AcceptWaivers
}

// Standing says what a policy is to this program, overlays aside.
type Standing string

// Standings of a policy.
const (
	Shipped Standing = "shipped" // byte for byte the one of that name that this program carries
	Altered Standing = "altered" // it has the name of one that this program carries, and says something else
	Foreign Standing = "foreign" // this program carries none of that name
)

// GroundFile is one file of the policy, in the order in which they are read.
type GroundFile struct {
	Path    string `json:"path"` // in the bundle
	SHA256  string `json:"sha256"`
	Role    Role   `json:"role"`
	Shipped bool   `json:"shipped"` // byte for byte a file that this program carries
}

// Role is what a file is in its policy.
type Role string

// Roles of the files of a policy.
const (
	Base    Role = "base"    // the policy that the main file extends
	Main    Role = "main"    // it names the policy
	Overlay Role = "overlay" // it was added, or an overlay extends it
)

// Waived is a fail that a waiver of the policy covers.
type Waived struct {
	Claim  string        `json:"claim"`
	Window string        `json:"window"`
	Waiver policy.Waiver `json:"waiver"`
}

// GroundsOf says by what a bundle was judged. Its parts are those of one
// bundle: Manifest, Policy and Report.
func GroundsOf(m *Manifest, p *policy.Policy, r *policy.Report) *Grounds {
	j := &m.Judged
	g := &Grounds{
		Policy: p.Name, SHA256: p.SHA256, Standing: standing(p), Files: groundFiles(j.Policy.Files, p.Sources),
		Baseline: r.Baseline, Databases: append([]policy.FileRef{}, j.Databases.Files...),
		Mode: j.Mode, Allow: list(j.Allow), Devices: list(j.Devices), Trust: j.Trust, Require: list(j.Require), AcceptWaivers: j.AcceptWaivers, Waived: []Waived{},
	}
	for i := range r.Verdicts {
		if v := &r.Verdicts[i]; v.Result == policy.Fail && v.Waiver != nil {
			g.Waived = append(g.Waived, Waived{v.Claim, v.Window, *v.Waiver})
		}
	}
	return g
}

// Added lists the files that were added to the policy, by their names in the
// bundle.
func (g *Grounds) Added() (names []string) {
	for _, f := range g.Files {
		if f.Role == Overlay {
			names = append(names, f.Path)
		}
	}
	return names
}

// standing holds the policy up to its main file against the one of that name
// that this program carries.
func standing(p *policy.Policy) Standing {
	if !slices.Contains(policy.Builtin(), p.Name) {
		return Foreign
	}
	ours, err := policy.Load(p.Name)
	own := p.Sources[:1+slices.IndexFunc(p.Sources, func(s policy.Source) bool { return s.Main })]
	if err != nil || !slices.EqualFunc(own, ours.Sources, func(a, b policy.Source) bool { return bytes.Equal(a.Content, b.Content) }) {
		return Altered
	}
	return Shipped
}

func groundFiles(files []PolicyFile, sources []policy.Source) []GroundFile {
	shipped := shippedSums()
	list := make([]GroundFile, 0, len(files))
	role := Base
	for i, f := range files {
		if f.Main {
			role = Main
		}
		sum := digestOf(sources[i].Content).sha256
		list = append(list, GroundFile{f.Path, sum, role, shipped[sum]})
		if f.Main {
			role = Overlay
		}
	}
	return list
}

// shippedSums are the digests of the files of the policies that this program
// carries.
func shippedSums() map[string]bool {
	sums := map[string]bool{}
	for _, name := range policy.Builtin() {
		p, err := policy.Load(name)
		if err != nil {
			continue // a test of package policy loads each
		}
		for _, s := range p.Sources {
			sums[digestOf(s.Content).sha256] = true
		}
	}
	return sums
}
