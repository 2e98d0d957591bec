package serial

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/spanrig/spanrig/drivers"
	"github.com/spanrig/spanrig/drivers/serial/pseudo"
)

// record is a log that a test can read while it is written.
type record struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (r *record) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.b.Write(p)
}

// bytes returns what went one way, in one piece, and checks every line.
func (r *record) bytes(t *testing.T, direction byte) string {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	var all []byte
	last := time.Time{}
	for line := range bytes.Lines(r.b.Bytes()) {
		e, err := ParseEntry(line)
		if err != nil {
			t.Fatal(err)
		}
		if e.At.Before(last) {
			t.Errorf("%s comes after %v", line, last)
		}
		last = e.At
		if e.Direction == direction {
			all = append(all, e.Bytes...)
		}
	}
	return string(all)
}

// notes collects what the journal is told.
type notes struct {
	mu   sync.Mutex
	seen []map[string]any
}

func (n *notes) note(kind string, keys map[string]any) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.seen = append(n.seen, keys)
}

func (n *notes) events() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	var names []string
	for _, k := range n.seen {
		names = append(names, k["event"].(string))
	}
	return strings.Join(names, " ")
}

// plug makes a device that link leads to.
func plug(t *testing.T, link string) *pseudo.Port {
	t.Helper()
	device, err := pseudo.Open(link)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { device.Close() })
	return device
}

func open(t *testing.T, cfg Config) *Console {
	t.Helper()
	c, err := Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func until(t *testing.T, so func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !so(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("in vain")
		}
	}
}

func TestConsole(t *testing.T) {
	link := filepath.Join(t.TempDir(), "port")
	device := plug(t, link)
	var log record
	var heard notes
	c := open(t, Config{Path: link, Log: &log, Note: heard.note})
	cursor, other := c.Cursor(), c.Cursor()
	if err := c.Send(soon(t), []byte("version\r")); err != nil {
		t.Fatal(err)
	}
	p := make([]byte, 8)
	if _, err := io.ReadFull(device, p); err != nil || string(p) != "version\r" {
		t.Fatalf("the device got %q, %v", p, err)
	}
	fmt.Fprint(device, "fw 1.2\r\n\xff\x00>")
	for _, cur := range []drivers.Cursor{cursor, other} {
		if m, err := cur.Expect(soon(t), re(`fw (\S+)\r\n`)); err != nil || m.Groups[0] != "1.2" {
			t.Errorf("%+v, %v", m, err)
		}
	}
	if err := c.Settle(soon(t), 20*time.Millisecond); err != nil {
		t.Error(err)
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	if err := c.Close(); err != nil {
		t.Errorf("closing again: %v", err)
	}
	if in, out := log.bytes(t, In), log.bytes(t, Out); in != "fw 1.2\r\n\xff\x00>" || out != "version\r" {
		t.Errorf("logged in %q, out %q", in, out)
	}
	if heard.events() != "open closed" || len(c.Gaps()) != 0 {
		t.Errorf("journal %q, gaps %v", heard.events(), c.Gaps())
	}
	if err := c.Send(soon(t), []byte("x")); !errors.Is(err, errOver) {
		t.Errorf("send after close: %v", err)
	}
	if _, err := cursor.Expect(soon(t), re(`y`)); !errors.Is(err, errOver) {
		t.Errorf("expect after close: %v", err)
	}
}

func TestPacing(t *testing.T) {
	link := filepath.Join(t.TempDir(), "port")
	device := plug(t, link)
	c := open(t, Config{Path: link, Chunk: 2, Pause: 10 * time.Millisecond})
	began := time.Now()
	if err := c.Send(soon(t), []byte("1234567")); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took < 30*time.Millisecond {
		t.Errorf("four chunks in %v", took)
	}
	p := make([]byte, 7)
	if _, err := io.ReadFull(device, p); err != nil || string(p) != "1234567" {
		t.Errorf("%q, %v", p, err)
	}
}

func TestGapAndReturn(t *testing.T) {
	link := filepath.Join(t.TempDir(), "port")
	device := plug(t, link)
	var log record
	var heard notes
	c := open(t, Config{Path: link, Log: &log, Note: heard.note})
	before := c.Port().Path
	cursor := c.Cursor()
	fmt.Fprint(device, "first")
	if _, err := cursor.Expect(soon(t), re(`fir`)); err != nil {
		t.Fatal(err)
	}
	device.Close()
	until(t, func() bool { return len(c.Gaps()) == 1 })
	short, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := c.Send(short, []byte("x")); !errors.Is(err, drivers.ErrLost) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("send in the gap: %v, want lost and the deadline", err)
	}
	sent := make(chan error, 1)
	go func() { sent <- c.Send(soon(t), []byte("waited")) }()
	plug(t, "") // takes the number that has become free
	device = plug(t, link)
	if err := <-sent; err != nil {
		t.Fatal(err)
	}
	p := make([]byte, 6)
	if _, err := io.ReadFull(device, p); err != nil || string(p) != "waited" {
		t.Errorf("%q, %v", p, err)
	}
	fmt.Fprint(device, "second")
	if m, err := cursor.Expect(soon(t), re(`second`)); err != nil || m.Before != "st" {
		t.Errorf("over the gap: %+v, %v", m, err)
	}
	gaps := c.Gaps()
	if len(gaps) != 1 || !gaps[0].To.After(gaps[0].From) || gaps[0].Path != c.Port().Path || c.Port().Path == before {
		t.Errorf("gaps %+v, port %s after %s", gaps, c.Port().Path, before)
	}
	if heard.events() != "open lost back" {
		t.Errorf("journal %q", heard.events())
	}
	if in := log.bytes(t, In); in != "firstsecond" {
		t.Errorf("logged %q", in)
	}
}

// TestDoesNotReturn ends a pseudo-terminal whose number a stranger's gets: a
// link that nobody renewed, and the bare path, must not lead there.
func TestDoesNotReturn(t *testing.T) {
	for _, tt := range []struct {
		name  string
		stay  time.Duration
		plain bool
	}{{"old link", 400 * time.Millisecond, false}, {"path", 400 * time.Millisecond, true}, {"not at all", -1, false}} {
		t.Run(tt.name, func(t *testing.T) {
			device := plug(t, "")
			path := filepath.Join(t.TempDir(), "port")
			if err := os.Symlink(device.Path, path); err != nil {
				t.Fatal(err)
			}
			if tt.plain {
				path = device.Path
			}
			var heard notes
			c := open(t, Config{Path: path, Return: tt.stay, Note: heard.note})
			device.Close()
			until(t, func() bool { return strings.Contains(heard.events(), "lost") })
			for range 20 { // until one has the number, unless another process took it
				if plug(t, "").Path == device.Path {
					break
				}
			}
			if _, err := c.Cursor().Expect(soon(t), re(`x`)); !errors.Is(err, drivers.ErrLost) {
				t.Errorf("expect: %v, want lost", err)
			}
			if err := c.Send(soon(t), []byte("x")); !errors.Is(err, drivers.ErrLost) {
				t.Errorf("send: %v, want lost", err)
			}
			if heard.events() != "open lost gone" || len(c.Gaps()) != 1 || !c.Gaps()[0].To.IsZero() {
				t.Errorf("journal %q, gaps %+v", heard.events(), c.Gaps())
			}
		})
	}
}

// TestStuckLine writes to a device that reads nothing: Send ends with its
// context, Close does not hang.
func TestStuckLine(t *testing.T) {
	link := filepath.Join(t.TempDir(), "port")
	plug(t, link)
	c := open(t, Config{Path: link})
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	began := time.Now()
	err := c.Send(ctx, bytes.Repeat([]byte("x"), 1<<20))
	if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, drivers.ErrLost) || time.Since(began) > 15*time.Second {
		t.Errorf("%v after %v", err, time.Since(began))
	}
	began = time.Now()
	_ = c.Close() // what it says depends on the kernel's driver
	if took := time.Since(began); took > 15*time.Second {
		t.Errorf("close took %v", took)
	}
}

func TestLockedOnce(t *testing.T) {
	link := filepath.Join(t.TempDir(), "port")
	plug(t, link)
	c := open(t, Config{Path: link, Reason: "the first"})
	_, err := Open(Config{Path: link, Reason: "the second"})
	if busy, ok := errors.AsType[*drivers.BusyError](err); !ok || busy.Holder.Reason != "the first" {
		t.Errorf("%v, want who has it", err)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, Config{Path: link})
}

func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, cfg := range map[string]Config{
		"nothing": {}, "both": {Path: file, USB: drivers.USB{Vendor: "2ca3"}}, "parity": {Path: file, Parity: "some"},
		"stop bits": {Path: file, StopBits: 3}, "data bits": {Path: file, DataBits: 9}, "baud": {Path: file, Baud: -1},
		"no terminal": {Path: file},
	} {
		if c, err := Open(cfg); err == nil {
			c.Close()
			t.Errorf("%s: opened", name)
		}
	}
	if _, err := Open(Config{Path: filepath.Join(dir, "none")}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v", err)
	}
	if _, err := Open(Config{USB: drivers.USB{Vendor: "2ca3"}, Root: lab(t).root}); err == nil || !strings.Contains(err.Error(), "ttyACM1") {
		t.Errorf("%v, want both interfaces named", err)
	}
}

func TestCloseInAGap(t *testing.T) {
	link := filepath.Join(t.TempDir(), "port")
	device := plug(t, link)
	c := open(t, Config{Path: link})
	device.Close()
	until(t, func() bool { return len(c.Gaps()) == 1 })
	began := time.Now()
	if err := c.Close(); err != nil || time.Since(began) > 10*time.Second {
		t.Errorf("%v after %v", err, time.Since(began))
	}
}

func TestFullDiskIsTold(t *testing.T) {
	link := filepath.Join(t.TempDir(), "port")
	device := plug(t, link)
	var heard notes
	c := open(t, Config{Path: link, Log: full{}, Note: heard.note})
	cursor := c.Cursor()
	fmt.Fprint(device, "goes on")
	if _, err := cursor.Expect(soon(t), re(`on`)); err != nil {
		t.Fatal(err)
	}
	if err := c.Close(); err == nil || heard.events() != "log failed open closed" {
		t.Errorf("close: %v; journal %q", err, heard.events())
	}
}
