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

	"github.com/spanrig/spanrig/drivers/lock"
	"github.com/spanrig/spanrig/rig/benchfile"
	"github.com/spanrig/spanrig/rig/sim/wiring"
)

// home is where benches in the background keep their files.
const home = "/run/spanrig/sim"

func folder(name string) string { return filepath.Join(home, name) }

var errNoRoot = errors.New("network namespaces need root; run it with sudo")

const logFile = "sim.log" // of its process

const maxSaid = 64 << 10 // bytes of a log that are told

// startTime bounds how long a bench may take to come up, downTime to go down.
const (
	startTime = time.Minute
	downTime  = 20 * time.Second
)

// Up builds a bench that goes on in the background, and returns the path of its
// bench file. The configuration's Dir is chosen here.
func Up(ctx context.Context, c Config) (file string, err error) {
	if err := wiring.CheckName(c.Name); err != nil {
		return "", err
	}
	if os.Geteuid() != 0 {
		return "", errNoRoot
	}
	if _, err := os.Lstat(folder(c.Name)); err == nil {
		return "", fmt.Errorf("bench %s is up already, or was not taken down: %s; choose another --name, or take it down", c.Name, filepath.Join(folder(c.Name), benchFile))
	}
	if err := os.MkdirAll(home, 0o700); err != nil {
		return "", err
	}
	log, err := os.CreateTemp(home, c.Name+".*.log") // the folder is its process's to make
	if err != nil {
		return "", err
	}
	defer log.Close()
	if file, err = launch(ctx, c, log); err != nil {
		return "", errors.Join(err, os.Remove(log.Name()))
	}
	return file, os.Rename(log.Name(), filepath.Join(folder(c.Name), logFile))
}

// launch starts the process of a bench and returns the path of its bench file
// once it is up.
func launch(ctx context.Context, c Config, log *os.File) (file string, err error) {
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
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
	kill := time.AfterFunc(downTime, func() { _ = cmd.Process.Kill() })
	defer kill.Stop()
	_ = cmd.Wait()
	said, _ := io.ReadAll(io.NewSectionReader(log, 0, maxSaid))
	return "", errors.Join(ctx.Err(), fmt.Errorf("bench %s did not come up: %s", c.Name, strings.TrimSpace(string(said))))
}

// Serve is a bench until ctx ends. It prints the path of the bench file once it
// is up.
func Serve(ctx context.Context, c Config, out io.Writer) error {
	if err := os.MkdirAll(home, 0o700); err != nil {
		return err
	}
	c.Dir = folder(c.Name)
	starting, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	b, err := Start(starting, c)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, b.File)
	<-ctx.Done()
	return b.Close()
}

// Down takes a bench of the background down and removes every trace of it,
// also where its process was killed. The bench of a program that uses it is that
// program's to close: the error is then a *drivers.BusyError.
func Down(ctx context.Context, name string) error {
	if err := wiring.CheckName(name); err != nil {
		return err
	}
	if os.Geteuid() != 0 {
		return errNoRoot
	}
	for _, pid := range serving(name) {
		if err := end(ctx, pid); err != nil {
			return err
		}
	}
	last, cancel := context.WithTimeout(ctx, time.Second) // of a process that ends
	defer cancel()
	held, err := lock.Wait(last, "spanrig sim down", identity(name))
	if err != nil {
		return err
	}
	if b, err := benchfile.Load(filepath.Join(folder(name), benchFile)); err == nil && b.Device.ADB != nil { // it came up
		endServer(b.Device.ADB.Server)
	}
	left, err := wiring.Processes(name)
	for _, pid := range append(left, having("environ", "HOME="+adbHome(folder(name))+"\x00")...) {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
	return errors.Join(err, wiring.Down(name), os.RemoveAll(folder(name)), held.Release())
}

// serving finds the process of a bench in the background, by what [Up] starts.
func serving(name string) []int {
	return having("cmdline", "\x00sim\x00serve\x00--name\x00"+name+"\x00")
}

// having lists the processes whose file below /proc holds a text.
func having(file, text string) (pids []int) {
	paths, _ := filepath.Glob("/proc/[0-9]*/" + file) // the pattern is right
	for _, path := range paths {
		if content, _ := os.ReadFile(path); strings.Contains(string(content), text) { // it may have ended
			pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(path))) // digits
			pids = append(pids, pid)
		}
	}
	return pids
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
		if !seen[e.Name()] && wiring.CheckName(e.Name()) == nil {
			names = append(names, e.Name())
		}
	}
	return names, nil
}
