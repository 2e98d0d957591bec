package suite

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spanrig/spanrig/rig/benchfile"
)

// TestMain is also the processes of runs: with a bench in the environment it
// says where recordings of it go.
func TestMain(m *testing.M) {
	if os.Getenv("TEST_SUITE_OPERATOR") != "" {
		askTwice()
		return
	}
	bench := os.Getenv("TEST_SUITE_BENCH")
	if bench == "" {
		os.Exit(m.Run())
	}
	l, err := newLive(bench, os.Getenv("TEST_SUITE_OUT"), benchfile.Drivers{})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println(filepath.Base(l.out))
}

// benchFile is a bench without equipment. Its device is this process's alone.
func benchFile(t *testing.T, device string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "bench.yaml")
	pid := os.Getpid()
	text := fmt.Sprintf("schema: 1\nname: desk\ndevice: {%s, macs: ['02:00:00:%02x:%02x:%02x']}\nspan: {interfaces: [nosuch%d]}\ncontrol: {by_rig: true}\nplan: short\n",
		device, byte(pid>>16), byte(pid>>8), byte(pid), pid)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// packages starts the processes of two packages from a program of that name,
// and returns where their recordings go.
func packages(t *testing.T, starter string) []string {
	t.Helper()
	dir := t.TempDir()
	script := filepath.Join(dir, starter)
	if err := os.WriteFile(script, []byte("#!/bin/sh\n\"$1\"\n\"$1\"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(script, os.Args[0])
	cmd.Env = append(os.Environ(), "TEST_SUITE_BENCH="+benchFile(t, "operator: true"), "TEST_SUITE_OUT="+dir)
	out, err := cmd.CombinedOutput()
	names := strings.Fields(string(out))
	if err != nil || len(names) != 2 {
		t.Fatalf("%v\n%s", err, out)
	}
	return names
}

// TestRuns: the packages of one run of go test share their recordings; those of
// another run, and processes that anything else has started, take none of them.
func TestRuns(t *testing.T) {
	first, second, shell := packages(t, "go"), packages(t, "go"), packages(t, "sh")
	if first[0] != first[1] || second[0] != second[1] {
		t.Errorf("packages of one run are apart: %v, %v", first, second)
	}
	if first[0] == second[0] {
		t.Errorf("two runs share %v", first)
	}
	if shell[0] == shell[1] {
		t.Errorf("the next process that a shell starts would judge an old recording: %v", shell)
	}
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range append(first, shell...) {
		parts := strings.Split(name, "-")
		if len(parts) != 4 || parts[0] != "desk" || parts[3] != string(boot[:8]) {
			t.Errorf("%s: want bench, process, its start and %.8s", name, boot)
		}
	}
}

func TestParseStat(t *testing.T) {
	const tail = " S 1 2 3 0 -1 4194304 88 0 0 0 0 0 0 0 20 0 1 0 935457 2654208 386"
	for stat, want := range map[string]running{
		"19821 (go)" + tail:     {19821, "go", 935457},
		"7 (a) (b c) d)" + tail: {7, "a) (b c) d", 935457},
		"7 (go) S 1 2":          {},
		"7 go" + tail:           {},
		"x (go)" + tail:         {},
		"":                      {},
		"7 (go" + tail:          {},
	} {
		if got, ok := parseStat(stat); got != want || ok != (want != running{}) {
			t.Errorf("%q: %+v, %v", stat, got, ok)
		}
	}
}

// FuzzParseStat: value xor error.
func FuzzParseStat(f *testing.F) {
	f.Add("19821 (go) R 18477 18477 21149 0 -1 4194304 88 0 0 0 0 0 0 0 20 0 1 0 935457 2654208 386")
	f.Add("1 () ) (")
	f.Fuzz(func(t *testing.T, stat string) {
		if p, ok := parseStat(stat); !ok && p != (running{}) {
			t.Errorf("%+v", p)
		}
	})
}
