package adb_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

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

// patience is for tests on a machine that is busy; silence for those that wait
// for it to pass.
const (
	patience = 10 * time.Second
	silence  = time.Second
)

func newBench(t *testing.T, features []string) *bench {
	t.Helper()
	server := drivertest.NewAdbServer(t)
	server.Silence = patience
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
	if b.device, err = adb.New(adb.Config{Server: b.server.Server, Serial: b.addr, Silence: patience, Booted: true}); err != nil {
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

// impatient makes server and device count as lost after a short silence.
func (b *bench) impatient() {
	b.t.Helper()
	b.server.Silence = silence
	var err error
	if b.device, err = adb.New(adb.Config{Server: b.server.Server, Serial: b.addr, Silence: silence}); err != nil {
		b.t.Fatal(err)
	}
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

// bigNow is how much of it is sent: a part in short runs.
func bigNow() int64 {
	if testing.Short() {
		return bigSize / 20
	}
	return bigSize
}

func bigContent() io.Reader {
	return io.LimitReader(rand.NewChaCha8([32]byte{1}), bigNow())
}

// bigSum is the hash of the large file.
var bigSum = sync.OnceValue(func() string {
	h := sha256.New()
	_, _ = io.Copy(h, bigContent()) // neither can fail
	return hex.EncodeToString(h.Sum(nil))
})

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
		return bigStat(size), nil
	}
	return b.Tree.Stat(name)
}

func (b *bigFiles) sizes() map[string]int64 {
	sizes := map[string]int64{"/sdcard/big": bigNow()}
	for name := range b.sums {
		sizes[name] = bigNow()
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

type bigStat int64

func (i bigStat) Name() string       { return "big" }
func (i bigStat) Size() int64        { return int64(i) }
func (i bigStat) Mode() fs.FileMode  { return 0o644 }
func (i bigStat) ModTime() time.Time { return time.Unix(1, 0) }
func (i bigStat) IsDir() bool        { return false }
func (i bigStat) Sys() any           { return nil }
