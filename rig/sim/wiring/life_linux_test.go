package wiring

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

func TestSideBySide(t *testing.T) {
	a, b := raise(t, "x"), raise(t, "y")
	list, err := List()
	if err != nil || !slices.Contains(list, a.Name()) || !slices.Contains(list, b.Name()) {
		t.Errorf("list %v, %v", list, err)
	}
	framesA, framesB := watch(t, a), watch(t, b)
	if !eventually(func() bool { return ping(t, a, "192.0.2.200") }) {
		t.Error("the first bench does not answer")
	}
	if q, r := echoes(framesA()); q != 1 || r != 1 {
		t.Errorf("the first bench shows %d requests and %d replies", q, r)
	}
	if q, r := echoes(framesB()); q+r > 0 {
		t.Error("the second bench shows the first one's frames")
	}
	if err := Down(a.Name()); err != nil {
		t.Fatal(err)
	}
	if !eventually(func() bool { return ping(t, b, "192.0.2.200") }) {
		t.Error("the second bench died with the first")
	}
}

func TestNames(t *testing.T) {
	for _, name := range []string{"", "-a", "a/b", "Upper", "elevenchars", "a b"} {
		if _, err := Up(Config{Name: name}); err == nil {
			t.Errorf("Up took the name %q", name)
		}
	}
	if got := benchOf("spanrig-a-b-device"); got != "a-b" {
		t.Errorf("benchOf = %q", got)
	}
	for _, ns := range []string{"spanrig-device", "other-a-device", "spanrig-a-b"} {
		if got := benchOf(ns); got != "" {
			t.Errorf("benchOf(%q) = %q", ns, got)
		}
	}
}

// TestTwice shows that a bench is not built over another of its name, which
// stays as it is.
func TestTwice(t *testing.T) {
	w := raise(t, "2")
	if _, err := Up(Config{Name: w.Name()}); !errors.Is(err, errExists) {
		t.Errorf("built twice: %v", err)
	}
	if !eventually(func() bool { return ping(t, w, Router4.String()) }) {
		t.Error("the first one is broken")
	}
}

// TestGoexit shows that a function that ends its goroutine inside a namespace
// blocks nobody.
func TestGoexit(t *testing.T) {
	w := raise(t, "e")
	err := w.Do(Device, func() error {
		runtime.Goexit()
		return nil
	})
	if !errors.Is(err, errEnded) {
		t.Errorf("%v", err)
	}
}

// TestCrash kills the owner of a bench with a process of its own inside, and
// cleans up by name.
func TestCrash(t *testing.T) {
	if name := os.Getenv("WIRING_OWNER"); name != "" {
		own(name)
		return
	}
	if os.Getuid() != 0 {
		t.Skip("not run: network namespaces need root")
	}
	name := fmt.Sprintf("t%dk", os.Getpid()%1e6)
	cmd := exec.Command(os.Args[0], "-test.run=^TestCrash$")
	cmd.Env = append(os.Environ(), "WIRING_OWNER="+name)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line := make([]byte, 64)
	n, err := out.Read(line)
	if err != nil {
		t.Fatal(err)
	}
	sleeper, err := strconv.Atoi(strings.TrimSpace(string(line[:n])))
	if err != nil {
		t.Fatalf("the owner says %q", line[:n])
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	w, err := Open(name)
	if err != nil {
		t.Fatalf("what the owner left cannot be opened: %v", err)
	}
	// A thread of this process is inside, whichever is its first.
	err = w.Do(Device, func() error {
		if n := len(networks(os.Getpid())); n < 2 {
			t.Errorf("the threads are in %d networks", n)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	if list, err := Processes(name); err != nil || !slices.Equal(list, []int{sleeper}) {
		t.Errorf("processes %v, %v, want %d", list, err, sleeper)
	}
	for range 2 {
		if err := Down(name); err != nil {
			t.Error(err)
		}
	}
	if err := syscall.Kill(sleeper, syscall.SIGKILL); err != nil {
		t.Error(err)
	}
	if list, err := remains(name); err != nil || len(list) > 0 {
		t.Errorf("left behind: %v, %v", list, err)
	}
	if _, err := Open(name); err == nil {
		t.Error("opened what is gone")
	}
}

// own builds a bench, starts a process inside, says its id and waits to be killed.
func own(name string) {
	w, err := Up(Config{Name: name})
	if err != nil {
		fmt.Println(err)
		return
	}
	sleep := exec.Command("sleep", "100")
	if err := w.Start(Device, sleep); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(sleep.Process.Pid)
	select {}
}
