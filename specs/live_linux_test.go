//go:build live

package specs_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/spanrig/spanrig/rig/sim"
	"github.com/spanrig/spanrig/rig/sim/simtest"
)

// TestMain lets this program be the processes of its benches.
func TestMain(m *testing.M) { simtest.Main(m) }

// live runs shipped specs on a bench in one go test, as a lab would, and returns
// what JUnit says of each topic's claims, and of the rig.
func live(t *testing.T, b *sim.Bench, out string, topics ...string) map[string]map[string]string {
	t.Helper()
	args := []string{"test", "-count=1", "-timeout=5m"}
	for _, topic := range topics {
		args = append(args, "./"+topic)
	}
	cmd := exec.Command("go", args...)
	cmd.Env = append(os.Environ(), "SPANRIG_BENCH="+b.File, "SPANRIG_OUT="+out)
	printed, err := cmd.CombinedOutput()
	if err == nil {
		t.Error("the specs pass")
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("%s", printed)
		}
	})
	list := map[string]map[string]string{}
	for _, topic := range topics {
		list[topic] = results(t, filepath.Join(out, topic, "junit.xml"))
	}
	return list
}

// TestLiveSpecs: the specs of the replay road, with a bench.
func TestLiveSpecs(t *testing.T) {
	b := simtest.Up(t, "specs-leak", "leak-tls")
	got := live(t, b, t.TempDir(), "localdata")["localdata"]
	for claim, want := range map[string]string{"LDM-1": "failure fail", "LDM-2": "failure fail", "LDM-3": "failure fail", "LDM-4": ""} {
		if result, judged := got[claim]; result != want || !judged {
			t.Errorf("%s is %q, want %q", claim, result, want)
		}
	}
	if trouble, had := got["rig"]; had {
		t.Errorf("the rig is %q", trouble)
	}
}

// TestLiveLostDevice: a device that goes away for good, here after the first
// window, is an error of the rig in every package of the run, whoever recorded;
// the product is not blamed.
func TestLiveLostDevice(t *testing.T) {
	b, out := simtest.Up(t, "specs-lost", ""), t.TempDir()
	go afterWindow(t.Context(), out, killDevice)
	for topic, got := range live(t, b, out, "localdata", "control") {
		if got["rig"] != "error error" {
			t.Errorf("%s: the rig is %q", topic, got["rig"])
		}
		for claim, result := range got {
			if strings.HasPrefix(result, "failure") {
				t.Errorf("%s: %s: the product is blamed: %s", topic, claim, result)
			}
		}
		if result, judged := got["LDM-1"]; topic == "localdata" && (!judged || result == "") {
			t.Error("LDM-1 passes")
		}
	}
}

// afterWindow calls do when the recording that a run makes has a whole window.
func afterWindow(ctx context.Context, out string, do func()) {
	for ticker := time.NewTicker(100 * time.Millisecond); ctx.Err() == nil; <-ticker.C {
		journals, _ := filepath.Glob(filepath.Join(out, "live", "*", "plan", "journal.jsonl"))
		for _, path := range journals {
			if text, _ := os.ReadFile(path); bytes.Contains(text, []byte(`"at":"end"`)) {
				do()
				return
			}
		}
	}
}

// killDevice ends the simulated devices of this process's benches.
func killDevice() {
	threads, _ := filepath.Glob("/proc/self/task/*/children")
	for _, path := range threads {
		children, _ := os.ReadFile(path)
		for _, child := range strings.Fields(string(children)) {
			if args, _ := os.ReadFile("/proc/" + child + "/cmdline"); bytes.HasSuffix(args, []byte("\x00sim\x00child\x00device\x00")) {
				pid, _ := strconv.Atoi(child)
				_ = syscall.Kill(pid, syscall.SIGKILL)
			}
		}
	}
}
