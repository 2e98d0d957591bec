package world

import (
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"sync"
	"time"
)

// streams are the servers that speak to one TCP connection at a time: each
// speaks until the client ends, and returns what to log.
var streams = []struct {
	service Service
	port    uint16
	secure  bool
	speak   func(net.Conn) string
}{
	{Echo, 7, false, echo},
	{RTMP, 1935, false, takeStream},
	{SUPL, 7275, true, assist},
}

func (w *World) listenStreams() error {
	for _, s := range streams {
		err := w.sockets(s.service, func(a netip.Addr) error {
			listener, err := listenTCP(netip.AddrPortFrom(a, s.port).String())
			if err != nil {
				return err
			}
			if s.secure {
				listener = tls.NewListener(listener, w.authority.config())
			}
			speak := func(c net.Conn) {
				what := s.speak(c)
				w.log.say(s.service, c.RemoteAddr(), c.LocalAddr(), "", what)
			}
			w.add(string(s.service), func() error { return accept(listener, speak) }, listener.Close)
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// accept lets each connection be spoken to until the listener is closed, and
// returns when the last has ended.
func accept(l net.Listener, speak func(net.Conn)) error {
	var talks sync.WaitGroup
	defer talks.Wait()
	for {
		c, err := l.Accept()
		if errors.Is(err, net.ErrClosed) {
			return nil
		}
		if err != nil {
			return err
		}
		talks.Go(func() {
			defer c.Close()
			speak(c)
		})
	}
}

func echo(c net.Conn) string {
	n, _ := io.Copy(c, c) // until the client ends, however
	return fmt.Sprintf("echoed %d bytes", n)
}

// assist answers each message with 64 bytes, as if it knew satellites.
func assist(c net.Conn) string {
	buf, answer := make([]byte, 4096), make([]byte, 64)
	for n := 0; ; n++ {
		if _, err := c.Read(buf); err != nil {
			return fmt.Sprintf("answered %d messages", n)
		}
		if _, err := c.Write(answer); err != nil {
			return fmt.Sprintf("answered %d messages", n)
		}
	}
}

const handshakeSize = 1536 // bytes of C1, C2, S1 and S2

// takeStream does the simple handshake of RTMP (Adobe's specification 1.0,
// section 5.2) and takes what is published without a word.
func takeStream(c net.Conn) string {
	began := time.Now()
	head := make([]byte, 1+handshakeSize) // C0 and C1
	if _, err := io.ReadFull(c, head); err != nil {
		return "no handshake"
	}
	if head[0] != 3 {
		return fmt.Sprintf("version %d instead of 3", head[0])
	}
	answer := make([]byte, 1+2*handshakeSize) // S0, S1, S2
	answer[0] = 3
	_, _ = rand.Read(answer[9 : 1+handshakeSize]) // behind time and four zeros; never fails
	second := answer[1+handshakeSize:]
	copy(second, head[1:])
	stamp := uint32(time.Since(began).Milliseconds())
	second[4], second[5], second[6], second[7] = byte(stamp>>24), byte(stamp>>16), byte(stamp>>8), byte(stamp)
	if _, err := c.Write(answer); err != nil {
		return "handshake broken off"
	}
	if _, err := io.ReadFull(c, make([]byte, handshakeSize)); err != nil { // C2
		return "handshake broken off"
	}
	n, _ := io.Copy(io.Discard, c) // until the client ends, however
	return fmt.Sprintf("took %d bytes", n)
}
