package fault

import (
	"embed"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spanrig/spanrig/rig/policy"
	"github.com/spanrig/spanrig/rig/sim/device"
	"github.com/spanrig/spanrig/rig/sim/wiring"
)

// Fault is one known way in which a bench misbehaves.
type Fault struct {
	Name  string
	About string            // one sentence
	Plan  string            // under which it shows: see Plan
	Env   map[string]string // secrets that the rig has to know; made up
	Knobs device.Knobs
	Setup Act            // on the wiring before the device is switched on; nil: none
	Acts  map[string]Act // on the wiring at a signal of the device, by its name

	// Want is the worst result of each claim over all windows, for every claim
	// that is judged in the plan, with geolocation databases.
	Want map[string]policy.Result
}

// Act changes the wiring of a bench.
type Act func(*wiring.Wiring) error

// Find finds a fault by its name; the error lists all.
func Find(name string) (*Fault, error) {
	list := All()
	names := make([]string, len(list))
	for i := range list {
		if list[i].Name == name {
			return &list[i], nil
		}
		names[i] = list[i].Name
	}
	return nil, fmt.Errorf("no fault %q; there are: %s", name, strings.Join(names, ", "))
}

//go:embed plans/*.yaml
var plans embed.FS

// Plan returns the text of a plan of this package; own is false for the names
// of plans that are shipped for all.
func Plan(name string) (text []byte, own bool) {
	text, err := plans.ReadFile("plans/" + name + ".yaml")
	return text, err == nil
}

// Differences lists where a report is not what the fault must give, a line each.
func (f *Fault) Differences(r *policy.Report) []string {
	got := map[string]policy.Result{}
	because := map[string]string{}
	for i := range r.Verdicts {
		v := &r.Verdicts[i]
		if v.Result.Weight() > got[v.Claim].Weight() {
			got[v.Claim], because[v.Claim] = v.Result, v.Window+": "+v.Because
		}
	}
	claims := maps.Clone(got)
	maps.Copy(claims, f.Want)
	var list []string
	for _, claim := range slices.Sorted(maps.Keys(claims)) {
		if want, have := f.Want[claim], got[claim]; want != have {
			list = append(list, fmt.Sprintf("%s: wanted %s, got %s (%s)", claim, orNone(want), orNone(have), because[claim]))
		}
	}
	return list
}

func orNone(r policy.Result) string {
	if r == "" {
		return "not judged"
	}
	return string(r)
}

// inform is an act's error with what it did.
func inform(what string, err error) error {
	if err == nil {
		return nil
	}
	return errors.Join(fmt.Errorf("fault: %s", what), err)
}
