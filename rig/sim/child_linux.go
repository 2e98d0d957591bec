package sim

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"github.com/vishvananda/netns"

	"github.com/spanrig/spanrig/rig/sim/device"
	"github.com/spanrig/spanrig/rig/sim/device/pilot"
	"github.com/spanrig/spanrig/rig/sim/wiring"
	"github.com/spanrig/spanrig/rig/sim/world"
)

// worldConfig and deviceConfig go to a child as one line of JSON at its
// standard input, which stays open as long as the child is wanted.
type worldConfig struct {
	Authority string `json:"authority"` // file for the certificate
	Log       string `json:"log"`
	HTTPS     bool   `json:"https_records"`
}

type deviceConfig struct {
	State   string       `json:"state"`
	Roots   string       `json:"roots"` // file
	DUML    string       `json:"duml"`
	Control string       `json:"control"`
	Port    int          `json:"port"` // of adb, on loopback of the host
	Pace    float64      `json:"pace"`
	Knobs   device.Knobs `json:"knobs"`
}

// hostNamespace is the file descriptor of the host's network namespace in a
// child: adb's port is there.
const hostNamespace = 3

// child starts this program again inside a namespace and waits until it is ready.
func (b *Bench) child(ctx context.Context, where wiring.Place, config any) (*child, error) {
	line, err := json.Marshal(config)
	if err != nil {
		return nil, err
	}
	host, err := os.Open("/proc/thread-self/ns/net") // not self: the first thread may be in a bench just now
	if err != nil {
		return nil, err
	}
	defer host.Close()
	in, hold, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer in.Close()
	program := b.config.Program
	if program == nil {
		self, err := os.Executable()
		if err != nil {
			return nil, err
		}
		program = []string{self, "sim", "child"}
	}
	cmd := exec.Command(program[0], append(program[1:len(program):len(program)], string(where))...)
	var said strings.Builder
	cmd.Stdin, cmd.Stderr, cmd.ExtraFiles = in, &said, []*os.File{host}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := b.Wire.Start(where, cmd); err != nil {
		return nil, errors.Join(err, hold.Close())
	}
	c := &child{cmd: cmd, in: hold, done: make(chan struct{})}
	ready := make(chan bool, 1)
	go func() {
		r := bufio.NewReader(out)
		_, err := r.ReadString('\n')
		ready <- err == nil
		_, _ = io.Copy(io.Discard, r)
		if err := cmd.Wait(); err != nil || said.Len() > 0 {
			c.fault = fmt.Errorf("the simulated %s ended: %w: %s", where, err, strings.TrimSpace(said.String()))
		}
		close(c.done)
	}()
	_, err = fmt.Fprintf(hold, "%s\n", line)
	select {
	case ok := <-ready:
		if ok && err == nil {
			return c, nil
		}
		_ = c.end()
		return nil, fmt.Errorf("it did not start: %s", strings.TrimSpace(said.String()))
	case <-ctx.Done():
		_ = c.end()
		return nil, context.Cause(ctx)
	}
}

// Child is the life of a process of the bench: what is "world" or "device". It
// returns when its standard input ends.
func Child(ctx context.Context, what string, in io.Reader, out io.Writer) error {
	r := bufio.NewReader(in)
	line, err := r.ReadBytes('\n')
	if err != nil {
		return errors.New("this is a part of the simulator: spanrig sim up starts it")
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		_, _ = io.Copy(io.Discard, r)
		cancel()
	}()
	ready := func() { fmt.Fprintln(out, "ready") }
	switch wiring.Place(what) {
	case wiring.World:
		return runWorld(ctx, line, ready)
	case wiring.Device:
		return runDevice(ctx, line, ready)
	}
	return fmt.Errorf("the simulator has no part %q", what)
}

func runWorld(ctx context.Context, line []byte, ready func()) error {
	var c worldConfig
	if err := json.Unmarshal(line, &c); err != nil {
		return err
	}
	log, err := os.OpenFile(c.Log, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	return world.Serve(ctx, world.Config{Interface: wiring.LAN, AuthorityTo: c.Authority, Log: log, HTTPSRecords: c.HTTPS}, ready)
}

func runDevice(ctx context.Context, line []byte, ready func()) error {
	var c deviceConfig
	if err := json.Unmarshal(line, &c); err != nil {
		return err
	}
	roots, err := os.ReadFile(c.Roots)
	if err != nil {
		return err
	}
	ready()
	return device.Run(ctx, device.Config{State: c.State, Roots: roots, DUML: c.DUML, Control: c.Control,
		Pace: pilot.Pace(c.Pace), Boot: time.Second, Knobs: c.Knobs, Listen: func() (net.Listener, error) { return hostListener(c.Port) }})
}

// hostListener listens on loopback of the host, from inside a namespace.
func hostListener(port int) (net.Listener, error) {
	type result struct {
		l   net.Listener
		err error
	}
	done := make(chan result)
	go func() {
		runtime.LockOSThread() // and never unlock: the thread ends with its namespace
		if err := netns.Set(netns.NsHandle(hostNamespace)); err != nil {
			done <- result{nil, err}
			return
		}
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		done <- result{l, err}
	}()
	r := <-done
	return r.l, r.err
}
