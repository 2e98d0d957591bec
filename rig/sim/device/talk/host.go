package talk

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// Config is what a device knows of the network.
type Config struct {
	Resolvers func() []netip.Addr // that the network told it of; none where it is on no network
	Roots     *x509.CertPool      // whom it trusts
	Now       func() time.Time    // its clock; nil: the host's
	DNSUser   int                 // user id of the daemon that asks names; 0: 1051, as on Android
}

// dnsUser is AID_DNS of Android.
const dnsUser = 1051

// Host is the device as its programs see it.
type Host struct {
	Config
	dns *User
}

// NewHost returns a device without programs.
func NewHost(c Config) *Host {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.DNSUser == 0 {
		c.DNSUser = dnsUser
	}
	h := &Host{Config: c}
	h.dns = h.User(c.DNSUser)
	return h
}

// User returns a new program that runs as a user.
func (h *Host) User(uid int) *User {
	return &User{UID: uid, host: h, open: map[*conn]struct{}{}, known: map[string][]netip.Addr{}}
}

// User is a running program. Its methods may be called from every goroutine.
type User struct {
	UID  int
	host *Host

	sent, received atomic.Uint64

	mu    sync.Mutex
	dead  bool
	open  map[*conn]struct{}
	known map[string][]netip.Addr
}

// Counters returns the bytes of payload that the program sent and got.
func (u *User) Counters() (sent, received uint64) { return u.sent.Load(), u.received.Load() }

// Known returns the addresses that a name had when the program last asked.
func (u *User) Known(name string) []netip.Addr {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.known[name]
}

// Open counts the sockets that the program has.
func (u *User) Open() int {
	u.mu.Lock()
	defer u.mu.Unlock()
	return len(u.open)
}

// Kill ends all connections at once, with FIN where the peer is owed nothing:
// what the kernel does for a process that is gone. No new ones can be opened.
func (u *User) Kill() { u.end(true, false) }

// Cut forgets all connections: the peer is told by a reset, and by nothing
// where the network is gone already.
func (u *User) Cut() { u.end(true, true) }

// Drop is Cut for a program that lives on: its network is gone.
func (u *User) Drop() { u.end(false, true) }

func (u *User) end(dead, reset bool) {
	u.mu.Lock()
	u.dead = u.dead || dead
	list := make([]*conn, 0, len(u.open))
	for c := range u.open {
		list = append(list, c)
	}
	u.mu.Unlock()
	for _, c := range list {
		if tcp, ok := c.Conn.(*net.TCPConn); ok && reset {
			_ = tcp.SetLinger(0) // it is closed in the next line whatever this says
		}
		_ = c.Close() // its user is gone: nobody could be told
	}
}

// conn counts what goes through a socket, and is known to its user while open.
type conn struct {
	net.Conn
	user *User
}

// keep takes a new socket over; false where the program was killed meanwhile.
func (u *User) keep(c net.Conn) (*conn, bool) {
	kept := &conn{c, u}
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.dead {
		return nil, false
	}
	u.open[kept] = struct{}{}
	return kept, true
}

func (c *conn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.user.received.Add(uint64(n))
	return n, err
}

func (c *conn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	c.user.sent.Add(uint64(n))
	return n, err
}

func (c *conn) Close() error {
	c.user.mu.Lock()
	delete(c.user.open, c)
	c.user.mu.Unlock()
	return c.Conn.Close()
}

// CloseWrite says that nothing more is sent, where the socket knows that.
func (c *conn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}

// config of TLS towards a name.
func (u *User) config(name string, newest uint16, protocols ...string) *tls.Config {
	c := &tls.Config{ServerName: name, RootCAs: u.host.Roots, Time: u.host.Now, NextProtos: protocols}
	if newest != 0 {
		c.MinVersion, c.MaxVersion = newest, newest
	}
	return c
}
