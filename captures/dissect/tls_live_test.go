package dissect

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"math/big"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/spanrig/spanrig/captures"
)

// tape records what two ends of a connection write, in order.
type tape struct {
	mu    sync.Mutex
	turns []turn
}

// tapedConn is one end.
type tapedConn struct {
	net.Conn
	*tape
	dir captures.Dir
}

func (c tapedConn) Write(b []byte) (int, error) {
	c.mu.Lock()
	c.turns = append(c.turns, turn{c.dir, string(b)})
	c.mu.Unlock()
	return c.Conn.Write(b)
}

// identity returns a self-signed certificate for names.
func identity(t testing.TB, names ...string) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "cn.test", Organization: []string{"Tests"}},
		DNSNames: names, NotAfter: time.Date(2040, 1, 2, 3, 4, 5, 0, time.UTC), KeyUsage: x509.KeyUsageDigitalSignature}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// live lets crypto/tls do a handshake over loopback and returns what was sent.
// Where it succeeds, the client sends request bytes and the server answers
// with three times as many; then the client closes.
func live(t testing.TB, client, server *tls.Config, request int) ([]turn, tls.ConnectionState) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	var recorded tape
	served := make(chan struct{})
	go func() {
		defer close(served)
		raw, err := l.Accept()
		if err != nil {
			return
		}
		defer raw.Close()
		s := tls.Server(tapedConn{raw, &recorded, captures.Resp}, server)
		if s.Handshake() == nil && request > 0 {
			io.ReadFull(s, make([]byte, request))
			s.Write(make([]byte, 3*request))
		}
		io.Copy(io.Discard, s)
		s.Close()
	}()
	raw, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	c := tls.Client(tapedConn{raw, &recorded, captures.Orig}, client)
	err = c.Handshake()
	state := c.ConnectionState()
	if err == nil && request > 0 {
		c.Write(make([]byte, request))
		io.ReadFull(c, make([]byte, 3*request))
	}
	c.Close()
	raw.Close()
	<-served
	return recorded.turns, state
}

// read feeds turns in pieces whose lengths next gives; each turn is a frame.
func read(turns []turn, next func() int) *TLS {
	s := newTLSStream()
	for i, t := range turns {
		for b := []byte(t.text); len(b) > 0; {
			n := min(max(next(), 1), len(b))
			s.feed(t.dir, b[:n], Mark{Frame: captures.FrameID(i + 1)})
			b = b[n:]
		}
	}
	return s.facts()
}

func TestLiveHandshakes(t *testing.T) {
	server := &tls.Config{Certificates: []tls.Certificate{identity(t, "A.test", "b.test")}, MinVersion: tls.VersionTLS10, NextProtos: []string{"h2"}}
	client := &tls.Config{ServerName: "a.test", InsecureSkipVerify: true, MinVersion: tls.VersionTLS10, NextProtos: []string{"h2", "http/1.1"}}
	pool := x509.NewCertPool()
	for _, test := range []struct {
		name           string
		change         func(client, server *tls.Config)
		refused, retry bool
	}{
		{name: "defaults", change: func(c, s *tls.Config) {}},
		{name: "TLS 1.0", change: func(c, s *tls.Config) { c.MaxVersion = tls.VersionTLS10 }},
		{name: "TLS 1.1", change: func(c, s *tls.Config) { s.MaxVersion = tls.VersionTLS11 }},
		{name: "TLS 1.2", change: func(c, s *tls.Config) { s.MaxVersion = tls.VersionTLS12 }},
		{name: "RC4", change: func(c, s *tls.Config) {
			c.MaxVersion, c.CipherSuites = tls.VersionTLS12, []uint16{tls.TLS_ECDHE_ECDSA_WITH_RC4_128_SHA}
			s.CipherSuites = c.CipherSuites
		}},
		{name: "hello retry", retry: true, change: func(c, s *tls.Config) {
			c.CurvePreferences = []tls.CurveID{tls.X25519, tls.CurveP384}
			s.CurvePreferences = []tls.CurveID{tls.CurveP384}
		}},
		{name: "client certificate", change: func(c, s *tls.Config) {
			s.ClientAuth = tls.RequireAnyClientCert
			c.Certificates = []tls.Certificate{identity(t, "client.test")}
		}},
		{name: "client certificate, TLS 1.2", change: func(c, s *tls.Config) {
			s.ClientAuth, s.MaxVersion = tls.RequireAnyClientCert, tls.VersionTLS12
			c.Certificates = []tls.Certificate{identity(t, "client.test")}
		}},
		{name: "client without the certificate that was asked for", change: func(c, s *tls.Config) { s.ClientAuth = tls.RequestClientCert }},
		{name: "refused", refused: true, change: func(c, s *tls.Config) { c.InsecureSkipVerify, c.RootCAs = false, pool }},
		{name: "refused, TLS 1.2", refused: true, change: func(c, s *tls.Config) {
			c.InsecureSkipVerify, c.RootCAs, c.MaxVersion = false, pool, tls.VersionTLS12
		}},
	} {
		for _, request := range []int{0, 1, 2, 36, 400, 30000} {
			c, s := client.Clone(), server.Clone()
			test.change(c, s)
			turns, state := live(t, c, s, request)
			got := read(turns, whole)
			if got == nil {
				t.Fatalf("%s, %d: no facts", test.name, request)
			}
			checkLive(t, test.name, got, state, test.refused, test.retry, request)
		}
	}
}

// checkLive holds facts against what crypto/tls says of its connection.
func checkLive(t *testing.T, name string, got *TLS, state tls.ConnectionState, refused, retry bool, request int) {
	t.Helper()
	sent := request > 0 && !refused
	if !got.Hello || !got.ServerHello || got.SNI != "a.test" || !slices.Equal(got.ALPN, []string{"h2", "http/1.1"}) || got.Retry != retry {
		t.Errorf("%s, %d: %+v", name, request, got)
	}
	if !refused && (got.Version != state.Version || got.Cipher != state.CipherSuite) {
		t.Errorf("%s: version %x, cipher %x; crypto/tls says %x, %x", name, got.Version, got.Cipher, state.Version, state.CipherSuite)
	}
	if CipherName(got.Cipher) != tls.CipherSuiteName(got.Cipher) {
		t.Errorf("%s: cipher %s", name, CipherName(got.Cipher))
	}
	alike := got.Version == tls.VersionTLS13 && request == 2 // in its length, to an alert
	if (got.AppData[captures.Orig] > 0) != sent && !alike {
		t.Errorf("%s, %d bytes: %d records of the client's data", name, request, got.AppData[captures.Orig])
	}
	if got.AppData[captures.Resp] > 0 && !sent || got.AppData[captures.Resp] == 0 && sent && request > 1000 {
		t.Errorf("%s, %d bytes: %d records of the server's data", name, request, got.AppData[captures.Resp])
	}
	closing := slices.ContainsFunc(got.Alerts, func(a Alert) bool { return a.From == captures.Orig })
	if !closing {
		t.Errorf("%s, %d: no alert of the client: %+v", name, request, got.Alerts)
	}
	if got.Version < tls.VersionTLS13 {
		c := got.Certificates
		if len(c) != 1 || !slices.Equal(c[0].Names, []string{"a.test", "b.test"}) || c[0].Subject != "CN=cn.test,O=Tests" || c[0].NotAfter.Year() != 2040 {
			t.Errorf("%s: certificates %+v", name, c)
		}
	} else if len(got.Certificates) > 0 {
		t.Errorf("%s: certificates %+v out of the dark", name, got.Certificates)
	}
}
