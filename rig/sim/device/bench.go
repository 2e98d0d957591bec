package device

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"sync"
)

// Orders that a bench can give at the control socket, a line each.
const (
	orderPlug   = "plug"
	orderUnplug = "unplug"
)

// order is a line of the bench.
type order struct {
	Do string `json:"do"`
}

// bench is the device's end of the control socket: who connects is told what
// has happened since power-on, and then what happens.
type bench struct {
	device   *device
	listener net.Listener // nil: there is no socket

	mu      sync.Mutex
	history []json.RawMessage
	changed chan struct{} // closed at the next event
	open    map[net.Conn]bool
	closed  bool
	talks   sync.WaitGroup
}

// longestHistory is how many events are told again.
const longestHistory = 10000

func openBench(path string, d *device) (*bench, error) {
	b := &bench{device: d, changed: make(chan struct{}), open: map[net.Conn]bool{}}
	if path == "" {
		return b, nil
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("device: remove the old control socket: %w", err)
	}
	var err error
	if b.listener, err = net.Listen("unix", path); err != nil {
		return nil, fmt.Errorf("device: open the control socket: %w", err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(err, b.listener.Close())
	}
	b.talks.Go(b.accept)
	return b, nil
}

func (b *bench) say(e Event) {
	line, err := json.Marshal(e)
	if err != nil {
		return // an event is made of texts and numbers
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.history) < longestHistory {
		b.history = append(b.history, line)
		close(b.changed)
		b.changed = make(chan struct{})
	}
}

func (b *bench) accept() {
	for {
		c, err := b.listener.Accept()
		if err != nil {
			return // closed
		}
		b.mu.Lock()
		if b.closed {
			b.mu.Unlock()
			c.Close()
			return
		}
		b.open[c] = true
		b.mu.Unlock()
		gone := make(chan struct{})
		b.talks.Go(func() { defer close(gone); b.obey(c) })
		b.talks.Go(func() { b.follow(c, gone) })
	}
}

// obey takes orders until the bench hangs up.
func (b *bench) obey(c net.Conn) {
	lines := bufio.NewScanner(c)
	for lines.Scan() {
		var o order
		if json.Unmarshal(lines.Bytes(), &o) != nil {
			continue // no order
		}
		if o.Do == orderPlug || o.Do == orderUnplug {
			b.device.plug(o.Do == orderPlug)
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.open, c)
	c.Close()
}

// follow writes events, from the first on.
func (b *bench) follow(c net.Conn, gone <-chan struct{}) {
	for next := 0; ; {
		b.mu.Lock()
		lines, changed := b.history[next:], b.changed
		b.mu.Unlock()
		for _, line := range lines {
			if _, err := c.Write(append(line, '\n')); err != nil {
				return
			}
		}
		next += len(lines)
		select {
		case <-changed:
		case <-gone:
			return
		}
	}
}

func (b *bench) close() {
	if b.listener == nil {
		return
	}
	b.listener.Close()
	b.mu.Lock()
	b.closed = true
	for c := range b.open {
		c.Close()
	}
	b.mu.Unlock()
	b.talks.Wait()
}
