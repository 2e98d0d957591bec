package sim

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/spanrig/spanrig/rig/sim/wiring"
)

// home is where benches in the background keep their files.
const home = "/run/spanrig/sim"

func folder(name string) string { return filepath.Join(home, name) }

const (
	pidFile = "pid"
	logFile = "sim.log"
)

const maxSaid = 64 << 10 // bytes of a log that are told

// startTime bounds how long a bench may take to come up, downTime to go down.
const (
	startTime = time.Minute
	downTime  = 20 * time.Second
)

// Up builds a bench that goes on in the background, and returns the path of its
// bench file. The configuration's Dir is chosen here.
func Up(ctx context.Context, c Config) (file string, err error) {
	if os.Geteuid() != 0 {
		return "", errors.New("network namespaces need root; run it with sudo")
	}
	dir := folder(c.Name)
	if _, err := os.Stat(filepath.Join(dir, pidFile)); err == nil {
		return "", fmt.Errorf("bench %s is up already: %s; choose another --name, or take it down", c.Name, filepath.Join(dir, "bench.yaml"))
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	log, err := os.OpenFile(filepath.Join(dir, logFile), os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return "", err
	}
	defer log.Close()
	cmd := exec.Command(self, "sim", "serve", "--name", c.Name, "--fault", c.Fault, "--scale", strconv.FormatFloat(c.Scale, 'g', -1, 64))
	cmd.Stderr = log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return "", err
	}
	if err := cmd.Start(); err != nil {
		return "", err
	}
	ready := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(out).ReadString('\n')
		ready <- strings.TrimSpace(line)
	}()
	select {
	case file = <-ready:
	case <-ctx.Done():
	case <-time.After(startTime):
	}
	if file != "" {
		return file, cmd.Process.Release()
	}
	_ = cmd.Process.Signal(syscall.SIGTERM)
	_ = cmd.Wait()
	said, _ := io.ReadAll(io.NewSectionReader(log, 0, maxSaid)) // it may have no name any more
	_ = os.RemoveAll(dir)
	return "", errors.Join(ctx.Err(), fmt.Errorf("bench %s did not come up: %s", c.Name, strings.TrimSpace(string(said))))
}

// Serve is a bench until ctx ends. It prints the path of the bench file once it
// is up.
func Serve(ctx context.Context, c Config, out io.Writer) error {
	c.Dir = folder(c.Name)
	starting, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	b, err := Start(starting, c)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(c.Dir, pidFile), []byte(strconv.Itoa(os.Getpid())), 0o600); err != nil {
		return errors.Join(err, b.Close())
	}
	fmt.Fprintln(out, b.File)
	<-ctx.Done()
	return b.Close()
}

// Down takes a bench of the background down and removes every trace of it,
// also where its process was killed.
func Down(ctx context.Context, name string) error {
	if os.Geteuid() != 0 {
		return errors.New("network namespaces need root; run it with sudo")
	}
	if pid := running(name); pid != 0 {
		if err := end(ctx, pid); err != nil {
			return err
		}
	}
	left, err := wiring.Processes(name)
	if err != nil {
		return err
	}
	for _, pid := range left {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
	return errors.Join(wiring.Down(name), os.RemoveAll(folder(name)))
}

// running is the process of a bench in the background; 0 where there is none,
// or where its number belongs to another program by now.
func running(name string) int {
	text, err := os.ReadFile(filepath.Join(folder(name), pidFile))
	if err != nil {
		return 0
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil || pid <= 1 {
		return 0
	}
	command, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	if err != nil || !strings.Contains(string(command), "\x00sim\x00serve\x00") {
		return 0
	}
	return pid
}

// end asks a process to end, and makes it.
func end(ctx context.Context, pid int) error {
	if err := syscall.Kill(pid, syscall.SIGTERM); err != nil {
		return nil // it is gone
	}
	deadline := time.Now().Add(downTime)
	for time.Now().Before(deadline) {
		if syscall.Kill(pid, 0) != nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(50 * time.Millisecond):
		}
	}
	_ = syscall.Kill(pid, syscall.SIGKILL)
	return nil
}

// List returns the names of the benches of which anything exists.
func List() ([]string, error) {
	names, err := wiring.List()
	if err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(home)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	seen := map[string]bool{}
	for _, n := range names {
		seen[n] = true
	}
	for _, e := range entries {
		if !seen[e.Name()] {
			names = append(names, e.Name())
		}
	}
	return names, nil
}
