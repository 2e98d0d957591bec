package dissect

import (
	"slices"

	"github.com/spanrig/spanrig/captures"
)

// Limits of the lists in TLS.
const (
	alertLimit       = 16
	certificateLimit = 16
	otherSNILimit    = 16
	offeredLimit     = 16
)

// handshake gathers what the messages of one handshake say, whatever carries them.
type handshake struct {
	own    TLS
	known  *Certificates
	seen   bool         // own holds something
	client captures.Dir // who sent the ClientHello, or did not send the ServerHello
	early  bool         // the last ClientHello announced 0-RTT data
	old    bool         // a message in the clear that TLS 1.3 encrypts was seen
	cid    [2]int8      // DTLS: 1 + length of the connection ID that each side asked for, 0 unknown
}

func (h *handshake) facts() *TLS {
	if !h.seen {
		return nil
	}
	return &h.own
}

// message takes in one whole handshake message in the clear.
func (h *handshake) message(dir captures.Dir, carrier byte, kind uint8, body []byte, at Mark) {
	switch kind {
	case typeClientHello:
		h.clientHello(dir, carrier, body, at)
	case typeServerHello:
		h.serverHello(dir, body, at)
	case typeHelloRetry:
		h.own.Retry, h.seen = true, true
	case typeCertificate:
		h.old = true
		h.certificates(dir, body)
	case typeHelloVerify:
	default:
		h.old = true
	}
}

func (h *handshake) clientHello(dir captures.Dir, carrier byte, body []byte, at Mark) {
	hello, err := readClientHello(body, carrier == CarrierDTLS)
	if err != nil {
		return
	}
	t := &h.own
	h.client, h.early, h.seen = dir, hello.EarlyData, true
	h.cid[dir] = hello.cid + 1
	if t.Hello {
		if hello.SNI != "" && hello.SNI != t.SNI && len(t.OtherSNI) < otherSNILimit && !slices.Contains(t.OtherSNI, hello.SNI) {
			t.OtherSNI = append(t.OtherSNI, hello.SNI)
		}
		return
	}
	t.Hello, t.HelloAt = true, at
	t.SNI, t.ALPN, t.ECH = hello.SNI, hello.ALPN, hello.ECH
	t.Offered = hello.offered()
	t.JA3, t.JA4 = hello.JA3(), hello.JA4(carrier)
}

// offered lists the versions of a hello, GREASE left out.
func (h *ClientHello) offered() []uint16 {
	list := make([]uint16, 0, min(max(1, h.Versions.Len()), offeredLimit))
	for v := range h.Versions.All() {
		if len(list) < offeredLimit {
			list = append(list, v)
		}
	}
	if len(list) == 0 {
		list = append(list, h.Version)
	}
	return list
}

func (h *handshake) serverHello(dir captures.Dir, body []byte, at Mark) {
	hello, err := readServerHello(body)
	if err != nil {
		return
	}
	t := &h.own
	h.seen = true
	if !t.Hello {
		h.client = dir.Reverse()
	}
	if hello.Retry {
		t.Retry = true
		return
	}
	if t.ServerHello {
		return
	}
	h.cid[dir] = hello.cid + 1
	t.ServerHello, t.ServerAt = true, at
	t.Version, t.Cipher, t.ALPNSelected = hello.Version, hello.Cipher, hello.ALPN
}

// certificates keeps the server's chain. A client's says nothing on where the
// flow goes.
func (h *handshake) certificates(dir captures.Dir, body []byte) {
	if dir == h.client || len(h.own.Certificates) > 0 {
		return
	}
	h.own.Certificates = h.known.parse(body)
	h.seen = h.seen || len(h.own.Certificates) > 0
}

func (h *handshake) alert(a Alert) {
	h.seen = true
	if len(h.own.Alerts) < alertLimit {
		h.own.Alerts = append(h.own.Alerts, a)
	}
}

// hidden reports whether what follows the hellos is, or may be, a handshake of
// TLS 1.3, in which records of type 23 also carry messages and alerts.
func (h *handshake) hidden() bool {
	switch t := &h.own; {
	case t.ServerHello:
		return isTLS13(t.Version) || t.Version == dtls13
	case h.old:
		return false
	case t.Hello:
		return slices.ContainsFunc(t.Offered, func(v uint16) bool { return isTLS13(v) || v == dtls13 })
	}
	return true
}
