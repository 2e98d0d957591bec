package device

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"time"
)

// Remote is a bench's end of a device's control socket. Events and orders may
// be used from two goroutines.
type Remote struct {
	conn  net.Conn
	lines *bufio.Scanner
}

// Connect waits until a device answers at the socket, then follows it. The
// events begin with those since its process started.
func Connect(ctx context.Context, path string) (*Remote, error) {
	for {
		c, err := (&net.Dialer{}).DialContext(ctx, "unix", path)
		if err == nil {
			return &Remote{c, bufio.NewScanner(c)}, nil
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("no device answers at %s: %w", path, err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// Next waits for the next event; io.EOF where the device is gone.
func (r *Remote) Next(ctx context.Context) (Event, error) {
	defer context.AfterFunc(ctx, func() { _ = r.conn.SetReadDeadline(time.Now()) })()
	var e Event
	if !r.lines.Scan() {
		return e, errors.Join(context.Cause(ctx), orEOF(r.lines.Err()))
	}
	if err := json.Unmarshal(r.lines.Bytes(), &e); err != nil {
		return e, fmt.Errorf("an event of the device: %w", err)
	}
	return e, nil
}

func orEOF(err error) error {
	if err == nil {
		return io.EOF
	}
	return err
}

// Until waits for an event of a kind, and passes over others. An empty why
// stands for any.
func (r *Remote) Until(ctx context.Context, what, why string) (Event, error) {
	for {
		e, err := r.Next(ctx)
		if err != nil {
			return e, fmt.Errorf("wait for event %s of the device: %w", what, err)
		}
		if e.What == what && (why == "" || e.Why == why) {
			return e, nil
		}
	}
}

// USB puts the cable in or out.
func (r *Remote) USB(in bool) error {
	if in {
		return r.give(orderPlug)
	}
	return r.give(orderUnplug)
}

func (r *Remote) give(what string) error {
	b, err := json.Marshal(order{what})
	if err != nil {
		return err
	}
	_, err = r.conn.Write(append(b, '\n'))
	return err
}

// Close hangs up; the device goes on.
func (r *Remote) Close() error { return r.conn.Close() }
