package world

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/miekg/dns"
	"github.com/quic-go/quic-go"
	"github.com/quic-go/quic-go/http3"

	"github.com/spanrig/spanrig/rig/sim/wiring"
)

// TestWorld talks to every server with a real client, from the device.
func TestWorld(t *testing.T) {
	l := begin(t, "a", Config{}).join(t)
	t.Run("lease", l.testLease)
	t.Run("names", l.testNames)
	t.Run("http", l.testHTTP)
	t.Run("https", l.testHTTPS)
	t.Run("tls10", l.testOldTLS)
	t.Run("http3", l.testHTTP3)
	t.Run("encrypted dns", l.testEncryptedDNS)
	t.Run("mqtt", l.testBroker)
	t.Run("rtmp", l.testStream)
	t.Run("datagrams", l.testDatagrams)
	t.Run("echo and supl", l.testStreams)
	t.Run("nothing else", l.testClosed)
	t.Run("curl", l.testCurl)
	t.Run("openssl", l.testOpenSSL)
	l.stop()
	select {
	case err := <-l.stopped:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(5 * time.Second):
		t.Fatal("the world does not end")
	}
	again := func() error {
		w, err := Listen(Config{Interface: wiring.LAN})
		if err == nil {
			w.close()
		}
		return err
	}
	if err := l.wires.Do(wiring.World, again); err != nil {
		t.Errorf("its sockets are not free again: %v", err)
	}
}

// TestEnd shows that the world ends at once whatever is open, and that a device
// sees its connections close.
func TestEnd(t *testing.T) {
	l := begin(t, "e", Config{HTTPSRecords: true}).join(t)
	if got := l.ask(t, wiring.Router4, "udp", "flysafe-api.dji.com", dns.TypeHTTPS); !strings.Contains(summary(got), `alpn="h3,h2"`) {
		t.Errorf("HTTPS record: %v", got)
	}
	var open []net.Conn
	for _, addr := range []string{"c1.control.test:7", Stream + ":1935", Broker + ":1883", "www.dji.com:80", "www.dji.com:443", Encrypted + ":853", "10.20.0.1:53"} {
		conn, err := l.dial(t.Context(), "tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		open = append(open, conn)
	}
	open = append(open, l.login(t))
	udp, err := l.wires.ListenPacket(wiring.Device, "udp4", ":0")
	if err != nil {
		t.Fatal(err)
	}
	defer udp.Close()
	config := l.tls()
	config.ServerName, config.NextProtos = "www.dji.com", []string{"h3"}
	over, err := quic.Dial(t.Context(), udp, &net.UDPAddr{IP: net.IPv4(198, 51, 100, 1), Port: 443}, config, nil)
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(100 * time.Millisecond) // each is accepted
	began := time.Now()
	l.stop()
	if err := <-l.stopped; err != nil || time.Since(began) > 3*time.Second {
		t.Errorf("ended after %s: %v", time.Since(began), err)
	}
	for _, conn := range open {
		_ = conn.SetReadDeadline(time.Now().Add(time.Second))
		if _, err := conn.Read(make([]byte, 1)); errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("%s is still open", conn.RemoteAddr())
		}
	}
	select {
	case <-over.Context().Done():
	case <-time.After(time.Second):
		t.Error("QUIC is still open")
	}
}

// login opens an MQTT session (version 3.1.1).
func (l *scene) login(t *testing.T) net.Conn {
	t.Helper()
	conn, err := l.dial(t.Context(), "tcp", Broker+":1883")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Write([]byte("\x10\x0f\x00\x04MQTT\x04\x02\x00\x3c\x00\x03one")); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(conn, make([]byte, 4)); err != nil {
		t.Fatal(err)
	}
	return conn
}

// TestTaken shows that what cannot listen says so, and leaves nothing open.
func TestTaken(t *testing.T) {
	l := begin(t, "t", Config{})
	err := l.wires.Do(wiring.World, func() error {
		_, err := Listen(Config{})
		return err
	})
	if !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("a second world: %v", err)
	}
}

func (l *scene) testLease(t *testing.T) {
	want := netip.PrefixFrom(wiring.Device4, 24)
	if l.lease.Addr != want || l.lease.Router != wiring.Router4 || len(l.lease.Resolvers) != 1 || l.lease.Resolvers[0] != wiring.Router4 ||
		time.Until(l.lease.Until) < leaseTime-time.Hour || l.lease.Addr6 != wiring.Device6 {
		t.Errorf("%+v", l.lease)
	}
	l.logged(t, "dhcp", wiring.DeviceMAC, "OFFER 10.20.0.10")
	l.logged(t, "dhcp", wiring.DeviceMAC, "ACK 10.20.0.10")
	l.logged(t, "advert", "", "solicited")
}

func (l *scene) testNames(t *testing.T) {
	for _, c := range []struct {
		name string
		kind uint16
		want string // of the answers, or the code
	}{
		{"flysafe-api.dji.com", dns.TypeA, "198.51.100.10"},
		{"FlySafe-API.dji.com", dns.TypeAAAA, "2001:db8:f::10"},
		{"www.dji.com", dns.TypeA, "198.51.100.1"},
		{"security.dji.com", dns.TypeA, "d2.edge.example. 198.51.100.29"},
		{"d2.edge.example", dns.TypeA, "198.51.100.29"},
		{"c0007.control.test", dns.TypeA, "192.0.2.200"},
		{"c0007.control.test", dns.TypeAAAA, "2001:db8:c::200"},
		{OnlyIPv6, dns.TypeA, "NOERROR"},
		{OnlyIPv6, dns.TypeAAAA, "2001:db8:f::33"},
		{"flysafe-api.dji.com", dns.TypeHTTPS, "NOERROR"},
		{"flysafe-api.dji.com", dns.TypeTXT, "NOERROR"},
		{"www.example.com", dns.TypeA, "NXDOMAIN"},
		{"mail.google.com", dns.TypeA, "NXDOMAIN"},
		{"10.0.20.10.in-addr.arpa", dns.TypePTR, "NXDOMAIN"},
	} {
		for _, resolver := range []netip.Addr{wiring.Router4, wiring.Router6} {
			for _, network := range []string{"udp", "tcp"} {
				if got := summary(l.ask(t, resolver, network, c.name, c.kind)); got != c.want {
					t.Errorf("%s %s at %s by %s: %q, want %q", dns.TypeToString[c.kind], c.name, resolver, network, got, c.want)
				}
			}
		}
	}
	l.logged(t, "dns", "www.example.com", "A NXDOMAIN")
}

// summary is what an answer holds, or its code where that is nothing.
func summary(m *dns.Msg) string {
	var list []string
	for _, rr := range m.Answer {
		text := rr.String()
		list = append(list, text[strings.LastIndexByte(text, '\t')+1:])
	}
	if len(list) == 0 {
		return dns.RcodeToString[m.Rcode]
	}
	return strings.Join(list, " ")
}

// get gets a URL and returns status, protocol and body.
func get(t *testing.T, c *http.Client, url string) (int, string, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := c.Do(req)
	if err != nil {
		t.Errorf("%s: %v", url, err)
		return 0, "", ""
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Errorf("%s: %v", url, err)
	}
	return resp.StatusCode, resp.Proto, string(body)
}

func (l *scene) testHTTP(t *testing.T) {
	c := l.client(l.tls())
	defer c.CloseIdleConnections()
	for url, want := range map[string]int{
		"http://connectivitycheck.gstatic.com/generate_204": 204,
		"http://www.google.com/gen_204":                     204,
		"http://statistical-report.djiservice.org/report":   200,
		"http://c0001.control.test/":                        200,
		"http://www.dji.com/size/-1":                        400,
	} {
		if status, proto, _ := get(t, c, url); status != want || proto != "HTTP/1.1" {
			t.Errorf("%s: %d %s", url, status, proto)
		}
	}
	l.logged(t, HTTP, "connectivitycheck.gstatic.com", "GET /generate_204 204 HTTP/1.1")
	resp, err := c.Post("http://www.dji.com/upload?token=secret", "text/plain", strings.NewReader("12345"))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if body, _ := io.ReadAll(resp.Body); !bytes.Contains(body, []byte(`"received":5`)) {
		t.Errorf("%s", body)
	}
	l.logged(t, HTTP, "www.dji.com", "POST /upload 200")
	for _, e := range l.entries(t) {
		if strings.Contains(e.What, "secret") {
			t.Errorf("the log has a secret: %+v", e)
		}
	}
}

func (l *scene) testHTTPS(t *testing.T) {
	old := l.tls()
	old.MaxVersion = tls.VersionTLS12
	for name, config := range map[string]*tls.Config{"1.3": l.tls(), "1.2": old} {
		c := l.client(config)
		for _, host := range []string{"flysafe-api.dji.com", Abroad, Foreign, OnlyIPv6, Tracker, "api.mapbox.com", "192.0.2.80"} {
			status, proto, body := get(t, c, "https://"+host+"/size/100000")
			if status != 200 || proto != "HTTP/2.0" || len(body) != 100000 {
				t.Errorf("TLS %s, %s: %d %s, %d bytes", name, host, status, proto, len(body))
			}
		}
		c.CloseIdleConnections()
	}
	config := l.tls()
	config.ServerName = "any.name.invalid"
	conn, err := l.dial(t.Context(), "tcp", "flysafe-api.dji.com:443")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := tls.Client(conn, config).HandshakeContext(t.Context()); err != nil {
		t.Errorf("a name of no table: %v", err)
	}
}

func (l *scene) testOldTLS(t *testing.T) {
	config := l.tls()
	config.MinVersion, config.MaxVersion = tls.VersionTLS10, tls.VersionTLS10
	c := l.client(config)
	defer c.CloseIdleConnections()
	if status, proto, _ := get(t, c, "https://"+OldTLS+"/api"); status != 200 || proto != "HTTP/1.1" {
		t.Errorf("%d %s", status, proto)
	}
	conn, err := l.dial(t.Context(), "tcp", OldTLS+":443")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	modern := l.tls()
	modern.ServerName = OldTLS
	if err := tls.Client(conn, modern).HandshakeContext(t.Context()); err == nil {
		t.Error("a modern client got through")
	}
}

func (l *scene) testHTTP3(t *testing.T) {
	for _, network := range []string{"udp4", "udp6"} {
		conn, err := l.wires.ListenPacket(wiring.Device, network, ":0")
		if err != nil {
			t.Fatal(err)
		}
		below := &quic.Transport{Conn: conn}
		transport := &http3.Transport{TLSClientConfig: l.tls(), Dial: func(ctx context.Context, addr string, tc *tls.Config, qc *quic.Config) (*quic.Conn, error) {
			host, _, err := net.SplitHostPort(addr)
			e, ok := Lookup(Endpoints(), host)
			if err != nil || !ok {
				return nil, errors.New("no such host")
			}
			to := &net.UDPAddr{IP: e.Addr4.AsSlice(), Port: 443}
			if network == "udp6" {
				to.IP = e.Addr6.AsSlice()
			}
			return below.DialEarly(ctx, to, tc, qc)
		}}
		c := &http.Client{Transport: transport, Timeout: 10 * time.Second}
		for _, host := range []string{"flysafe-api.dji.com", "api.mapbox.com"} {
			if status, proto, body := get(t, c, "https://"+host+"/size/300000"); status != 200 || proto != "HTTP/3.0" || len(body) != 300000 {
				t.Errorf("%s: %d %s, %d bytes", host, status, proto, len(body))
			}
		}
		transport.Close()
		below.Close()
		conn.Close()
	}
	l.logged(t, HTTP3, "flysafe-api.dji.com", "GET /size/300000 200 HTTP/3.0")
}

func (l *scene) testCurl(t *testing.T) {
	for _, argv := range [][]string{
		{"https://active.dji.com/", "--tlsv1.3", "--resolve", "active.dji.com:443:198.51.100.11"},
		{"https://active.dji.com/", "--http2", "--tls-max", "1.2", "--resolve", "active.dji.com:443:[2001:db8:f::11]"},
		{"http://active.dji.com/", "--resolve", "active.dji.com:80:198.51.100.11"},
	} {
		out := l.run(t, append([]string{"curl", "-sS", "--fail", "--cacert", l.ca}, argv...)...)
		if !strings.Contains(out, `"host":"active.dji.com"`) {
			t.Errorf("%v: %s", argv, out)
		}
	}
}

func (l *scene) testOpenSSL(t *testing.T) {
	for _, c := range []struct{ addr, name, version, want string }{
		{"198.51.100.11:443", "active.dji.com", "-tls1_3", "Verify return code: 0 (ok)"},
		{"198.51.100.26:8883", Broker, "-tls1_2", "Verify return code: 0 (ok)"},
		{"198.51.100.30:443", OldTLS, "-tls1", "Verify return code: 0 (ok)"},
	} {
		out := l.run(t, "sh", "-c", "echo | openssl s_client -connect "+c.addr+" -servername "+c.name+" -CAfile "+l.ca+" -verify_return_error "+c.version+" -cipher ALL:@SECLEVEL=0")
		if !strings.Contains(out, c.want) {
			t.Errorf("%s: %s", c.name, out)
		}
	}
}
