package adb_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
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

// bench is a real adb server and a simulated device.
type bench struct {
	t      *testing.T
	server *drivertest.AdbServer
	daemon *adbd.Daemon
	files  *bigFiles
	addr   string
	device *adb.Device
	reboot chan string
	asked  atomic.Int32 // times that getprop was run

	mu  sync.Mutex
	end func() // ends the daemon, and waits for that
}

const silence = 500 * time.Millisecond

func newBench(t *testing.T, features []string) *bench {
	t.Helper()
	server := drivertest.NewAdbServer(t)
	server.Silence = silence
	b := &bench{t: t, server: server, files: &bigFiles{Tree: adbd.NewTree(nil)}, reboot: make(chan string, 1), addr: "127.0.0.1:0"}
	b.start(adbd.Config{Product: "rm510b", Features: features})
	b.ready()
	return b
}

// start lets a device with a configuration serve.
func (b *bench) start(c adbd.Config) {
	b.t.Helper()
	c.Files, c.Reboot = b.files, func(target string) { b.reboot <- target }
	c.Shell = adbd.NewShell(adbd.ShellConfig{Files: b.files, Commands: map[string]adbd.Command{"getprop": b.getprop, "flood": flood}})
	var err error
	if b.daemon, err = adbd.New(c); err != nil {
		b.t.Fatal(err)
	}
	b.up()
	b.t.Cleanup(b.down)
	if b.device, err = adb.New(adb.Config{Server: b.server.Server, Serial: b.addr, Silence: silence, Booted: true}); err != nil {
		b.t.Fatal(err)
	}
}

// up lets the daemon serve, on the address of before where there was one.
func (b *bench) up() {
	b.t.Helper()
	l, err := net.Listen("tcp", b.addr)
	if err != nil {
		b.t.Fatal(err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.addr = l.Addr().String()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- b.daemon.Serve(ctx, l) }()
	b.end = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			b.t.Error(err)
		}
	})
}

func (b *bench) down() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.end()
}

func (b *bench) ready() {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.t.Context(), 30*time.Second)
	defer cancel()
	if err := b.device.Ready(ctx); err != nil {
		b.t.Fatal(err)
	}
}

// getprop says that Android has started, from the third time on that it is asked.
func (b *bench) getprop(_ context.Context, c *adbd.Call) int {
	if b.asked.Add(1) > 2 {
		fmt.Fprint(c.Stdout, "1")
	}
	fmt.Fprintln(c.Stdout)
	return 0
}

// flood prints lines until its output breaks.
func flood(ctx context.Context, c *adbd.Call) int {
	for i := 0; ctx.Err() == nil; i++ {
		if _, err := fmt.Fprintf(c.Stdout, "line %d\n", i); err != nil {
			return 1
		}
	}
	return 1
}

// bigFiles has one large file that is in no memory, and takes large files
// without keeping them.
type bigFiles struct {
	*adbd.Tree
	mu   sync.Mutex
	sums map[string]string
}

const bigSize = 200 << 20

func bigContent() io.Reader {
	return io.LimitReader(rand.NewChaCha8([32]byte{1}), bigSize)
}

func bigSum(t *testing.T, size int64) string {
	h := sha256.New()
	if _, err := io.CopyN(h, bigContent(), size); err != nil {
		t.Fatal(err)
	}
	return hex.EncodeToString(h.Sum(nil))
}

func (b *bigFiles) Open(name string) (io.ReadCloser, error) {
	if name == "/sdcard/big" {
		return io.NopCloser(bigContent()), nil
	}
	return b.Tree.Open(name)
}

func (b *bigFiles) Stat(name string) (fs.FileInfo, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if size, ok := b.sizes()[name]; ok {
		return bigInfo(size), nil
	}
	return b.Tree.Stat(name)
}

func (b *bigFiles) sizes() map[string]int64 {
	sizes := map[string]int64{"/sdcard/big": bigSize}
	for name := range b.sums {
		sizes[name] = bigSize
	}
	return sizes
}

func (b *bigFiles) Create(name string, perm fs.FileMode) (io.WriteCloser, error) {
	if !strings.HasPrefix(name, "/sdcard/sink") {
		return b.Tree.Create(name, perm)
	}
	return &sink{files: b, name: name, h: sha256.New()}, nil
}

type sink struct {
	files *bigFiles
	name  string
	h     hash.Hash
}

func (s *sink) Write(p []byte) (int, error) { return s.h.Write(p) }

func (s *sink) Close() error {
	s.files.mu.Lock()
	defer s.files.mu.Unlock()
	if s.files.sums == nil {
		s.files.sums = map[string]string{}
	}
	s.files.sums[s.name] = hex.EncodeToString(s.h.Sum(nil))
	return nil
}

type bigInfo int64

func (i bigInfo) Name() string       { return "big" }
func (i bigInfo) Size() int64        { return int64(i) }
func (i bigInfo) Mode() fs.FileMode  { return 0o644 }
func (i bigInfo) ModTime() time.Time { return time.Unix(1, 0) }
func (i bigInfo) IsDir() bool        { return false }
func (i bigInfo) Sys() any           { return nil }

// TestThousandCommands checks exit code and both outputs of each of 1,000 commands.
func TestThousandCommands(t *testing.T) {
	b := newBench(t, nil)
	n := 1000
	if testing.Short() {
		n = 100
	}
	for i := range n {
		if err := oneCommand(t.Context(), b.device, i); err != nil {
			t.Fatal(err)
		}
	}
}

// oneCommand runs a command whose result is known.
func oneCommand(ctx context.Context, d *adb.Device, i int) error {
	text := fmt.Sprintf("it's %d; $(x) \"é\" \xff\n", i)
	out, err := d.Run(ctx, "sh", "-c", `echo -n "$1"; echo "err $1" >&2; exit $2`, "sh", text, fmt.Sprint(i%256))
	if err != nil {
		return err
	}
	if string(out.Stdout) != text || string(out.Stderr) != "err "+text+"\n" || out.Code != i%256 {
		return fmt.Errorf("command %d: %q, %q, %d", i, out.Stdout, out.Stderr, out.Code)
	}
	return nil
}

// TestBigFile pulls and pushes 200 MB.
func TestBigFile(t *testing.T) {
	if testing.Short() {
		t.Skip("200 MB twice take seconds")
	}
	for name, features := range map[string][]string{
		"v1": nil,
		"v2": {adbd.FeatureShell2, adbd.FeatureStat2, adbd.FeatureSendRecv2},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, features)
			want, h := bigSum(t, bigSize), sha256.New()
			begin := time.Now()
			if err := b.device.Pull(t.Context(), "/sdcard/big", h); err != nil {
				t.Fatal(err)
			}
			pulled := time.Since(begin)
			if got := hex.EncodeToString(h.Sum(nil)); got != want {
				t.Errorf("pulled %s, want %s", got, want)
			}
			begin = time.Now()
			if err := b.device.Push(t.Context(), "/sdcard/sink", 0o644, bigContent()); err != nil {
				t.Fatal(err)
			}
			if got := b.files.sums["/sdcard/sink"]; got != want {
				t.Errorf("pushed %s, want %s", got, want)
			}
			t.Logf("200 MB: pull %v, push %v", pulled, time.Since(begin))
		})
	}
}

// TestPushPull brings files over and back.
func TestPushPull(t *testing.T) {
	b := newBench(t, nil)
	for _, size := range []int{0, 1, 64<<10 - 1, 64 << 10, 64<<10 + 1, 1 << 20} {
		content := make([]byte, size)
		_, _ = rand.NewChaCha8([32]byte{2}).Read(content)
		path := fmt.Sprintf("/data/local/tmp/new folder/%d, it's", size)
		if err := b.device.Push(t.Context(), path, 0o600, bytes.NewReader(content)); err != nil {
			t.Fatal(err)
		}
		var back bytes.Buffer
		if err := b.device.Pull(t.Context(), path, &back); err != nil || !bytes.Equal(back.Bytes(), content) {
			t.Errorf("%d bytes came back as %d: %v", size, back.Len(), err)
		}
		if s, err := b.device.Stat(t.Context(), path); err != nil || s.Size != int64(size) || s.Mode != 0o600 {
			t.Errorf("stat: %+v, %v", s, err)
		}
	}
	for name, want := range map[string]error{"/none": fs.ErrNotExist} {
		if err := b.device.Pull(t.Context(), name, io.Discard); !errors.Is(err, want) || errors.Is(err, drivers.ErrLost) {
			t.Errorf("pull %s: %v", name, err)
		}
		if _, err := b.device.Stat(t.Context(), name); !errors.Is(err, want) {
			t.Errorf("stat %s: %v", name, err)
		}
	}
	if err := b.device.Push(t.Context(), "/sdcard", 0o644, strings.NewReader("x")); err == nil || !strings.Contains(err.Error(), "Is a directory") {
		t.Errorf("push to a folder: %v", err)
	}
	if err := b.device.Push(t.Context(), "/sdcard", 0o644, bigContent()); err == nil || !strings.Contains(err.Error(), "Is a directory") {
		t.Errorf("push of much to a folder: %v", err)
	}
}

// TestServerKilled kills the server in the middle of commands and of a pull:
// what was under way is lost, the next is right.
func TestServerKilled(t *testing.T) {
	b := newBench(t, nil)
	rounds := 5
	if testing.Short() {
		rounds = 1
	}
	for i := range rounds {
		killed := time.AfterFunc(time.Duration(rand.IntN(60))*time.Millisecond, func() { b.server.Stop() })
		lost := 0
		for n := 0; lost == 0; n++ {
			if err := oneCommand(t.Context(), b.device, n); err != nil {
				if !errors.Is(err, drivers.ErrLost) {
					t.Fatalf("round %d, command %d: %v", i, n, err)
				}
				lost++
			}
		}
		killed.Stop()
		b.server.Stop()
		b.server.Start()
		b.ready()
		if err := oneCommand(t.Context(), b.device, i); err != nil {
			t.Fatal(err)
		}
		pullWhileKilled(t, b)
	}
}

func pullWhileKilled(t *testing.T, b *bench) {
	t.Helper()
	got := &counter{at: 10 << 20, do: b.server.Stop}
	err := b.device.Pull(t.Context(), "/sdcard/big", got)
	if !errors.Is(err, drivers.ErrLost) || got.n == bigSize {
		t.Fatalf("pull: %v after %d bytes", err, got.n)
	}
	b.server.Start()
	b.ready()
	if err := oneCommand(t.Context(), b.device, 3); err != nil {
		t.Fatal(err)
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
	for name, call := range map[string]func(context.Context) error{
		"silent": func(ctx context.Context) error { _, err := b.device.Run(ctx, "sleep", "60"); return err },
		"loud": func(ctx context.Context) error {
			r, err := b.device.Stream(ctx, "flood")
			if err != nil {
				return err
			}
			defer r.Close()
			_, err = io.Copy(io.Discard, r)
			return err
		},
		"pull": func(ctx context.Context) error {
			for {
				if err := b.device.Pull(ctx, "/sdcard/big", io.Discard); err != nil {
					return err
				}
			}
		},
		"push": func(ctx context.Context) error {
			for {
				if err := b.device.Push(ctx, "/sdcard/sink", 0o644, bigContent()); err != nil {
					return err
				}
			}
		},
		"reboot": b.device.Reboot,
		"track": func(ctx context.Context) error {
			return b.server.Track(ctx, func([]adb.Listed) bool { return true })
		},
		"ready": func(ctx context.Context) error {
			d, _ := adb.New(adb.Config{Server: b.server.Server, Serial: "none"})
			return d.Ready(ctx)
		},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		var cancelled time.Time
		time.AfterFunc(300*time.Millisecond, func() { cancelled = time.Now(); cancel() })
		err := call(ctx)
		if took := time.Since(cancelled); !errors.Is(err, context.Canceled) || name != "ready" && errors.Is(err, drivers.ErrLost) || took > 200*time.Millisecond {
			t.Errorf("%s: %v, %v after the cancellation", name, err, took)
		}
	}
}

// TestZombies lets server and device fall silent: both are found out, and a
// program that is silent on a good link is not.
func TestZombies(t *testing.T) {
	b := newBench(t, nil)
	if out, err := b.device.Run(t.Context(), "sleep", "1.2"); err != nil || out.Code != 0 {
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

// TestConformance puts the driver through the tests for every bridge.
func TestConformance(t *testing.T) {
	b := newBench(t, nil)
	open := func(*testing.T) drivers.Bridge { return b.device }
	drivertest.Bridge(t, open)
	go func() {
		<-b.reboot
		b.down()
		time.Sleep(300 * time.Millisecond)
		b.up()
	}()
	drivertest.BridgeReboot(t, open)
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

// TestTrack watches a device come and go.
func TestTrack(t *testing.T) {
	b := newBench(t, nil)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	var seen []string
	err := b.server.Track(ctx, func(list []adb.Listed) bool {
		now := "none"
		for _, l := range list {
			now = string(l.State)
		}
		if len(seen) == 0 || seen[len(seen)-1] != now {
			seen = append(seen, now)
		}
		if len(seen) == 1 {
			go func() { _ = b.server.Disconnect(ctx, b.addr); _ = b.server.Connect(ctx, b.addr) }() // the list tells
		}
		return len(seen) < 3 || now != "device"
	})
	if err != nil || seen[0] != "device" {
		t.Errorf("%v, %v", seen, err)
	}
	list, err := b.server.Devices(ctx)
	if err != nil || len(list) != 1 || list[0].Product != "rm510b" || list[0].Serial != b.addr {
		t.Errorf("%+v, %v", list, err)
	}
	if err := b.server.Disconnect(ctx, "127.0.0.1:1"); err != nil {
		t.Errorf("forgetting an unknown device: %v", err)
	}
	if err := b.server.Connect(ctx, "127.0.0.1:1"); !errors.Is(err, drivers.ErrLost) {
		t.Errorf("connecting to nothing: %v", err)
	}
}

// TestOldDaemon runs programs and moves files on a device without any feature.
func TestOldDaemon(t *testing.T) {
	b := newBench(t, []string{})
	out, err := b.device.Run(t.Context(), "sh", "-c", "echo out; echo err >&2; exit 9")
	if err != nil || string(out.Stdout) != "out\nerr\n" || out.Stderr != nil || out.Code != 9 {
		t.Errorf("%q, %q, %d, %v", out.Stdout, out.Stderr, out.Code, err)
	}
	r, err := b.device.Stream(t.Context(), "sh", "-c", "echo out; exit 9")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var exit *drivers.ExitError
	if got, err := io.ReadAll(r); string(got) != "out\n" || !errors.As(err, &exit) || exit.Code != 9 {
		t.Errorf("%q, %v", got, err)
	}
	if err := b.device.Push(t.Context(), "/sdcard/x", 0o644, strings.NewReader("content")); err != nil {
		t.Fatal(err)
	}
	if s, err := b.device.Stat(t.Context(), "/sdcard/x"); err != nil || s.Size != 7 {
		t.Errorf("%+v, %v", s, err)
	}
	if _, err := b.device.Stat(t.Context(), "/none"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v", err)
	}
}
