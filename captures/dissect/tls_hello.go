package dissect

import (
	"errors"
	"fmt"
	"iter"
)

// Handshake message types (RFC 8446 section 4, RFC 5246 section 7.4, RFC 6347 section 4.3.2).
const (
	typeClientHello  = 1
	typeServerHello  = 2
	typeHelloVerify  = 3 // DTLS
	typeHelloRetry   = 6 // drafts of TLS 1.3; the standard makes it a ServerHello
	typeCertificate  = 11
	handshakeHeading = 4 // bytes before the body: type and length
)

// Extensions (IANA, TLS ExtensionType Values).
const (
	extSNI        = 0
	extGroups     = 10
	extPoints     = 11
	extSignatures = 13
	extALPN       = 16
	extEarlyData  = 42
	extVersions   = 43
	extCID        = 54 // RFC 9146
	extECH        = 0xfe0d
)

var errEndsEarly = errors.New("message ends early")

// ClientHello is what a ClientHello offers (RFC 8446 section 4.1.2). Its lists
// point into the message that was parsed.
type ClientHello struct {
	Version    uint16 // legacy_version
	Ciphers    Codes
	SNI        string   // lower case, no final dot; "" without the extension
	ALPN       []string // in the client's order
	Versions   Codes    // supported_versions
	Groups     Codes
	Points     []byte // ec_point_formats
	Signatures Codes  // signature_algorithms
	EarlyData  bool   // 0-RTT data may follow
	ECH        bool   // encrypted_client_hello (RFC 9849); GREASE looks the same

	extensions []byte
	cid        int8 // length of the connection ID that the peer is to use, -1 without the extension
}

// extensionCodes yields the types of the extensions in their order, without GREASE.
func (h *ClientHello) extensionCodes() iter.Seq[uint16] {
	return func(yield func(uint16) bool) {
		for kind := range extensions(h.extensions) {
			if !isGREASE(kind) && !yield(kind) {
				return
			}
		}
	}
}

// extensions yields the extensions of a block, up to the first that is cut.
func extensions(block []byte) iter.Seq2[uint16, []byte] {
	return func(yield func(uint16, []byte) bool) {
		c := cursor{b: block}
		for len(c.b) > 0 {
			kind, body := c.u16(), c.vector16()
			if c.bad || !yield(kind, body) {
				return
			}
		}
	}
}

// ParseClientHello reads a ClientHello message, its four-byte header included.
// Extensions that it cannot read count as empty; a message that ends before
// its lengths say is an error.
func ParseClientHello(msg []byte) (ClientHello, error) {
	body, err := handshakeBody(msg, typeClientHello)
	if err != nil {
		return ClientHello{}, fmt.Errorf("client hello: %w", err)
	}
	h, err := readClientHello(body, false)
	if err != nil {
		return ClientHello{}, fmt.Errorf("client hello: %w", err)
	}
	return h, nil
}

// handshakeBody checks the header of a message.
func handshakeBody(msg []byte, kind uint8) ([]byte, error) {
	c := cursor{b: msg}
	got, body := c.u8(), c.vector24()
	switch {
	case c.bad:
		return nil, errEndsEarly
	case got != kind:
		return nil, fmt.Errorf("message of type %d", got)
	}
	return body, nil
}

// readClientHello reads the body of a ClientHello; datagram says that it has the
// cookie of DTLS. What was read before an error is returned with it.
func readClientHello(body []byte, datagram bool) (ClientHello, error) {
	h := ClientHello{cid: -1}
	c := cursor{b: body}
	h.Version = c.u16()
	c.bytes(32)
	c.vector8()
	if datagram {
		c.vector8()
	}
	h.Ciphers = c.vector16()
	c.vector8()
	if len(c.b) > 0 { // SSL 3.0 and TLS 1.0 knew no extensions
		h.extensions = c.vector16()
	}
	if c.bad {
		return h, errEndsEarly
	}
	for kind, ext := range extensions(h.extensions) {
		h.extension(kind, cursor{b: ext})
	}
	return h, nil
}

func (h *ClientHello) extension(kind uint16, c cursor) {
	switch kind {
	case extSNI:
		if name := serverName(c); name != "" {
			h.SNI = name
		}
	case extGroups:
		h.Groups = c.vector16()
	case extPoints:
		h.Points = c.vector8()
	case extSignatures:
		h.Signatures = c.vector16()
	case extALPN:
		h.ALPN = protocols(c.vector16())
	case extVersions:
		h.Versions = c.vector8()
	case extEarlyData:
		h.EarlyData = true
	case extECH:
		h.ECH = true
	case extCID:
		if id := c.vector8(); !c.bad {
			h.cid = int8(min(len(id), 127))
		}
	}
}

// serverName reads the first host name of RFC 6066 section 3.
func serverName(c cursor) string {
	list := cursor{b: c.vector16()}
	for len(list.b) > 0 {
		kind, name := list.u8(), list.vector16()
		if kind == 0 && !list.bad {
			return hostName(name)
		}
	}
	return ""
}

// hostName copies a name in lower case without its final dot.
func hostName(b []byte) string {
	if n := len(b); n > 0 && b[n-1] == '.' {
		b = b[:n-1]
	}
	name := make([]byte, len(b))
	for i, ch := range b {
		if 'A' <= ch && ch <= 'Z' {
			ch += 'a' - 'A'
		}
		name[i] = ch
	}
	return string(name)
}

// The lists that most hellos carry; they are shared, and never changed.
var (
	alpnWeb   = []string{"h2", "http/1.1"}
	alpnHTTP1 = []string{"http/1.1"}
	alpnHTTP3 = []string{"h3"}
)

const alpnLimit = 16 // protocols that are kept of a list

// protocols reads a ProtocolNameList (RFC 7301 section 3.1).
func protocols(list []byte) []string {
	switch string(list) {
	case "\x02h2\x08http/1.1":
		return alpnWeb
	case "\x08http/1.1":
		return alpnHTTP1
	case "\x02h3":
		return alpnHTTP3
	}
	var names []string
	c := cursor{b: list}
	for len(c.b) > 0 && len(names) < alpnLimit {
		if name := c.vector8(); !c.bad {
			names = append(names, string(name))
		}
	}
	return names
}
