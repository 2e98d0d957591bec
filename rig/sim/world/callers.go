package world

import (
	"net"
	"sync"
)

// callers is a listener whose Close also ends the connections that it accepted:
// servers that wait for their clients' goodbye end at once.
type callers struct {
	net.Listener
	mu     sync.Mutex
	open   map[net.Conn]bool
	closed bool
}

func listenTCP(addr string) (net.Listener, error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, err
	}
	return &callers{Listener: l, open: map[net.Conn]bool{}}, nil
}

// Accept waits for a connection and remembers it until it is closed.
func (l *callers) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		_ = c.Close()
		return nil, net.ErrClosed
	}
	known := &caller{Conn: c, of: l}
	l.open[known] = true
	return known, nil
}

// Close closes the listener and every connection that is open.
func (l *callers) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	for c := range l.open {
		_ = c.(*caller).Conn.Close()
	}
	clear(l.open)
	return l.Listener.Close()
}

type caller struct {
	net.Conn
	of *callers
}

// Close closes the connection and forgets it.
func (c *caller) Close() error {
	c.of.mu.Lock()
	delete(c.of.open, c)
	c.of.mu.Unlock()
	return c.Conn.Close()
}
