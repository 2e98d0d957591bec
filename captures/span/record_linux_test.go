package span_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spanrig/spanrig/captures"
	"github.com/spanrig/spanrig/captures/span"
	"github.com/spanrig/spanrig/captures/synth"
)

// TestBurst sends faster than a gigabit through a mirror of both directions and
// wants every frame, in a file that everybody can read.
func TestBurst(t *testing.T) {
	if !namespace(t) {
		return
	}
	mirror(t)
	dir := t.TempDir()
	r := start(t, span.Config{Interfaces: []string{"span0"}, Dir: dir, Application: "spanrig test"})
	pin(t)
	n := 100_000
	if testing.Short() {
		n = 20_000
	}
	device, world := newSender(t, "device0"), newSender(t, "switch0")
	for i := range n {
		if f := numbered(uint64(i), 60+i%1400); i%3 == 0 {
			world.send(t, f)
		} else {
			device.send(t, f)
		}
	}
	sum := stop(t, r)
	accounted(t, sum)
	sequence(t, frames(t, dir), n)
	digests(t, dir, sum)
	readable(t, dir, n)
}

// mirror makes a link from device0 to switch0 and a SPAN port span0 that gets
// both directions of it, as tc mirrors them.
func mirror(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("tc"); err != nil {
		t.Skip("no tc command (Debian package iproute2) to mirror with")
	}
	wire(t, "device0", "switch0")
	wire(t, "mirror0", "span0")
	run(t, "tc", strings.Fields("qdisc add dev switch0 clsact")...)
	for _, direction := range []string{"ingress", "egress"} {
		run(t, "tc", strings.Fields("filter add dev switch0 "+direction+" protocol all u32 match u32 0 0 action mirred egress mirror dev mirror0")...)
	}
}

// digests compares the summary with the files as they are.
func digests(t *testing.T, dir string, s *span.Summary) {
	t.Helper()
	for _, f := range s.Files {
		b, err := os.ReadFile(filepath.Join(dir, f.Name))
		if err != nil {
			t.Fatal(err)
		}
		hash := func(b []byte) string {
			sum := sha256.Sum256(b)
			return hex.EncodeToString(sum[:])
		}
		var leaves []string
		for leaf := range slices.Chunk(b, span.LeafSize) {
			leaves = append(leaves, hash(leaf))
		}
		if f.Bytes != int64(len(b)) || f.SHA256 != hash(b) || !slices.Equal(f.Leaves, leaves) {
			t.Errorf("%s of %d bytes is described as %+v", f.Name, len(b), f)
		}
	}
}

// readable lets Wireshark count the frames of each file.
func readable(t *testing.T, dir string, n int) {
	t.Helper()
	if _, err := exec.LookPath("tshark"); err != nil {
		t.Skip("no tshark (Debian package) to read the file with")
	}
	paths, _ := filepath.Glob(filepath.Join(dir, "*.pcapng"))
	got := 0
	for _, p := range paths {
		run(t, "capinfos", p)
		out, err := exec.Command("tshark", "-n", "-r", p, "-T", "fields", "-e", "frame.number").Output()
		if err != nil {
			t.Fatalf("tshark %s: %v", p, err)
		}
		got += bytes.Count(out, []byte("\n"))
	}
	if got != n {
		t.Errorf("tshark reads %d frames, want %d", got, n)
	}
}

// TestTags wants tagged frames as they were on the wire, although the kernel
// takes the outer tag off.
func TestTags(t *testing.T) {
	if !namespace(t) {
		return
	}
	wire(t, "out0", "span0")
	dir := t.TempDir()
	r := start(t, span.Config{Interfaces: []string{"span0"}, Dir: dir})
	plain := numbered(1, 60)
	customer := synth.VLAN(42, plain)
	service := synth.VLAN(7, customer)
	service[12], service[13] = 0x88, 0xa8 // 802.1ad
	twice := synth.VLAN(4094, customer)
	thrice := synth.VLAN(1, twice)
	priority := synth.VLAN(5<<13, plain)
	sent := [][]byte{plain, customer, service, twice, thrice, priority, synth.VLAN(9, numbered(2, 1514))}
	newSender(t, "out0").send(t, sent...)
	stop(t, r)
	got := frames(t, dir)
	if len(got) != len(sent) {
		t.Fatalf("%d frames, want %d", len(got), len(sent))
	}
	for i, want := range sent {
		if !bytes.Equal(got[i].Data, want) || int(got[i].Length) != len(want) {
			t.Errorf("frame %d: %d bytes %x, want %d bytes %x", i, got[i].Length, got[i].Data[:22], len(want), want[:22])
		}
	}
}

// TestSnaplen cuts frames and says how long they were.
func TestSnaplen(t *testing.T) {
	if !namespace(t) {
		return
	}
	wire(t, "out0", "span0")
	dir := t.TempDir()
	r := start(t, span.Config{Interfaces: []string{"span0"}, Dir: dir, Snaplen: 68})
	newSender(t, "out0").send(t, numbered(0, 1000), synth.VLAN(42, numbered(1, 1000)), numbered(2, 60))
	stop(t, r)
	got := frames(t, dir)
	if len(got) != 3 {
		t.Fatal(len(got))
	}
	for i, want := range []struct{ captured, length int }{{68, 1000}, {68, 1004}, {60, 60}} {
		if len(got[i].Data) != want.captured || int(got[i].Length) != want.length {
			t.Errorf("frame %d: %d of %d bytes, want %+v", i, len(got[i].Data), got[i].Length, want)
		}
	}
}

// TestLong records frames longer than Ethernet knows, as offloads make them.
// What does not fit into a ring block is cut, and says so.
func TestLong(t *testing.T) {
	if !namespace(t) {
		return
	}
	wire(t, "out0", "span0")
	ip(t, "link set out0 mtu 65535", "link set span0 mtu 65535")
	for block, want := range map[int][]int{0: {9018, 65549}, 1 << 16: {9018, 65535 - 110}} {
		dir := t.TempDir()
		r := start(t, span.Config{Interfaces: []string{"span0"}, Dir: dir, BlockBytes: block})
		newSender(t, "out0").send(t, numbered(0, 9018), numbered(1, 65549))
		stop(t, r)
		got := frames(t, dir)
		if len(got) != 2 || len(got[0].Data) != want[0] || len(got[1].Data) < want[1]-64 || got[1].Length != 65549 {
			t.Errorf("blocks of %d bytes: %d frames, the last of %d with %d bytes", block, len(got), got[1].Length, len(got[1].Data))
		}
	}
}

// TestLoopback records what the host sends to itself, once.
func TestLoopback(t *testing.T) {
	if !namespace(t) {
		return
	}
	dir := t.TempDir()
	r := start(t, span.Config{Interfaces: []string{"lo"}, Dir: dir})
	c, err := net.Dial("udp", "127.0.0.1:9")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Write(make([]byte, 500)); err != nil {
		t.Fatal(err)
	}
	s := stop(t, r)
	accounted(t, s)
	got := slices.DeleteFunc(frames(t, dir), func(f captures.Frame) bool { return f.Length != 14+20+8+500 }) // there is an ICMP error too
	if len(got) != 1 {
		t.Errorf("one datagram is %d frames", len(got))
	}
}

// TestOutgoing leaves out what the rig itself sends on the interface.
func TestOutgoing(t *testing.T) {
	if !namespace(t) {
		return
	}
	wire(t, "out0", "span0")
	dir := t.TempDir()
	r := start(t, span.Config{Interfaces: []string{"span0"}, Dir: dir})
	ours, theirs := newSender(t, "span0"), newSender(t, "out0")
	for i := range 10 {
		ours.send(t, numbered(99, 60))
		theirs.send(t, numbered(uint64(i), 60))
	}
	s := stop(t, r)
	accounted(t, s)
	sequence(t, frames(t, dir), 10)
}

// TestSilence starts and stops without any traffic: at once, and the file opens.
func TestSilence(t *testing.T) {
	if !namespace(t) {
		return
	}
	wire(t, "out0", "span0")
	dir := t.TempDir()
	from := time.Now()
	r := start(t, span.Config{Interfaces: []string{"span0"}, Dir: dir})
	s := stop(t, r)
	if took := time.Since(from); took > 2*time.Second {
		t.Errorf("start and stop took %v", took)
	}
	if got := frames(t, dir); len(got) != 0 || s.Cause != span.Asked || s.Ended < s.Began {
		t.Errorf("%d frames, %+v", len(got), s)
	}
	readable(t, dir, 0)
	if again, err := r.Stop(); err != nil || again.Files[0].SHA256 != s.Files[0].SHA256 {
		t.Errorf("a second stop says %+v, %v", again, err)
	}
	if mode := mode(t, filepath.Join(dir, "capture.pcapng")); mode != 0o600 {
		t.Errorf("the file has mode %o", mode)
	}
}

func mode(t *testing.T, path string) os.FileMode {
	t.Helper()
	s, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return s.Mode().Perm()
}

// TestContext ends with the context, and what came before is in the file.
func TestContext(t *testing.T) {
	if !namespace(t) {
		return
	}
	wire(t, "out0", "span0")
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(context.Background())
	r, err := span.Start(ctx, span.Config{Interfaces: []string{"span0"}, Dir: dir, MinFree: -1})
	if err != nil {
		t.Fatal(err)
	}
	out := newSender(t, "out0")
	for i := range 1000 {
		out.send(t, numbered(uint64(i), 100))
	}
	cancel()
	select {
	case <-r.Done():
	case <-time.After(5 * time.Second):
		t.Fatal("the context does not end the capture")
	}
	stop(t, r)
	sequence(t, frames(t, dir), 1000)
}

// TestMerge records two one-way ports: all frames in the order of time.
func TestMerge(t *testing.T) {
	if !namespace(t) {
		return
	}
	wire(t, "out0", "span0")
	wire(t, "out1", "span1")
	dir := t.TempDir()
	r := start(t, span.Config{Interfaces: []string{"span0", "span1"}, Dir: dir})
	there, back := newSender(t, "out0"), newSender(t, "out1")
	pin(t)
	const n = 20_000
	for i := range n {
		if f := numbered(uint64(i), 60+i%900); i%7 < 3 {
			there.send(t, f)
		} else {
			back.send(t, f)
		}
		if i%5000 == 0 {
			time.Sleep(70 * time.Millisecond) // so that blocks are handed over half empty
		}
	}
	s := stop(t, r)
	accounted(t, s)
	all := frames(t, dir)
	sequence(t, all, n)
	for i := range all {
		if want := uint32(0); (i%7 < 3) != (all[i].Interface == want) {
			t.Fatalf("frame %d has interface %d", i, all[i].Interface)
		}
	}
	inOrder(t, all)
	if s.Late != 0 {
		t.Errorf("%d frames late", s.Late)
	}
}

func inOrder(t *testing.T, all []captures.Frame) {
	t.Helper()
	for i := range all[1:] {
		if all[i+1].Time < all[i].Time {
			t.Fatalf("frame %d is earlier than the one before", i+1)
		}
	}
}

// TestOnlyDevice keeps neighbours out, and what ties addresses to the device in.
func TestOnlyDevice(t *testing.T) {
	if !namespace(t) {
		return
	}
	wire(t, "out0", "span0")
	dir := t.TempDir()
	device := captures.MAC{0x02, 0, 0, 0, 0, 0x0d}
	neighbour, router := captures.MAC{0x02, 0, 0, 0, 0, 0x0e}, captures.MAC{0x02, 0, 0, 0, 0, 0x01}
	r := start(t, span.Config{Interfaces: []string{"span0"}, Dir: dir, OnlyDevice: []captures.MAC{device}, Comment: "for a test"})
	group := captures.MAC{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}
	keep := [][]byte{
		synth.Ethernet(router, device, 0x88b5, nil),
		synth.Ethernet(device, router, 0x88b5, nil),
		synth.VLAN(3, synth.Ethernet(device, router, 0x88b5, nil)),
		synth.Ethernet(group, router, 0x0806, make([]byte, 28)),
	}
	newSender(t, "out0").send(t, keep...)
	newSender(t, "out0").send(t,
		synth.Ethernet(router, neighbour, 0x88b5, nil),
		synth.VLAN(3, synth.Ethernet(neighbour, router, 0x88b5, nil)),
		synth.Ethernet(group, neighbour, 0x88b5, nil))
	s := stop(t, r)
	accounted(t, s)
	got := frames(t, dir)
	if len(got) != len(keep) || s.Interfaces[0].LeftOut != 3 {
		t.Fatalf("%d frames, %d left out", len(got), s.Interfaces[0].LeftOut)
	}
	for i := range keep {
		if !bytes.Equal(got[i].Data, keep[i]) {
			t.Errorf("frame %d is %x, want %x", i, got[i].Data, keep[i])
		}
	}
	if info := run(t, "capinfos", "-k", filepath.Join(dir, "capture.pcapng")); !strings.Contains(info, "for a test") || !strings.Contains(info, "02:00:00:00:00:0d") {
		t.Errorf("the file does not say what is not in it:\n%s", info)
	}
}

// TestRefused wants one line that says what to do.
func TestRefused(t *testing.T) {
	if !namespace(t) {
		return
	}
	wire(t, "out0", "span0")
	ip(t, "link set out0 down")
	full := t.TempDir()
	if err := os.WriteFile(filepath.Join(full, "capture-0001.pcapng"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for want, c := range map[string]span.Config{
		"no interface to record":                         {},
		`no interface "eth9": there are lo, out0, span0`: {Interfaces: []string{"eth9"}},
		"ip link set out0 up":                            {Interfaces: []string{"out0"}},
		"named twice":                                    {Interfaces: []string{"span0", "span0"}},
		"has a capture already":                          {Interfaces: []string{"span0"}, Dir: full},
		"no such file or directory":                      {Interfaces: []string{"span0"}, Dir: "nowhere"},
		"multiple of 64 KiB":                             {Interfaces: []string{"span0"}, BlockBytes: 100},
		"2 to 16384":                                     {Interfaces: []string{"span0"}, Blocks: 1},
		"at most 1024":                                   {Interfaces: []string{"span0"}, BlockBytes: 8 << 20, Blocks: 256},
		"files of 10 bytes":                              {Interfaces: []string{"span0"}, RotateBytes: 10},
	} {
		if c.Dir == "" {
			c.Dir = t.TempDir()
		}
		r, err := span.Start(context.Background(), c)
		if err == nil {
			_, _ = r.Stop()
			t.Errorf("%s: started", want)
		} else if !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", want, err)
		}
		if c.Dir != full && c.Dir != "nowhere" {
			if left, _ := os.ReadDir(c.Dir); len(left) > 0 {
				t.Errorf("%s: left %s behind", want, left[0].Name())
			}
		}
	}
	if _, err := span.Start(context.Background(), span.Config{Interfaces: []string{"span0"}, Dir: "nowhere"}); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}
