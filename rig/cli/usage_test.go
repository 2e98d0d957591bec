package cli

import (
	"os"
	"strings"
	"testing"
)

const operated = `schema: 1
name: operated
device: {operator: true, macs: ["02:00:5e:00:00:77"]}
span: {interfaces: [span-no]}
control: {by_rig: true}
`

// TestUsage: what is wrong with the command line, a bench file or a plan is said
// in one line with what to do, before anything is touched.
func TestUsage(t *testing.T) {
	bench := write(t, "b.yaml", operated)
	plan := func(windows string) string {
		return write(t, "p.yaml", "schema: 1\nname: x\ndefaults: {length: 1m, guard: 1s, every: 5s}\nwindows: ["+windows+"]\n")
	}
	for _, one := range []struct {
		args string
		says string
	}{
		{"record --bench " + bench + " --mode ldm --for 0", `"--for" flag: say a time of 1s or more`},
		{"run --bench " + bench + " --mode ldm --for -10s", `"--for" flag: say a time of 1s or more`},
		{"record --bench " + bench + " --for 10s", "name a mode too"},
		{"record --bench " + bench + " --plan " + plan("{mode: ldm, stimulus: dance}"), `p.yaml:4:33: window 1: stimulus "dance" is not in script`},
		{"record --bench " + bench + " --plan " + plan("{mode: ldm, stimulus: tour, repeat: -1}"), "p.yaml:4:47: window 1: repeat: -1"},
		{"record --bench " + bench + " --plan " + plan("{mode: ldm, stimulus: tour, guard: 2m}"), "p.yaml:4:46: window 1: the guard of 2m0s"},
	} {
		t.Chdir(t.TempDir())
		code, _, errs := call(t, nil, strings.Fields(one.args)...)
		if code != exitUsage || !strings.Contains(errs, one.says) || strings.Count(errs, "\n") != 1 {
			t.Errorf("%s: exit %d, %q, want %q", one.args, code, errs, one.says)
		}
		if left, err := os.ReadDir("."); err != nil || len(left) > 0 {
			t.Errorf("%s: %v, it left %v", one.args, err, left)
		}
	}
}
