package cli

import (
	"slices"

	"github.com/spf13/cobra"

	"github.com/spanrig/spanrig/captures/fact"
	"github.com/spanrig/spanrig/rig/locate"
	"github.com/spanrig/spanrig/rig/policy"
	"github.com/spanrig/spanrig/rig/replay"
)

// placeFlags name the databases that say where an endpoint is and who runs it.
type placeFlags struct {
	geo, asn, ranges []string
}

func (o *placeFlags) register(c *cobra.Command) {
	f := c.Flags()
	f.StringSliceVar(&o.geo, "geo", nil, "country database `FILE.mmdb`; repeatable, two that agree are strong")
	f.StringSliceVar(&o.asn, "asn", nil, "ASN database `FILE.mmdb`")
	f.StringSliceVar(&o.ranges, "ranges", nil, "`FILE` of cloud ranges or a geofeed; repeatable")
}

// files are those that the flags name.
func (o *placeFlags) files() []string { return slices.Concat(o.geo, o.asn, o.ranges) }

// open returns nil where no database is named.
func (o *placeFlags) open() (*locate.Set, error) {
	if len(o.geo)+len(o.asn)+len(o.ranges) == 0 {
		return nil, nil
	}
	set, err := locate.Open(locate.Config{Geo: o.geo, ASN: o.asn, Ranges: o.ranges})
	if err != nil {
		return nil, &exit{exitUsage, err}
	}
	return set, nil
}

// attributor says whose the responder of a flow is and where.
type attributor func(*fact.Fact) fact.Attribution

// attributor reads what the flags name; without any, nothing is attributed.
func (o *flowsFlags) attributor() (attributor, error) {
	places, err := o.place.open()
	if err != nil {
		return nil, err
	}
	var p *policy.Policy
	if o.policy != "" {
		if p, err = policy.Load(o.policy); err != nil {
			return nil, &exit{exitUsage, err}
		}
	}
	parties, err := policy.NewAttributor(p)
	if err != nil {
		return nil, &exit{exitUsage, err}
	}
	return func(f *fact.Fact) (at fact.Attribution) {
		if p != nil {
			at.Party = string(parties.Party(f))
		}
		if places != nil && f.Resp.Addr.IsGlobalUnicast() {
			where := places.Locate(f.Resp.Addr)
			at.Country, at.ASN, at.Operator = where.Country, where.ASN, where.Operator
		}
		return at
	}, nil
}

// options makes what replay.Run needs of the flags.
func (o *judgeFlags) options() (run replay.Options, err error) {
	if run.Policy, err = o.load(); err != nil {
		return run, err
	}
	places, err := o.place.open()
	if err != nil {
		return run, err
	}
	run.Judge = o.judge
	if places != nil {
		run.Judge.Geo = places
	}
	if o.base != "" {
		if run.Judge.Baseline, err = policy.LoadBaseline(o.base); err != nil {
			return run, &exit{exitUsage, err}
		}
	}
	return run, nil
}
