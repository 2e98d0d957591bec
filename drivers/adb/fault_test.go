package adb_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/spanrig/spanrig/drivers"
	"github.com/spanrig/spanrig/drivers/adb"
	"github.com/spanrig/spanrig/drivers/drivertest"
	"github.com/spanrig/spanrig/rig/sim/adbd"
)

// TestServerKilled runs 1,000 commands while the server is killed and
// restarted time and again: each command is right or lost, and a lost one is
// right once the device is ready again.
func TestServerKilled(t *testing.T) {
	b := newBench(t, nil)
	commands := 1000
	if testing.Short() {
		commands = 300
	}
	kills, stop := b.killing(200 * time.Millisecond)
	lost := 0
	for i := range commands {
		for {
			err := oneCommand(t.Context(), b.device, i)
			if err == nil {
				break
			}
			if !errors.Is(err, drivers.ErrLost) {
				t.Fatalf("command %d: %v", i, err)
			}
			lost++
			b.ready()
		}
	}
	stop()
	if kills.Load() == 0 || lost == 0 {
		t.Errorf("the server was killed %d times, and %d commands were lost: this tests nothing", kills.Load(), lost)
	}
	t.Logf("%d commands right, the server killed %d times, %d calls lost and repeated", commands, kills.Load(), lost)
}

// killing kills and restarts the server now and then, until stop has returned.
func (b *bench) killing(every time.Duration) (kills *atomic.Int32, stop func()) {
	kills, done := new(atomic.Int32), make(chan struct{})
	var killer sync.WaitGroup
	killer.Go(func() {
		for {
			select {
			case <-done:
				return
			case <-time.After(every/2 + rand.N(every)):
			}
			b.server.Stop()
			kills.Add(1)
			time.Sleep(rand.N(100 * time.Millisecond))
			b.server.Start()
		}
	})
	return kills, func() { close(done); killer.Wait() }
}

// TestServerKilledInFiles kills the server in the middle of a pull and of a
// push: both are lost, and whole when they are repeated.
func TestServerKilledInFiles(t *testing.T) {
	b := newBench(t, nil)
	places := []int64{1 << 20, bigSize / 2, bigSize - 1<<20}
	if testing.Short() {
		places = places[:1]
	}
	for _, at := range places {
		got := &counter{at: at, do: b.server.Stop}
		if err := b.device.Pull(t.Context(), "/sdcard/big", got); !errors.Is(err, drivers.ErrLost) || got.n == bigNow() {
			t.Errorf("pull, killed at %d: %v after %d bytes", at, err, got.n)
		}
		b.server.Start()
		b.ready()
		sent := &counter{at: at, do: b.server.Stop}
		if err := b.device.Push(t.Context(), "/sdcard/sink", 0o644, io.TeeReader(bigContent(), sent)); !errors.Is(err, drivers.ErrLost) {
			t.Errorf("push, killed at %d: %v", at, err)
		}
		b.server.Start()
		b.ready()
	}
	if testing.Short() {
		return
	}
	h := sha256.New()
	if err := b.device.Pull(t.Context(), "/sdcard/big", h); err != nil || hex.EncodeToString(h.Sum(nil)) != bigSum() {
		t.Errorf("pull after that: %x, %v", h.Sum(nil), err)
	}
}

// counter counts what is written, and does something in the middle of it.
type counter struct {
	n, at int64
	do    func()
}

func (c *counter) Write(p []byte) (int, error) {
	if c.n < c.at && c.n+int64(len(p)) >= c.at {
		c.do()
	}
	c.n += int64(len(p))
	return len(p), nil
}

// TestStartsServer lets the driver start a server by itself.
func TestStartsServer(t *testing.T) {
	b := newBench(t, nil)
	b.server.Stop()
	t.Setenv("HOME", t.TempDir())
	if err := b.device.Ready(cancelled(t)); err == nil {
		t.Error("ready without a server")
	}
	b.server.Given = false
	t.Cleanup(func() { _ = b.server.Kill(context.Background()) })
	b.ready()
	if err := oneCommand(t.Context(), b.device, 1); err != nil {
		t.Fatal(err)
	}
	if v, err := b.server.Version(t.Context()); err != nil || v < 32 {
		t.Errorf("version %d, %v", v, err)
	}
	if err := b.server.Kill(t.Context()); err != nil {
		t.Fatal(err)
	}
	none := &adb.Server{Addr: b.server.Addr, Program: "no-such-adb"}
	_, err := none.Version(t.Context())
	if !errors.Is(err, drivers.ErrLost) || !strings.Contains(err.Error(), "apt install adb") {
		t.Errorf("without adb: %v", err)
	}
}

// cancelled is a context that ends soon.
func cancelled(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	t.Cleanup(cancel)
	return ctx
}

// TestDeviceDrops drops the device in the middle of a pull, and lets it come back.
func TestDeviceDrops(t *testing.T) {
	b := newBench(t, nil)
	if err := b.device.Pull(t.Context(), "/sdcard/big", &counter{at: 5 << 20, do: b.down}); !errors.Is(err, drivers.ErrLost) {
		t.Fatalf("pull: %v", err)
	}
	if err := oneCommand(t.Context(), b.device, 1); !errors.Is(err, drivers.ErrLost) {
		t.Fatalf("without a device: %v", err)
	}
	back := time.AfterFunc(200*time.Millisecond, b.up)
	defer back.Stop()
	b.ready()
	if err := oneCommand(t.Context(), b.device, 1); err != nil {
		t.Fatal(err)
	}
	b.daemon.Drop()
	b.ready()
	if err := oneCommand(t.Context(), b.device, 2); err != nil {
		t.Fatal(err)
	}
}

// TestCancel ends calls by their context.
func TestCancel(t *testing.T) {
	b := newBench(t, nil)
	for _, c := range []struct {
		name string
		call func(context.Context) error
	}{
		{"reboot", b.device.Reboot}, // before the server has to drop what others have cut off
		{"silent", func(ctx context.Context) error { _, err := b.device.Run(ctx, "sleep", "60"); return err }},
		{"loud", func(ctx context.Context) error {
			r, err := b.device.Stream(ctx, "flood")
			if err != nil {
				return err
			}
			defer r.Close()
			_, err = io.Copy(io.Discard, r)
			return err
		}},
		{"pull", func(ctx context.Context) error {
			for {
				if err := b.device.Pull(ctx, "/sdcard/big", io.Discard); err != nil {
					return err
				}
			}
		}},
		{"push", func(ctx context.Context) error {
			for {
				if err := b.device.Push(ctx, "/sdcard/sink", 0o644, bigContent()); err != nil {
					return err
				}
			}
		}},
		{"track", func(ctx context.Context) error {
			return b.server.Track(ctx, func([]adb.Listed) bool { return true })
		}},
		{"ready", func(ctx context.Context) error {
			d, _ := adb.New(adb.Config{Server: b.server.Server, Serial: "none"})
			return d.Ready(ctx)
		}},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		var cancelled time.Time
		time.AfterFunc(300*time.Millisecond, func() { cancelled = time.Now(); cancel() })
		err := c.call(ctx)
		if took := time.Since(cancelled); !errors.Is(err, context.Canceled) || c.name != "ready" && errors.Is(err, drivers.ErrLost) || took > 200*time.Millisecond {
			t.Errorf("%s: %v, %v after the cancellation", c.name, err, took)
		}
	}
}

// TestZombies lets server and device fall silent: both are found out, and a
// program that is silent on a good link is not.
func TestZombies(t *testing.T) {
	b := newBench(t, nil)
	b.impatient()
	if out, err := b.device.Run(t.Context(), "sleep", "2.2"); err != nil || out.Code != 0 {
		t.Errorf("a long silence: %+v, %v", out, err)
	}
	for name, fault := range map[string]struct{ begin, end func() }{
		"server": {func() { b.server.Signal(syscall.SIGSTOP) }, func() { b.server.Signal(syscall.SIGCONT) }},
		"device": {func() { b.daemon.Freeze(true) }, func() { b.daemon.Freeze(false) }},
	} {
		time.AfterFunc(100*time.Millisecond, fault.begin)
		begin := time.Now()
		_, err := b.device.Run(t.Context(), "sleep", "60")
		if took := time.Since(begin); !errors.Is(err, drivers.ErrLost) || took > 4*silence {
			t.Errorf("%s: %v after %v", name, err, took)
		}
		if _, err := b.device.Run(t.Context(), "getprop"); !errors.Is(err, drivers.ErrLost) {
			t.Errorf("%s: %v", name, err)
		}
		fault.end()
		b.ready()
		if err := oneCommand(t.Context(), b.device, 5); err != nil {
			t.Error(err)
		}
	}
}

// TestReboot restarts the device and waits for its return.
func TestReboot(t *testing.T) {
	b := newBench(t, nil)
	go func() {
		<-b.reboot
		time.Sleep(50 * time.Millisecond)
		b.down()
		time.Sleep(300 * time.Millisecond)
		b.up()
	}()
	if err := b.device.Reboot(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := b.device.Run(t.Context(), "getprop"); !errors.Is(err, drivers.ErrLost) {
		t.Errorf("after a reboot: %v", err)
	}
	b.ready()
	if err := oneCommand(t.Context(), b.device, 1); err != nil {
		t.Error(err)
	}
}

// TestStates tells a person what to do with a device that is there and cannot be used.
func TestStates(t *testing.T) {
	allow := make(chan struct{})
	b := &bench{t: t, server: drivertest.NewAdbServer(t), files: &bigFiles{Tree: adbd.NewTree(nil)}, reboot: make(chan string, 1), addr: "127.0.0.1:0"}
	b.start(adbd.Config{Allow: func(ctx context.Context) bool {
		select {
		case <-allow:
			return true
		case <-ctx.Done():
			return false
		}
	}})
	var state *adb.StateError
	if err := b.device.Ready(t.Context()); !errors.As(err, &state) || state.State != adb.Unauthorized || !strings.Contains(err.Error(), "confirm the dialog") {
		t.Fatalf("an unauthorized device: %v", err)
	}
	if _, err := b.device.Run(t.Context(), "echo"); !errors.As(err, &state) || state.State != adb.Unauthorized {
		t.Errorf("an unauthorized device: %v", err)
	}
	close(allow)
	for b.device.Ready(t.Context()) != nil && !t.Failed() {
		time.Sleep(10 * time.Millisecond)
	}
	if b.asked.Load() < 3 {
		t.Error("Ready did not wait until Android had started")
	}
	b.down()
	b.start(adbd.Config{State: "recovery"})
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := b.device.Ready(ctx); !errors.As(err, &state) || state.State != adb.Recovery || !strings.Contains(err.Error(), "adb reboot") {
		t.Errorf("a device in recovery: %v", err)
	}
}

// TestDeadConnection lets the connection of a network device die without a
// word, as it does when the device restarts out of sight: Ready makes the
// server connect anew.
func TestDeadConnection(t *testing.T) {
	b := newBench(t, nil)
	b.impatient()
	wire := newWire(t, b.addr)
	d, err := adb.New(adb.Config{Server: b.server.Server, Serial: wire.addr, Silence: silence})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := d.Ready(ctx); err != nil {
		t.Fatal(err)
	}
	wire.swallow()
	if _, err := d.Run(ctx, "echo"); !errors.Is(err, drivers.ErrLost) {
		t.Fatalf("over a dead connection: %v", err)
	}
	if err := d.Ready(ctx); err != nil {
		t.Fatal(err)
	}
	if err := oneCommand(ctx, d, 1); err != nil {
		t.Error(err)
	}
}

// wire passes connections on to an address, until they die.
type wire struct {
	addr string
	mu   sync.Mutex
	dead chan struct{} // closed for the connections that have died
}

func newWire(t *testing.T, to string) *wire {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{addr: l.Addr().String(), dead: make(chan struct{})}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", to)
			if err != nil {
				in.Close()
				continue
			}
			t.Cleanup(func() { in.Close(); out.Close() })
			w.mu.Lock()
			dead := w.dead
			w.mu.Unlock()
			go pass(in, out, dead)
			go pass(out, in, dead)
		}
	}()
	return w
}

// swallow lets the connections of now die; those that come later live.
func (w *wire) swallow() {
	w.mu.Lock()
	defer w.mu.Unlock()
	close(w.dead)
	w.dead = make(chan struct{})
}

// pass copies until the connection is dead, and then says nothing, not even
// that it ended.
func pass(from, to net.Conn, dead chan struct{}) {
	b := make([]byte, 64<<10)
	for {
		n, err := from.Read(b)
		select {
		case <-dead:
			return
		default:
		}
		if err != nil {
			to.Close()
			return
		}
		if _, err := to.Write(b[:n]); err != nil {
			return
		}
	}
}
