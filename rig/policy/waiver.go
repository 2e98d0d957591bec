package policy

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// waiver returns the accepted deviation that covers a failed verdict: every
// finding that fails must be covered by an unexpired waiver of the claim. The
// first that covers one stands for all.
func (v *view) waiver(claim string, o outcome) *Waiver {
	var first *Waiver
	for i := range o.findings {
		if o.findings[i].result != Fail {
			continue
		}
		w := v.covering(claim, &o.findings[i])
		if w == nil {
			return nil
		}
		if first == nil {
			first = w
		}
	}
	for i := range o.derived {
		d := &o.derived[i]
		if d.Result != Fail {
			continue
		}
		if d.Waiver == nil {
			return nil
		}
		if first == nil {
			first = d.Waiver
		}
	}
	return first
}

func (v *view) covering(claim string, f *finding) *Waiver {
	for i := range v.policy.Waivers {
		w := &v.policy.Waivers[i]
		if w.Claim == claim && !w.expired(v.ended()) && w.matches(f) {
			return w
		}
	}
	return nil
}

// ended is the end of the recording. Waivers expire by it and not by today, so
// that judging again gives the same bytes.
func (v *view) ended() time.Time {
	end := v.set.Summary.Last
	if j := v.rec.Journal; j != nil {
		end = max(end, j.Last())
	}
	return time.Unix(0, end).UTC()
}

// expired reports whether t is after the waiver's last day, in UTC.
func (w *Waiver) expired(t time.Time) bool { return !t.Before(w.Expires.AddDate(0, 0, 1)) }

// matches reports whether the waiver's endpoint, a name suffix, an address or
// a prefix, is the finding's. Each alternative must have a name that
// is covered.
func (w *Waiver) matches(f *finding) bool {
	if p, err := netip.ParsePrefix(w.Endpoint); err == nil {
		return f.addr.IsValid() && p.Contains(f.addr)
	}
	if a, err := netip.ParseAddr(w.Endpoint); err == nil {
		return f.addr == a.Unmap()
	}
	return len(f.names) > 0 && !slices.ContainsFunc(f.names, func(group []string) bool { return !slices.ContainsFunc(group, w.covers) })
}

// covers reports whether the waiver's endpoint is the name or above it.
func (w *Waiver) covers(name string) bool {
	domain, exact := strings.CutPrefix(strings.ToLower(w.Endpoint), "=")
	return name == domain || !exact && strings.HasSuffix(name, "."+domain)
}

// expiredNotes names the waivers of the policy that no longer count.
func (v *view) expiredNotes() (notes []string) {
	for i := range v.policy.Waivers {
		if w := &v.policy.Waivers[i]; w.expired(v.ended()) {
			notes = append(notes, fmt.Sprintf("waiver of %s for %s (%s) expired on %s, before the recording ended", w.Claim, w.Endpoint, w.Owner, w.Expires.UTC().Format(time.DateOnly)))
		}
	}
	return notes
}
