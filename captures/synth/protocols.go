package synth

import (
	"encoding/base64"
	"fmt"
	"strings"
)

// HTTPRequest returns the bytes of a request. Headers are added as they stand;
// a body brings its Content-Length.
func HTTPRequest(method, host, path, body string, headers ...string) []byte {
	lines := append([]string{method + " " + path + " HTTP/1.1", "Host: " + host, "User-Agent: synth/1"}, headers...)
	if body != "" {
		lines = append(lines, fmt.Sprintf("Content-Length: %d", len(body)))
	}
	return []byte(strings.Join(lines, "\r\n") + "\r\n\r\n" + body)
}

// HTTPResponse returns the bytes of a response.
func HTTPResponse(status, body string, headers ...string) []byte {
	lines := append([]string{"HTTP/1.1 " + status}, headers...)
	lines = append(lines, fmt.Sprintf("Content-Length: %d", len(body)))
	return []byte(strings.Join(lines, "\r\n") + "\r\n\r\n" + body)
}

// BasicAuth is the header of HTTP basic authentication (RFC 7617).
func BasicAuth(user, password string) string {
	return "Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
}

// NTPClient returns a client packet of 48 bytes (RFC 5905 section 7.3),
// NTPServer its answer.
func NTPClient() []byte { return append([]byte{0x23}, make([]byte, 47)...) }

// NTPServer returns the answer of a stratum 1 server.
func NTPServer() []byte { return concat([]byte{0x24, 1, 6, 0xec}, noise("ntp", 44)) }

// MQTTConnect returns a CONNECT packet of MQTT 3.1.1, with user name and
// password unless user is empty.
func MQTTConnect(client, user, password string) []byte {
	flags, login := byte(0x02), []byte(nil)
	if user != "" {
		flags, login = 0xc2, concat(prefixed(2, []byte(user)), prefixed(2, []byte(password)))
	}
	body := concat(prefixed(2, []byte("MQTT")), []byte{4, flags, 0, 60}, prefixed(2, []byte(client)), login)
	return append([]byte{0x10, byte(len(body))}, body...)
}

// MQTTConnack accepts the connection.
func MQTTConnack() []byte { return []byte{0x20, 2, 0, 0} }

// RTMPHandshake returns C0 and C1, or S0, S1 and S2 where server is set.
func RTMPHandshake(server bool) []byte {
	first := concat([]byte{3, 0, 0, 0, 0, 0, 0, 0, 0}, noise("rtmp", 1528))
	if !server {
		return first
	}
	return concat(first, make([]byte, 8), noise("rtmp", 1528))
}

// STUNBinding returns a binding request (RFC 8489 section 5).
func STUNBinding() []byte {
	return concat(be16(1, 0), []byte{0x21, 0x12, 0xa4, 0x42}, noise("stun", 12))
}

// SOCKSConnect is a CONNECT request of SOCKS 5 by name (RFC 1928 section 4).
func SOCKSConnect(name string, port uint16) []byte {
	return concat([]byte{5, 1, 0, 3}, prefixed(1, []byte(name)), be16(port))
}

// Framed is a DNS message as TCP carries it (RFC 1035 section 4.2.2).
func Framed(message []byte) []byte { return prefixed(2, message) }
