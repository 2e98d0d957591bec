package flow

import (
	"bytes"

	"github.com/spanrig/spanrig/captures/packet"
)

// answers judges by its first packet who opened a flow: responded means that
// the responder sent it; guessed, that the stream may prove otherwise.
func answers(p *packet.Packet) (responded, guessed bool) {
	switch p.Proto {
	case packet.TCP:
		if p.Flags&packet.SYN != 0 {
			return p.Flags&packet.ACK != 0, false
		}
		return fromServer(p), true
	case packet.ICMP, packet.ICMPv6:
		return icmpAnswer(p), false
	}
	// The sender of the first datagram, as in Zeek, but for an answer to a
	// question that was asked before the capture began. Groups are asked, they
	// do not ask.
	return fromServer(p) && !p.DstAddr().IsMulticast(), false
}

// fromServer reports whether the ports of p look as if a server sent it.
func fromServer(p *packet.Packet) bool {
	return serverPort(p.SrcPort) && !serverPort(p.DstPort)
}

// serverPort reports whether a server is likely to listen on port: a system
// port (RFC 6335), or one of those above that are often seen.
func serverPort(port uint16) bool {
	if port < 1024 {
		return port != 0
	}
	switch port {
	case 1080, 1194, 1433, 1521, 1723, 1812, 1813, 1883, 1900, 1935, 2049, 3128, 3306, 3389, 3478, 3544,
		4433, 4500, 5060, 5061, 5222, 5223, 5228, 5349, 5353, 5355, 5432, 5671, 5672, 5900, 6379, 6667,
		8000, 8008, 8080, 8081, 8443, 8554, 8883, 8888, 9092, 9200, 19302, 27017:
		return true
	}
	return false
}

// words that only one end of a connection says first.
var (
	clientWords = [][]byte{
		[]byte("GET "), []byte("POST "), []byte("PUT "), []byte("HEAD "), []byte("OPTIONS "), []byte("DELETE "),
		[]byte("PATCH "), []byte("CONNECT "), []byte("PRI * HTTP/2"), []byte("EHLO "), []byte("HELO "),
	}
	serverWords = [][]byte{[]byte("HTTP/1."), []byte("220 "), []byte("220-"), []byte("+OK "), []byte("* OK")}
)

// speaker tells which end says the payload, if it shows: a TLS hello, an HTTP
// head, a greeting.
func speaker(b []byte) (server, known bool) {
	if len(b) > 5 && b[0] == 22 && b[1] == 3 && (b[5] == 1 || b[5] == 2) { // handshake record, hello
		return b[5] == 2, true
	}
	for _, w := range clientWords {
		if bytes.HasPrefix(b, w) {
			return false, true
		}
	}
	for _, w := range serverWords {
		if bytes.HasPrefix(b, w) {
			return true, true
		}
	}
	return false, false
}
