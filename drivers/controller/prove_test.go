package controller

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spanrig/spanrig/drivers"
)

// host is a bridge to this machine: the real sh, ip, ping and toybox's nc,
// which is Android's.
type host struct{ path string }

func newHost(t *testing.T, programs ...string) host {
	t.Helper()
	dir := t.TempDir()
	for _, p := range programs {
		real, err := exec.LookPath(p)
		if err != nil {
			t.Skipf("not run: %s is not installed", p)
		}
		name := p
		if p == "toybox" {
			name = "nc"
		}
		if err := os.Symlink(real, dir+"/"+name); err != nil {
			t.Fatal(err)
		}
	}
	return host{dir + ":" + os.Getenv("PATH")}
}

func (h host) Run(ctx context.Context, argv ...string) (drivers.Output, error) {
	cmd := exec.CommandContext(ctx, "env", append([]string{"PATH=" + h.path}, argv...)...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	cmd.WaitDelay = time.Second
	err := cmd.Run()
	if ctx.Err() != nil {
		return drivers.Output{}, context.Cause(ctx)
	}
	out := drivers.Output{Stdout: stdout.Bytes(), Stderr: stderr.Bytes(), Code: cmd.ProcessState.ExitCode()}
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		err = nil
	}
	return out, err
}

func (host) Stream(context.Context, ...string) (io.ReadCloser, error) {
	return nil, errors.ErrUnsupported
}
func (host) Pull(context.Context, string, io.Writer) error { return errors.ErrUnsupported }
func (host) Push(context.Context, string, fs.FileMode, io.Reader) error {
	return errors.ErrUnsupported
}
func (host) Reboot(context.Context) error { return errors.ErrUnsupported }
func (host) Ready(context.Context) error  { return nil }

func prover(t *testing.T, b drivers.Bridge) *Controller {
	t.Helper()
	c, err := New(Config{Bridge: b, Script: script()})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestProveTCP asks a real nc to reach a real listener, a closed port, and
// nobody.
func TestProveTCP(t *testing.T) {
	c := prover(t, newHost(t, "toybox", "ip"))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	type visit struct {
		from netip.AddrPort
		text string
	}
	visits := make(chan visit, 1)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			b, _ := io.ReadAll(conn)
			_, _ = conn.Write(b)
			conn.Close()
			visits <- visit{netip.MustParseAddrPort(conn.RemoteAddr().String()), string(b)}
		}
	}()
	target := netip.MustParseAddrPort(l.Addr().String())
	p, err := c.Prove(t.Context(), drivers.Challenge{Target: target, Source: 61777, Text: "run-1 $(x) 'y'", Name: "localhost"})
	if err != nil || !p.Answered || p.Name != "localhost" || p.Proto != "tcp" || p.Resp != target {
		t.Fatalf("answered: %+v, %v", p, err)
	}
	if v := <-visits; v.from != p.Orig || v.text != "run-1 $(x) 'y'\n" {
		t.Errorf("the listener saw %+v, the device %+v", v, p)
	}
	if p, err = c.Prove(t.Context(), drivers.Challenge{Target: target, Source: 61779, Text: "x", Name: "nobody.invalid"}); err == nil && p.Answered {
		t.Errorf("no such name: %+v", p)
	}
	l.Close()
	p, err = c.Prove(t.Context(), drivers.Challenge{Target: target, Source: 61778, Text: "x"})
	if c.ownPorts && (err == nil || !strings.Contains(err.Error(), "a host that listens")) {
		t.Errorf("refused, by a nc with ports of its own: %+v, %v", p, err)
	}
	if !c.ownPorts && (err != nil || !p.Answered || p.Orig.Port() != 61778) {
		t.Errorf("refused: %+v, %v", p, err)
	}
}

// TestProveEcho compares the number that was found with the one on the wire.
func TestProveEcho(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("not run: raw sockets need root")
	}
	c := prover(t, newHost(t, "ping", "ip"))
	wire, err := net.ListenPacket("ip4:icmp", "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	defer wire.Close()
	short, cancel := context.WithTimeout(t.Context(), 1900*time.Millisecond) // one second of ping
	defer cancel()
	p, err := c.Prove(short, drivers.Challenge{Target: netip.MustParseAddrPort("127.0.0.1:0"), Source: 9})
	if err != nil || !p.Answered || p.Proto != "icmp" || p.Orig.String() != "127.0.0.1:0" || p.EchoID == nil || *p.EchoSeq != 1 {
		t.Fatalf("%+v, %v", p, err)
	}
	for b := make([]byte, 1500); ; {
		if err := wire.SetReadDeadline(time.Now().Add(2 * time.Second)); err != nil {
			t.Fatal(err)
		}
		n, _, err := wire.ReadFrom(b)
		if err != nil {
			t.Fatalf("no echo with the number %d was on the wire: %v", *p.EchoID, err)
		}
		if n >= 8 && b[0] == 8 && uint16(b[4])<<8|uint16(b[5]) == *p.EchoID {
			break
		}
	}
}

// TestProveTimedOut: a try whose time is up is no error.
func TestProveTimedOut(t *testing.T) {
	p := newPhone()
	p.Programs["sh"] = func(ctx context.Context, _ []string) drivers.Output { <-ctx.Done(); return drivers.Output{} }
	c, _ := bench(t, p)
	for _, target := range []string{"192.0.2.1:7", "192.0.2.1:0", "[2001:db8::1]:0"} {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		proof, err := c.Prove(ctx, drivers.Challenge{Target: netip.MustParseAddrPort(target), Source: 61000, Text: "x"})
		cancel()
		if err != nil || proof.Answered || proof.Orig.Addr().String() != "10.0.0.23" || proof.Resp.String() != target {
			t.Errorf("%s: %+v, %v", target, proof, err)
		}
	}
	p.Programs["sh"] = func(ctx context.Context, _ []string) drivers.Output {
		p.Lose()
		<-ctx.Done()
		return drivers.Output{}
	}
	if _, err := c.Prove(t.Context(), drivers.Challenge{Target: netip.MustParseAddrPort("192.0.2.1:7")}); !errors.Is(err, drivers.ErrLost) {
		t.Errorf("lost: %v", err)
	}
	p.Programs["sh"] = func(context.Context, []string) drivers.Output {
		return drivers.Output{Code: 127, Stderr: []byte("sh: nc: not found")}
	}
	if err := p.Bridge.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Prove(t.Context(), drivers.Challenge{Target: netip.MustParseAddrPort("192.0.2.1:7")}); err == nil || !strings.Contains(err.Error(), "not found") {
		t.Errorf("no nc: %v", err)
	}
}

func TestConnected(t *testing.T) {
	for _, test := range []struct {
		stderr string
		code   int
		want   bool
	}{
		{"", 0, true},
		{"nc: connect: Connection refused\n", 1, true},    // toybox 0.8.9
		{"nc: read: Connection reset by peer\n", 1, true}, // it was there, and hung up
		{"nc: Timeout\n", 1, false},                       // toybox, -w
		{"nc: nosuch.invalid:9: Name or service not known\n", 1, false},
		{"nc: connect: Network is unreachable\n", 1, false},
	} {
		if got := connected(drivers.Output{Stderr: []byte(test.stderr), Code: test.code}); got != test.want {
			t.Errorf("%q: %v", test.stderr, got)
		}
	}
}

const icmpHead = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops\n"

func table(port, inode string) string {
	return icmpHead + "   42: 00000000:" + port + " 00000000:0000 07 00000340:00000000 00:00000000 00000000  2000        0 " + inode + " 2 000000004cf225c8 0\n"
}

func TestParseEcho(t *testing.T) {
	number := func(n uint16) *uint16 { return &n }
	reply := "64 bytes from 10.0.0.1: icmp_seq=1 ttl=64 time=0.029 ms\n"
	for name, test := range map[string]struct {
		text     string
		id       *uint16
		answered bool
	}{
		"socket":      {"== before\n" + icmpHead + "== before raw\n== ping\n== pid 70000\n" + reply + "== during\n" + table("E3CC", "1") + "== during raw\n== ping\n", number(0xe3cc), true},
		"raw":         {"== before\n== before raw\n" + table("0001", "1") + "== ping\n== pid 70000\n" + reply + "== during\n== during raw\n" + table("0001", "2") + "== ping\n", number(70000 & 0xffff), true},
		"others' raw": {"== before raw\n" + table("0001", "1") + "== ping\n== pid 70000\n" + reply + "== during raw\n" + table("0001", "1"), nil, true},
		"two sockets": {"== before\n== pid 7\n== during\n" + table("0007", "1") + table("0008", "2"), nil, false},
		"others'":     {"== before\n" + table("0007", "1") + "== pid 7\n== during\n" + table("0007", "1") + table("0009", "2"), number(9), false},
		"it says so":  {"== pid 7\n64 bytes from 10.0.0.1: icmp_seq=1 ident=4321 ttl=64 time=1 ms\n", number(4321), true},
		"unreachable": {"== pid 7\nFrom 10.0.0.2 icmp_seq=1 Destination Host Unreachable\n", nil, false},
		"toybox":      {"== pid 7\n64 bytes from 10.0.0.1: seq=1 ttl=64 time=1 ms\n", nil, true},
		"nothing":     {"", nil, false},
	} {
		e := parseEcho([]byte(test.text))
		if e.answered != test.answered || (e.id == nil) != (test.id == nil) || e.id != nil && *e.id != *test.id || e.seq != 1 {
			t.Errorf("%s: %+v (%v)", name, e, e.id)
		}
	}
}

func FuzzParseEcho(f *testing.F) {
	f.Add([]byte("== before\n" + table("E3CC", "1") + "== pid 70000\n64 bytes from x: icmp_seq=1 ident=2\n== during raw\n" + table("1", "2")))
	f.Fuzz(func(t *testing.T, b []byte) {
		e := parseEcho(b)
		if e.answered && !bytes.Contains(b, []byte("bytes from")) {
			t.Error("answered by nobody")
		}
		rows := tableRows(b)
		if got := news(b, b); len(got) > 0 {
			t.Errorf("%v is new in the same table", got)
		}
		if slices.ContainsFunc(rows, func(r tableRow) bool { return r.inode == "" }) {
			t.Error("a row without an inode")
		}
	})
}

func FuzzSeenFrom(f *testing.F) {
	const head = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
	f.Add([]byte("== before\n" + head + "== early\n" + head + "   0: 1700000A:EE48 C80200C0:0007 01 00000000:00000000 00:00000000 00000000  2000 0 1 1\n== nc\nrun-1\n"))
	p := drivers.Proof{Orig: netip.MustParseAddrPort("10.0.0.23:61000"), Resp: netip.MustParseAddrPort("192.0.2.200:7")}
	f.Fuzz(func(t *testing.T, b []byte) {
		if end, ok := seenFrom(sections(b), p); ok != end.IsValid() {
			t.Errorf("%v, %v", end, ok)
		}
	})
}

func TestSeenFrom(t *testing.T) {
	const head = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
	row := func(port string) string {
		return "   0: 1700000A:" + port + " C80200C0:0007 01 00000000:00000000 00:00000000 00000000  2000 0 1 1\n"
	}
	p := drivers.Proof{Orig: netip.MustParseAddrPort("10.0.0.23:61000"), Resp: netip.MustParseAddrPort("192.0.2.200:7")}
	for name, test := range map[string]struct {
		text string
		want uint16 // 0: nobody knows
	}{
		"as asked":   {"== early\n" + head + row("EE48"), 61000},
		"another":    {"== before\n" + head + row("8001") + "== early\n" + head + row("8001") + "== late\n" + head + row("8001") + row("8002"), 0x8002},
		"two":        {"== early\n" + head + row("8001") + row("8002"), 0},
		"none":       {"== early\n" + head, 0},
		"unreadable": {"== before\n== early\n== late\n", 0},
		"was before": {"== before\n" + head + row("8001") + "== late\n" + head + row("8001"), 0},
	} {
		if end, _ := seenFrom(sections([]byte(test.text)), p); end.Port() != test.want {
			t.Errorf("%s: %v", name, end)
		}
	}
}
