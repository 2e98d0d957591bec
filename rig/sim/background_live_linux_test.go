//go:build live

package sim_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/spanrig/spanrig/drivers"
	"github.com/spanrig/spanrig/rig/sim"
	"github.com/spanrig/spanrig/rig/sim/simtest"
	"github.com/spanrig/spanrig/rig/sim/wiring"
)

// build makes the program that is tested from outside.
func build(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "spanrig")
	build := exec.Command("go", "build", "-o", program, "../cmd/spanrig")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return program
}

// TestLiveTaken: who asks for a name or a folder that is taken is refused, and
// what has it stays as it is.
func TestLiveTaken(t *testing.T) {
	t.Parallel()
	b := simtest.Up(t, "taken", "")
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var busy *drivers.BusyError
	if _, err := sim.Start(ctx, sim.Config{Name: "taken", Dir: filepath.Join(t.TempDir(), "bench")}); !errors.As(err, &busy) || busy.Holder.PID != os.Getpid() {
		t.Errorf("built twice: %v", err)
	}
	if err := sim.Down(ctx, "taken"); !errors.As(err, &busy) {
		t.Errorf("taken down under its program: %v", err)
	}
	if _, err := sim.Start(ctx, sim.Config{Name: "taken2", Dir: filepath.Dir(b.File)}); !errors.Is(err, os.ErrExist) {
		t.Errorf("built in a folder that is there: %v", err)
	}
	if _, err := wiring.Up(wiring.Config{Name: "wires"}); err != nil { // of a program that locks nothing
		t.Fatal(err)
	}
	defer func() { _ = wiring.Down("wires") }()
	if _, err := sim.Start(ctx, sim.Config{Name: "wires", Dir: filepath.Join(t.TempDir(), "bench")}); err == nil {
		t.Error("built over another's network")
	}
	for _, name := range []string{"taken", "wires"} {
		if _, err := wiring.Open(name); err != nil {
			t.Error(err)
		}
	}
	if _, err := os.Stat(b.File); err != nil {
		t.Error(err)
	}
}

// TestLiveBackground: of two that build a bench at once one gets it, and the
// command that takes it down leaves nothing, also where its process was killed.
func TestLiveBackground(t *testing.T) {
	t.Parallel()
	program := build(t)
	command := func(args ...string) (string, error) {
		out, err := exec.Command(program, args...).CombinedOutput()
		return strings.TrimSpace(string(out)), err
	}
	const name = "back"
	for _, killed := range []bool{false, true} {
		var said [2]string
		var failed [2]error
		var both sync.WaitGroup
		for i := range said {
			both.Go(func() { said[i], failed[i] = command("sim", "up", "--name", name) })
		}
		both.Wait()
		first, second := 0, 1
		if failed[first] != nil {
			first, second = second, first
		}
		if failed[first] != nil || failed[second] == nil || !strings.Contains(said[second], name) {
			t.Fatalf("%v %q, %v %q", failed[0], said[0], failed[1], said[1])
		}
		if _, err := wiring.Open(name); err != nil {
			t.Error(err)
		}
		if _, err := os.Stat(said[first]); err != nil {
			t.Error(err)
		}
		if killed {
			for _, pid := range having("cmdline", "\x00serve\x00--name\x00"+name+"\x00") {
				_ = syscall.Kill(pid, syscall.SIGKILL)
			}
		}
		if out, err := command("sim", "down", "--name", name); err != nil {
			t.Errorf("%v %s", err, out)
		}
		left(t, name, filepath.Dir(said[first]))
	}
}

// left finds what a bench that was taken down has left.
func left(t *testing.T, name, dir string) {
	t.Helper()
	if list, err := sim.List(); err != nil || strings.Contains(strings.Join(list, " ")+" ", name+" ") {
		t.Errorf("%v, %v", list, err)
	}
	if files, _ := filepath.Glob(dir + "*"); len(files) > 0 {
		t.Errorf("left: %v", files)
	}
	if pids := having("environ", dir+"/"); len(pids) > 0 {
		t.Errorf("processes %v are left", pids)
	}
}

// having lists the processes whose file below /proc holds a text.
func having(file, text string) (pids []int) {
	paths, _ := filepath.Glob("/proc/[0-9]*/" + file)
	for _, path := range paths {
		if content, _ := os.ReadFile(path); strings.Contains(string(content), text) {
			pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(path)))
			pids = append(pids, pid)
		}
	}
	return pids
}
