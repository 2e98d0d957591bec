package talk

import (
	"bufio"
	"context"
	"crypto/x509"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/quic-go/quic-go/http3"
)

// user is one whose sockets this process may have, with a clock of its own.
func user(t *testing.T, roots *x509.CertPool, ahead time.Duration) *User {
	t.Helper()
	h := NewHost(Config{Resolvers: func() []netip.Addr { return nil }, Roots: roots, Now: func() time.Time { return time.Now().Add(ahead) }})
	u := h.User(os.Getuid())
	t.Cleanup(u.Cut)
	return u
}

// example is a server that httptest's certificate names.
func example(t *testing.T, addr net.Addr) Peer {
	t.Helper()
	a, err := netip.ParseAddrPort(addr.String())
	if err != nil {
		t.Fatal(err)
	}
	return Peer{Name: "example.com", Port: a.Port(), Addrs: []netip.Addr{a.Addr()}}
}

func TestRequest(t *testing.T) {
	var got []string
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = append(got, r.Proto+" "+r.Method+" "+r.Host+" "+r.URL.String()+" "+r.UserAgent()+" "+string(body))
		w.WriteHeader(http.StatusNoContent)
	}))
	s.EnableHTTP2 = true
	s.StartTLS()
	defer s.Close()
	pool := x509.NewCertPool()
	pool.AddCert(s.Certificate())
	u, to := user(t, pool, 0), example(t, s.Listener.Addr())
	if err := u.Request(t.Context(), Request{To: to, Path: "/a?b", Body: "{}"}); err != nil {
		t.Fatal(err)
	}
	if len(got) != 1 || !strings.HasPrefix(got[0], "HTTP/2.0 POST example.com /a?b okhttp/") || !strings.HasSuffix(got[0], " {}") {
		t.Errorf("%q", got)
	}
	if sent, received := u.Counters(); sent == 0 || received == 0 {
		t.Errorf("counters %d, %d", sent, received)
	}
	for range 100 { // the transport closes beside us
		if u.Open() == 0 {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if n := u.Open(); n != 0 {
		t.Errorf("%d sockets are left open", n)
	}
	if err := user(t, x509.NewCertPool(), 0).Request(t.Context(), Request{To: to, Path: "/"}); err == nil {
		t.Error("a certificate of nobody is trusted")
	}
	if err := user(t, pool, 200*365*24*time.Hour).Request(t.Context(), Request{To: to, Path: "/"}); err == nil {
		t.Error("a certificate of another century is trusted")
	}
}

func TestClear(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusNoContent) }))
	defer s.Close()
	if err := user(t, nil, 0).Request(t.Context(), Request{To: example(t, s.Listener.Addr()), Path: "/generate_204", Clear: true}); err != nil {
		t.Error(err)
	}
}

func TestQUIC(t *testing.T) {
	web := httptest.NewTLSServer(nil)
	defer web.Close()
	socket, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	proto := make(chan string, 1)
	s := &http3.Server{TLSConfig: http3.ConfigureTLSConfig(web.TLS), Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { proto <- r.Proto })}
	defer s.Close()
	go s.Serve(socket)
	pool := x509.NewCertPool()
	pool.AddCert(web.Certificate())
	u := user(t, pool, 0)
	if err := u.Request(t.Context(), Request{To: example(t, socket.LocalAddr()), Path: "/", QUIC: true}); err != nil {
		t.Fatal(err)
	}
	if p := <-proto; p != "HTTP/3.0" {
		t.Error(p)
	}
	if sent, received := u.Counters(); sent < 1200 || received < 1200 || u.Open() != 0 {
		t.Errorf("counters %d, %d; %d sockets open", sent, received, u.Open())
	}
}

// serve answers one connection.
func serve(t *testing.T, speak func(c net.Conn)) net.Addr {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		speak(c)
	}()
	return l.Addr()
}

func TestMQTT(t *testing.T) {
	heard := make(chan byte, 8)
	addr := serve(t, func(c net.Conn) {
		r := bufio.NewReader(c)
		for {
			kind, err := r.ReadByte()
			if err != nil {
				close(heard)
				return
			}
			n, _ := binary.ReadUvarint(r)
			b := make([]byte, n)
			_, _ = io.ReadFull(r, b)
			heard <- kind
			switch kind {
			case mqttConnect:
				_, _ = c.Write([]byte{mqttPublish &^ 2, 3, 0, 1, 'x', mqttConnack, 2, 0, 0}) // a message first
			case mqttPublish:
				_, _ = c.Write([]byte{mqttPuback, 2, 0, 1})
			case mqttPingreq:
				_, _ = c.Write([]byte{mqttPingresp, 0})
			}
		}
	})
	m, err := user(t, nil, 0).DialMQTT(t.Context(), example(t, addr), "c", true)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(m.Publish("topic", strings.Repeat("x", 300)), m.Ping(), m.Close()); err != nil {
		t.Error(err)
	}
	var kinds []byte
	for k := range heard {
		kinds = append(kinds, k)
	}
	if string(kinds) != string([]byte{mqttConnect, mqttPublish, mqttPingreq, mqttDisconnect}) {
		t.Errorf("% x", kinds)
	}
}

func TestMQTTRefused(t *testing.T) {
	addr := serve(t, func(c net.Conn) { _, _ = c.Write([]byte{mqttConnack, 2, 0, 5}); time.Sleep(100 * time.Millisecond) })
	if _, err := user(t, nil, 0).DialMQTT(t.Context(), example(t, addr), "c", true); err == nil || !strings.Contains(err.Error(), "refuses") {
		t.Error(err)
	}
	addr = serve(t, func(c net.Conn) { time.Sleep(3 * time.Second) })
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	began := time.Now()
	if _, err := user(t, nil, 0).DialMQTT(ctx, example(t, addr), "c", true); err == nil || time.Since(began) > time.Second {
		t.Errorf("%v after %v", err, time.Since(began))
	}
}

func TestStream(t *testing.T) {
	got := make(chan int, 1)
	addr := serve(t, func(c net.Conn) {
		hello := make([]byte, 1+rtmpHandshake)
		_, _ = io.ReadFull(c, hello)
		_, _ = c.Write(append(hello, hello[1:]...))
		n, _ := io.Copy(io.Discard, c)
		got <- int(n)
	})
	if err := user(t, nil, 0).Stream(t.Context(), example(t, addr), make([]byte, 1000)); err != nil {
		t.Fatal(err)
	}
	if n := <-got; n != rtmpHandshake+1000 {
		t.Errorf("%d bytes behind the handshake", n)
	}
}

// TestEnd: what is open dies with its program, and what is dead opens nothing.
func TestEnd(t *testing.T) {
	for name, end := range map[string]func(*User){"kill": (*User).Kill, "cut": (*User).Cut, "drop": (*User).Drop} {
		ended := make(chan error, 1)
		addr := serve(t, func(c net.Conn) {
			_, err := c.Read(make([]byte, 1))
			ended <- err
		})
		u := user(t, nil, 0)
		if _, err := u.Dial(t.Context(), "tcp", example(t, addr)); err != nil {
			t.Fatal(err)
		}
		end(u)
		if err := <-ended; errors.Is(err, io.EOF) != (name == "kill") {
			t.Errorf("%s: the peer sees %v", name, err)
		}
		_, err := u.Dial(t.Context(), "tcp", example(t, serve(t, func(net.Conn) {})))
		if errors.Is(err, errKilled) == (name == "drop") {
			t.Errorf("%s: afterwards %v", name, err)
		}
	}
}

func TestChoose(t *testing.T) {
	four, six := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("2001:db8::1")
	for _, c := range []struct {
		list   []netip.Addr
		family int
		want   netip.Addr
	}{{[]netip.Addr{six, four}, 0, four}, {[]netip.Addr{six}, 0, six}, {[]netip.Addr{four, six}, 6, six}, {[]netip.Addr{four}, 6, netip.Addr{}}, {[]netip.Addr{six}, 4, netip.Addr{}}, {nil, 0, netip.Addr{}}} {
		if a, ok := choose(c.list, c.family); a != c.want || ok != c.want.IsValid() {
			t.Errorf("%v, family %d: %v", c.list, c.family, a)
		}
	}
}

func FuzzAnswers(f *testing.F) {
	q, err := question("active.dji.com", 1)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(q)
	f.Add([]byte("\x00\x07\x81\x80\x00\x01\x00\x01\x00\x00\x00\x00\x01a\x00\x00\x01\x00\x01\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04\xc0\x00\x02\x01"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if list, err := answers(b); err != nil && list != nil {
			t.Errorf("%v and %v", list, err)
		}
	})
}
