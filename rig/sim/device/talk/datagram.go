package talk

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"io"
	"net/netip"
	"time"
)

// Exchange sends one datagram from a socket of its own and waits a little for
// an answer; that none comes is no error.
func (u *User) Exchange(ctx context.Context, p Peer, message []byte) error {
	c, err := u.Dial(ctx, "udp", p)
	if err != nil {
		return err
	}
	defer c.Close()
	if _, err := c.Write(message); err != nil {
		return err
	}
	_ = c.SetDeadline(time.Now().Add(dnsPatience)) // a dead socket says so in Read
	_, _ = c.Read(make([]byte, 2048))              // lost, refused or late: datagrams are
	return nil
}

const (
	ntpPort   = 123
	ntpLength = 48         // bytes without extension (RFC 5905 section 7.3)
	ntpClient = 0x23       // version 4, client
	ntpEpoch  = 2208988800 // s from 1900 to 1970
)

// AskTime sends a client packet of NTP.
func (u *User) AskTime(ctx context.Context, server string) error {
	b := make([]byte, ntpLength)
	b[0] = ntpClient
	now := u.host.Now()
	binary.BigEndian.PutUint32(b[40:], uint32(now.Unix()+ntpEpoch))
	binary.BigEndian.PutUint32(b[44:], uint32(uint64(now.Nanosecond())<<32/1e9))
	return u.Exchange(ctx, Peer{Name: server, Port: ntpPort}, b)
}

// mdnsGroup is where names of the link are asked for (RFC 6762).
var mdnsGroup = netip.MustParseAddr("224.0.0.251")

const mdnsPort = 5353

// Browse asks the link who offers a service, as "_ipp._tcp.local".
func (u *User) Browse(ctx context.Context, service string) error {
	query, err := question(service, 12) // PTR
	if err != nil {
		return err
	}
	query[0], query[1] = 0, 0 // a multicast query has no identifier
	c, err := u.dial(ctx, "udp", netip.AddrPortFrom(mdnsGroup, mdnsPort))
	if err != nil {
		return err
	}
	_, err = c.Write(query)
	return errors.Join(err, c.Close())
}

const (
	rtmpVersion   = 3
	rtmpHandshake = 1536 // bytes after the version, each way
)

// Stream does the handshake of RTMP and sends some of a stream, in the clear.
func (u *User) Stream(ctx context.Context, p Peer, chunk []byte) error {
	c, err := u.Dial(ctx, "tcp", p)
	if err != nil {
		return err
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(talkTimeout)) // a dead connection says so in Write
	hello := make([]byte, 1+rtmpHandshake)
	hello[0] = rtmpVersion
	_, _ = rand.Read(hello[9:]) // never fails; time and zero before it
	if _, err := c.Write(hello); err != nil {
		return err
	}
	answer := make([]byte, 1+2*rtmpHandshake)
	if _, err := io.ReadFull(c, answer); err != nil {
		return err
	}
	_, err = c.Write(append(answer[1:1+rtmpHandshake], chunk...))
	return err
}

// AskHidden asks a resolver for a name over HTTPS (RFC 8484): who looks on sees
// the resolver's name and no other.
func (u *User) AskHidden(ctx context.Context, resolver Peer, name string) error {
	query, err := question(name, 1) // A
	if err != nil {
		return err
	}
	return u.Request(ctx, Request{To: resolver, Path: "/dns-query", Body: string(query), Type: "application/dns-message"})
}
