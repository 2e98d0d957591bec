//go:build live

package device

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/spanrig/spanrig/rig/sim/device/pilot"
	"github.com/spanrig/spanrig/rig/sim/wiring"
	"github.com/spanrig/spanrig/rig/sim/world"
)

// part is the environment variable by which the test binary is a part of a
// bench: what it is is in the variable, as JSON.
const part = "SPANRIG_TEST_PART"

// role is what a process of the test is.
type role struct {
	World string        `json:"world,omitempty"` // file for the authority's certificate
	Dir   string        `json:"dir,omitempty"`   // of the device
	ADB   string        `json:"adb,omitempty"`   // address in the namespace of file 3
	Roots string        `json:"roots,omitempty"` // file of certificates
	Knobs Knobs         `json:"knobs"`
	Pace  pilot.Pace    `json:"pace"`
	Boot  time.Duration `json:"boot"`
}

func TestMain(m *testing.M) {
	text, ok := os.LookupEnv(part)
	if !ok {
		os.Exit(m.Run())
	}
	if err := play(text); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func play(text string) error {
	var r role
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	if r.World != "" {
		return world.Serve(ctx, world.Config{Interface: wiring.LAN, AuthorityTo: r.World}, func() { fmt.Println("ready") })
	}
	roots, err := os.ReadFile(r.Roots)
	if err != nil {
		return err
	}
	return Run(ctx, Config{State: filepath.Join(r.Dir, "state"), Listen: outside(os.NewFile(3, "netns"), r.ADB), Roots: roots,
		DUML: filepath.Join(r.Dir, "duml"), Control: filepath.Join(r.Dir, "control"), Boot: r.Boot, Pace: r.Pace, Knobs: r.Knobs})
}

// simulated is a whole bench for a test.
type simulated struct {
	*wiring.Wiring
	*Remote
	dir, adb string
}

// simulate brings up wiring, world and device; it skips where that needs root.
func simulate(t *testing.T, name string, knobs Knobs) *simulated {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("network namespaces need root")
	}
	dir := t.TempDir()
	_ = wiring.Down(name)
	w, err := wiring.Up(wiring.Config{Name: name})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := wiring.Down(name); err != nil {
			t.Error(err)
		}
	})
	s := &simulated{Wiring: w, dir: dir, adb: freePort(t)}
	ca := filepath.Join(dir, "ca.pem")
	s.start(t, wiring.World, role{World: ca})
	waitFor(t, ca)
	s.start(t, wiring.Device, role{Dir: dir, ADB: s.adb, Roots: ca, Knobs: knobs, Pace: testPace, Boot: time.Second})
	if s.Remote, err = Connect(t.Context(), filepath.Join(dir, "control")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Remote.Close() })
	return s
}

// testPace makes the device of a test live fast.
const testPace = 0.3

func freePort(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func waitFor(t *testing.T, file string) {
	t.Helper()
	for range 500 {
		if b, err := os.ReadFile(file); err == nil && len(b) > 0 {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("%s does not appear", file)
}

func (s *simulated) start(t *testing.T, where wiring.Place, r role) {
	t.Helper()
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	ns, err := os.Open("/proc/thread-self/ns/net")
	if err != nil {
		t.Fatal(err)
	}
	defer ns.Close()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), part+"="+string(text))
	cmd.ExtraFiles = []*os.File{ns}
	cmd.Stderr = os.Stderr
	if err := s.Start(where, cmd); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		if err := cmd.Wait(); err != nil {
			t.Errorf("%s: %v", where, err)
		}
	})
}

// outside is a Config.Listen for a device in a namespace whose adb has to be
// reached from another one: ns is that one's file, such as /proc/thread-self/ns/net
// that the parent process opened and handed down.
func outside(ns *os.File, addr string) func() (net.Listener, error) {
	return func() (l net.Listener, err error) {
		done := make(chan struct{})
		go func() {
			defer close(done)
			runtime.LockOSThread() // and never unlocked: the thread ends with this goroutine
			if err = unix.Setns(int(ns.Fd()), unix.CLONE_NEWNET); err != nil {
				err = fmt.Errorf("enter the namespace of adb's port: %w", err)
				return
			}
			l, err = net.Listen("tcp", addr)
		}()
		<-done
		return l, err
	}
}
