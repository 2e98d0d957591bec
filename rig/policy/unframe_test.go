package policy

import (
	"bytes"
	"testing"

	"github.com/spanrig/spanrig/captures/dissect"
)

const chunkedPost = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"

func TestUnframe(t *testing.T) {
	for name, c := range map[string]struct {
		protocol   dissect.Protocol
		stream     string
		want       string
		last, from int // a byte of the text, and where it stands in the stream
	}{
		"chunks":         {dissect.HTTPProtocol, chunkedPost + "3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\n\r\n", "abc0123456789", 3, len(chunkedPost) + 15},
		"two bodies":     {dissect.HTTPProtocol, chunkedPost + "1\r\na\r\n0\r\n\r\n" + chunkedPost + "1\r\nb\r\n0\r\n\r\n", "ab", 1, 2*len(chunkedPost) + 14},
		"cut in a chunk": {dissect.HTTPProtocol, chunkedPost + "FF\r\nabc", "abc", 0, len(chunkedPost) + 4},
		"no chunk":       {dissect.HTTPProtocol, chunkedPost + "xyz\r\nabc", "", 0, 0},
		"no body":        {dissect.HTTPProtocol, "GET / HTTP/1.1\r\n\r\n3\r\nabc\r\n", "", 0, 0},
		// RFC 6455 section 5.7: a masked "Hello", and one in two fragments.
		"masked":        {dissect.WebSocketProtocol, "\r\n\r\n\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58", "Hello", 4, 14},
		"fragments":     {dissect.WebSocketProtocol, "\r\n\r\n\x01\x03Hel\x80\x02lo", "Hello", 3, 11},
		"16-bit length": {dissect.WebSocketProtocol, "\r\n\r\n\x82\x7e\x00\x02ab", "ab", 0, 8},
		"64-bit length": {dissect.WebSocketProtocol, "\r\n\r\n\x82\x7f\xff\xff\xff\xff\xff\xff\xff\xffab", "ab", 1, 15},
		"cut in a head": {dissect.WebSocketProtocol, "\r\n\r\n\x82\x7f\x00", "", 0, 0},
		"no handshake":  {dissect.WebSocketProtocol, "\x81\x01a", "", 0, 0},
		"another":       {dissect.FTPProtocol, chunkedPost + "1\r\na\r\n0\r\n\r\n", "", 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			u := unframe(c.protocol, []byte(c.stream))
			if string(u.text) != c.want {
				t.Fatalf("got %q, want %q", u.text, c.want)
			}
			if c.want != "" && u.offset(c.last) != c.from {
				t.Errorf("byte %d stood at %d, want %d", c.last, u.offset(c.last), c.from)
			}
		})
	}
}

// FuzzUnframe holds that the text is never longer than its stream and that
// every byte of it stood somewhere.
func FuzzUnframe(f *testing.F) {
	f.Add(false, []byte(chunkedPost+"3\r\nabc\r\n0\r\n\r\n"))
	f.Add(true, []byte("\r\n\r\n\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"))
	f.Add(true, bytes.Repeat([]byte("\r\n\r\n\x82\x7f"), 3))
	f.Fuzz(func(t *testing.T, webSocket bool, b []byte) {
		p := dissect.HTTPProtocol
		if webSocket {
			p = dissect.WebSocketProtocol
		}
		u := unframe(p, b)
		if len(u.text) > len(b) {
			t.Fatalf("%d bytes from %d", len(u.text), len(b))
		}
		for i := range u.text {
			if at := u.offset(i); at < 0 || at >= len(b) {
				t.Fatalf("byte %d stood at %d of %d", i, at, len(b))
			}
		}
	})
}
