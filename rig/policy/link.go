package policy

import (
	"fmt"
	"time"

	"github.com/spanrig/spanrig/rig"
)

// outage is a time in which an interface of the SPAN path may have had no link,
// half-open, ns.
type outage struct {
	iface    string
	from, to int64
}

// outages reads them off the statistics: a line without a link, or one that
// counts more losses than the line before. An outage begins when the link was
// last known to be there and ends with a line that has it again.
func outages(list []rig.StatsReading) []outage {
	type port struct {
		rig.StatsReading
		open *outage
	}
	var all []outage
	ports := map[string]*port{}
	var order []string
	for _, line := range list {
		if line.Up == nil {
			continue
		}
		p := ports[line.Interface]
		if p == nil {
			p = &port{StatsReading: rig.StatsReading{Time: beginning}}
			ports[line.Interface], order = p, append(order, line.Interface)
		}
		if p.open == nil && (!*line.Up || line.LinkLosses > p.LinkLosses) {
			p.open = &outage{line.Interface, lostAt(p.StatsReading, line), forever}
		}
		if p.open != nil && *line.Up {
			p.open.to = line.Time
			all, p.open = append(all, *p.open), nil
		}
		p.StatsReading = line
	}
	for _, name := range order {
		if p := ports[name]; p.open != nil {
			all = append(all, *p.open)
		}
	}
	return all
}

// lostAt is since when the link may have been away by a line, ns.
func lostAt(before, line rig.StatsReading) int64 {
	if line.LinkLost == nil || line.LinkLosses != before.LinkLosses+1 {
		return before.Time
	}
	return min(max(before.Time, line.LinkLost.UnixNano()), line.Time)
}

// linkFaults are the outages within a span.
func linkFaults(j *rig.Journal, s *span) []string {
	var faults []string
	for _, o := range outages(j.Stats) {
		if o.from < s.to && o.to > s.from {
			faults = append(faults, fmt.Sprintf("the mirror port %s had no link for up to %s of the window", orUnnamed(o.iface),
				time.Duration(min(o.to, s.to)-max(o.from, s.from)).Round(time.Millisecond)))
		}
	}
	return faults
}
