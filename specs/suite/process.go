package suite

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// thisRun names the run of tests that this process belongs to: its processes
// share recordings, and no later run may take them for its own. go test and
// ginkgo start a process for each package, so theirs is the run. A process that
// something else has started, a shell for example, is a run by itself.
//
// Numbers of processes come again, in a container each night: the moment when it
// was started and the boot of the machine tell one from another.
func thisRun() (string, error) {
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return "", fmt.Errorf("tell this run from others: %w", err)
	}
	p, err := processOf(os.Getppid())
	if err != nil || p.name != "go" && p.name != "ginkgo" { // the parent may be out of sight
		p, err = processOf(os.Getpid())
	}
	if err != nil {
		return "", fmt.Errorf("tell this run from others: %w", err)
	}
	return fmt.Sprintf("%d-%d-%.8s", p.pid, p.start, boot), nil
}

// running is a process.
type running struct {
	pid   int
	name  string // of its program, at most 15 bytes
	start uint64 // clock ticks since boot
}

func processOf(pid int) (running, error) {
	path := fmt.Sprintf("/proc/%d/stat", pid)
	stat, err := os.ReadFile(path)
	if err != nil {
		return running{}, err
	}
	p, ok := parseStat(string(stat))
	if !ok {
		return running{}, fmt.Errorf("%s: %q is not how proc(5) has it", path, stat)
	}
	return p, nil
}

// parseStat reads /proc/PID/stat, of which fields 1, 2 and 22 count: proc(5).
// The name is in parentheses and may hold any character.
func parseStat(stat string) (p running, ok bool) {
	pid, rest, found := strings.Cut(stat, " (")
	end := strings.LastIndex(rest, ") ")
	if !found || end < 0 {
		return running{}, false
	}
	fields := strings.Fields(rest[end+2:]) // from field 3 on
	const start = 22 - 3
	if len(fields) <= start {
		return running{}, false
	}
	var errs [2]error
	p.name = rest[:end]
	p.pid, errs[0] = strconv.Atoi(pid)
	p.start, errs[1] = strconv.ParseUint(fields[start], 10, 64)
	if errs != [2]error{} {
		return running{}, false
	}
	return p, true
}
