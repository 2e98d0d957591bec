package dissect

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
)

// textLimit is what is kept of a value of an HTTP head.
const textLimit = 4 << 10

// httpHead is what the end of a head needs to know of its lines.
type httpHead struct {
	request     bool
	method      methodKind
	status      int
	length      uint64
	lengthKnown bool
	chunked     bool
	upgrade     string
}

// methodKind is what a response needs to know of its request.
type methodKind uint8

const (
	otherMethod methodKind = iota
	headMethod
	connectMethod
)

// begin takes the first line of a message. What a request says goes to the
// facts at once, for its head may never end.
func (h *httpStream) begin(side *httpSide, s startLine, at Mark) {
	side.state, side.index = inHead, -1
	side.head = httpHead{request: !s.response, status: s.status}
	if s.response {
		h.facts.Responses++
		return
	}
	path := clip(s.target)
	switch string(s.method) {
	case "HEAD":
		side.head.method = headMethod
	case "CONNECT":
		side.head.method = connectMethod
		if h.c.facts.Target == "" {
			h.c.facts.Target = hostOf(path)
		}
	}
	h.secretDNS(strings.Contains(path, "/dns-query?dns=") || strings.HasSuffix(path, "/dns-query"))
	if len(h.facts.Requests) == Limit {
		h.facts.MoreRequests++
		return
	}
	side.index = len(h.facts.Requests)
	h.facts.Requests = append(h.facts.Requests, HTTPRequest{Method: string(s.method), Path: path, At: at})
}

// secretDNS notes DNS over HTTPS (RFC 8484), by its path or media type.
func (h *httpStream) secretDNS(seen bool) { h.c.facts.DoH = h.c.facts.DoH || seen }

// field takes one header line.
func (h *httpStream) field(side *httpSide, line []byte) {
	i := bytes.IndexByte(line, ':')
	if i <= 0 || i > 20 {
		return
	}
	head, value := &side.head, bytes.TrimSpace(line[i+1:])
	switch name := bytes.TrimRight(line[:i], " \t"); {
	case foldEqual(name, "host"):
		h.host(side, clip(value))
	case foldEqual(name, "user-agent"):
		if side.index >= 0 {
			h.facts.Requests[side.index].UserAgent = clip(value)
		}
	case foldEqual(name, "content-length"):
		n, err := strconv.ParseUint(string(value), 10, 63)
		head.length, head.lengthKnown = n, err == nil
	case foldEqual(name, "transfer-encoding"):
		head.chunked = containsFold(value, "chunked")
	case foldEqual(name, "upgrade"):
		head.upgrade = strings.ToLower(clip(value))
	case foldEqual(name, "content-type"), foldEqual(name, "accept"):
		h.secretDNS(containsFold(value, "application/dns-message"))
	}
}

func (h *httpStream) host(side *httpSide, host string) {
	if !side.head.request {
		return
	}
	if side.index >= 0 && h.facts.Requests[side.index].Host == "" {
		h.facts.Requests[side.index].Host = host
	}
	switch {
	case slices.Contains(h.facts.Hosts, host):
	case len(h.facts.Hosts) < Limit:
		h.facts.Hosts = append(h.facts.Hosts, host)
	default:
		h.facts.MoreHosts++
	}
}

// foldEqual compares a header name with a lower-case one.
func foldEqual(b []byte, lower string) bool {
	return len(b) == len(lower) && strings.EqualFold(string(b), lower)
}

func containsFold(b []byte, lower string) bool {
	return bytes.Contains(bytes.ToLower(b), []byte(lower))
}

func clip(b []byte) string { return string(b[:min(len(b), textLimit)]) }

// hostOf returns the host of an authority, lower case, without port, brackets
// and final dot.
func hostOf(authority string) string {
	host := authority
	if i := strings.LastIndexByte(host, ':'); i >= 0 && strings.IndexByte(host[i:], ']') < 0 {
		host = host[:i]
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	return strings.TrimSuffix(strings.ToLower(host), ".")
}
