package policy

import (
	"fmt"
	"strings"
)

// settle holds what a rule saw against what is known of the capture and the
// mode. Presence needs no fitness, absence does.
func (v *view) settle(r *rule, s *span, o outcome) outcome {
	if o.result == "" {
		return o
	}
	if why := v.modeDoubt(r, s); why != "" && o.result != Inconclusive {
		o.result = Inconclusive
		if len(o.findings) > 0 {
			o.because = "seen, but " + why + ": " + o.because
		} else {
			o.because += ", but " + why
		}
		return o
	}
	if o.result != Pass || !o.silent {
		return o
	}
	if r.settled && s.settled == s.to {
		o.result, o.because = Inconclusive, fmt.Sprintf("%s, but the guard of %v takes the whole window", o.because, s.Guard)
		return o
	}
	if len(v.flows) == 0 {
		o.result, o.because = Inconclusive, o.because+", but the device was never seen in the capture"
		return o
	}
	if unmet := s.unmet(); unmet != "" {
		o.result, o.because = Inconclusive, o.because+", but absence is not proven: "+unmet
	}
	return o
}

// modeDoubt says why a claim of the window's mode cannot be judged: the mode
// was not proven. In a bare capture it is the caller's word, and a claim can fail.
func (v *view) modeDoubt(r *rule, s *span) string {
	if r.modes == nil || s.standing == Pass || s.standing == "" || s.asserted {
		return ""
	}
	return "the mode of the window is not proven (MODE-1)"
}

// unmet names the fitness checks that are not met, with what they saw.
func (s *span) unmet() string {
	var list []string
	for _, c := range s.fitness {
		if !c.OK {
			list = append(list, c.Check+" ("+c.Saw+")")
		}
	}
	return strings.Join(list, ", ")
}
