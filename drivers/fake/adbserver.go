package fake

import (
	"fmt"
	"io"
	"net"
	"strconv"
	"sync"
)

// AdbServer listens where an adb server would, and does with each connection
// what the test says.
type AdbServer struct {
	Addr string

	listener net.Listener
	mu       sync.Mutex
	conns    map[net.Conn]struct{}
	handlers sync.WaitGroup
}

// NewAdbServer starts a server on a port of the loopback interface. The
// connection closes when handle returns.
func NewAdbServer(handle func(*AdbConn)) (*AdbServer, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &AdbServer{Addr: l.Addr().String(), listener: l, conns: map[net.Conn]struct{}{}}
	s.handlers.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			s.track(conn)
			s.handlers.Go(func() {
				defer conn.Close()
				handle(&AdbConn{conn})
			})
		}
	})
	return s, nil
}

func (s *AdbServer) track(conn net.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.conns[conn] = struct{}{}
}

// Close closes the listener and all connections and waits for their handlers.
func (s *AdbServer) Close() error {
	err := s.listener.Close()
	s.mu.Lock()
	for conn := range s.conns {
		conn.Close()
	}
	s.mu.Unlock()
	s.handlers.Wait()
	return err
}

// AdbConn is one connection of a client.
type AdbConn struct{ net.Conn }

// Request reads what the client asks for: a text behind four hex digits.
func (c *AdbConn) Request() (string, error) {
	var b [4]byte
	if _, err := io.ReadFull(c, b[:]); err != nil {
		return "", err
	}
	n, err := strconv.ParseUint(string(b[:]), 16, 16)
	if err != nil {
		return "", err
	}
	text := make([]byte, n)
	_, err = io.ReadFull(c, text)
	return string(text), err
}

// Fail is the answer of a server that refuses.
func Fail(reason string) string { return "FAIL" + Text(reason) }

// Text is a text behind its length, as the server sends it.
func Text(s string) string { return fmt.Sprintf("%04x%s", len(s), s) }
