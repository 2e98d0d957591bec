package dissect

import (
	"bytes"
	"encoding/binary"

	"github.com/spanrig/spanrig/captures"
)

// Google's QUIC up to Q043 has a public header of its own: flags, connection
// ID, version. Its hellos are in the clear, as tagged values:
// https://docs.google.com/document/d/1g5nIXAIkN_Y-7XJW5K45IblHd_L2f5LTaDUDwvZ5L6g

const (
	publicVersion    = 0x01 // flags: a version follows the connection ID
	publicReset      = 0x02
	publicConnection = 0x08 // a connection ID of eight bytes
	googleHeading    = 1 + 8 + 4
	chloSearch       = 64 // bytes after the header in which a hello begins; what is before it differs by version
	tagLimit         = 128
)

// parseGoogle reads the header of a client's packet and returns its version.
func parseGoogle(b []byte) (version uint32, ok bool) {
	if len(b) < googleHeading || b[0]&0xc0 != 0 || b[0]&publicVersion == 0 || b[0]&publicConnection == 0 || b[0]&publicReset != 0 {
		return 0, false
	}
	version = binary.BigEndian.Uint32(b[9:])
	return version, version>>24 == 'Q' && isGoogleQUIC(version)
}

// isRejection recognises the server's answer to a first hello, which asks for
// a better one. It has a connection ID and no version.
func isRejection(b []byte) bool {
	const heading = 1 + 8
	if len(b) < heading+chloSearch || b[0]&0xc0 != 0 || b[0]&(publicVersion|publicReset) != 0 || b[0]&publicConnection == 0 {
		return false
	}
	i := bytes.Index(b[:heading+chloSearch], []byte("REJ\x00"))
	return i > heading && len(b) >= i+8 && binary.LittleEndian.Uint16(b[i+4:]) <= tagLimit && b[i+6] == 0 && b[i+7] == 0
}

// google reads a packet of Google QUIC up to Q043. Once a flow is known to be
// one, a client's packets without a version are those after the handshake.
func (q *quicFlow) google(dir captures.Dir, b []byte, at Mark) bool {
	version, ok := parseGoogle(b)
	switch {
	case ok && !q.seen:
		q.seen, q.quic.Version, q.tls.client = true, version, dir
	case ok:
	case !q.seen && isRejection(b):
		q.seen, q.quic.Version, q.tls.client = true, googleUnknown, dir.Reverse()
		return true
	case q.seen && b[0]>>6 == 0 && b[0]&publicConnection != 0 && dir == q.tls.client && isGoogleQUIC(q.quic.Version):
		q.quic.Packets[dir]++
		return true
	default:
		return q.seen
	}
	q.chlo(dir, version, b[googleHeading:], at)
	return true
}

// chlo looks for a client's hello near the beginning of b and takes its server name.
func (q *quicFlow) chlo(dir captures.Dir, version uint32, b []byte, at Mark) {
	if q.quic.SNI != "" {
		return
	}
	i := bytes.Index(b[:min(len(b), chloSearch)], []byte("CHLO"))
	if i < 0 {
		return
	}
	if name := chloName(b[i:]); name != "" {
		q.quic.SNI, q.quic.HelloAt, q.quic.Version, q.tls.client = name, at, version, dir
	}
}

// chloName returns the value of the tag SNI: a list of tags, each with the
// offset at which its value ends, then the values.
func chloName(b []byte) string {
	const heading, entry = 8, 8
	if len(b) < heading {
		return ""
	}
	count := int(binary.LittleEndian.Uint16(b[4:]))
	if count > tagLimit || len(b) < heading+count*entry {
		return ""
	}
	tags, values := b[heading:heading+count*entry], b[heading+count*entry:]
	from := uint32(0)
	for ; len(tags) > 0; tags = tags[entry:] {
		to := binary.LittleEndian.Uint32(tags[4:])
		if to < from || to > uint32(len(values)) {
			return ""
		}
		if string(tags[:4]) == "SNI\x00" {
			return hostName(values[from:to])
		}
		from = to
	}
	return ""
}
