package dissect

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/spanrig/spanrig/captures"
)

func TestHTTPRequests(t *testing.T) {
	turns := []turn{
		orig("POST /a HTTP/1.1\r\nHost: one.test\r\nUser-Agent: me/1\r\nContent-Length: 5\r\n\r\nGET /GET /b HTTP/1.1\r\nhost:two.test\r\n\r\n"),
		resp("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nHTTPHTTP/1.1 304 Not Modified\r\n\r\n"),
		orig("\r\nPUT /c HTTP/1.1\r\nHost: one.test\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n2\r\n\r\n\r\n0\r\nX-T: 1\r\n\r\nHEAD /d HTTP/1.1\r\nHost: one.test\r\n\r\n"),
		resp("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\nHTTP/1.1 200 OK\r\n\r\nto the end"),
	}
	want := &HTTP{Hosts: []string{"one.test", "two.test"}, Responses: 6, Requests: []HTTPRequest{
		{Method: "POST", Path: "/a", Host: "one.test", UserAgent: "me/1", Body: 5, At: Mark{Frame: 1}},
		{Method: "GET", Path: "/b", Host: "two.test", At: Mark{Frame: 1}},
		{Method: "PUT", Path: "/c", Host: "one.test", Body: 7, At: Mark{Frame: 1}},
		{Method: "HEAD", Path: "/d", Host: "one.test", At: Mark{Frame: 1}},
	}}
	for name, next := range map[string]func() int{"whole": whole, "single bytes": func() int { return 1 }} {
		if got := converse(80, turns, next).Facts().HTTP; !reflect.DeepEqual(got, want) {
			t.Errorf("%s:\n got %+v\nwant %+v", name, got, want)
		}
	}
}

// TestHTTPStray: bytes that belong to no message count as body of the request
// before them, so that an "empty body" is empty.
func TestHTTPStray(t *testing.T) {
	f := converse(80, []turn{orig("GET / HTTP/1.1\r\nHost: a.test\r\n\r\n\x01secret"), orig("more")}, whole).Facts()
	if f.HTTP.Requests[0].Body == 0 {
		t.Errorf("request %+v hides what followed it", f.HTTP.Requests[0])
	}
}

func TestHTTPGaps(t *testing.T) {
	c := NewConversation(Transport{TCP: true, RespPort: 80})
	feed := func(s string) { c.Feed(captures.Orig, []byte(s), Mark{Frame: 1}) }
	feed("POST /up HTTP/1.1\r\nHost: a.test\r\nContent-Length: 1000\r\n\r\nxx")
	c.Gap(captures.Orig, 998) // the rest of the body
	feed("GET /b HTTP/1.1\r\nHost: b.test\r\n\r\nGET /c HTT")
	c.Gap(captures.Orig, 30) // of a head: adrift
	feed("Cookie: x\r\n\r\nGET /d HTTP/1.1\r\nHost: d.test\r\n\r\n")
	var paths []string
	for _, r := range c.Facts().HTTP.Requests {
		paths = append(paths, r.Path)
	}
	if got := strings.Join(paths, " "); got != "/up /b /d" {
		t.Errorf("requests %s", got)
	}
}

func TestHTTPConnect(t *testing.T) {
	connect := orig("CONNECT Web.Test.:443 HTTP/1.1\r\nHost: web.test:443\r\n\r\n")
	granted := resp("HTTP/1.1 200 Connection established\r\n\r\n")
	f := converse(3128, []turn{connect, granted, orig("GET /in HTTP/1.1\r\nHost: in.test\r\n\r\n")}, whole).Facts()
	if f.Target != "web.test" || f.Protocol != HTTPProtocol || len(f.HTTP.Requests) != 2 || f.HTTP.Hosts[1] != "in.test" {
		t.Errorf("facts %+v %+v", f, f.HTTP)
	}
	// Refused once, then granted: the second CONNECT is no tunnelled byte.
	f = converse(3128, []turn{connect, resp("HTTP/1.1 407 Log in\r\nContent-Length: 0\r\n\r\n"), connect, granted,
		orig("SSH-2.0-x\r\n")}, whole).Facts()
	if len(f.HTTP.Requests) != 2 || f.HTTP.Responses != 2 {
		t.Errorf("facts %+v", f.HTTP)
	}
	if got := hostOf("[2001:DB8::1]:443"); got != "2001:db8::1" {
		t.Errorf("host %q", got)
	}
}

func TestHTTPDoH(t *testing.T) {
	for text, want := range map[string]bool{
		"GET /dns-query?dns=AAABAAAB HTTP/1.1\r\nHost: r.test\r\n\r\n":                      true,
		"POST /x HTTP/1.1\r\nHost: r.test\r\nContent-Type: application/dns-message\r\n\r\n": true,
		"GET /dns-query-help HTTP/1.1\r\nHost: r.test\r\n\r\n":                              false,
	} {
		if got := converse(80, []turn{orig(text)}, whole).Facts().DoH; got != want {
			t.Errorf("%q: DoH %v", text, got)
		}
	}
}

func TestHTTPLimits(t *testing.T) {
	var text strings.Builder
	for i := range Limit + 3 {
		fmt.Fprintf(&text, "GET /%d HTTP/1.1\r\nHost: h%d.test\r\n\r\n", i, i)
	}
	h := converse(80, []turn{orig(text.String())}, whole).Facts().HTTP
	if len(h.Hosts) != Limit || len(h.Requests) != Limit || h.MoreHosts != 3 || h.MoreRequests != 3 {
		t.Errorf("%d hosts and %d, %d requests and %d", len(h.Hosts), h.MoreHosts, len(h.Requests), h.MoreRequests)
	}
	long := converse(80, []turn{orig("GET /" + strings.Repeat("x", 3*lineLimit) + " HTTP/1.1\r\nHost: a.test\r\n\r\n")}, whole).Facts()
	if long.Protocol != HTTPProtocol {
		t.Errorf("a long target hides the protocol: %+v", long)
	}
}

func TestSOCKSTarget(t *testing.T) {
	login := []turn{orig("\x05\x02\x00\x02"), resp("\x05\x02"), orig("\x01\x02me\x02pw"), resp("\x01\x00")}
	request := []turn{orig("\x05\x01\x00\x03\x08Web.Test\x01\xbb"), resp("\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00"),
		orig("GET / HTTP/1.1\r\nHost: in.test\r\n\r\n")}
	for name, turns := range map[string][]turn{
		"plain":  append([]turn{orig("\x05\x01\x00"), resp("\x05\x00")}, request...),
		"log-in": append(login, request...),
		"v4a":    {orig("\x04\x01\x01\xbb\x00\x00\x00\x07\x00Web.Test\x00"), resp("\x00\x5a\x00\x00\x00\x00\x00\x00"), request[2]},
	} {
		for _, next := range []func() int{whole, func() int { return 1 }} {
			f := converse(1080, turns, next).Facts()
			if f.Protocol != SOCKSProtocol || f.Target != "web.test" || f.HTTP == nil || f.HTTP.Hosts[0] != "in.test" {
				t.Errorf("%s: %+v", name, f)
			}
		}
	}
}
