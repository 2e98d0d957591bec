package dissect

import (
	"bytes"
	"crypto/tls"
	"encoding/hex"
	"net"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/quic-go/quic-go"
	"github.com/spanrig/spanrig/captures"
)

// vector reads a packet of an RFC from testdata.
func vector(t testing.TB, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name+".hex"))
	if err != nil {
		t.Fatal(err)
	}
	return fromHex(t, string(text))
}

// TestInitialVectors opens the Initial packets of RFC 9001 appendix A and RFC
// 9369 appendix A, as they stand and with other packets around them.
func TestInitialVectors(t *testing.T) {
	for rfc, version := range map[string]uint32{"rfc9001": quic1, "rfc9369": quic2} {
		client, server := vector(t, rfc+"-client-initial"), vector(t, rfc+"-server-initial")
		before := bytes.Clone(client)
		short := append([]byte{0x41}, make([]byte, 40)...)
		var q quicFlow
		for i, d := range []struct {
			dir captures.Dir
			b   []byte
		}{{captures.Orig, client}, {captures.Resp, slices.Concat(server, short)}, {captures.Orig, short}} {
			if !q.datagram(d.dir, d.b, len(d.b), Mark{Frame: captures.FrameID(i + 1)}) {
				t.Fatalf("%s: datagram %d refused", rfc, i)
			}
		}
		f := q.facts()
		if f.Version != version || f.SNI != "example.com" || f.HelloAt.Frame != 1 || f.JA4 == "" || f.Packets != [2]uint64{1, 1} {
			t.Errorf("%s: %+v", rfc, f)
		}
		if f.TLS == nil || f.TLS.Version != tls13 || f.TLS.Cipher != 0x1301 || f.TLS.ServerAt.Frame != 2 {
			t.Errorf("%s: handshake %+v", rfc, f.TLS)
		}
		if !bytes.Equal(before, client) {
			t.Errorf("%s: the packet was changed", rfc)
		}
	}
}

// TestInitialKeys holds the keys against RFC 9001 appendix A.1 and RFC 9369 appendix A.1.
func TestInitialKeys(t *testing.T) {
	dcid := fromHex(t, "8394c8f03e515708")
	for _, v := range []struct {
		version uint32
		dir     captures.Dir
		iv      string
	}{
		{quic1, captures.Orig, "fa044b2f42a3fd3b46fb255c"}, {quic1, captures.Resp, "0ac1493ca1905853b0bba03e"},
		{quic2, captures.Orig, "91f73e2351d8fa91660e909f"}, {quic2, captures.Resp, "dd13c276499c0249d3310652"},
	} {
		k := newInitialKeys(v.version, dcid).side(v.dir)
		if got := hex.EncodeToString(k.iv[:]); got != v.iv {
			t.Errorf("version %s, %s: iv %s, want %s", QUICVersionName(v.version), v.dir, got, v.iv)
		}
	}
	if newInitialKeys(0x0a0a0a0a, dcid) != nil {
		t.Error("keys for a version that has no salt")
	}
}

// datagramTape records the datagrams of a client's socket, in both directions.
type datagramTape struct {
	net.PacketConn
	mu      sync.Mutex
	packets []turn
}

func (d *datagramTape) add(dir captures.Dir, b []byte) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.packets = append(d.packets, turn{dir, string(b)})
}

func (d *datagramTape) WriteTo(b []byte, to net.Addr) (int, error) {
	d.add(captures.Orig, b)
	return d.PacketConn.WriteTo(b, to)
}

func (d *datagramTape) ReadFrom(b []byte) (int, net.Addr, error) {
	n, from, err := d.PacketConn.ReadFrom(b)
	if err == nil {
		d.add(captures.Resp, b[:n])
	}
	return n, from, err
}

func loopback(t *testing.T) net.PacketConn {
	t.Helper()
	c, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// liveQUIC lets quic-go open a connection and send a few bytes.
func liveQUIC(t *testing.T, client, server *quic.Config, retry bool, serverTLS func(*tls.Config)) []turn {
	t.Helper()
	there := loopback(t)
	config := &tls.Config{Certificates: []tls.Certificate{identity(t, "quic.test")}, NextProtos: []string{"h3"}}
	if serverTLS != nil {
		serverTLS(config)
	}
	transport := &quic.Transport{Conn: there, VerifySourceAddress: func(net.Addr) bool { return retry }}
	defer transport.Close()
	l, err := transport.Listen(config, server)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		if c, err := l.Accept(t.Context()); err == nil {
			if s, err := c.AcceptStream(t.Context()); err == nil {
				s.Write([]byte("answer"))
				s.Close()
			}
		}
	}()
	here := &datagramTape{PacketConn: loopback(t)}
	c, err := quic.Dial(t.Context(), here, there.LocalAddr(), &tls.Config{ServerName: "quic.test", InsecureSkipVerify: true, NextProtos: []string{"h3", "x"}}, client)
	if err != nil {
		t.Fatal(err)
	}
	s, err := c.OpenStreamSync(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s.Write([]byte("request"))
	s.SetReadDeadline(time.Now().Add(5 * time.Second))
	s.Read(make([]byte, 10))
	c.CloseWithError(0, "")
	here.mu.Lock()
	defer here.mu.Unlock()
	return slices.Clone(here.packets)
}

// readQUIC feeds datagrams; each is a frame.
func readQUIC(packets []turn) *QUIC {
	var q quicFlow
	for i, p := range packets {
		q.datagram(p.dir, []byte(p.text), len(p.text), Mark{Frame: captures.FrameID(i + 1)})
	}
	return q.facts()
}

func TestLiveQUIC(t *testing.T) {
	t.Setenv("QUIC_GO_DISABLE_RECEIVE_BUFFER_WARNING", "true")
	only := func(v ...quic.Version) *quic.Config { return &quic.Config{Versions: v} }
	for _, test := range []struct {
		name           string
		client, server *quic.Config
		retry          bool
		serverTLS      func(*tls.Config)
		version        uint32
	}{
		{name: "version 1", client: only(quic.Version1), version: quic1},
		{name: "version 2", client: only(quic.Version2), version: quic2},
		{name: "retry", client: only(quic.Version1), retry: true, version: quic1},
		{name: "version negotiation", client: only(quic.Version2, quic.Version1), server: only(quic.Version1), version: quic1},
		{name: "hello retry", client: only(quic.Version1), version: quic1, serverTLS: func(c *tls.Config) { c.CurvePreferences = []tls.CurveID{tls.CurveP384} }},
	} {
		packets := liveQUIC(t, test.client, test.server, test.retry, test.serverTLS)
		f := readQUIC(packets)
		if f == nil || f.SNI != "quic.test" || !slices.Equal(f.ALPN, []string{"h3", "x"}) || f.Version != test.version || f.Packets[0] == 0 || f.Packets[1] == 0 {
			t.Errorf("%s: %+v", test.name, f)
			continue
		}
		if h := f.TLS; h == nil || h.Version != tls13 || !isTLS13(h.Version) || h.Retry != (test.serverTLS != nil) || len(h.OtherSNI) > 0 {
			t.Errorf("%s: handshake %+v", test.name, f.TLS)
		}
		if f.JA4[:4] != "q13d" {
			t.Errorf("%s: JA4 %s", test.name, f.JA4)
		}
		// The server alone cannot be read: its keys follow from the client's connection ID.
		answers := slices.DeleteFunc(packets, func(p turn) bool { return p.dir == captures.Orig })
		if f := readQUIC(answers); f == nil || f.TLS != nil || f.Packets[captures.Resp] == 0 {
			t.Errorf("%s, answers only: %+v", test.name, f)
		}
	}
}

// seal protects an Initial packet, for tests.
func seal(t testing.TB, version uint32, first, dcid []byte, dir captures.Dir, number uint32, frames []byte) []byte {
	t.Helper()
	k := newInitialKeys(version, first).side(dir)
	kind := byte(0xc3)
	if version == quic2 {
		kind = 0xd3
	}
	b := []byte{kind, byte(version >> 24), byte(version >> 16), byte(version >> 8), byte(version), byte(len(dcid))}
	b = append(append(b, dcid...), 0, 0)
	length := 4 + len(frames) + 16
	b = append(b, byte(0x40|length>>8), byte(length))
	at := len(b)
	b = append(b, byte(number>>24), byte(number>>16), byte(number>>8), byte(number))
	nonce := k.iv
	for i := range 4 {
		nonce[8+i] ^= b[at+i]
	}
	b = k.payload.Seal(b, nonce[:], frames, b)
	var mask [16]byte
	k.header.Encrypt(mask[:], b[at+4:at+20])
	b[0] ^= mask[0] & 0x0f
	for i := range 4 {
		b[at+i] ^= mask[1+i]
	}
	return b
}

// cryptoFrames cuts a message into CRYPTO frames of size bytes.
func cryptoFrames(message []byte, size int) [][]byte {
	var frames [][]byte
	for from := 0; from < len(message); from += size {
		to := min(from+size, len(message))
		f := []byte{frameCrypto, byte(0x40 | from>>8), byte(from), byte(0x40 | (to-from)>>8), byte(to - from)}
		frames = append(frames, append(f, message[from:to]...))
	}
	return frames
}

// TestShuffledHello: frames in any order, twice, among padding and pings, over
// many packets, coalesced or not.
func TestShuffledHello(t *testing.T) {
	hello, dcid := fromHex(t, rfc8448ClientHello), []byte("first id")
	for size := 1; size < len(hello); size += 13 {
		frames := cryptoFrames(hello, size)
		slices.Reverse(frames)
		if len(frames) > spanLimit {
			slices.Reverse(frames) // more holes than are kept
		}
		var q quicFlow
		var datagram []byte
		for i, f := range frames {
			payload := slices.Concat([]byte{framePing, 0, 0, frameACK, 0, 0, 0, 0}, f, f, make([]byte, 20))
			datagram = append(datagram, seal(t, quic1, dcid, dcid, captures.Orig, uint32(i), payload)...)
			if i%3 == 2 || i == len(frames)-1 {
				q.datagram(captures.Orig, append(datagram, 0, 0, 0), len(datagram)+3, Mark{Frame: captures.FrameID(i)})
				datagram = nil
			}
		}
		if f := q.facts(); f == nil || f.SNI != "server" {
			t.Errorf("frames of %d bytes: %+v", size, f)
		}
	}
}

// TestCompatibleNegotiation: the server answers a hello of version 1 in version
// 2 (RFC 9368), under the keys of the same connection ID.
func TestCompatibleNegotiation(t *testing.T) {
	dcid := []byte("first id")
	var q quicFlow
	frame := cryptoFrames(fromHex(t, rfc8448ClientHello), 1<<10)[0]
	b := seal(t, quic1, dcid, dcid, captures.Orig, 0, append(frame, make([]byte, 40)...))
	q.datagram(captures.Orig, b, len(b), Mark{Frame: 1})
	b = seal(t, quic2, dcid, []byte("client"), captures.Resp, 0, cryptoFrames(fromHex(t, rfc8448ServerHello), 1<<10)[0])
	q.datagram(captures.Resp, b, len(b), Mark{Frame: 2})
	if f := q.facts(); f.Version != quic2 || f.TLS == nil || !f.TLS.ServerHello || f.TLS.ServerAt.Frame != 2 {
		t.Errorf("facts %+v", f)
	}
}

// TestRefusedQUIC: a server says in its Initial packet why it refuses.
func TestRefusedQUIC(t *testing.T) {
	dcid := []byte("first id")
	var q quicFlow
	frame := cryptoFrames(fromHex(t, rfc8448ClientHello), 1<<10)[0]
	b := seal(t, quic1, dcid, dcid, captures.Orig, 0, frame)
	q.datagram(captures.Orig, b, len(b), Mark{})
	b = seal(t, quic1, dcid, nil, captures.Resp, 0, append([]byte{frameClose, 0x41, 0x28, 6, 0}, make([]byte, 20)...))
	q.datagram(captures.Resp, b, len(b), Mark{})
	if f := q.facts(); len(f.TLS.Alerts) != 1 || f.TLS.Alerts[0].Code != 40 || f.TLS.Alerts[0].From != captures.Resp {
		t.Errorf("alerts %+v", f.TLS.Alerts)
	}
}

// TestUndecryptable: after a few failures a flow costs nothing more.
func TestUndecryptable(t *testing.T) {
	var q quicFlow
	b := vector(t, "rfc9001-client-initial")
	b[100] ^= 1
	for range 100 {
		q.datagram(captures.Orig, b, len(b), Mark{})
	}
	if q.failures != failureLimit || q.facts().TLS != nil || q.facts().SNI != "" {
		t.Errorf("%d failures, facts %+v", q.failures, q.facts())
	}
}

func TestGoogleQUIC(t *testing.T) {
	tags := []byte("CHLO\x03\x00\x00\x00PAD\x00\x04\x00\x00\x00SNI\x00\x0e\x00\x00\x00VER\x00\x12\x00\x00\x00----G.test.nameQ043")
	for name, b := range map[string][]byte{
		"Q043": slices.Concat([]byte("\x0912345678Q043\x01"), make([]byte, 12), []byte("\xa0\x01\x04\x00"), tags),
		"Q025": slices.Concat([]byte("\x0d12345678Q025\x01"), make([]byte, 12), []byte("\x00\xa0\x01\x04\x00"), tags),
		"Q046": slices.Concat([]byte("\xc3Q046\x5012345678\x00\x00\x00\x01"), make([]byte, 12), []byte("\xa0\x01\x04\x00"), tags),
	} {
		f := readQUIC([]turn{orig(string(b))})
		if f == nil || f.SNI != "g.test.nam" || QUICVersionName(f.Version) != name || f.TLS != nil {
			t.Errorf("%s: %+v", name, f)
		}
	}
	rejection := slices.Concat([]byte("\x0812345678\x01"), make([]byte, 12), []byte("\xa0\x01\x02\x5bREJ\x00\x07\x00\x00\x00STK\x00"), make([]byte, 200))
	if f := readQUIC([]turn{resp(string(rejection))}); f == nil || QUICVersionName(f.Version) != "Q???" {
		t.Errorf("rejection: %+v", f)
	}
	q050 := seal(t, googleQ050, []byte("first id"), []byte("first id"), captures.Orig, 0, append([]byte{0x08, 0, 0x40, 0x40}, tags...))
	if f := readQUIC([]turn{orig(string(q050))}); f == nil || f.SNI != "g.test.nam" || QUICVersionName(f.Version) != "Q050" {
		t.Errorf("Q050: %+v", f)
	}
	t051 := seal(t, googleT051, []byte("first id"), []byte("first id"), captures.Orig, 0, cryptoFrames(fromHex(t, rfc8448ClientHello), 1<<10)[0])
	if f := readQUIC([]turn{orig(string(t051))}); f == nil || f.SNI != "server" || QUICVersionName(f.Version) != "T051" {
		t.Errorf("T051: %+v", f)
	}
}

func TestLooksLikeQUIC(t *testing.T) {
	negotiation := "\x80\x00\x00\x00\x00\x04abcd\x04efgh\x00\x00\x00\x01\x0a\x0a\x0a\x0a"
	for b, want := range map[string]bool{
		negotiation:                    true,
		negotiation + "x":              false,
		"\x80\x00\x00\x00\x00\x00\x00": false,
		"\xc0\x00\x00\x00\x01\x15":     false, // cut
		"\xc0\x00\x00\x00\x01\x15aaaaaaaaaaaaaaaaaaaaa\x00\x00": false, // connection ID of 21 bytes
		"\x41abcdefghijklmnopqrst":                              false, // a short header says nothing
		"\xc0\x12\x34\x56\x78\x08abcdefgh\x00\x00\x44\xb0":      false,
		"\x0912345678Q04x....":                                  false,
	} {
		if got := looksLikeQUIC([]byte(b)); got != want {
			t.Errorf("%q: %v", b, got)
		}
	}
}

func TestQUICVersionName(t *testing.T) {
	for v, want := range map[uint32]string{1: "1", quic2: "2", 0xff00001d: "draft-29", mvfst22: "mvfst-22", mvfst27: "mvfst-27", 'Q'<<24 | '0'<<16 | '4'<<8 | '3': "Q043",
		0xbabababa: "0xbabababa", 0xff000005: "0xff000005"} {
		if got := QUICVersionName(v); got != want {
			t.Errorf("%08x: %s, want %s", v, got, want)
		}
	}
}
