package cli

import (
	"fmt"
	"strconv"
	"time"

	"github.com/spanrig/spanrig/rig/benchfile"
	"github.com/spanrig/spanrig/rig/plan"
)

// period is a flag's length of time; it is at least a second where it is given.
type period time.Duration

// String implements pflag.Value; one that is not given is empty.
func (p *period) String() string {
	if *p == 0 {
		return ""
	}
	return time.Duration(*p).String()
}

// Type implements pflag.Value.
func (*period) Type() string { return "duration" }

// Set implements pflag.Value.
func (p *period) Set(text string) error {
	d, err := time.ParseDuration(text)
	if err != nil || d < plan.Shortest {
		return fmt.Errorf("say a time of 1s or more, such as 90s or 10m")
	}
	*p = period(d)
	return nil
}

// factor is a flag's factor for times.
type factor float64

// String implements pflag.Value; one that is not given is empty.
func (f *factor) String() string {
	if *f == 0 {
		return ""
	}
	return strconv.FormatFloat(float64(*f), 'g', -1, 64)
}

// Type implements pflag.Value.
func (*factor) Type() string { return "factor" }

// Set implements pflag.Value.
func (f *factor) Set(text string) error {
	x, err := strconv.ParseFloat(text, 64)
	if err != nil || !(x > 0 && x <= benchfile.MaxScale) { // nor NaN
		return fmt.Errorf("say a factor above 0, at most %d, such as 0.1", benchfile.MaxScale)
	}
	*f = factor(x)
	return nil
}
