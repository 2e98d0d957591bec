package benchfile

import (
	"github.com/spanrig/spanrig/rig/locate"
	"github.com/spanrig/spanrig/rig/policy"
	"github.com/spanrig/spanrig/rig/replay"
)

// JudgeOptions loads what recordings of the bench are judged by: policy,
// databases and baseline.
func (b *Bench) JudgeOptions() (o replay.Options, err error) {
	j := b.Judge
	if o.Policy, err = policy.Load(b.PolicyName(), b.paths(j.Overlays)...); err != nil {
		return o, err
	}
	if len(j.Geo)+len(j.ASN)+len(j.Ranges) > 0 {
		places, err := locate.Open(locate.Config{Geo: b.paths(j.Geo), ASN: b.paths(j.ASN), Ranges: b.paths(j.Ranges)})
		if err != nil {
			return o, err
		}
		o.Judge.Geo = places
	}
	if j.Baseline != "" {
		if o.Judge.Baseline, err = policy.LoadBaseline(b.Path(j.Baseline)); err != nil {
			return o, err
		}
	}
	return o, nil
}

func (b *Bench) paths(names []string) []string {
	list := make([]string, len(names))
	for i, n := range names {
		list[i] = b.Path(n)
	}
	return list
}
