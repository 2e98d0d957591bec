package world

import (
	"bytes"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/url"
	"strconv"
	"syscall"
	"testing"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"
	"github.com/miekg/dns"
)

func (l *scene) testEncryptedDNS(t *testing.T) {
	query := new(dns.Msg).SetQuestion("active.dji.com.", dns.TypeA)
	conn, err := l.dial(t.Context(), "tcp", Encrypted+":853")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	config := l.tls()
	config.ServerName, config.NextProtos = Encrypted, []string{"dot"}
	answer, _, err := new(dns.Client).ExchangeWithConn(query, &dns.Conn{Conn: tls.Client(conn, config)})
	if err != nil || summary(answer) != "198.51.100.11" {
		t.Errorf("over TLS: %v, %v", answer, err)
	}
	packed, err := query.Pack()
	if err != nil {
		t.Fatal(err)
	}
	c := l.client(l.tls())
	defer c.CloseIdleConnections()
	resp, err := c.Post("https://"+Encrypted+"/dns-query", "application/dns-message", bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	if m := new(dns.Msg); m.Unpack(body) != nil || summary(m) != "198.51.100.11" {
		t.Errorf("over HTTPS: %s", resp.Status)
	}
	if status, _, _ := get(t, c, "https://"+Encrypted+"/dns-query?dns=nothing"); status != 400 {
		t.Errorf("nonsense over HTTPS: %d", status)
	}
	l.logged(t, DoT, "active.dji.com", "A NOERROR")
	l.logged(t, DoH, "active.dji.com", "A NOERROR")
}

func (l *scene) testBroker(t *testing.T) {
	for i, at := range []string{"tcp://" + Broker + ":1883", "ssl://" + Broker + ":8883", "tcp://mqtt.fleet.example:1883"} {
		got := make(chan string, 1)
		options := paho.NewClientOptions().AddBroker(at).SetClientID("controller-" + strconv.Itoa(i)).SetUsername("u").SetPassword("hidden").SetAutoReconnect(false)
		options.SetCustomOpenConnectionFn(func(_ *url.URL, o paho.ClientOptions) (net.Conn, error) {
			u := o.Servers[0]
			conn, err := l.dial(t.Context(), "tcp", u.Host)
			if err != nil || u.Scheme != "ssl" {
				return conn, err
			}
			config := l.tls()
			config.ServerName = u.Hostname()
			return tls.Client(conn, config), nil
		})
		c := paho.NewClient(options)
		wait := func(token paho.Token) {
			t.Helper()
			if !token.WaitTimeout(20*time.Second) || token.Error() != nil {
				t.Fatalf("%s: %v", at, token.Error())
			}
		}
		wait(c.Connect())
		wait(c.Subscribe("thing/product/#", 0, func(_ paho.Client, m paho.Message) { got <- string(m.Payload()) }))
		wait(c.Publish("thing/product/osd", 0, false, "here"))
		select {
		case text := <-got:
			if text != "here" {
				t.Errorf("%s: %q", at, text)
			}
		case <-time.After(20 * time.Second):
			t.Errorf("%s: nothing came back", at)
		}
		c.Disconnect(50)
	}
	l.logged(t, MQTT, "", "connect controller-0")
	l.logged(t, MQTT, "", "publish thing/product/osd 4 bytes")
}

func (l *scene) testStream(t *testing.T) {
	conn, err := l.dial(t.Context(), "tcp", Stream+":1935")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(5 * time.Second))
	first := append([]byte{3}, bytes.Repeat([]byte{7}, handshakeSize)...)
	if _, err := conn.Write(first); err != nil {
		t.Fatal(err)
	}
	answer := make([]byte, 1+2*handshakeSize)
	if _, err := io.ReadFull(conn, answer); err != nil {
		t.Fatal(err)
	}
	if answer[0] != 3 || !bytes.Equal(answer[1+handshakeSize+8:], first[9:]) || bytes.Equal(answer[9:1+handshakeSize], make([]byte, handshakeSize-8)) {
		t.Error("S0, S1 and S2 do not answer C0 and C1")
	}
	if _, err := conn.Write(append(answer[1:1+handshakeSize:1+handshakeSize], "published"...)); err != nil {
		t.Fatal(err)
	}
	conn.Close()
	l.logged(t, RTMP, "", "took 9 bytes")
}

// exchange sends a datagram from the device and returns the answer.
func (l *scene) exchange(t *testing.T, to string, payload []byte) []byte {
	t.Helper()
	conn, err := l.dial(t.Context(), "udp", to)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(time.Second))
	if _, err := conn.Write(payload); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 1500)
	n, err := conn.Read(b)
	if err != nil {
		t.Errorf("%s: %v", to, err)
	}
	return b[:n]
}

func (l *scene) testDatagrams(t *testing.T) {
	if got := l.exchange(t, RawUDP+":9999", []byte("abc")); string(got) != "cba" {
		t.Errorf("raw: %q", got)
	}
	if got := l.exchange(t, "[2001:db8:c::200]:7", []byte("abc")); string(got) != "abc" {
		t.Errorf("echo: %q", got)
	}
	query := make([]byte, ntpSize)
	query[0] = 0x23 // version 4, client
	binary.BigEndian.PutUint64(query[40:], ntpTime(time.Now()))
	got := l.exchange(t, "time.android.com:123", query)
	if len(got) != ntpSize || got[0] != 0x24 || got[1] != 2 || !bytes.Equal(got[24:32], query[40:]) {
		t.Fatalf("NTP: % x", got)
	}
	off := int64(binary.BigEndian.Uint64(got[40:])>>32) - ntpEpoch - time.Now().Unix()
	if off < -1 || off > 1 {
		t.Errorf("NTP is %d s off", off)
	}
}

func (l *scene) testStreams(t *testing.T) {
	conn, err := l.dial(t.Context(), "tcp", "c1.control.test:7")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	b := make([]byte, 5)
	if _, err := conn.Write([]byte("hello")); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(conn, b); err != nil || string(b) != "hello" {
		t.Errorf("echo: %q, %v", b, err)
	}
	raw, err := l.dial(t.Context(), "tcp", "supl.google.com:7275")
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	config := l.tls()
	config.ServerName = "supl.google.com"
	secure := tls.Client(raw, config)
	if _, err := secure.Write([]byte("where am I")); err != nil {
		t.Fatal(err)
	}
	if n, err := io.ReadFull(secure, make([]byte, 64)); err != nil {
		t.Errorf("supl: %d bytes, %v", n, err)
	}
}

// testClosed shows that nothing listens that is not in the table, above all no
// encrypted DNS at the router.
func (l *scene) testClosed(t *testing.T) {
	for _, addr := range []string{"10.20.0.1:853", "10.20.0.1:443", "203.0.113.50:443", "[2001:db8:77::1]:443", "flysafe-api.dji.com:853", "www.dji.com:1883"} {
		conn, err := l.dial(t.Context(), "tcp", addr)
		if err == nil {
			conn.Close()
		}
		if !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("%s: %v, want it refused", addr, err)
		}
	}
}
