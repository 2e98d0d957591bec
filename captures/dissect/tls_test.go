package dissect

import (
	"bytes"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/spanrig/spanrig/captures"
)

// fromHex reads hexadecimal text with white space in it.
func fromHex(t testing.TB, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.Join(strings.Fields(text), ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// The hellos of RFC 8448 section 3.
const (
	rfc8448ClientHello = `01 00 00 c0 03 03 cb 34 ec b1 e7 81 63 ba 1c 38 c6 da cb 19 6a 6d ff a2 1a 8d 99 12 ec 18 a2 ef 62 83 02 4d ec e7
		00 00 06 13 01 13 03 13 02 01 00 00 91 00 00 00 0b 00 09 00 00 06 73 65 72 76 65 72 ff 01 00 01 00
		00 0a 00 14 00 12 00 1d 00 17 00 18 00 19 01 00 01 01 01 02 01 03 01 04 00 23 00 00
		00 33 00 26 00 24 00 1d 00 20 99 38 1d e5 60 e4 bd 43 d2 3d 8e 43 5a 7d ba fe b3 c0 6e 51 c1 3c ae 4d 54 13 69 1e 52 9a af 2c
		00 2b 00 03 02 03 04 00 0d 00 20 00 1e 04 03 05 03 06 03 02 03 08 04 08 05 08 06 04 01 05 01 06 01 02 01 04 02 05 02 06 02 02 02
		00 2d 00 02 01 01 00 1c 00 02 40 01`
	rfc8448ServerHello = `02 00 00 56 03 03 a6 af 06 a4 12 18 60 dc 5e 6e 60 24 9c d3 4c 95 93 0c 8a c5 cb 14 34 da c1 55 77 2e d3 e2 69 28
		00 13 01 00 00 2e 00 33 00 24 00 1d 00 20 c9 82 88 76 11 20 95 fe 66 76 2b db f7 c6 72 e1 56 d6 cc 25 3b 83 3d f1 dd 69 b1 b0 4e 75 1f 0f
		00 2b 00 02 03 04`
)

func TestParseHellos(t *testing.T) {
	c, err := ParseClientHello(fromHex(t, rfc8448ClientHello))
	if err != nil {
		t.Fatal(err)
	}
	if c.Version != tls12 || c.SNI != "server" || !slices.Equal(slices.Collect(c.Ciphers.All()), []uint16{0x1301, 0x1303, 0x1302}) ||
		!slices.Equal(slices.Collect(c.Versions.All()), []uint16{tls13}) || c.Groups.Len() != 9 || c.Signatures.Len() != 15 || c.ECH || c.EarlyData {
		t.Errorf("client hello %+v", c)
	}
	s, err := ParseServerHello(fromHex(t, rfc8448ServerHello))
	if err != nil || s.Version != tls13 || s.Cipher != 0x1301 || s.Retry {
		t.Errorf("server hello %+v, %v", s, err)
	}
	retry := bytes.Replace(fromHex(t, rfc8448ServerHello), fromHex(t, rfc8448ServerHello)[6:38], []byte(retryRandom), 1)
	if s, err = ParseServerHello(retry); err != nil || !s.Retry {
		t.Errorf("hello retry request %+v, %v", s, err)
	}
	for cut := range fromHex(t, rfc8448ClientHello) {
		if _, err := ParseClientHello(fromHex(t, rfc8448ClientHello)[:cut]); !errors.Is(err, errEndsEarly) {
			t.Errorf("cut to %d bytes: error %v", cut, err)
		}
	}
	if _, err := ParseServerHello(fromHex(t, rfc8448ClientHello)); err == nil {
		t.Error("a client's hello was read as a server's")
	}
}

// TestJA4 follows the examples of the specification.
func TestJA4(t *testing.T) {
	signatures := Codes("\x04\x03\x08\x04\x04\x01\x05\x03\x08\x05\x05\x01\x08\x06\x06\x01")
	block := func(kinds ...string) (b []byte) {
		for _, k := range kinds {
			b = append(append(b, k...), 0, 0)
		}
		return b
	}
	h := ClientHello{
		Version: tls12, Versions: Codes("\x0a\x0a\x03\x04\x03\x03"), ALPN: []string{"h2"}, Signatures: signatures,
		Ciphers: Codes("\xaa\xaa\x13\x01\x13\x02\x13\x03\xc0\x2b\xc0\x2f\xc0\x2c\xc0\x30\xcc\xa9\xcc\xa8\xc0\x13\xc0\x14\x00\x9c\x00\x9d\x00\x2f\x00\x35"),
		extensions: block("\x9a\x9a", "\x00\x1b", "\x00\x00", "\x00\x33", "\x00\x10", "\x44\x69", "\x00\x17", "\x00\x2d", "\x00\x0d", "\x00\x05",
			"\x00\x23", "\x00\x12", "\x00\x2b", "\xff\x01", "\x00\x0b", "\x00\x0a", "\x00\x15"),
	}
	if got, want := h.JA4(CarrierTLS), "t13d1516h2_8daaf6152771_e5627efa2ab1"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	h.Signatures = nil
	if got, want := h.JA4(CarrierQUIC), "q13d1516h2_8daaf6152771_6d807ffa2a79"; got != want {
		t.Errorf("without signatures %s, want %s", got, want)
	}
	for alpn, want := range map[string]string{"": "00", "h2": "h2", "http/1.1": "h1", "h": "hh", "\xba\xad": "99", "\x30\xab": "3b", "\x30\x31\xab\xcd": "3d", "-x": "28"} {
		h.ALPN = []string{alpn}
		if got := h.JA4(CarrierDTLS)[8:10]; got != want {
			t.Errorf("ALPN %q: %s, want %s", alpn, got, want)
		}
	}
	empty := ClientHello{Version: dtls10, Versions: Codes("\xfe\xfd\xfe\xfc")}
	if got, want := empty.JA4(CarrierDTLS), "dd3i000000_000000000000_000000000000"; got != want {
		t.Errorf("empty hello %s, want %s", got, want)
	}
}

// TestJA3 holds the text against the example of its authors.
func TestJA3(t *testing.T) {
	h := ClientHello{Version: 769, Ciphers: Codes("\x00\x04\x00\x05\x00\x0a\x00\x09\x00\x64\x00\x62\x00\x03\x00\x06\x00\x13\x00\x12\x00\x63")}
	if got, want := string(h.appendJA3(nil)), "769,4-5-10-9-100-98-3-6-19-18-99,,,"; got != want {
		t.Errorf("text %s, want %s", got, want)
	}
	if got, want := h.JA3(), "de350869b8c85de67a350c8d186f11e6"; got != want {
		t.Errorf("JA3 %s, want %s", got, want)
	}
}

// TestRecordSizes: however a hello is cut into records and segments, it is read.
func TestRecordSizes(t *testing.T) {
	hello := fromHex(t, rfc8448ClientHello)
	var want *TLS
	for _, size := range []int{1 << 14, 100, 5, 1} {
		var b []byte
		for piece := range slices.Chunk(hello, size) {
			b = append(append(b, recordHandshake, 3, 1, byte(len(piece)>>8), byte(len(piece))), piece...)
		}
		for n := range b[:min(len(b), 12)] {
			if looksLikeTLS(b[:n]) == no {
				t.Errorf("records of %d bytes: refused after %d bytes", size, n)
			}
		}
		if looksLikeTLS(b) != yes {
			t.Errorf("records of %d bytes are not recognised", size)
		}
		for _, segment := range []int{1 << 16, 7, 1} {
			got := read([]turn{orig(string(b))}, func() int { return segment })
			if want == nil {
				want = got
			}
			if !reflect.DeepEqual(got, want) || got.SNI != "server" {
				t.Errorf("records of %d, segments of %d: %+v", size, segment, got)
			}
		}
	}
}

// TestTurns: a modern hello is longer than a segment; where the segments end
// changes nothing, neither for the facts nor for what is wanted.
func TestTurns(t *testing.T) {
	server := &tls.Config{Certificates: []tls.Certificate{identity(t, "a.test")}}
	random := rand.New(rand.NewPCG(1, 2))
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		turns, _ := live(t, &tls.Config{ServerName: "a.test", InsecureSkipVerify: true, MaxVersion: version}, server, 300)
		want := read(turns, whole)
		if version == tls.VersionTLS13 && len(turns[0].text) < 1400 {
			t.Errorf("the hello has only %d bytes", len(turns[0].text))
		}
		for name, next := range map[string]func() int{"bytes": func() int { return 1 }, "random pieces": func() int { return random.IntN(200) }} {
			if got := read(turns, next); !reflect.DeepEqual(got, want) {
				t.Errorf("%x in %s: %+v, whole %+v", version, name, got, want)
			}
		}
	}
}

// TestLoss: bytes that are missing hide what they held and nothing more.
func TestLoss(t *testing.T) {
	server := &tls.Config{Certificates: []tls.Certificate{identity(t, "a.test")}, MaxVersion: tls.VersionTLS12}
	turns, state := live(t, &tls.Config{ServerName: "a.test", InsecureSkipVerify: true}, server, 300)
	for lost := range turns {
		s := newTLSStream()
		for i, x := range turns {
			if i == lost {
				s.gap(x.dir, uint64(len(x.text)))
				continue
			}
			s.feed(x.dir, []byte(x.text), Mark{Frame: captures.FrameID(i + 1)})
		}
		got := s.facts()
		switch {
		case got.AppData[captures.Orig]+got.AppData[captures.Resp] == 0:
			t.Errorf("without turn %d: no data", lost)
		case turns[lost].text[5] != typeServerHello && got.Version != state.Version:
			t.Errorf("without turn %d: version %x", lost, got.Version)
		}
	}
	// Within a record its end is still known.
	s, hello := newTLSStream(), []byte(turns[0].text)
	s.feed(captures.Orig, hello[:50], Mark{})
	s.gap(captures.Orig, 10)
	s.feed(captures.Orig, hello[60:], Mark{})
	s.feed(captures.Orig, []byte("\x15\x03\x03\x00\x02\x02\x30"), Mark{})
	if f := s.facts(); f == nil || f.Hello || len(f.Alerts) != 1 || f.Alerts[0].Code != 48 {
		t.Errorf("behind a hello with a hole: %+v", f)
	}
}

// tlsRecord returns a record.
func tlsRecord(kind byte, body string) string {
	return string([]byte{kind, 3, 3, byte(len(body) >> 8), byte(len(body))}) + body
}

// hidden returns a record of type 23 of n bytes.
func hidden(n int) string { return tlsRecord(recordData, strings.Repeat("x", n)) }

// TestHidden reasons about records of TLS 1.3.
func TestHidden(t *testing.T) {
	client, server := tlsRecord(recordHandshake, string(fromHex(t, rfc8448ClientHello))), tlsRecord(recordHandshake, string(fromHex(t, rfc8448ServerHello)))
	early := strings.Replace(client, "\x00\x2d\x00\x02\x01\x01\x00\x1c\x00\x02\x40\x01", "\x00\x2d\x00\x02\x01\x01\x00\x2a\x00\x00\x00\xff\x00\x00", 1)
	early = early[:3] + "\x00\xc6" + early[5:6] + "\x00\x00\xc2" + early[9:]
	early = strings.Replace(early, "\x00\x00\x91\x00\x00\x00\x0b", "\x00\x00\x93\x00\x00\x00\x0b", 1)
	for _, test := range []struct {
		name   string
		turns  []turn
		data   [2]uint64
		alerts int
	}{
		{"the server's flight", []turn{orig(client), resp(server + hidden(40) + hidden(3000) + hidden(280) + hidden(53))}, [2]uint64{}, 0},
		{"Finished alone", []turn{orig(client), resp(server + hidden(2000)), orig(hidden(53))}, [2]uint64{}, 0},
		{"Finished and data", []turn{orig(client), resp(server + hidden(2000)), orig(hidden(53) + hidden(90))}, [2]uint64{1, 0}, 0},
		{"data like Finished", []turn{orig(client), resp(server + hidden(2000)), orig(hidden(53)), orig(hidden(53))}, [2]uint64{1, 0}, 0},
		{"a long first record", []turn{orig(client), resp(server + hidden(2000)), orig(hidden(1500))}, [2]uint64{}, 0},
		{"a client's certificate", []turn{orig(client), resp(server + hidden(2000)), orig(hidden(1500) + hidden(200) + hidden(53))}, [2]uint64{}, 0},
		{"padded Finished, then data when answered", []turn{orig(client), resp(server + hidden(2000)), orig(hidden(400)), resp(hidden(250)), orig(hidden(120))}, [2]uint64{1, 0}, 0},
		{"tickets", []turn{orig(client), resp(server + hidden(2000)), orig(hidden(53)), resp(hidden(250) + hidden(250))}, [2]uint64{}, 0},
		{"an answer behind tickets", []turn{orig(client), resp(server + hidden(2000)), orig(hidden(53) + hidden(90)), resp(hidden(250) + hidden(250) + hidden(4000) + hidden(30))}, [2]uint64{1, 2}, 0},
		{"refused", []turn{orig(client), resp(server + hidden(2000)), orig(hidden(19))}, [2]uint64{}, 1},
		{"refused in the clear", []turn{orig(client), resp(server + hidden(2000)), orig(tlsRecord(recordAlert, "\x02\x30"))}, [2]uint64{}, 1},
		{"closed", []turn{orig(client), resp(server + hidden(2000)), orig(hidden(53) + hidden(90) + hidden(19))}, [2]uint64{1, 0}, 1},
		{"two bytes", []turn{orig(client), resp(server + hidden(2000)), orig(hidden(53) + hidden(19) + hidden(90))}, [2]uint64{2, 0}, 0},
		{"key update", []turn{orig(client), resp(server + hidden(2000)), orig(hidden(53) + hidden(22))}, [2]uint64{}, 0},
		{"0-RTT", []turn{orig(early + hidden(200)), resp(server + hidden(2000)), orig(hidden(21) + hidden(53))}, [2]uint64{1, 0}, 0},
		{"no 0-RTT after all", []turn{orig(early), resp(server + hidden(2000)), orig(hidden(53))}, [2]uint64{}, 0},
		{"client only", []turn{orig(client), orig(hidden(69)), orig(hidden(100))}, [2]uint64{1, 0}, 0},
		{"taken up in the middle", []turn{orig(hidden(100)), resp(hidden(100)), orig(hidden(100)), resp(hidden(100)), orig(hidden(100))}, [2]uint64{1, 0}, 0},
	} {
		f := read(test.turns, whole)
		if f.AppData != test.data || len(f.Alerts) != test.alerts {
			t.Errorf("%s: data %v, alerts %v; want %v and %d", test.name, f.AppData, f.Alerts, test.data, test.alerts)
		}
	}
}

// TestPeek: behind the point of interest a segment still shows a closing alert.
func TestPeek(t *testing.T) {
	server := &tls.Config{Certificates: []tls.Certificate{identity(t, "a.test")}}
	turns, _ := live(t, &tls.Config{ServerName: "a.test", InsecureSkipVerify: true}, server, 9000)
	s := newTLSStream()
	for i, x := range turns {
		at := Mark{Frame: captures.FrameID(i + 1)}
		if b := []byte(x.text); s.wants(x.dir) {
			s.feed(x.dir, b, at)
		} else {
			s.peek(x.dir, b, at)
		}
	}
	if s.wants(captures.Orig) || s.wants(captures.Resp) {
		t.Error("a long conversation is read to its end")
	}
	f := s.facts()
	if whole := read(turns, whole); !slices.ContainsFunc(f.Alerts, func(a Alert) bool { return a.From == captures.Orig }) || f.AppData != whole.AppData {
		t.Errorf("alerts %v, data %v; read whole %v", f.Alerts, f.AppData, whole.AppData)
	}
	before := f.AppData
	s.peek(captures.Orig, []byte("\x17\x05\x01\x00\x10 in the middle of a record"), Mark{})
	if f.AppData != before {
		t.Error("bytes in the middle of a record were counted as one")
	}
}

// TestSSL2 reads the hello in which old clients wrapped that of SSL 3.0.
func TestSSL2(t *testing.T) {
	hello := "\x80\x1c\x01\x03\x01\x00\x03\x00\x00\x00\x10\x00\x00\x2f0123456789abcdef"
	answer := "\x80\x0b\x04\x00\x01\x00\x02\x00\x00\x00\x00\x00\x00"
	for _, next := range []func() int{whole, func() int { return 1 }} {
		f := read([]turn{orig(hello), resp(answer)}, next)
		if f == nil || !f.Hello || !slices.Equal(f.Offered, []uint16{tls10}) || f.Version != ssl2 || f.JA3 != "" {
			t.Errorf("facts %+v", f)
		}
	}
	for _, b := range []string{hello, answer} {
		for n := range len(b) {
			if looksLikeTLS([]byte(b[:n])) == no {
				t.Errorf("%q refused after %d bytes", b, n)
			}
		}
		if looksLikeTLS([]byte(b)) != yes {
			t.Errorf("%q not recognised", b)
		}
	}
}

// TestNotTLS: what only resembles a record is refused.
func TestNotTLS(t *testing.T) {
	for _, b := range []string{"GET / HTTP/1.1", "\x16\x03\x01\x00\x00", "\x16\x03\x01\xff\xff\x01", "\x16\x03\x01\x00\x40\x63", "\x15\x03\x03\x00\x02\x09\x00",
		"\x14\x03\x03\x00\x02\x01\x01", "\x17\x03\x03\x00\x05abcde", "\x16\x02\x00", "\x80\x01\x02", "\x80\x0b\x01\x03\x07", "\x18\x03\x03\x00\x20"} {
		if got := looksLikeTLS([]byte(b)); got != no {
			t.Errorf("%q: %d", b, got)
		}
	}
}

func TestNames(t *testing.T) {
	for v, want := range map[uint16]string{tls13: "1.3", tls12: "1.2", tls11: "1.1", tls10: "1.0", ssl3: "ssl3", ssl2: "ssl2", dtls13: "dtls1.3",
		dtls12: "dtls1.2", dtls10: "dtls1.0", 0x7f17: "1.3-draft23", 0x1234: "0x1234"} {
		if got := VersionName(v); got != want {
			t.Errorf("version %x: %s, want %s", v, got, want)
		}
	}
	if !slices.IsSortedFunc(cipherNames[:], func(a, b struct {
		id   uint16
		name string
	}) int {
		return int(a.id) - int(b.id)
	}) {
		t.Error("the suites are not in order")
	}
	for _, s := range slices.Concat(tls.CipherSuites(), tls.InsecureCipherSuites()) {
		if CipherName(s.ID) != s.Name {
			t.Errorf("%x: %s, crypto/tls says %s", s.ID, CipherName(s.ID), s.Name)
		}
	}
	for id, want := range map[uint16]CipherClass{0x1301: CipherSound, 0x002f: CipherSound, 0x003b: CipherNull, 0xc0b4: CipherNull, 0x0034: CipherAnonymous,
		0x0003: CipherExport, 0x0062: CipherExport, 0xc007: CipherRC4, 0x9999: CipherUnknown, 0: CipherNull} {
		if got := ClassifyCipher(id); got != want {
			t.Errorf("class of %s: %d, want %d", CipherName(id), got, want)
		}
	}
}
