package world

import (
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	stdlog "log"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/miekg/dns"
)

const (
	mostBody    = 64 << 20 // bytes of a body, either way
	headTimeout = 10 * time.Second
)

// listenWeb opens what is HTTP over TCP.
func (w *World) listenWeb() error {
	current := w.authority.config()
	old := w.authority.config()
	old.MinVersion, old.MaxVersion = tls.VersionTLS10, tls.VersionTLS10
	for _, s := range []struct {
		service Service
		port    uint16
		config  *tls.Config
	}{{HTTP, 80, nil}, {HTTPS, 443, current}, {TLS10, 443, old}} {
		server := &http.Server{Handler: w.api(s.service), TLSConfig: s.config, ReadHeaderTimeout: headTimeout, ErrorLog: w.log.errors(s.service)}
		if s.service == TLS10 {
			server.TLSNextProto = map[string]func(*http.Server, *tls.Conn, http.Handler){} // HTTP/2 wants TLS 1.2
		}
		err := w.sockets(s.service, func(a netip.Addr) error {
			listener, err := net.Listen("tcp", netip.AddrPortFrom(a, s.port).String())
			if err != nil {
				return err
			}
			serve := func() error { return server.Serve(listener) }
			if s.config != nil {
				serve = func() error { return server.ServeTLS(listener, "", "") }
			}
			w.add(string(s.service), until(http.ErrServerClosed, serve), func() error {
				return errors.Join(server.Close(), listener.Close()) // also where it has not begun to serve
			})
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// errors takes what net/http has to say of a connection: above all which
// handshakes failed, and how.
func (l *accessLog) errors(s Service) *stdlog.Logger {
	return stdlog.New(lineWriter(func(line string) {
		l.say(s, nil, nil, "", strings.TrimSpace(strings.TrimPrefix(line, "http: ")))
	}), "", 0)
}

// lineWriter is an io.Writer of one line a call, as package log has them.
type lineWriter func(line string)

func (f lineWriter) Write(p []byte) (int, error) {
	f(string(p))
	return len(p), nil
}

// api answers every request:
//
//	/generate_204, /gen_204   204, as the probes of captive portals want it
//	/size/N                   N bytes, at most 64 MiB
//	/dns-query                a DNS message (RFC 8484), where the endpoint is a resolver
//	all else                  a small JSON object that says what was received
func (w *World) api(s Service) http.Handler {
	return http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		host := r.Host
		if h, _, err := net.SplitHostPort(host); err == nil {
			host = h
		}
		e, _ := Lookup(w.Endpoints, host)
		if s == HTTPS && e != nil && e.Has(HTTP3) {
			out.Header().Set("Alt-Svc", `h3=":443"; ma=3600`)
		}
		size, sized := strings.CutPrefix(r.URL.Path, "/size/")
		status := http.StatusOK
		switch {
		case r.URL.Path == "/generate_204" || r.URL.Path == "/gen_204":
			status = http.StatusNoContent
			out.WriteHeader(status)
		case r.URL.Path == "/dns-query" && e != nil && e.Has(DoH):
			status = w.answerHTTP(out, r)
		case sized:
			status = fill(out, size)
		default:
			tell(out, r, host)
		}
		to, _ := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
		from, _ := net.ResolveTCPAddr("tcp", r.RemoteAddr)
		w.log.say(s, from, to, strings.ToLower(host), fmt.Sprintf("%s %s %d %s", r.Method, r.URL.Path, status, r.Proto))
	})
}

// fill writes a body of the size that the path says.
func fill(out http.ResponseWriter, size string) int {
	n, err := strconv.ParseInt(size, 10, 64)
	if err != nil || n < 0 || n > mostBody {
		http.Error(out, "say a size of 0 to 67108864 bytes", http.StatusBadRequest)
		return http.StatusBadRequest
	}
	out.Header().Set("Content-Type", "application/octet-stream")
	out.Header().Set("Content-Length", strconv.FormatInt(n, 10))
	_, _ = io.Copy(out, io.LimitReader(pattern{}, n)) // the client may have gone
	return http.StatusOK
}

// pattern reads as bytes that do not end.
type pattern struct{}

func (pattern) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte('a' + i%26)
	}
	return len(p), nil
}

// tell reads the body and says what came.
func tell(out http.ResponseWriter, r *http.Request, host string) {
	n, _ := io.Copy(io.Discard, http.MaxBytesReader(out, r.Body, mostBody))
	out.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(out).Encode(map[string]any{"code": 0, "message": "ok", "host": host, "received": n, "time": time.Now().UTC().Format(time.RFC3339)})
}

// answerHTTP answers a DNS query in a request (RFC 8484 section 4.1).
func (w *World) answerHTTP(out http.ResponseWriter, r *http.Request) int {
	packed, err := base64.RawURLEncoding.DecodeString(r.URL.Query().Get("dns"))
	if r.Method == http.MethodPost {
		packed, err = io.ReadAll(http.MaxBytesReader(out, r.Body, dns.MaxMsgSize))
	}
	query := new(dns.Msg)
	if err != nil || query.Unpack(packed) != nil {
		http.Error(out, "no DNS message", http.StatusBadRequest)
		return http.StatusBadRequest
	}
	answer := w.answer(query)
	if packed, err = answer.Pack(); err != nil {
		http.Error(out, "no answer", http.StatusInternalServerError)
		return http.StatusInternalServerError
	}
	to, _ := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	w.log.question(DoH, nil, to, answer)
	out.Header().Set("Content-Type", "application/dns-message")
	_, _ = out.Write(packed) // the client may have gone
	return http.StatusOK
}

// until turns the error that means "closed on purpose" into none.
func until(closed error, serve func() error) func() error {
	return func() error {
		if err := serve(); !errors.Is(err, closed) {
			return err
		}
		return nil
	}
}
