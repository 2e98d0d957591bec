package dissect

import "fmt"

// ServerHello is what a server chose (RFC 8446 section 4.1.3).
type ServerHello struct {
	Version uint16 // negotiated: supported_versions, else legacy_version
	Cipher  uint16
	ALPN    string // "" where it is absent or encrypted
	Retry   bool   // this is a HelloRetryRequest: Version is not negotiated yet

	cid int8 // length of the connection ID that the client is to use, -1 without the extension
}

// retryRandom is the random value that makes a ServerHello a
// HelloRetryRequest (RFC 8446 section 4.1.3).
const retryRandom = "\xcf\x21\xad\x74\xe5\x9a\x61\x11\xbe\x1d\x8c\x02\x1e\x65\xb8\x91" +
	"\xc2\xa2\x11\x16\x7a\xbb\x8c\x5e\x07\x9e\x09\xe2\xc8\xa8\x33\x9c"

// ParseServerHello reads a ServerHello message, its four-byte header included.
// A message that ends before its lengths say is an error.
func ParseServerHello(msg []byte) (ServerHello, error) {
	body, err := handshakeBody(msg, typeServerHello)
	if err != nil {
		return ServerHello{}, fmt.Errorf("server hello: %w", err)
	}
	h, err := readServerHello(body)
	if err != nil {
		return ServerHello{}, fmt.Errorf("server hello: %w", err)
	}
	return h, nil
}

func readServerHello(body []byte) (ServerHello, error) {
	h := ServerHello{cid: -1}
	c := cursor{b: body}
	h.Version = c.u16()
	h.Retry = string(c.bytes(32)) == retryRandom
	early := h.Version>>8 == draft13 // drafts before 22: neither session nor compression
	if !early {
		c.vector8()
	}
	h.Cipher = c.u16()
	if !early {
		c.u8()
	}
	if c.bad {
		return ServerHello{}, errEndsEarly
	}
	if len(c.b) == 0 {
		return h, nil
	}
	block := c.vector16()
	if c.bad {
		return ServerHello{}, errEndsEarly
	}
	for kind, ext := range extensions(block) {
		e := cursor{b: ext}
		switch kind {
		case extVersions:
			if v := e.u16(); v != 0 {
				h.Version = v
			}
		case extALPN:
			if p := protocols(e.vector16()); len(p) > 0 {
				h.ALPN = p[0]
			}
		case extCID:
			if id := e.vector8(); !e.bad {
				h.cid = int8(min(len(id), 127))
			}
		}
	}
	return h, nil
}
