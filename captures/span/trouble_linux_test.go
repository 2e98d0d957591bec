package span_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/spanrig/spanrig/captures"
	"github.com/spanrig/spanrig/captures/pcapfile"
	"github.com/spanrig/spanrig/captures/span"
)

// TestStarved stops the recorder's process until its ring runs over: every frame
// that is lost is counted, in the summary and in the file.
func TestStarved(t *testing.T) {
	if !namespace(t) {
		return
	}
	wire(t, "out0", "span0")
	dir := t.TempDir()
	k, err := startChild(t, span.Config{Interfaces: []string{"span0"}, Dir: dir, BlockBytes: 1 << 16, Blocks: 4, MinFree: -1}, nil)
	if err != nil {
		t.Fatal(err)
	}
	out := newSender(t, "out0")
	out.send(t, numbered(0, 100))
	k.signal(t, syscall.SIGSTOP)
	const n = 5000
	for i := range n - 2 {
		out.send(t, numbered(uint64(i+1), 1000))
	}
	k.signal(t, syscall.SIGCONT)
	time.Sleep(1500 * time.Millisecond) // so that the loss is told
	out.send(t, numbered(n-1, 100))
	s := k.stop(t)
	accounted(t, s.Summary)
	s.Events = slices.DeleteFunc(s.Events, func(e span.Event) bool { return e.Kind == span.LinkUp }) // of a veth that is new
	if len(s.Events) != 1 || s.Events[0].Kind != span.FramesLost || s.Events[0].Text != fmt.Sprintf("%d frames lost", s.Interfaces[0].Dropped) {
		t.Errorf("events %+v", s.Events)
	}
	i := s.Interfaces[0]
	if i.Received != n || i.Dropped == 0 || i.Freezes == 0 {
		t.Errorf("counted %+v of %d frames", i, n)
	}
	all := frames(t, dir)
	if first, _ := numberOf(all[0].Data); first != 0 || uint64(len(all)) != i.Recorded {
		t.Errorf("%d frames from %d on where %d are said to be recorded", len(all), first, i.Recorded)
	}
	if last, _ := numberOf(all[len(all)-1].Data); last != n-1 {
		t.Errorf("the last frame has number %d: the ring did not recover", last)
	}
	if f := fileStats(t, dir)[0]; f.Received != n || f.Dropped != i.Dropped {
		t.Errorf("the file counts %+v, the summary %+v", f, i)
	}
}

// TestStalled holds the recorder up for seconds while little comes in: the
// kernel uses up a block each time that it hands one over, however empty.
func TestStalled(t *testing.T) {
	if !namespace(t) {
		return
	}
	wire(t, "out0", "span0")
	dir := t.TempDir()
	k, err := startChild(t, span.Config{Interfaces: []string{"span0"}, Dir: dir, MinFree: -1}, nil)
	if err != nil {
		t.Fatal(err)
	}
	out := newSender(t, "out0")
	k.signal(t, syscall.SIGSTOP)
	const n = 500
	for i := range n {
		out.send(t, numbered(uint64(i), 100))
		time.Sleep(6 * time.Millisecond)
	}
	k.signal(t, syscall.SIGCONT)
	s := k.stop(t)
	if i := s.Interfaces[0]; i.Dropped+i.Freezes > 0 {
		t.Errorf("%+v", i)
	}
	sequence(t, frames(t, dir), n)
}

// fileStats are what the files of a recording say of their interfaces.
func fileStats(t *testing.T, dir string) []captures.InterfaceStats {
	t.Helper()
	paths, _ := filepath.Glob(filepath.Join(dir, "capture*.pcapng"))
	src, err := pcapfile.OpenAll(paths)
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	if _, err := drain(src); err != nil {
		t.Fatal(err)
	}
	return src.Stats().Interfaces
}

// TestLink takes the link down and up, and the interface away and back. The
// capture goes on, and says what happened.
func TestLink(t *testing.T) {
	if !namespace(t) {
		return
	}
	wire(t, "out0", "span0")
	wire(t, "out1", "span1")
	dir := t.TempDir()
	r := start(t, span.Config{Interfaces: []string{"span0", "span1"}, Dir: dir})
	number, out := uint64(0), "out0"
	frame := func() {
		newSender(t, out).send(t, numbered(number, 60))
		number++
	}
	expect := func(kind span.EventKind, text string) {
		t.Helper()
		select {
		case e := <-r.Events():
			if e.Kind != kind || e.Interface != "span0" || !strings.Contains(e.Text, text) || e.Time == 0 {
				t.Errorf("event %+v, want %s: %s", e, kind, text)
			}
		case <-time.After(5 * time.Second):
			t.Fatalf("no event %s: %s", kind, text)
		}
	}
	frame()
	ip(t, "link set out0 down")
	expect(span.LinkDown, "no carrier")
	if r.Stats()[0].Up || !r.Stats()[1].Up {
		t.Errorf("after the cable was pulled: %+v", r.Stats())
	}
	ip(t, "link set out0 up")
	expect(span.LinkUp, "up")
	frame()
	ip(t, "link set span0 down")
	expect(span.LinkDown, "taken down")
	ip(t, "link set span0 up")
	expect(span.LinkUp, "up")
	frame()
	for range 2 {
		frame()
		ip(t, "link delete span0")
		expect(span.LinkDown, "taken down")
		expect(span.LinkDown, "gone")
		wire(t, "out0", "span0")
		expect(span.LinkUp, "up")
		frame()
	}
	// Another interface takes the name.
	ip(t, "link set span0 down", "link set span0 name old0")
	expect(span.LinkDown, "taken down")
	out = "out2"
	wire(t, out, "span0")
	expect(span.LinkDown, "gone")
	expect(span.LinkUp, "up")
	frame()
	s := stop(t, r)
	accounted(t, s)
	sequence(t, frames(t, dir), int(number))
	if got := s.Interfaces[0]; got.Received != number || !got.Up || got.LinkLosses != 5 || got.LinkLost == 0 {
		t.Errorf("%+v after %d frames", got, number)
	}
	if got := s.Interfaces[1]; got.LinkLosses != 0 || got.LinkLost != 0 {
		t.Errorf("the other interface: %+v", got)
	}
	if _, more := <-r.Events(); more {
		t.Error("events go on after the end")
	}
}

// TestFlaps loses the link for moments that are too short for the kernel to tell
// of, the last one just before the end.
func TestFlaps(t *testing.T) {
	if !namespace(t) {
		return
	}
	wire(t, "out0", "span0")
	r := start(t, span.Config{Interfaces: []string{"span0"}})
	began := time.Now()
	for range 3 {
		time.Sleep(300 * time.Millisecond)
		run(t, "sh", "-c", "printf 'link set out0 down\nlink set out0 up\n' | ip -batch -")
	}
	got := stop(t, r).Interfaces[0]
	if got.LinkLosses == 0 || got.LinkLosses > 3 || !got.Up {
		t.Errorf("%+v after three flaps", got)
	}
	if lost := time.Unix(0, got.LinkLost); lost.Before(began) || lost.After(time.Now()) {
		t.Errorf("the link was lost at %v, not since %v", lost, began)
	}
}

// TestOffloads switches off what glues frames together, and puts it back.
func TestOffloads(t *testing.T) {
	if !namespace(t) {
		return
	}
	if _, err := exec.LookPath("ethtool"); err != nil {
		t.Skip("no ethtool (Debian package) to switch GRO on with")
	}
	wire(t, "out0", "span0")
	gro := func() bool {
		t.Helper()
		return strings.Contains(run(t, "ethtool", "-k", "span0"), "generic-receive-offload: on")
	}
	run(t, "ethtool", "-K", "span0", "gro", "on")
	if !gro() {
		t.Fatal("veth has no GRO here")
	}
	r := start(t, span.Config{Interfaces: []string{"span0"}})
	want := []span.Offload{{Feature: "rx-gro", Off: true}}
	if got := r.Ports()[0].Offloads; gro() || !slices.Equal(got, want) {
		t.Errorf("GRO is %v and the recorder says %+v", gro(), got)
	}
	s := stop(t, r)
	want[0].Restored = true
	if got := s.Ports[0].Offloads; !gro() || !slices.Equal(got, want) {
		t.Errorf("afterwards GRO is %v and the recorder says %+v", gro(), got)
	}
	run(t, "ethtool", "-K", "span0", "gro", "off")
	r = start(t, span.Config{Interfaces: []string{"span0"}})
	if s := stop(t, r); gro() || len(s.Ports[0].Offloads) != 0 {
		t.Errorf("what was off is now %v: %+v", gro(), s.Ports[0].Offloads)
	}
}

// TestUnprivileged records with CAP_NET_RAW alone: promiscuous, but GRO stays
// on and the port says so. Without any capability it says what to do.
func TestUnprivileged(t *testing.T) {
	if !namespace(t) {
		return
	}
	wire(t, "out0", "span0")
	glued := exec.Command("ethtool", "-K", "span0", "gro", "on").Run() == nil
	dir := t.TempDir()
	for path := dir; path != "/" && path != os.TempDir(); path = filepath.Dir(path) {
		_ = os.Chmod(path, 0o777) // the other user has to get there
	}
	as := func(caps ...uintptr) func(*exec.Cmd) {
		return func(c *exec.Cmd) {
			c.SysProcAttr.Credential = &syscall.Credential{Uid: 65534, Gid: 65534}
			c.SysProcAttr.AmbientCaps = caps
		}
	}
	c := span.Config{Interfaces: []string{"span0"}, Dir: dir, MinFree: -1}
	if _, err := startChild(t, c, as()); err == nil || !strings.Contains(err.Error(), "setcap cap_net_raw,cap_net_admin+ep ") {
		t.Errorf("without capabilities: %v", err)
	}
	k, err := startChild(t, c, as(unix.CAP_NET_RAW))
	if err != nil {
		t.Fatal(err)
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", k.cmd.Process.Pid))
	if err != nil || !strings.Contains(string(status), "CapEff:\t0000000000002000\n") {
		t.Fatalf("the recorder has other capabilities: %v\n%s", err, status)
	}
	if !strings.Contains(run(t, "ip", "-d", "link", "show", "span0"), "promiscuity 1") {
		t.Error("the interface is not promiscuous")
	}
	newSender(t, "out0").send(t, numbered(0, 60), numbered(1, 60)) // to an address that is not the interface's
	s := k.stop(t)
	sequence(t, frames(t, dir), 2)
	if p := s.Ports[0]; !p.Promiscuous || p.Problem != "" {
		t.Errorf("the port says %+v", p)
	}
	if got := s.Ports[0].Offloads; glued && (len(got) != 1 || got[0].Off || !strings.Contains(got[0].Problem, "CAP_NET_ADMIN")) {
		t.Errorf("the offloads are %+v", got)
	}
}

// tmpfs mounts one of the given size.
func tmpfs(t *testing.T, mib int) string {
	t.Helper()
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%dm", mib)); err != nil {
		t.Skipf("no small disk can be made: %v", err)
	}
	t.Cleanup(func() { _ = unix.Unmount(dir, unix.MNT_DETACH) })
	return dir
}

// TestDiskNearlyFull ends before the limit, with everything that came until then.
func TestDiskNearlyFull(t *testing.T) {
	if !namespace(t) {
		return
	}
	wire(t, "out0", "span0")
	dir := tmpfs(t, 64)
	if _, err := span.Start(context.Background(), span.Config{Interfaces: []string{"span0"}, Dir: dir, MinFree: 65 << 20}); err == nil || !strings.Contains(err.Error(), "make room") {
		t.Errorf("started on a full disk: %v", err)
	}
	r := start(t, span.Config{Interfaces: []string{"span0"}, Dir: dir, MinFree: 48 << 20})
	out, sent := newSender(t, "out0"), 0
	for ended := false; !ended; sent++ {
		out.send(t, numbered(uint64(sent), 1500))
		if sent%100 == 0 {
			time.Sleep(5 * time.Millisecond)
		}
		select {
		case <-r.Done():
			ended = true
		default:
		}
	}
	s := stop(t, r)
	accounted(t, s)
	if s.Cause != span.DiskFull || !strings.Contains(s.Text, "MiB of the disk are free") {
		t.Errorf("ended because %s: %s", s.Cause, s.Text)
	}
	sequence(t, frames(t, dir), int(s.Interfaces[0].Recorded))
	if fill := s.Files[0].Bytes; fill < 15<<20 || fill > 40<<20 {
		t.Errorf("the file has %d bytes", fill)
	}
	digests(t, dir, s)
}

// TestDiskFull runs into the end of the disk: the file is cut to whole blocks.
func TestDiskFull(t *testing.T) {
	if !namespace(t) {
		return
	}
	wire(t, "out0", "span0")
	for name, c := range map[string]span.Config{"one file": {}, "rotated": {RotateBytes: 1 << 20}} {
		dir := tmpfs(t, 8)
		c.Interfaces, c.Dir = []string{"span0"}, dir
		r := start(t, c)
		out := newSender(t, "out0")
		for i := range 10_000 {
			out.send(t, numbered(uint64(i), 1500))
		}
		select {
		case <-r.Done():
		case <-time.After(10 * time.Second):
			t.Fatal("the recorder goes on")
		}
		s := stop(t, r)
		if s.Cause != span.DiskFull || s.Text != "the disk is full" {
			t.Errorf("%s: ended because %s: %s", name, s.Cause, s.Text)
		}
		recorded := uint64(0)
		for _, f := range s.Files {
			recorded += f.Frames
		}
		if recorded != s.Interfaces[0].Recorded || recorded < 4000 {
			t.Errorf("%s: %d frames in files, %+v", name, recorded, s.Interfaces[0])
		}
		sequence(t, frames(t, dir), int(recorded))
		digests(t, dir, s)
	}
}

// TestRotation wants each frame in one file, none longer than asked, and the
// statistics of all files to add up.
func TestRotation(t *testing.T) {
	if !namespace(t) {
		return
	}
	wire(t, "out0", "span0")
	dir := t.TempDir()
	const limit, n = 1 << 20, 20_000
	r := start(t, span.Config{Interfaces: []string{"span0"}, Dir: dir, RotateBytes: limit})
	out := newSender(t, "out0")
	for i := range n {
		out.send(t, numbered(uint64(i), 60+i%1400))
	}
	s := stop(t, r)
	accounted(t, s)
	if len(s.Files) < 14 || s.Files[0].Name != "capture-0001.pcapng" || s.Files[9].Name != "capture-0010.pcapng" {
		t.Fatalf("files %+v", s.Files)
	}
	var last int64
	for _, f := range s.Files {
		if f.Bytes > limit || f.Frames == 0 || f.First < last || f.Last < f.First {
			t.Errorf("file %+v after %d", f, last)
		}
		last = f.Last
	}
	sequence(t, frames(t, dir), n)
	digests(t, dir, s)
	var received uint64
	for _, i := range fileStats(t, dir) {
		if received += i.Received; !i.Reported {
			t.Errorf("a file without statistics")
		}
	}
	if received != n {
		t.Errorf("the files count %d frames, want %d", received, n)
	}
	readable(t, dir, n)
}

// TestRotateEvery begins a file after the time, unless the last one is empty.
func TestRotateEvery(t *testing.T) {
	if !namespace(t) {
		return
	}
	wire(t, "out0", "span0")
	dir := t.TempDir()
	r := start(t, span.Config{Interfaces: []string{"span0"}, Dir: dir, RotateEvery: 500 * time.Millisecond})
	out := newSender(t, "out0")
	out.send(t, numbered(0, 60))
	within(t, 3*time.Second, "second file", func() bool { return len(r.Files()) == 2 })
	out.send(t, numbered(1, 60))
	within(t, 3*time.Second, "third file", func() bool { return len(r.Files()) == 3 })
	time.Sleep(1200 * time.Millisecond)
	s := stop(t, r)
	if len(s.Files) != 3 || s.Files[0].Frames != 1 || s.Files[1].Frames != 1 {
		t.Errorf("files %+v", s.Files)
	}
	sequence(t, frames(t, dir), 2)
}

// TestThreadNamespace starts in a namespace of the thread alone, as a simulator
// does, and records the interface there also after it came back.
func TestThreadNamespace(t *testing.T) {
	if !namespace(t) {
		return
	}
	runtime.LockOSThread() // never unlocked: the thread ends with the test
	if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
		t.Fatal(err)
	}
	wire(t, "out0", "span0")
	dir := t.TempDir()
	r := start(t, span.Config{Interfaces: []string{"span0"}, Dir: dir})
	newSender(t, "out0").send(t, numbered(0, 60))
	ip(t, "link delete span0")
	within(t, 5*time.Second, "the interface is gone", func() bool { return !r.Stats()[0].Up })
	wire(t, "out0", "span0")
	within(t, 5*time.Second, "the interface is back", func() bool { return r.Stats()[0].Up })
	newSender(t, "out0").send(t, numbered(1, 60))
	accounted(t, stop(t, r))
	sequence(t, frames(t, dir), 2)
}
