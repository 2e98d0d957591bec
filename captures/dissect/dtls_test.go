package dissect

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/spanrig/spanrig/captures"
)

// dtlsPacket returns a record of DTLS 1.2.
func dtlsPacket(kind byte, epoch byte, body string) string {
	return string([]byte{kind, 0xfe, 0xfd, 0, epoch, 0, 0, 0, 0, 0, 1, byte(len(body) >> 8), byte(len(body))}) + body
}

// dtlsFragment returns a part of a handshake message.
func dtlsFragment(kind, seq byte, message []byte, from, to int) string {
	u24 := func(n int) string { return string([]byte{byte(n >> 16), byte(n >> 8), byte(n)}) }
	return string([]byte{kind}) + u24(len(message)) + string([]byte{0, seq}) + u24(from) + u24(to-from) + string(message[from:to])
}

// dtlsHello returns the body of the client's hello of RFC 8448 with an empty cookie.
func dtlsHello(t testing.TB) []byte {
	body := fromHex(t, rfc8448ClientHello)[4:]
	body = slices.Concat([]byte{0xfe, 0xfd}, body[2:35], []byte{0}, body[35:])
	return bytes.Replace(body, []byte{0, 0x2b, 0, 3, 2, 3, 4}, []byte{0, 0x2b, 0, 3, 2, 0xfe, 0xfd}, 1)
}

// associate feeds datagrams; each is a frame.
func associate(turns ...turn) *TLS {
	var f dtlsFlow
	for i, d := range turns {
		f.datagram(d.dir, []byte(d.text), Mark{Frame: captures.FrameID(i + 1)})
	}
	return f.facts()
}

func TestDTLS(t *testing.T) {
	hello, answer := dtlsHello(t), fromHex(t, rfc8448ServerHello)[4:]
	answer = bytes.Replace(slices.Concat([]byte{0xfe, 0xfd}, answer[2:]), []byte{3, 4}, []byte{0xfe, 0xfd}, 1)
	der := identity(t, "dtls.test").Certificate[0]
	chain := slices.Concat([]byte{0, byte((len(der) + 3) >> 8), byte(len(der) + 3), 0, byte(len(der) >> 8), byte(len(der))}, der)
	n := len(hello)
	f := associate(
		orig(dtlsPacket(recordHandshake, 0, dtlsFragment(typeClientHello, 0, hello, 100, n))),
		orig(dtlsPacket(recordHandshake, 0, dtlsFragment(typeClientHello, 0, hello, 0, 60))+dtlsPacket(recordHandshake, 0, dtlsFragment(typeClientHello, 0, hello, 50, 120))),
		resp(dtlsPacket(recordHandshake, 0, dtlsFragment(typeHelloVerify, 0, []byte("\xfe\xff\x04abcd"), 0, 7))),
		orig(dtlsPacket(recordHandshake, 0, dtlsFragment(typeClientHello, 1, hello, 0, n))),
		resp(dtlsPacket(recordHandshake, 0, dtlsFragment(typeServerHello, 1, answer, 0, len(answer))+dtlsFragment(typeCertificate, 2, chain, 0, 100))),
		resp(dtlsPacket(recordHandshake, 0, dtlsFragment(typeCertificate, 2, chain, 100, len(chain)))),
		orig(dtlsPacket(recordCCS, 0, "\x01")+dtlsPacket(recordHandshake, 1, strings.Repeat("f", 40))),
		resp(dtlsPacket(recordData, 1, strings.Repeat("d", 60))),
		orig(dtlsPacket(recordAlert, 1, strings.Repeat("a", 26))),
		resp(dtlsPacket(recordAlert, 0, "\x02\x28")),
	)
	if !f.Hello || f.SNI != "server" || f.HelloAt.Frame != 1 || !slices.Equal(f.Offered, []uint16{dtls12}) || !strings.HasPrefix(f.JA4, "dd2d0309") {
		t.Errorf("hello: %+v", f)
	}
	if f.Version != dtls12 || f.ServerAt.Frame != 5 || f.AppData != [2]uint64{0, 1} {
		t.Errorf("answer: %+v", f)
	}
	if len(f.Certificates) != 1 || !slices.Equal(f.Certificates[0].Names, []string{"dtls.test"}) {
		t.Errorf("certificates: %+v", f.Certificates)
	}
	if len(f.Alerts) != 2 || !f.Alerts[0].Encrypted || f.Alerts[1].Code != 40 || f.Alerts[1].From != captures.Resp {
		t.Errorf("alerts: %+v", f.Alerts)
	}
}

// TestConnectionID: records of type 25 carry an identifier whose length only
// the peer's hello tells (RFC 9146).
func TestConnectionID(t *testing.T) {
	withCID := func(hello []byte, id string) []byte {
		ext := "\x00\x36\x00" + string([]byte{byte(len(id) + 1), byte(len(id))}) + id
		at := bytes.LastIndex(hello, []byte{0, 0x2b, 0})  // any extension
		length := bytes.Index(hello, []byte{1, 0, 0}) + 2 // behind the compression methods
		hello = slices.Insert(bytes.Clone(hello), at, []byte(ext)...)
		hello[length+1] += byte(len(ext))
		return hello
	}
	hello := withCID(dtlsHello(t), "xyz")
	if h, err := readClientHello(hello, true); err != nil || h.cid != 3 {
		t.Fatalf("connection ID of %d bytes, %v", h.cid, err)
	}
	masked := func(id string, n int) string {
		body := strings.Repeat("m", n)
		return "\x19\xfe\xfd\x00\x01\x00\x00\x00\x00\x00\x01" + id + string([]byte{byte(n >> 8), byte(n)}) + body
	}
	f := associate(orig(dtlsPacket(recordHandshake, 0, dtlsFragment(typeClientHello, 0, hello, 0, len(hello)))),
		resp(masked("xyz", 60)+masked("xyz", 200)+masked("xyz", 30)+masked("xyz", 300)))
	if f.AppData != [2]uint64{0, 2} {
		t.Errorf("data %v", f.AppData)
	}
}

// TestDTLS13 counts encrypted records, of which only the epoch is in the clear.
func TestDTLS13(t *testing.T) {
	hello := bytes.Replace(dtlsHello(t), []byte{2, 0xfe, 0xfd}, []byte{2, 0xfe, 0xfc}, 1)
	answer := fromHex(t, rfc8448ServerHello)[4:]
	answer = bytes.Replace(slices.Concat([]byte{0xfe, 0xfd}, answer[2:]), []byte{0, 2, 3, 4}, []byte{0, 2, 0xfe, 0xfc}, 1)
	f := associate(orig(dtlsPacket(recordHandshake, 0, dtlsFragment(typeClientHello, 0, hello, 0, len(hello)))),
		resp(dtlsPacket(recordHandshake, 0, dtlsFragment(typeServerHello, 0, answer, 0, len(answer)))+"\x2e\x00\x01\x01\x00"+strings.Repeat("h", 256)),
		orig("\x2e\x00\x01"+strings.Repeat("f", 80)), orig("\x2f\x00\x01"+strings.Repeat("d", 120)), orig("\x2f\x00\x02"+strings.Repeat("a", 30)))
	if f.Version != dtls13 || VersionName(f.Version) != "dtls1.3" || f.AppData != [2]uint64{1, 0} || !strings.HasPrefix(f.JA4, "dd3") {
		t.Errorf("%+v", f)
	}
}

func TestLooksLikeDTLS(t *testing.T) {
	hello := dtlsHello(t)
	for b, want := range map[string]bool{
		dtlsPacket(recordHandshake, 0, dtlsFragment(typeClientHello, 0, hello, 0, len(hello))): true,
		dtlsPacket(recordData, 1, "x"):                                             true,
		dtlsPacket(recordData, 0, "x"):                                             false,
		dtlsPacket(recordHeartbeat, 1, "x"):                                        false,
		"\x16\x03\x03\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x01\x00\x00\x00\x00": false,
		"\x2f\x00\x01aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa":                               false,
		"\x16\xfe\xfd": false,
	} {
		if got := looksLikeDTLS([]byte(b)); got != want {
			t.Errorf("%.20q: %v", b, got)
		}
	}
}
