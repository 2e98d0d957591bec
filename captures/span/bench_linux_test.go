package span_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/spanrig/spanrig/captures"
	"github.com/spanrig/spanrig/captures/pcapfile"
	"github.com/spanrig/spanrig/captures/span"
)

const inNamespace = "SPANRIG_TEST_NAMESPACE"

// namespace runs the test in a process of its own, in a network namespace of
// its own, and returns true there; else the test has been run and is over.
func namespace(t *testing.T) bool {
	t.Helper()
	if os.Getenv(inNamespace) == t.Name() {
		ip(t, "link set lo up")
		return true
	}
	if os.Geteuid() != 0 {
		t.Skip("not root: interfaces and their mirrors cannot be made")
	}
	if _, err := exec.LookPath("ip"); err != nil {
		t.Skip("no ip command (Debian package iproute2) to make interfaces")
	}
	args := []string{"-test.run=^" + strings.ReplaceAll(t.Name(), "/", "$/^") + "$", "-test.v"}
	if testing.Short() {
		args = append(args, "-test.short")
	}
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), inNamespace+"="+t.Name())
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET | syscall.CLONE_NEWNS, Pdeathsig: syscall.SIGKILL}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if testing.Verbose() {
		t.Logf("%s", out)
	}
	return false
}

// ip runs iproute2's command of that name; each argument is a whole command.
func ip(t testing.TB, commands ...string) {
	t.Helper()
	for _, c := range commands {
		run(t, "ip", strings.Fields(c)...)
	}
}

func run(t testing.TB, name string, args ...string) string {
	t.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// wire makes a pair of interfaces: what is sent on the first comes in on the
// second. No address, no IPv6: nobody but the test sends.
func wire(t testing.TB, a, b string) {
	t.Helper()
	ip(t, fmt.Sprintf("link add %s type veth peer name %s", a, b))
	quiet(t, a, b)
}

func quiet(t testing.TB, names ...string) {
	t.Helper()
	for _, n := range names {
		_ = os.WriteFile("/proc/sys/net/ipv6/conf/"+n+"/disable_ipv6", []byte("1"), 0o600)
		ip(t, "link set "+n+" up arp off")
	}
}

// pin keeps the test on one core: each core has an input queue of its own, and
// what is sent from several may overtake.
func pin(t testing.TB) {
	t.Helper()
	runtime.LockOSThread()
	var one unix.CPUSet
	one.Set(0)
	if err := unix.SchedSetaffinity(0, &one); err != nil {
		t.Fatal(err)
	}
}

// sender sends whole frames on an interface.
type sender struct{ fd int }

func newSender(t testing.TB, iface string) *sender {
	t.Helper()
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = unix.Close(fd) })
	if err := unix.Bind(fd, &unix.SockaddrLinklayer{Ifindex: index(t, iface)}); err != nil {
		t.Fatal(err)
	}
	return &sender{fd}
}

func (s *sender) send(t testing.TB, frames ...[]byte) {
	t.Helper()
	for _, f := range frames {
		if _, err := unix.Write(s.fd, f); err != nil {
			t.Fatal(err)
		}
	}
}

func index(t testing.TB, name string) int {
	t.Helper()
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	r, err := unix.NewIfreq(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.IoctlIfreq(fd, unix.SIOCGIFINDEX, r); err != nil {
		t.Fatal(err)
	}
	return int(r.Uint32())
}

// numbered is a frame of a local experimental type (IEEE 802) with a number in it.
func numbered(n uint64, size int) []byte {
	f := make([]byte, size)
	copy(f, []byte{0x02, 0, 0, 0, 0, 0x02, 0x02, 0, 0, 0, 0, 0x01, 0x88, 0xb5})
	for i := range 8 {
		f[14+i] = byte(n >> (8 * i))
	}
	return f
}

func numberOf(f []byte) (n uint64, ok bool) {
	if len(f) < 22 || !bytes.Equal(f[12:14], []byte{0x88, 0xb5}) {
		return 0, false
	}
	for i := range 8 {
		n |= uint64(f[14+i]) << (8 * i)
	}
	return n, true
}

func start(t testing.TB, c span.Config) *span.Recorder {
	t.Helper()
	if c.Dir == "" {
		c.Dir = t.TempDir()
	}
	if c.MinFree == 0 {
		c.MinFree = -1
	}
	r, err := span.Start(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = r.Stop() })
	return r
}

func stop(t testing.TB, r *span.Recorder) *span.Summary {
	t.Helper()
	s, err := r.Stop()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// frames reads all files of a folder, strictly; a fault is an error.
func frames(t testing.TB, dir string) []captures.Frame {
	t.Helper()
	all, err := readAll(dir)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func readAll(dir string) ([]captures.Frame, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "capture*.pcapng"))
	if err != nil {
		return nil, err
	}
	src, err := pcapfile.OpenAll(paths)
	if err != nil {
		return nil, err
	}
	defer src.Close()
	return drain(src)
}

func drain(src captures.Source) ([]captures.Frame, error) {
	var all []captures.Frame
	for {
		var b captures.Batch // the frames are kept: a new one each time
		err := src.Next(&b)
		all = append(all, b.Frames...)
		if errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return all, nil
		} else if err != nil {
			return all, err
		}
	}
}

// sequence wants the numbers 0 to n-1, each once and in order.
func sequence(t testing.TB, all []captures.Frame, n int) {
	t.Helper()
	want := uint64(0)
	for i := range all {
		got, ok := numberOf(all[i].Data)
		if !ok {
			continue
		}
		if got != want {
			t.Fatalf("frame %d has number %d, want %d of %d", i, got, want, n)
		}
		want++
	}
	if want != uint64(n) {
		t.Fatalf("%d frames, want %d", want, n)
	}
}

// accounted wants every frame that the kernel had in exactly one place.
func accounted(t testing.TB, s *span.Summary) {
	t.Helper()
	for _, i := range s.Interfaces {
		if i.Received != i.Recorded+i.Dropped+i.LeftOut+i.Own {
			t.Errorf("%+v does not add up", i)
		}
	}
}

func within(t testing.TB, most time.Duration, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(most); !done(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within %v", what, most)
		}
	}
}
