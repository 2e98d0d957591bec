package adbd

import (
	"bufio"
	"context"
	"net"
	"sync"
)

// transport is one connection of an adb server, with its streams.
type transport struct {
	daemon *Daemon
	ctx    context.Context
	conn   net.Conn

	// Fixed once the server has introduced itself.
	max int  // bytes of payload that both ends take
	sum bool // payloads carry a checksum

	writing sync.Mutex
	out     []byte

	mu      sync.Mutex
	last    uint32 // id that was given to a stream last
	streams map[uint32]*stream
}

// serveTransport speaks with one server until the connection ends, and returns
// when its services have ended too.
func serveTransport(ctx context.Context, d *Daemon, conn net.Conn) {
	ctx, cancel := context.WithCancel(ctx)
	var services sync.WaitGroup
	defer services.Wait()
	defer cancel()
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	t := &transport{daemon: d, ctx: ctx, conn: conn, max: payloadMin, sum: true, streams: map[uint32]*stream{}}
	r := bufio.NewReaderSize(conn, 64<<10)
	if !t.introduce(r) {
		return
	}
	for {
		p, err := readPacket(r, payloadMax, t.sum)
		if err != nil || d.awake(ctx) != nil {
			return
		}
		if p.command == open {
			if s := t.newStream(p); s != nil {
				services.Go(func() { s.serve(string(p.payload)) })
			}
			continue
		}
		if !t.handle(p) {
			return
		}
	}
}

// introduce waits for the server's banner and answers with the device's. What
// comes before the banner is ignored, as the protocol asks.
func (t *transport) introduce(r *bufio.Reader) bool {
	p, ok := t.await(r, cnxn)
	if !ok || p.arg0 < versionSum || p.arg1 < payloadMin {
		return false
	}
	if t.daemon.config.Allow != nil && !t.authorize(r) {
		return false
	}
	// The banner itself has a checksum whatever the version.
	if err := t.send(packet{cnxn, versionNoSum, payloadMax, []byte(t.daemon.banner)}); err != nil {
		return false
	}
	t.sum = p.arg0 < versionNoSum
	t.max = int(min(p.arg1, payloadMax))
	return true
}

// await reads packets until one of a command comes.
func (t *transport) await(r *bufio.Reader, command uint32) (packet, bool) {
	for {
		p, err := readPacket(r, payloadMin, false)
		if err != nil || t.daemon.awake(t.ctx) != nil {
			return packet{}, false
		}
		if p.command == command {
			return p, true
		}
	}
}

// authorize lets the server try its keys, none of which is known, until it
// shows the one that a person is asked about.
func (t *transport) authorize(r *bufio.Reader) bool {
	for {
		token := make([]byte, tokenBytes) // it is never compared, so it needs no chance
		if err := t.send(packet{auth, authToken, 0, token}); err != nil {
			return false
		}
		p, ok := t.await(r, auth)
		if !ok {
			return false
		}
		if p.arg0 == authPublicKey {
			return t.daemon.config.Allow(t.ctx)
		}
	}
}

// handle takes a packet of an open stream; false closes the transport.
func (t *transport) handle(p packet) bool {
	t.mu.Lock()
	s := t.streams[p.arg1]
	t.mu.Unlock()
	if s == nil || p.arg0 != s.peer && !(p.command == clse && p.arg0 == 0) {
		return true // it was closed while the packet was under way
	}
	switch p.command {
	case okay:
		select {
		case s.credit <- struct{}{}:
		default:
			return false // an answer to nothing
		}
	case wrte:
		select {
		case s.in <- p.payload:
		default:
			return false // a second write before the first was taken
		}
	case clse:
		s.end()
	}
	return true
}

// send writes one packet whole.
func (t *transport) send(p packet) error {
	t.writing.Lock()
	defer t.writing.Unlock()
	if err := t.daemon.awake(t.ctx); err != nil {
		return err
	}
	t.out = p.append(t.out[:0], t.sum)
	_, err := t.conn.Write(t.out)
	return err
}
