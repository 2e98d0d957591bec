package cli

import (
	"os"
	"path/filepath"
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
	wrong := func(old, text string) string { return write(t, "b.yaml", strings.Replace(operated, old, text, 1)) }
	full := filepath.Dir(bench)
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
		{"record --bench " + bench + " -o " + full, " is not empty; name a new folder for the recording with -o"},
		{"record --bench " + bench + " -o " + bench, "not a directory; name a new folder for the recording with -o"},
		{"run --bench " + bench + " -o " + bench, "exists already; name another bundle with -o"},
		{"record --bench " + wrong("{operator: true", "{driver: sym"), `b.yaml:3:18: device: driver "sym" is not in this program`},
		{"bench check " + wrong("[span-no]", "[span-no, span-no]"), "b.yaml:4:30: span: interface span-no is named twice"},
		{"bench check " + wrong("[span-no]", "[span-no], ring_mb: 99999999"), "b.yaml:4:40: span: ring_mb: 99999999; say 1 to 1024"},
		{"bench check " + wrong("by_rig: true", `by_rig: true, zone: "bad zone!"`), `b.yaml:5:31: control: zone: "bad zone!" is no DNS name`},
		{"bench check " + wrong("operator: true", "adb: {address: 10.0.0.9:99999}"), `b.yaml:3:25: device: adb: address "10.0.0.9:99999"`},
		{"bench screens -o screens " + wrong("{operator: true", "{driver: sym"), `driver "sym" is not in this program`},
		{"bench discover --adb-server 127.0.0.1:99999", "--adb-server: adb server"},
		{"bench qualify --from lo " + wrong("{operator: true, macs: [\"02:00:5e:00:00:77\"]}", "{adb: {serial: x}}"), "name the MAC address behind the mirrored port with --to"},
		{"bench qualify --from nosuch0 " + bench, "name an interface of this host on a port of the switch"},
		{"sim up --fault nosuch", `no fault "nosuch"; there are: none, `},
		{"sim up --scale -3", `"--scale" flag: say a factor above 0, at most 100`},
		{"sim up --scale 0", `"--scale" flag: say a factor above 0, at most 100`},
		{"sim up --scale nan", `"--scale" flag: say a factor above 0, at most 100`},
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
