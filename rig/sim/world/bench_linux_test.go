package world

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/spanrig/spanrig/rig/sim/wiring"
)

// scene is a bench with a world in it and a device that has joined the LAN.
type scene struct {
	wires   *wiring.Wiring
	lease   wiring.Lease
	ca      string // file
	roots   *x509.CertPool
	log     *safeBuffer
	stop    context.CancelFunc
	stopped chan error
}

type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

// begin builds a scene of a name of this test's own.
func begin(t *testing.T, suffix string, c Config) *scene {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("not run: network namespaces need root")
	}
	wires, err := wiring.Up(wiring.Config{Name: fmt.Sprintf("w%d%s", os.Getpid()%1e6, suffix)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := wiring.Down(wires.Name()); err != nil {
			t.Error(err)
		}
	})
	l := &scene{wires: wires, ca: filepath.Join(t.TempDir(), "ca.pem"), roots: x509.NewCertPool(), log: &safeBuffer{}, stopped: make(chan error, 1)}
	c.Interface, c.AuthorityTo, c.Log = wiring.LAN, l.ca, l.log
	var w *World
	if err := wires.Do(wiring.World, func() (err error) {
		w, err = Listen(c)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	l.roots.AppendCertsFromPEM(w.Authority())
	ctx, cancel := context.WithCancel(context.Background())
	l.stop = cancel
	go func() { l.stopped <- w.Serve(ctx) }()
	t.Cleanup(l.stop)
	return l
}

// join lets the device join the LAN.
func (l *scene) join(t *testing.T) *scene {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	err := l.wires.Do(wiring.Device, func() (err error) {
		l.lease, err = wiring.Join(ctx)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// ask queries the LAN's resolver from the device.
func (l *scene) ask(t *testing.T, resolver netip.Addr, network, name string, kind uint16) *dns.Msg {
	t.Helper()
	conn, err := l.wires.Dial(t.Context(), wiring.Device, network, netip.AddrPortFrom(resolver, 53).String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	answer, _, err := new(dns.Client).ExchangeWithConn(new(dns.Msg).SetQuestion(dns.Fqdn(name), kind), &dns.Conn{Conn: conn})
	if err != nil {
		t.Fatalf("%s at %s: %v", name, resolver, err)
	}
	return answer
}

// dial connects from the device to an address or a name of the table.
func (l *scene) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	if _, err := netip.ParseAddr(host); err != nil {
		e, ok := Lookup(Endpoints(), host)
		if !ok {
			return nil, fmt.Errorf("no such host %s", host)
		}
		host = e.Addr6.String()
		if e.Addr4.IsValid() {
			host = e.Addr4.String()
		}
	}
	return l.wires.Dial(ctx, wiring.Device, network, net.JoinHostPort(host, port))
}

func (l *scene) tls() *tls.Config { return &tls.Config{RootCAs: l.roots, MinVersion: tls.VersionTLS12} }

func (l *scene) client(config *tls.Config) *http.Client {
	transport := &http.Transport{DialContext: l.dial, TLSClientConfig: config, ForceAttemptHTTP2: config.MaxVersion != tls.VersionTLS10}
	return &http.Client{Transport: transport, Timeout: 10 * time.Second}
}

// run runs a program on the device and returns what it printed.
func (l *scene) run(t *testing.T, argv ...string) string {
	t.Helper()
	if _, err := exec.LookPath(argv[0]); err != nil {
		t.Skipf("not run: %s is not installed", argv[0])
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := l.wires.Start(wiring.Device, cmd); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("%s: %v\n%s", strings.Join(argv, " "), err, out.String())
	}
	return out.String()
}

// logged waits for an entry of the log.
func (l *scene) logged(t *testing.T, s Service, name, what string) {
	t.Helper()
	for range 50 {
		for _, e := range l.entries(t) {
			if e.Service == s && e.Name == name && strings.Contains(e.What, what) {
				return
			}
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Errorf("no entry of %s for %q with %q in\n%s", s, name, what, l.log.b.String())
}

func (l *scene) entries(t *testing.T) []Entry {
	t.Helper()
	l.log.mu.Lock()
	defer l.log.mu.Unlock()
	var list []Entry
	for line := range bytes.Lines(l.log.b.Bytes()) {
		var e Entry
		if err := json.Unmarshal(line, &e); err != nil {
			t.Fatal(err)
		}
		list = append(list, e)
	}
	return list
}
