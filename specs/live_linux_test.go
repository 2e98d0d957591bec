//go:build live

package specs_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/spanrig/spanrig/rig/sim"
	"github.com/spanrig/spanrig/rig/sim/simtest"
	"github.com/spanrig/spanrig/rig/sim/wiring"
)

// TestMain lets this program be the processes of its benches.
func TestMain(m *testing.M) { simtest.Main(m) }

// live runs the shipped specs of local data mode on a bench, as a lab would,
// and returns what JUnit says of each claim.
func live(t *testing.T, b *sim.Bench) map[string]string {
	t.Helper()
	out := t.TempDir()
	cmd := exec.Command("go", "test", "-count=1", "-timeout=5m", "./localdata")
	cmd.Env = append(os.Environ(), "SPANRIG_BENCH="+b.File, "SPANRIG_OUT="+out)
	printed, err := cmd.CombinedOutput()
	if err == nil {
		t.Error("the specs pass")
	}
	results := map[string]string{}
	for _, claim := range []string{"LDM-1", "LDM-2", "LDM-3", "LDM-4", "LDM-5"} {
		results[claim] = read(t, filepath.Join(out, "localdata", "junit.xml"), claim)
	}
	if t.Failed() {
		t.Logf("%s", printed)
	}
	return results
}

// TestLiveSpecs: the specs of the replay road, with a bench.
func TestLiveSpecs(t *testing.T) {
	b := simtest.Up(t, "specs-leak", "leak-tls")
	got := live(t, b)
	for claim, want := range map[string]string{"LDM-1": "failure fail", "LDM-2": "failure fail", "LDM-3": "failure fail", "LDM-4": ""} {
		if got[claim] != want {
			t.Errorf("%s is %q, want %q", claim, got[claim], want)
		}
	}
}

// TestLiveLostDevice: a device that goes away for good is an error of the rig, which
// one spec says; the rest is skipped with that reason.
func TestLiveLostDevice(t *testing.T) {
	b := simtest.Up(t, "specs-lost", "")
	time.AfterFunc(6*time.Second, func() {
		pids, _ := wiring.Processes("specs-lost")
		for _, pid := range pids {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	})
	got := live(t, b)
	said, skipped := 0, 0
	for claim, result := range got {
		switch {
		case strings.HasPrefix(result, "failure"):
			t.Errorf("%s: the product is blamed: %s", claim, result)
		case result == "error error":
			said++
		case result == "skipped":
			skipped++
		}
	}
	if said != 1 || skipped != 4 {
		t.Errorf("want an error of the rig and the rest skipped: %v", got)
	}
}
