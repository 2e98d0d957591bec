package talk

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"

	"github.com/quic-go/quic-go"
	"github.com/quic-go/quic-go/http3"
)

// Request is one request over HTTP. The connection is made for it and closed
// after the answer.
type Request struct {
	To     Peer
	Path   string // with its leading slash
	Body   string // a request with a body is a POST, else a GET
	Type   string // of the body; empty: JSON
	Agent  string // User-Agent; empty: that of okhttp
	Clear  bool   // HTTP without TLS
	QUIC   bool   // HTTP/3
	Newest uint16 // the one version of TLS that is spoken; 0: 1.2 or 1.3
}

const okhttp = "okhttp/3.12.1"

// Request sends r and reads the answer; an answer of any status is no error.
func (u *User) Request(ctx context.Context, r Request) error {
	ctx, cancel := context.WithTimeout(ctx, talkTimeout)
	defer cancel()
	to, err := u.addr(ctx, r.To)
	if err != nil {
		return err
	}
	r.To.Addrs = []netip.Addr{to.Addr()}
	if r.QUIC {
		return u.overQUIC(ctx, r)
	}
	t := &http.Transport{
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return u.Dial(ctx, network, r.To)
		},
		TLSClientConfig:   u.config(r.To.Name, r.Newest),
		ForceAttemptHTTP2: r.Newest != tls.VersionTLS10,
		DisableKeepAlives: true,
	}
	defer t.CloseIdleConnections()
	return exchange(ctx, t, r)
}

func exchange(ctx context.Context, t http.RoundTripper, r Request) error {
	scheme, method := "https", http.MethodGet
	if r.Clear {
		scheme = "http"
	}
	var body io.Reader
	if r.Body != "" {
		method, body = http.MethodPost, strings.NewReader(r.Body)
	}
	req, err := http.NewRequestWithContext(ctx, method, scheme+"://"+r.To.Name+r.Path, body)
	if err != nil {
		return err
	}
	req.Header.Set("User-Agent", orElse(r.Agent, okhttp))
	req.Header.Set("Accept-Encoding", "identity")
	if r.Body != "" {
		req.Header.Set("Content-Type", orElse(r.Type, "application/json"))
	}
	resp, err := t.RoundTrip(req)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, resp.Body)
	return errors.Join(err, resp.Body.Close())
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// overQUIC sends a request over a QUIC connection of its own.
func (u *User) overQUIC(ctx context.Context, r Request) error {
	c, err := u.DialQUIC(ctx, r.To)
	if err != nil {
		return err
	}
	return errors.Join(c.Request(ctx, r), c.Close())
}

// QUIC is a connection that stays open for several requests.
type QUIC struct {
	socket    net.PacketConn
	transport *quic.Transport
	web       *http3.Transport
}

// DialQUIC returns a connection over HTTP/3, which is made at the first request.
func (u *User) DialQUIC(ctx context.Context, p Peer) (*QUIC, error) {
	to, err := u.addr(ctx, p)
	if err != nil {
		return nil, err
	}
	c, err := u.dial(ctx, "udp", to)
	if err != nil {
		return nil, fmt.Errorf("open a socket for QUIC: %w", err)
	}
	socket := &datagrams{c}
	q := &QUIC{socket: socket, transport: &quic.Transport{Conn: socket}}
	q.web = &http3.Transport{
		TLSClientConfig: u.config(p.Name, 0),
		Dial: func(ctx context.Context, _ string, t *tls.Config, c *quic.Config) (*quic.Conn, error) {
			return q.transport.Dial(ctx, net.UDPAddrFromAddrPort(to), t, c)
		},
	}
	return q, nil
}

// Request sends r over the connection.
func (q *QUIC) Request(ctx context.Context, r Request) error {
	ctx, cancel := context.WithTimeout(ctx, talkTimeout)
	defer cancel()
	return exchange(ctx, q.web, r)
}

// Close tells the peer and closes the socket.
func (q *QUIC) Close() error {
	return errors.Join(q.web.Close(), q.transport.Close(), q.socket.Close())
}
