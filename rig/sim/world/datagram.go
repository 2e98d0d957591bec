package world

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"time"
)

// datagrams are the servers that answer each datagram with one; none where the
// answer is empty.
var datagrams = []struct {
	service Service
	port    uint16
	answer  func([]byte) []byte
}{
	{Echo, 7, func(b []byte) []byte { return b }},
	{NTP, 123, tellTime},
	{Raw, 9999, func(b []byte) []byte {
		slices.Reverse(b)
		return b
	}},
}

func (w *World) listenDatagrams() error {
	for _, s := range datagrams {
		err := w.sockets(s.service, func(a netip.Addr) error {
			conn, err := net.ListenPacket("udp", netip.AddrPortFrom(a, s.port).String())
			if err != nil {
				return err
			}
			w.add(string(s.service), func() error { return w.exchange(s.service, conn, s.answer) }, conn.Close)
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (w *World) exchange(s Service, conn net.PacketConn, answer func([]byte) []byte) error {
	buf := make([]byte, 1<<16)
	for {
		n, from, err := conn.ReadFrom(buf)
		if errors.Is(err, net.ErrClosed) {
			return nil
		}
		if err != nil {
			return err
		}
		w.log.say(s, from, conn.LocalAddr(), "", fmt.Sprintf("%d bytes", n))
		if reply := answer(buf[:n]); len(reply) > 0 {
			_, _ = conn.WriteTo(reply, from) // lost, as datagrams are
		}
	}
}

const (
	ntpSize  = 48         // bytes without extension (RFC 5905 section 7.3)
	ntpEpoch = 2208988800 // seconds from 1900 to 1970
)

// tellTime answers a client's packet by this machine's clock (RFC 5905).
func tellTime(query []byte) []byte {
	const client, server = 3, 4
	if len(query) < ntpSize || query[0]&7 != client {
		return nil
	}
	now := ntpTime(time.Now())
	b := make([]byte, ntpSize)
	b[0] = query[0]&0x38 | server                    // no leap second, the client's version
	b[1], b[2], b[3] = 2, query[2], 0xe9             // stratum, poll, precision of 2^-23 s
	binary.BigEndian.PutUint32(b[8:], 0x00000100)    // root dispersion, 1/256 s
	copy(b[12:16], "SIM\x00")                        // reference
	binary.BigEndian.PutUint64(b[16:], now-(16<<32)) // set 16 s ago
	copy(b[24:32], query[40:48])                     // origin: the client's transmit time
	binary.BigEndian.PutUint64(b[32:], now)
	binary.BigEndian.PutUint64(b[40:], ntpTime(time.Now()))
	return b
}

// ntpTime is 32 bits of seconds since 1900 and 32 of their fraction.
func ntpTime(t time.Time) uint64 {
	return uint64(t.Unix()+ntpEpoch)<<32 | uint64(t.Nanosecond())<<32/1e9
}
