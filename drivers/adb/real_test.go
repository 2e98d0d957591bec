package adb_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/spanrig/spanrig/drivers"
	"github.com/spanrig/spanrig/drivers/adb"
	"github.com/spanrig/spanrig/drivers/drivertest"
	"github.com/spanrig/spanrig/rig/sim/adbd"
)

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
	for name, features := range map[string][]string{
		"v1": nil,
		"v2": {adbd.FeatureShell2, adbd.FeatureStat2, adbd.FeatureSendRecv2},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, features)
			want, h := bigSum(), sha256.New()
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
			t.Logf("%d MB: pull %v, push %v", bigNow()>>20, pulled, time.Since(begin))
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
