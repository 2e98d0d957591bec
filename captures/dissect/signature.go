package dissect

import (
	"encoding/binary"
	"slices"

	"github.com/spanrig/spanrig/captures"
)

// A signature is what a stream of a protocol begins with: first, then, at
// offset, bytes.
type signature struct {
	protocol Protocol
	first    string
	offset   int
	bytes    string
}

var signatures = []signature{
	{SSHProtocol, "SSH-2.0-", 0, ""},
	{SSHProtocol, "SSH-1.", 0, ""},
	{HTTP2Protocol, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 0, ""}, // RFC 9113 section 3.4
	{BitTorrentProtocol, "\x13BitTorrent protocol", 0, ""},
	{VNCProtocol, "RFB 00", 0, ""},
	{AMQPProtocol, "AMQP", 0, ""},
	{XMPPProtocol, "<stream:stream", 0, ""},
	{XMPPProtocol, "<?xml version='1.0'?><stream:stream", 0, ""},
	{XMPPProtocol, "<?xml version=\"1.0\"?><stream:stream", 0, ""},
	{RsyncProtocol, "@RSYNCD:", 0, ""},
	{ADBProtocol, "CNXN", 4, "\x00\x00\x00\x01"},
	{ADBProtocol, "CNXN", 4, "\x01\x00\x00\x01"},
	{GnutellaProtocol, "GNUTELLA", 0, ""},
	{NATSProtocol, "INFO {\"", 0, ""},
	{GIOPProtocol, "GIOP\x01", 0, ""},
	{RedisProtocol, "*1\r\n$", 0, ""},
	{RedisProtocol, "*2\r\n$", 0, ""},
	{RedisProtocol, "*3\r\n$", 0, ""},
	{IRCProtocol, "NOTICE AUTH :", 0, ""},
	{IRCProtocol, ":irc.", 0, ""},
	{ProxyProtocol, "PROXY TCP", 0, ""},
	{GitProtocol, "00", 4, "git-upload-pack "},
	{PostgresProtocol, "\x00\x00\x00\x08\x04\xd2\x16\x2f", 0, ""}, // SSLRequest
	{PostgresProtocol, "\x00\x00", 4, "\x00\x03\x00\x00user\x00"},
	{PPTPProtocol, "\x00", 2, "\x00\x01\x1a\x2b\x3c\x4d"}, // RFC 2637
	{SMBProtocol, "\x00", 4, "\xffSMB"},
	{SMBProtocol, "\x00", 4, "\xfeSMB"},
	{BGPProtocol, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 0, ""}, // RFC 4271
}

// match compares b with the signature as far as b goes.
func (s *signature) match(b []byte) int8 {
	if verdict := begins(b, s.first); verdict != yes {
		return verdict
	}
	if len(b) < s.offset {
		return more
	}
	return begins(b[s.offset:], s.bytes)
}

// begins compares the first bytes of b with want as far as b goes.
func begins(b []byte, want string) int8 {
	n := min(len(b), len(want))
	switch {
	case string(b[:n]) != want[:n]:
		return no
	case n < len(want):
		return more
	}
	return yes
}

func matchSignature(_ *Conversation, _ captures.Dir, b []byte) (Protocol, int8) {
	result := no
	for i := range signatures {
		s := &signatures[i]
		if s.first[0] != b[0] { // nearly always: a call for each would cost a third of recognition
			continue
		}
		switch s.match(b) {
		case yes:
			return s.protocol, yes
		case more:
			result = more
		}
	}
	return "", result
}

// matchBinary recognises MySQL by its greeting and MongoDB by its first
// request (OP_QUERY or OP_MSG). Both begin with a little-endian length.
func matchBinary(_ *Conversation, _ captures.Dir, b []byte) (Protocol, int8) {
	if len(b) < 16 {
		if len(b) >= 3 && b[2] != 0 {
			return "", no
		}
		return "", more
	}
	switch {
	case b[2] == 0 && b[3] == 0 && b[4] == 10 && b[5] >= '5' && b[5] <= '9' && (b[6] == '.' || b[7] == '.'):
		return MySQLProtocol, yes
	case b[3] == 0 && binary.LittleEndian.Uint32(b[8:]) == 0:
		if op := binary.LittleEndian.Uint32(b[12:]); op == 2004 || op == 2013 {
			return MongoDBProtocol, yes
		}
	}
	return "", no
}

// looksLikeMQTT judges a CONNECT packet (MQTT 3.1, 3.1.1 and 5, section 3.1).
func looksLikeMQTT(b []byte) int8 {
	if b[0] != 0x10 {
		return no
	}
	n := 1
	for ; n < len(b) && b[n]&0x80 != 0; n++ { // the remaining length
		if n == 4 {
			return no
		}
	}
	n++
	for _, name := range []string{"\x00\x04MQTT", "\x00\x06MQIsdp"} {
		if n >= len(b) {
			return more
		}
		if verdict := begins(b[n:], name); verdict != no {
			return verdict
		}
	}
	return no
}

// matchTPKT recognises ISO transport over TCP (RFC 1006), and RDP by what its
// connection request carries (MS-RDPBCGR section 2.2.1.1).
func matchTPKT(_ *Conversation, _ captures.Dir, b []byte) (Protocol, int8) {
	if b[0] != 3 || len(b) > 1 && b[1] != 0 {
		return "", no
	}
	if len(b) < 7 {
		return "", more
	}
	length, header := int(binary.BigEndian.Uint16(b[2:])), int(b[4])
	kinds := []byte{0xe0, 0xd0, 0xf0, 0x80, 0xc0} // connection request and confirm, data, disconnect
	if length < 7 || header+5 > length || !slices.Contains(kinds, b[5]) {
		return "", no
	}
	if len(b) < min(length, headLimit) {
		return "", more
	}
	packet := b[:min(length, len(b))]
	if len(packet) > 11 && string(packet[11:min(len(packet), 22)]) == "Cookie: mst" ||
		len(packet) >= 19 && (b[5] == 0xe0 || b[5] == 0xd0) && string(packet[len(packet)-6:len(packet)-4]) == "\x08\x00" {
		return RDPProtocol, yes
	}
	return TPKTProtocol, yes
}

// rtmpHello is the length of C0 and C1, as of S0 and S1.
const rtmpHello = 1 + 1536

// matchRTMP recognises the handshake of RTMP (Adobe RTMP 1.0 section 5.2):
// version 3, a time, and four zero bytes or, in the newer handshake of Flash,
// a version. Where it is neither, both sides must have begun alike.
func matchRTMP(c *Conversation, dir captures.Dir, b []byte) (Protocol, int8) {
	if b[0] != 3 {
		return "", no
	}
	if len(b) < 9 {
		return "", more
	}
	var answer bool
	if c.search != nil {
		other := c.search.heads[dir.Reverse()].buf
		answer = len(other) > 0 && other[0] == 3
	}
	zero := binary.BigEndian.Uint32(b[5:]) == 0
	flash := b[6] == 0 && (b[5] >= 9 && b[5] <= 32 || b[5] == 0x80)
	switch {
	case zero && answer, len(b) >= rtmpHello && (zero || flash || answer):
		return RTMPProtocol, yes
	case len(b) >= 2*rtmpHello:
		return "", no
	}
	return "", more
}

// looksLikeFramedPS judges video of GB/T 28181 over TCP: RTP behind a length
// of two bytes (RFC 4571) that carries an MPEG program stream.
func looksLikeFramedPS(b []byte) int8 {
	for i, want := range []struct{ mask, value byte }{
		2: {0xcf, 0x80}, 3: {0x60, 0x60}, 14: {0xff, 0}, 15: {0xff, 0}, 16: {0xff, 1}, 17: {0xff, 0xba},
	} {
		if i >= len(b) {
			return more
		}
		if b[i]&want.mask != want.value {
			return no
		}
	}
	return yes
}
