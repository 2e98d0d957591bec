package record

import (
	"context"
	"net/netip"
	"strings"
	"time"

	"github.com/spanrig/spanrig/captures/fact"
	"github.com/spanrig/spanrig/captures/span"
	"github.com/spanrig/spanrig/drivers"
	"github.com/spanrig/spanrig/rig/plan"
	"github.com/spanrig/spanrig/rig/policy"
)

// Config says what a session works with.
type Config struct {
	Dir string // of the recording; it is made, and must not exist or be empty
	// Open opens the device under test, whose driver tells the journal through
	// note. The session closes it, and then calls release.
	Open       func(ctx context.Context, note drivers.Note) (c drivers.Controller, release func() error, err error)
	Capture    span.Config // Dir is filled in
	OnlyDevice bool        // keep only frames of the device's addresses

	Begin   string // stimulus before the first window; empty: none
	Control Control
	Place   Place
	Bench   any    // bench.json: the bench as its file says
	Name    string // of the bench
	Tool    string // "spanrig VERSION"

	// Policy judges the session when it is closed; nil: nothing does.
	Policy *policy.Policy
	Judge  policy.Options

	// View is told each second, and at each step, how things stand; may be nil.
	View func(Status)
}

// Control says what controls are sent to.
type Control struct {
	Target netip.AddrPort // port 0: ICMP echo
	Zone   string         // names are made below it; empty: none
	ByRig  bool           // the rig pings the device
}

// Place says where the bench stands, for inventory.json.
type Place struct {
	LAN, Resolvers []string
	Vantage        string
}

// Status is how a session stands, for a live view.
type Status struct {
	Window   string        // that is open, or being entered; empty between windows
	Number   int           // of the window, from 1
	Total    int           // windows of the plan; 0 unknown
	Asked    drivers.Mode  // mode of the window
	Mode     drivers.Mode  // last read back
	Step     string        // what is being done
	Into     time.Duration // the window
	Length   time.Duration // of the window, at least
	Packets  uint64
	Bytes    uint64
	Port     Port
	Controls int // slots with an answer, of all windows
	Slots    int // slots of all windows
	App      drivers.AppReading
	Problems int
	Event    string // where this call tells of one: a sentence
}

// Port is how the SPAN port stands, all interfaces together.
type Port struct {
	Dropped    uint64 // frames that came and are not in the file
	LinkLosses uint64 // times that the link went
	NoLink     string // an interface without a link; empty: none
}

// Problem is what went wrong with the rig or the device: no verdict.
type Problem struct {
	Window string
	Err    error
}

func (p *Problem) Error() string {
	if p.Window == "" {
		return p.Err.Error()
	}
	return "window " + p.Window + ": " + p.Err.Error()
}

func (p *Problem) Unwrap() error { return p.Err }

// Result is what became of a session.
type Result struct {
	Dir      string
	Capture  *span.Summary
	Report   *policy.Report // of the live facts; nil where nothing judges
	Facts    *fact.Set      // these, for evidence.Seal; nil where the capture has to be read again
	Problems []*Problem
	Skipped  []Skipped
}

// Skipped are windows of the plan that were not recorded, all for one reason.
type Skipped struct {
	Windows []string // names, in the order of the plan
	Reason  string
}

func skippedFor(windows []plan.Window, reason string) Skipped {
	s := Skipped{Reason: reason}
	for _, w := range windows {
		s.Windows = append(s.Windows, w.Name)
	}
	return s
}

func (s *Skipped) String() string {
	return "not recorded: " + strings.Join(s.Windows, ", ") + ": " + s.Reason
}
