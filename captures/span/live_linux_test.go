package span_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/spanrig/spanrig/captures"
	"github.com/spanrig/spanrig/captures/pcapfile"
	"github.com/spanrig/spanrig/captures/qualify"
	"github.com/spanrig/spanrig/captures/span"
	"github.com/spanrig/spanrig/captures/synth"
	"github.com/spanrig/spanrig/drivers/generator"
)

// promise is how old a frame is at most when it is in the file.
const promise = 100 * time.Millisecond

// TestFlushed measures when a lone frame is in the file for those who follow it,
// with one interface and with two, of which the other is silent.
func TestFlushed(t *testing.T) {
	if !namespace(t) {
		return
	}
	wire(t, "out0", "span0")
	wire(t, "out1", "span1")
	for _, interfaces := range [][]string{{"span0"}, {"span0", "span1"}} {
		// The follower is this test, which a busy machine may hold up: it may try again.
		for try := 1; ; try++ {
			took := delays(t, interfaces)
			t.Logf("%v: median %v, at most %v", interfaces, took[len(took)/2], took[len(took)-1])
			if took[len(took)-1] <= promise {
				break
			}
			if try == 3 {
				t.Fatalf("frames are in the file after up to %v", took[len(took)-1])
			}
		}
	}
}

// delays are the times from sending a frame to reading it out of the file, sorted.
func delays(t *testing.T, interfaces []string) (took []time.Duration) {
	t.Helper()
	r := start(t, span.Config{Interfaces: interfaces})
	src, err := pcapfile.NewReader(r.Follow(0), pcapfile.Options{})
	if err != nil {
		t.Fatal(err)
	}
	out := newSender(t, "out0")
	var b captures.Batch
	for i := range 30 {
		time.Sleep(time.Duration(7*i%40) * time.Millisecond) // not in step with the kernel's timer
		from := time.Now()
		out.send(t, numbered(uint64(i), 60))
		if err := src.Next(&b); err != nil {
			t.Fatal(err)
		}
		took = append(took, time.Since(from))
		if n, _ := numberOf(b.Frames[0].Data); len(b.Frames) != 1 || n != uint64(i) {
			t.Fatalf("%d frames, the first with number %d, want %d", len(b.Frames), n, i)
		}
	}
	stop(t, r)
	slices.Sort(took)
	return took
}

// TestReadable opens the file while it is written: it is whole at every moment,
// and the statistics are there within a second or two.
func TestReadable(t *testing.T) {
	if !namespace(t) {
		return
	}
	wire(t, "out0", "span0")
	dir := t.TempDir()
	r := start(t, span.Config{Interfaces: []string{"span0"}, Dir: dir})
	out := newSender(t, "out0")
	for i := range 300 {
		out.send(t, numbered(uint64(i), 60))
		time.Sleep(time.Millisecond)
		frames(t, dir)
	}
	within(t, 3*time.Second, "statistics in the file", func() bool { return fileStats(t, dir)[0].Received == 300 })
	if s := r.Stats()[0]; s.Received != 300 || s.Recorded != 300 || s.Last == 0 || !s.Up {
		t.Errorf("%+v", s)
	}
}

// TestSource reads the capture while it is recorded, over several files, and
// wants what a reader of the files gets later.
func TestSource(t *testing.T) {
	if !namespace(t) {
		return
	}
	wire(t, "out0", "span0")
	dir := t.TempDir()
	r := start(t, span.Config{Interfaces: []string{"span0"}, Dir: dir, RotateBytes: 1 << 18})
	var live []captures.Frame
	var errLive error
	var wait sync.WaitGroup
	src := r.Source(context.Background())
	wait.Go(func() { live, errLive = drain(src) })
	out := newSender(t, "out0")
	const n = 5000
	for i := range n {
		out.send(t, numbered(uint64(i), 60+i%1400))
		if i%1000 == 0 {
			time.Sleep(30 * time.Millisecond)
		}
	}
	s := stop(t, r)
	wait.Wait()
	if errLive != nil {
		t.Fatal(errLive)
	}
	later := frames(t, dir)
	sequence(t, live, n)
	for i := range later {
		if live[i].ID != later[i].ID || live[i].Time != later[i].Time || live[i].Offset != later[i].Offset || !bytes.Equal(live[i].Data, later[i].Data) {
			t.Fatalf("frame %d was %+v and is %+v", i, live[i], later[i])
		}
	}
	stats := src.Stats()
	if stats.Frames != n || len(stats.Interfaces) != len(s.Files) || stats.Interfaces[0] != fileStats(t, dir)[0] {
		t.Errorf("live statistics %+v", stats)
	}
	if _, err := r.AwaitFile(context.Background(), len(s.Files)); err != io.EOF {
		t.Errorf("a file after the last: %v", err)
	}
	if name, err := r.AwaitFile(context.Background(), 1); err != nil || name != "capture-0002.pcapng" {
		t.Errorf("the second file is %q, %v", name, err)
	}
	if b, err := io.ReadAll(r.Follow(len(s.Files))); err != nil || len(b) != 0 {
		t.Errorf("a file after the last holds %d bytes, %v", len(b), err)
	}
}

// TestFollowEnds lets followers end that wait for what may never come.
func TestFollowEnds(t *testing.T) {
	if !namespace(t) {
		return
	}
	wire(t, "out0", "span0")
	r := start(t, span.Config{Interfaces: []string{"span0"}})
	f := r.Follow(0)
	closed := time.AfterFunc(50*time.Millisecond, func() { _ = f.Close() })
	defer closed.Stop()
	if _, err := io.Copy(io.Discard, f); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("a closed follower: %v", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	if _, err := r.AwaitFile(ctx, 1); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("waiting for a file: %v", err)
	}
	var b captures.Batch
	if err := r.Source(ctx).Next(&b); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a source whose context ended: %v", err)
	}
	ctx, cancel = context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	if err := r.Source(ctx).Next(&b); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a source whose context ends: %v", err)
	}
	if n, err := r.Follow(0).Read(nil); n != 0 || err != nil {
		t.Errorf("reading nothing: %d, %v", n, err)
	}
}

// TestQualified sends at a rate through a mirror and counts what arrives.
func TestQualified(t *testing.T) {
	if !namespace(t) {
		return
	}
	mirror(t)
	c := numberedFrames("device0")
	c.FramesPerSecond, c.BitsPerSecond, c.For, c.Run = 0, 100_000_000, time.Second, 1
	r := start(t, span.Config{Interfaces: []string{"span0"}})
	var got qualify.Counts
	var errCount error
	var wait sync.WaitGroup
	report, err := generator.Send(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	e := qualify.Expectation{Run: c.Run, Sent: report.Sent, Sizes: report.Sizes}
	wait.Go(func() { got, errCount = qualify.Count(r.Source(context.Background()), e) })
	stop(t, r)
	wait.Wait()
	if errCount != nil || got.Lost+got.Duplicated+got.Reordered+got.Damaged > 0 || got.Received != report.Sent {
		t.Errorf("%+v, %v", got, errCount)
	}
	if report.BitsPerSecond > 1.02*float64(c.BitsPerSecond) || report.BitsPerSecond < 0.5*float64(c.BitsPerSecond) {
		t.Errorf("asked for %d bits a second: %+v", c.BitsPerSecond, report)
	}
	t.Logf("%+v\n%+v", report, got)
}

// numberedFrames are what the generator sends in these tests.
func numberedFrames(iface string) generator.Config {
	return generator.Config{
		Interface: iface, SourceMAC: [6]byte{2, 0, 0, 0, 0, 1}, TargetMAC: [6]byte{2, 0, 0, 0, 0, 2},
		Source: netip.MustParseAddrPort("192.0.2.1:40000"), Target: netip.MustParseAddrPort("198.51.100.1:9"),
		Sizes: generator.DefaultSizes, FramesPerSecond: 20_000, For: time.Minute,
	}
}

// TestKilled kills the recorder at random moments while numbered frames come.
// Every file opens, with its end cut at most, and holds every frame that was
// sent more than the promise before.
func TestKilled(t *testing.T) {
	if !namespace(t) {
		return
	}
	wire(t, "out0", "span0")
	wire(t, "out1", "span1") // silent: what merges two interfaces has to wait for it
	c := numberedFrames("out0")
	moments := 50
	if testing.Short() {
		moments = 8
	}
	var worst time.Duration
	for i := range moments {
		c.Run = uint32(i + 1)
		interfaces := []string{"span0", "span1"}[:1+i%2]
		lost := killed(t, c, interfaces, 50*time.Millisecond+rand.N(500*time.Millisecond))
		worst = max(worst, lost)
	}
	t.Logf("%d kills: the oldest frame that a file lacked was %v old", moments, worst)
}

// killed kills a recorder and returns how old the oldest frame was, at that
// moment, that is not in the file.
func killed(t *testing.T, c generator.Config, interfaces []string, after time.Duration) time.Duration {
	t.Helper()
	dir := t.TempDir()
	k, err := startChild(t, span.Config{Interfaces: interfaces, Dir: dir, MinFree: -1, RotateBytes: 4 << 20}, nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var sent []time.Time
	var wait sync.WaitGroup
	wait.Go(func() { sent = stream(ctx, t, c) })
	time.Sleep(after)
	at := k.kill(t)
	cancel()
	wait.Wait()
	all, err := readAll(dir)
	var fault *captures.Fault
	if err != nil && !(errors.As(err, &fault) && strings.Contains(fault.What, "record cut")) {
		t.Fatalf("killed after %v: %v", after, err)
	}
	got, errCount := qualify.Count(&slice{all}, qualify.Expectation{Run: c.Run, Sent: uint64(len(sent)), Sizes: c.Sizes})
	if errCount != nil || got.Duplicated+got.Reordered+got.Damaged > 0 {
		t.Fatalf("killed after %v: %+v, %v", after, got, errCount)
	}
	if got.Lost == 0 {
		return 0
	}
	if got.LongestLoss != got.Lost { // what is missing is the end, and nothing before it
		t.Fatalf("killed after %v: a hole: %+v", after, got)
	}
	lost := max(at.Sub(sent[got.Received]), 0)
	if lost > promise {
		t.Errorf("killed after %v: frame %d of %d is not in the file although it was sent %v before", after, got.Received, len(sent), lost)
	}
	return lost
}

// stream sends the generator's frames, 20 each millisecond, until ctx ends, and
// returns when each had been sent.
func stream(ctx context.Context, t *testing.T, c generator.Config) (sent []time.Time) {
	out := newSender(t, "out0")
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for ctx.Err() == nil {
		for range 20 {
			now := time.Now()
			if _, err := unix.Write(out.fd, generator.Frame(&c, uint32(len(sent)), now.UnixNano())); err != nil {
				t.Error(err)
				return sent
			}
			sent = append(sent, now)
		}
		<-tick.C
	}
	return sent
}

// slice is a capture that has been read.
type slice struct{ frames []captures.Frame }

func (s *slice) Next(b *captures.Batch) error {
	if len(s.frames) == 0 {
		return io.EOF
	}
	b.Frames, s.frames = s.frames, nil
	return nil
}

func (s *slice) Stats() captures.Stats { return captures.Stats{} }

// TestOthers records the same traffic with dumpcap and wants the same frames
// at the same nanoseconds; tcpdump has to count as many.
func TestOthers(t *testing.T) {
	if !namespace(t) {
		return
	}
	for _, tool := range []string{"dumpcap", "tcpdump"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skip("no " + tool + " to compare with")
		}
	}
	mirror(t)
	ours, theirs := t.TempDir(), t.TempDir()
	if err := os.Chmod(theirs, 0o777); err != nil {
		t.Fatal(err)
	}
	dumpcap := background(t, "File: ", "dumpcap", "-q", "-i", "span0", "-B", "32", "-w", filepath.Join(theirs, "capture.pcapng"))
	tcpdump := background(t, "listening on", "tcpdump", "-Z", "root", "-n", "-i", "span0", "-w", filepath.Join(theirs, "dump.pcap"), "-B", "32768")
	r := start(t, span.Config{Interfaces: []string{"span0"}, Dir: ours})
	device, world := newSender(t, "device0"), newSender(t, "switch0")
	const n = 3000
	for i := range n {
		f := numbered(uint64(i), 60+i%1400)
		if i%5 == 0 {
			f = synth.VLAN(uint16(i%4095), f)
		}
		if i%2 == 0 {
			device.send(t, f)
		} else {
			world.send(t, f)
		}
	}
	time.Sleep(1300 * time.Millisecond) // their kernel timers are 250 ms and 1 s, and they do not wait for them at the end
	dumpcap()
	tcpdump()
	stop(t, r)
	a, b := frames(t, ours), frames(t, theirs)
	if len(a) != n || len(b) != n {
		t.Fatalf("%d frames where dumpcap has %d", len(a), len(b))
	}
	for i := range a {
		if a[i].Time != b[i].Time || a[i].Length != b[i].Length || !bytes.Equal(a[i].Data, b[i].Data) {
			t.Fatalf("frame %d is %+v, for dumpcap %+v", i, a[i], b[i])
		}
	}
	dump, err := pcapfile.Open(filepath.Join(theirs, "dump.pcap"))
	if err != nil {
		t.Fatal(err)
	}
	defer dump.Close()
	if all, err := drain(dump); err != nil || len(all) != n {
		t.Errorf("tcpdump has %d frames, %v", len(all), err)
	}
}

// background runs a recorder until it says that it is ready; stop ends it.
func background(t *testing.T, ready string, name string, args ...string) (stop func()) {
	t.Helper()
	cmd := exec.Command(name, args...)
	problems, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	seen := make(chan string, 1)
	go func() {
		var said []byte
		b := make([]byte, 1024)
		for {
			n, err := problems.Read(b)
			said = append(said, b[:n]...)
			if err != nil || bytes.Contains(said, []byte(ready)) {
				seen <- string(said)
				_, _ = io.Copy(io.Discard, problems)
				return
			}
		}
	}()
	select {
	case said := <-seen:
		if !strings.Contains(said, ready) {
			t.Fatalf("%s ended: %s", name, said)
		}
	case <-time.After(10 * time.Second):
		t.Fatal(fmt.Sprintf("%s does not start", name))
	}
	return func() {
		_ = cmd.Process.Signal(os.Interrupt)
		_ = cmd.Wait()
	}
}
