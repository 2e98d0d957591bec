package dissect

import "bytes"

// startLine is the first line of a message of HTTP (RFC 9112 section 2.1) or
// of its relatives RTSP and SIP.
type startLine struct {
	protocol       Protocol
	response       bool
	method, target []byte
	status         int
}

// methodLimit is the length of the longest method that is believed.
const methodLimit = 24

// readStartLine reads a line that is whole, without its end.
func readStartLine(line []byte) (startLine, bool) {
	if binaryLine(line) {
		return startLine{}, false
	}
	if p := versionProtocol(line); p != "" {
		rest := line[bytes.IndexByte(line, '/')+1:]
		i := bytes.IndexByte(rest, ' ')
		if i < 0 || len(rest) < i+4 {
			return startLine{}, false
		}
		status := 0
		for _, c := range rest[i+1 : i+4] {
			if c < '0' || c > '9' {
				return startLine{}, false
			}
			status = status*10 + int(c-'0')
		}
		return startLine{protocol: p, response: true, status: status}, true
	}
	n := methodLength(line)
	if n <= 0 {
		return startLine{}, false
	}
	s := startLine{protocol: HTTPProtocol, method: line[:n]}
	rest := bytes.TrimRight(line[n+1:], " ")
	i := bytes.LastIndexByte(rest, ' ')
	switch p := versionProtocol(rest); {
	case len(line) == lineLimit: // its version was dropped
		s.target = rest
		return s, httpMethod(s.method)
	case i < 0 && p != "": // the target was forgotten
		s.protocol = p
		return s, true
	case i < 0: // HTTP/0.9
		s.target = rest
		return s, string(s.method) == "GET" && len(rest) > 0 && rest[0] == '/'
	}
	s.protocol, s.target = versionProtocol(rest[i+1:]), bytes.TrimSpace(rest[:i])
	return s, s.protocol != "" && len(s.target) > 0
}

// versionProtocol names the protocol whose version b begins with.
func versionProtocol(b []byte) Protocol {
	switch {
	case bytes.HasPrefix(b, []byte("HTTP/1.")), bytes.HasPrefix(b, []byte("HTTP/0.")):
		return HTTPProtocol
	case bytes.HasPrefix(b, []byte("RTSP/1.")), bytes.HasPrefix(b, []byte("RTSP/2.")):
		return RTSPProtocol
	case bytes.HasPrefix(b, []byte("SIP/2.0")):
		return SIPProtocol
	}
	return ""
}

// methodLength returns the length of the method that b begins with and a space
// follows: 0 where b ends before, -1 where there is none.
func methodLength(b []byte) int {
	for i, c := range b {
		switch {
		case c == ' ' && i >= 2:
			return i
		case c >= 'A' && c <= 'Z', (c == '-' || c == '_') && i > 0:
			if i >= methodLimit {
				return -1
			}
		default:
			return -1
		}
	}
	return 0
}

// matchStartLine recognises HTTP/1, RTSP and SIP by their first line.
func matchStartLine(b []byte) (Protocol, int8) {
	if b[0] < 'A' || b[0] > 'Z' {
		return "", no
	}
	line := b
	i := bytes.IndexByte(b, '\n')
	if i >= 0 {
		line = bytes.TrimSuffix(b[:i], []byte("\r"))
	}
	if binaryLine(line) {
		return "", no
	}
	if i >= 0 {
		if s, ok := readStartLine(line); ok {
			return s.protocol, yes
		}
		return "", no
	}
	if versionStart(line) {
		return "", more
	}
	n := methodLength(line)
	switch {
	case n < 0:
		return "", no
	case n > 0 && len(b) >= headLimit && httpMethod(line[:n]): // a target longer than recognition looks
		return HTTPProtocol, yes
	}
	return "", more
}

// binaryLine reports whether a line begins with what no text has.
func binaryLine(line []byte) bool {
	return bytes.ContainsFunc(line[:min(len(line), 64)], func(r rune) bool { return r < ' ' && r != '\t' && r != '\r' })
}

// versionStart reports whether b may become the first line of a response.
func versionStart(b []byte) bool {
	for _, v := range []string{"HTTP/", "RTSP/", "SIP/"} {
		n := min(len(b), len(v))
		if string(b[:n]) == v[:n] {
			return true
		}
	}
	return false
}

func httpMethod(b []byte) bool {
	switch string(b) {
	case "GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "CONNECT", "PROPFIND", "TRACE":
		return true
	}
	return false
}
