package policy

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/spanrig/spanrig/captures"
	"github.com/spanrig/spanrig/captures/fact"
	"github.com/spanrig/spanrig/rig"
)

// Evaluate judges a recording. set holds its facts, tallied by Cuts with the
// same rec and o. Errors wrap ErrUsage where the options do not fit, and
// ErrOtherFirmware where the baseline was made on another firmware; whatever
// the traffic is, is no error.
func Evaluate(p *Policy, rec *rig.Recording, set *fact.Set, o Options) (*Report, error) {
	v, err := look(p, rec, set, o)
	if err != nil {
		return nil, err
	}
	return v.report(), nil
}

// look makes the view that is judged, if the options fit.
func look(p *Policy, rec *rig.Recording, set *fact.Set, o Options) (*view, error) {
	if err := o.check(rec); err != nil {
		return nil, err
	}
	if err := o.checkServices(p); err != nil {
		return nil, err
	}
	if o.Baseline != nil {
		if err := o.Baseline.Check(rec.Inventory.Device.Model, rec.Inventory.Device.Firmware); err != nil {
			return nil, err
		}
	}
	return newView(p, rec, set, o)
}

func (v *view) report() *Report {
	verdicts := v.judge()
	r := &Report{
		Schema:    1,
		Recording: RecordingRef{Name: v.rec.Name, SHA256: v.rec.SHA256},
		Policy:    FileRef{Name: v.policy.Name, SHA256: v.policy.SHA256},
		Databases: v.databases(),
		Trust:     v.o.Trust,
		Windows:   v.windows(),
		Notes:     v.notes(),
		Listed:    v.listed(),
	}
	if v.o.Baseline != nil {
		r.Baseline = &v.o.Baseline.ref
	}
	v.conclude(r, verdicts)
	return r
}

// ruling is a verdict of one window, before repeats are put together.
type ruling struct {
	Verdict
	index  int    // of the span
	reason string // where there is no verdict
	kind   Kind   // of the reason
}

// judge applies every rule to every window of its mode; fitness first.
func (v *view) judge() map[string][]ruling {
	rulings := map[string][]ruling{}
	for i := range v.spans {
		s := &v.spans[i]
		for k := range rules {
			if r := &rules[k]; r.fitness && r.covers(s.Mode) && !v.replaced(r) {
				o := r.judge(v, s)
				s.fitness = append(s.fitness, Check{Check: r.id, OK: o.result == Pass, Saw: o.because})
				if r.id == "MODE-1" {
					s.standing = o.result
				}
				rulings[r.id] = append(rulings[r.id], v.ruling(r, s, o, i))
			}
		}
	}
	for i := range v.spans {
		v.judgeClaims(&v.spans[i], i, rulings)
	}
	return rulings
}

// replaced reports whether Options.Trust stands in the place of the rule.
func (v *view) replaced(r *rule) bool { return r.trusted && v.o.Trust != "" }

// judgeClaims applies the rules that are no fitness checks to one window.
func (v *view) judgeClaims(s *span, index int, rulings map[string][]ruling) {
	var through []Verdict // LDM-1 to LDM-4
	for k := range rules {
		r := &rules[k]
		if r.fitness || !r.covers(s.Mode) {
			continue
		}
		var o outcome
		if r.judge == nil {
			o = judgeThrough(s, through)
		} else {
			o = v.settle(r, s, r.judge(v, s))
		}
		one := v.ruling(r, s, o, index)
		if r.judge != nil && slices.Equal(r.modes, inLDM) {
			through = append(through, one.Verdict)
		}
		if v.policy.claims(r.id) {
			rulings[r.id] = append(rulings[r.id], one)
		}
	}
}

func (v *view) ruling(r *rule, s *span, o outcome, index int) ruling {
	one := ruling{index: index}
	if o.result == "" {
		one.reason, one.kind = o.because, o.kind
		return one
	}
	one.Verdict = Verdict{Claim: r.id, Window: s.Name, Result: o.result, Because: o.because, Evidence: v.evidence(o)}
	if o.result == Fail {
		one.Waiver = v.waiver(r.id, o)
	}
	return one
}

// MostEvidence bounds the evidence of one verdict; the sentence has the total.
const MostEvidence = 1000

// evidence lists the flows of an outcome, those that weigh most first.
func (v *view) evidence(o outcome) []Evidence {
	list := []Evidence{}
	for _, f := range o.findings {
		if f.flow == 0 || len(list) == MostEvidence {
			continue
		}
		for _, c := range v.cite(f.flow, f.frames) {
			list = append(list, Evidence{f.flow.Number(), v.fileOf(f.flow), c.file, c.frames, f.endpoint})
		}
	}
	for i := range o.derived {
		d := &o.derived[i]
		if d.Result == o.result && o.result != Pass {
			list = append(list, d.Evidence[:min(len(d.Evidence), MostEvidence-len(list))]...)
		}
	}
	return list
}

// fileOf names the capture file of a frame, where the recording has several.
func (v *view) fileOf(id captures.FrameID) string {
	if len(v.rec.Files) < 2 || id.File() >= len(v.rec.Files) {
		return ""
	}
	return v.rec.Files[id.File()]
}

// citation is frames of one capture file: Wireshark opens one at a time. file
// is empty where it is the one in which the flow begins.
type citation struct {
	file   string
	frames []uint64
}

// cite groups the frames of a flow by their files; at least one group, which
// may be empty.
func (v *view) cite(flow captures.FrameID, frames []captures.FrameID) []citation {
	groups := []citation{}
	last := -1
	for _, id := range frames {
		if id.File() != last {
			last = id.File()
			c := citation{frames: []uint64{}}
			if last != flow.File() {
				c.file = v.fileOf(id)
			}
			groups = append(groups, c)
		}
		c := &groups[len(groups)-1]
		c.frames = append(c.frames, id.Number())
	}
	if len(groups) == 0 {
		groups = append(groups, citation{frames: []uint64{}})
	}
	return groups
}

// conclude puts repeats together, fills in what was not judged, and sums up.
func (v *view) conclude(r *Report, rulings map[string][]ruling) {
	r.Verdicts, r.NotJudged = []Verdict{}, []NotJudged{}
	for k := range rules {
		c := &rules[k]
		if !c.fitness && !v.policy.claims(c.id) {
			continue
		}
		verdicts := v.repeats(rulings[c.id])
		r.Verdicts = append(r.Verdicts, verdicts...)
		if len(verdicts) == 0 {
			n := v.reason(c, rulings[c.id])
			n.Claim = c.id
			r.NotJudged = append(r.NotJudged, n)
		}
	}
	for _, n := range undecided {
		if v.policy.claims(n.Claim) {
			r.NotJudged = append(r.NotJudged, n)
		}
	}
	v.require(r)
	r.Result = worstOf(r.Verdicts)
}

// repeats keeps one verdict for each name of a window: the worst.
func (v *view) repeats(list []ruling) []Verdict {
	var verdicts []Verdict
	total := map[string]int{}
	for i := range v.spans {
		total[v.spans[i].Name]++
	}
	for i := range list {
		one := list[i].Verdict
		if list[i].reason != "" {
			continue
		}
		name := one.Window
		if n := total[name]; n > 1 && one.Result != Pass {
			one.Because = fmt.Sprintf("repeat %d of %d: %s", v.repeat(list[i].index), n, one.Because)
		}
		if k := slices.IndexFunc(verdicts, func(d Verdict) bool { return d.Window == name }); k < 0 {
			verdicts = append(verdicts, one)
		} else if heavier(&one, &verdicts[k]) {
			verdicts[k] = one
		}
	}
	return verdicts
}

// heavier reports whether a weighs more than b; a waived fail less than one
// that is not.
func heavier(a, b *Verdict) bool {
	if a.Result != b.Result {
		return weight[a.Result] > weight[b.Result]
	}
	return b.Waiver != nil && a.Waiver == nil
}

// repeat counts the windows of that name from 1.
func (v *view) repeat(index int) int {
	n := 1
	for i := range index {
		if v.spans[i].Name == v.spans[index].Name {
			n++
		}
	}
	return n
}

// reason says why a claim has no verdict.
func (v *view) reason(r *rule, list []ruling) NotJudged {
	unlooked := slices.IndexFunc(list, func(one ruling) bool { return one.kind == NoMeans })
	switch {
	case v.replaced(r):
		return NotJudged{Kind: Vouched, Reason: "the capture is trusted: " + v.o.Trust}
	case unlooked >= 0: // in some window there was something to look at
		return NotJudged{Kind: NoMeans, Reason: list[unlooked].reason}
	case len(list) > 0:
		return NotJudged{Kind: list[0].kind, Reason: list[0].reason}
	case r.modes == nil:
		return NotJudged{Kind: NoMeans, Reason: "no window"}
	case v.rec.Bare:
		return NotJudged{Kind: NoMeans, Reason: "no window of mode " + modesText(r) + "; a bare capture has one with --mode"}
	}
	return NotJudged{Kind: NoMeans, Reason: "no window of mode " + modesText(r)}
}

func modesText(r *rule) string {
	if len(r.modes) == 1 {
		return r.modes[0]
	}
	return r.modes[0] + " or " + r.modes[1]
}

// require turns claims that had to be judged and were not into inconclusive ones.
func (v *view) require(r *Report) {
	for _, id := range knownClaims() {
		if !slices.Contains(v.o.Require, id) || slices.ContainsFunc(r.Verdicts, func(d Verdict) bool { return d.Claim == id }) {
			continue
		}
		reason := "it is no claim of policy " + v.policy.Name
		if i := slices.IndexFunc(r.NotJudged, func(n NotJudged) bool { return n.Claim == id }); i >= 0 {
			reason = r.NotJudged[i].Reason
			r.NotJudged = slices.Delete(r.NotJudged, i, i+1)
		}
		r.Verdicts = append(r.Verdicts, Verdict{Claim: id, Result: Inconclusive, Because: "required, but not judged: " + reason, Evidence: []Evidence{}})
	}
}

// worstOf is the result of several verdicts; without any, nothing is concluded.
func worstOf(list []Verdict) Result {
	worst := Result("")
	for i := range list {
		if weight[list[i].Result] > weight[worst] {
			worst = list[i].Result
		}
	}
	return cmp.Or(worst, Inconclusive)
}
