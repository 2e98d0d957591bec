package policy

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"github.com/spanrig/spanrig/rig"
	"github.com/spanrig/spanrig/rig/locate"
)

// Options of Evaluate. The zero value judges a recording folder.
type Options struct {
	// For a bare capture, which has no windows, inventory and journal.
	Mode    string   // "ldm", "rnm" or "standard": of the whole capture; empty: only claims of every mode are judged
	Allow   []string // rnm: ids of services that are switched on; all others are off
	Devices []string // MAC or IP addresses of the device; empty: guessed where one host is clearly the only candidate

	// Trust is why the capture may be trusted without the rig's own proof; it
	// stands in the place of CAP-1, CAP-3, MODE-1, APP-1 and CTRL-1.
	Trust string
	// Require lists claims that must be judged: one that is not is inconclusive.
	Require []string
	// AcceptWaivers is for the caller of Report.Exit; it changes no verdict.
	AcceptWaivers bool
	// Geo says where endpoints are; nil: GEO is not judged.
	Geo Locator
	// Baseline is a system baseline made on this firmware; nil: the policy's list alone.
	Baseline *Baseline
}

// Locator says where an endpoint is and who runs it; *locate.Set is one.
type Locator interface {
	Locate(addr netip.Addr) locate.Location
	// HasCountries and HasOperators say what the sources can tell at all.
	HasCountries() bool
	HasOperators() bool
	// Files lists what the answers come from, in a stable order.
	Files() []locate.FileRef
}

// ErrUsage is what errors.Is finds where the caller asked for something that
// cannot be: the message says what to ask instead.
var ErrUsage = errors.New("usage")

type usageError string

func (e usageError) Error() string      { return string(e) }
func (usageError) Is(target error) bool { return target == ErrUsage }

func usagef(format string, args ...any) error { return usageError(fmt.Sprintf(format, args...)) }

// check refuses options that do not fit the recording.
func (o *Options) check(rec *rig.Recording) error {
	if !rec.Bare && o.Mode != "" {
		return usagef("%s has windows that say their mode; --mode is for a bare capture", rec.Name)
	}
	if !rec.Bare && len(o.Allow) > 0 {
		return usagef("%s has windows that say which services are on; --allow is for a bare capture", rec.Name)
	}
	if !rec.Bare && len(o.Devices) > 0 && len(rec.Inventory.Device.MACs) > 0 {
		return usagef("the inventory of %s names the device; --device is for a bare capture", rec.Name)
	}
	if o.Mode != "" && !rig.KnownMode(o.Mode) {
		return usagef("mode %q: say ldm, rnm or standard", o.Mode)
	}
	if len(o.Allow) > 0 && o.Mode != rig.ModeRestricted {
		return usagef("--allow needs --mode rnm")
	}
	for _, id := range o.Require {
		if ruleOf(id) == nil && notJudgedReason(id) == "" {
			return usagef("claim %q is not known; known are %s", id, strings.Join(knownClaims(), ", "))
		}
	}
	return nil
}

// checkServices refuses --allow of services that the policy does not have.
func (o *Options) checkServices(p *Policy) error {
	for _, id := range o.Allow {
		if !p.hasService(id) {
			return usagef("service %q is not in policy %s; it has %s", id, p.Name, strings.Join(p.serviceIDs(), ", "))
		}
	}
	return nil
}

func (p *Policy) hasService(id string) bool {
	for i := range p.Services {
		if p.Services[i].ID == id {
			return true
		}
	}
	return false
}

func (p *Policy) serviceIDs() []string {
	ids := make([]string, len(p.Services))
	for i := range p.Services {
		ids[i] = p.Services[i].ID
	}
	return ids
}
