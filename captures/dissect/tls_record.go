package dissect

import "github.com/spanrig/spanrig/captures"

// Record types (RFC 8446 section 5.1, RFC 6520, RFC 9146).
const (
	recordCCS       = 20 // change_cipher_spec
	recordAlert     = 21
	recordHandshake = 22
	recordData      = 23 // application_data
	recordHeartbeat = 24
	recordCID       = 25 // DTLS 1.2 with a connection ID
)

const (
	recordHeading  = 5
	protectedLimit = 1<<14 + 2048 // bytes of a protected record (RFC 5246 section 6.2.3)
)

// recordLength checks the header of a TLS record and returns the length of its
// body; b holds at least recordHeading bytes.
func recordLength(b []byte) (n int, ok bool) {
	n = int(b[3])<<8 | int(b[4])
	return n, b[0] >= recordCCS && b[0] <= recordHeartbeat && b[1] == 3 && b[2] <= 4 && n <= protectedLimit
}

// looksLikeTLS recognises a TLS record at the beginning of b by its header and
// what must follow it: 1 yes, 0 more bytes are needed, -1 no. It also knows the
// hello of SSL 2.0, in which the first hello of SSL 3.0 may be wrapped.
func looksLikeTLS(b []byte) int8 {
	if len(b) == 0 {
		return more
	}
	if b[0]&0x80 != 0 {
		return looksLikeSSL2(b)
	}
	if b[0] < recordCCS || b[0] > recordData || len(b) > 1 && b[1] != 3 || len(b) > 2 && b[2] > 4 {
		return no
	}
	if len(b) < recordHeading {
		return more
	}
	n, ok := recordLength(b)
	if !ok || n == 0 {
		return no
	}
	body := b[recordHeading:]
	switch b[0] {
	case recordHandshake:
		return looksLikeHandshake(body, n)
	case recordAlert:
		return looksLikeAlert(body, n)
	case recordCCS:
		return oneByte(body, n)
	}
	if n <= 16 { // no cipher with a tag or a MAC is that short
		return no
	}
	return yes
}

// looksLikeHandshake judges the first bytes of a handshake record of n bytes.
func looksLikeHandshake(body []byte, n int) int8 {
	if len(body) == 0 {
		return more
	}
	switch body[0] {
	case typeClientHello, typeServerHello, typeHelloRetry, typeCertificate, 12, 13, 14, 16, 22:
	default:
		return no
	}
	if n == 1 {
		return yes // a hello may be cut into the smallest records
	}
	if len(body) < 2 {
		return more
	}
	if body[1] > 1 { // over 128 KiB
		return no
	}
	return yes
}

func looksLikeAlert(body []byte, n int) int8 {
	switch {
	case n == plainAlertSize && len(body) == 0:
		return more
	case n == plainAlertSize:
		return verdict(body[0] == 1 || body[0] == 2)
	}
	return verdict(n > 16 && n <= sealedAlertSize)
}

func oneByte(body []byte, n int) int8 {
	switch {
	case n != 1:
		return no
	case len(body) == 0:
		return more
	}
	return verdict(body[0] == 1)
}

func verdict(ok bool) int8 {
	if ok {
		return yes
	}
	return no
}

const (
	ssl2Heading     = 2
	ssl2Shortest    = 11 // bytes of the shortest hello
	ssl2Longest     = 4096
	ssl2ServerHello = 4
)

// looksLikeSSL2 recognises a hello of SSL 2.0: a two-byte header, the type,
// the version (RFC 5246 appendix E.2).
func looksLikeSSL2(b []byte) int8 {
	if len(b) < ssl2Heading+1 {
		return more
	}
	at := 3 // of the version
	switch b[2] {
	case typeClientHello:
	case ssl2ServerHello: // behind whether the session is resumed and the type of certificate
		at = 5
	default:
		return no
	}
	if len(b) < at+2 {
		return more
	}
	n := ssl2Length(b)
	v3 := b[at] == 3 && b[at+1] <= 4 && b[2] == typeClientHello
	return verdict(n >= ssl2Shortest && n <= ssl2Longest && (v3 || b[at] == 0 && b[at+1] == 2))
}

// ssl2Length is the length of the message behind the header.
func ssl2Length(b []byte) int { return int(b[0]&0x7f)<<8 | int(b[1]) }

// ssl2Hello reads a hello of SSL 2.0; b begins with the message's type.
func (h *handshake) ssl2Hello(dir captures.Dir, b []byte, at Mark) {
	c := cursor{b: b}
	t := &h.own
	switch c.u8() {
	case typeClientHello:
		if version := c.u16(); !t.Hello && !c.bad {
			t.Hello, t.HelloAt, h.client, h.seen = true, at, dir, true
			t.Offered = []uint16{version}
		}
	case ssl2ServerHello:
		c.u8() // session ID hit
		kind, version, size := c.u8(), c.u16(), int(c.u16())
		c.u16() // ciphers
		c.u16() // connection ID
		if c.bad || version != ssl2 || t.ServerHello {
			return
		}
		t.ServerHello, t.ServerAt, t.Version, h.seen = true, at, version, true
		if der := c.bytes(size); kind == 1 && len(der) > 0 {
			t.Certificates = []Certificate{certificate(der)}
		}
	}
}
