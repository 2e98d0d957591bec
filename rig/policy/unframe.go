package policy

import (
	"bytes"
	"encoding/binary"
	"regexp"
	"slices"
	"strconv"

	"github.com/spanrig/spanrig/captures/dissect"
)

// unframed is the content of a cleartext stream without what its transfer put
// between the bytes, so that a secret that was cut up or masked is still found.
type unframed struct {
	text   []byte
	pieces []piece
}

// piece says where a part of the text stood in the stream.
type piece struct{ text, stream int }

// unframe takes the framing out of a stream: the chunks of HTTP (RFC 9112
// section 7.1), the frames and masks of WebSocket (RFC 6455 section 5.2). The
// text is empty where there is none.
func unframe(p dissect.Protocol, b []byte) unframed {
	var u unframed
	switch p {
	case dissect.HTTPProtocol:
		u.chunks(b)
	case dissect.WebSocketProtocol:
		u.frames(b)
	}
	return u
}

func (u *unframed) add(b []byte, at int) {
	u.pieces = append(u.pieces, piece{len(u.text), at})
	u.text = append(u.text, b...)
}

// offset is where a byte of the text stood in the stream.
func (u *unframed) offset(text int) int {
	i, found := slices.BinarySearchFunc(u.pieces, text, func(p piece, text int) int { return p.text - text })
	if !found {
		i--
	}
	return u.pieces[i].stream + text - u.pieces[i].text
}

var (
	chunkedHead = regexp.MustCompile(`(?i)\r\ntransfer-encoding:[ \t]*[^\r\n]*chunked[ \t]*\r\n`)
	headEnd     = []byte("\r\n\r\n")
	lineEnd     = []byte("\r\n")
)

// chunks joins the chunks of each body in the stream.
func (u *unframed) chunks(b []byte) {
	for at := 0; ; {
		head := chunkedHead.FindIndex(b[at:])
		if head == nil {
			return
		}
		at += head[1] - len(lineEnd)
		end := bytes.Index(b[at:], headEnd)
		if end < 0 {
			return
		}
		at = u.body(b, at+end+len(headEnd))
	}
}

// body joins the chunks that begin at an offset and returns where they end.
func (u *unframed) body(b []byte, at int) int {
	for {
		line, _, found := bytes.Cut(b[at:], lineEnd)
		size, _, _ := bytes.Cut(line, []byte(";"))
		n, err := strconv.ParseUint(string(bytes.TrimSpace(size)), 16, 31)
		if !found || err != nil || n == 0 {
			return at
		}
		at += len(line) + len(lineEnd)
		end := min(at+int(n), len(b))
		u.add(b[at:end], at)
		at = min(end+len(lineEnd), len(b))
	}
}

// frames joins the payloads of the frames behind the opening handshake.
func (u *unframed) frames(b []byte) {
	at := bytes.Index(b, headEnd) + len(headEnd)
	if at < len(headEnd) {
		return
	}
	for len(b)-at >= 2 {
		masked, n := b[at+1]&0x80 != 0, uint64(b[at+1]&0x7f)
		at += 2
		switch {
		case n == 126 && len(b)-at >= 2:
			n, at = uint64(binary.BigEndian.Uint16(b[at:])), at+2
		case n == 127 && len(b)-at >= 8:
			n, at = binary.BigEndian.Uint64(b[at:]), at+8
		case n >= 126:
			return
		}
		var mask [4]byte
		if masked {
			at += copy(mask[:], b[at:])
		}
		end := at + int(min(n, uint64(len(b)-at)))
		first := len(u.text)
		u.add(b[at:end], at)
		for i := range u.text[first:] {
			u.text[first+i] ^= mask[i%len(mask)]
		}
		at = end
	}
}
