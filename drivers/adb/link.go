package adb

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"time"

	"github.com/spanrig/spanrig/drivers"
)

// link is one connection to the server. It closes when its context ends.
type link struct {
	conn    net.Conn
	ctx     context.Context
	forget  func() bool // stops watching the context
	silence time.Duration
	probe   func(context.Context) error // asks for a sign of life after silence; nil: silence is loss
	what    string                      // is in errors
}

func newLink(ctx context.Context, conn net.Conn, silence time.Duration, what string) *link {
	l := &link{conn: conn, ctx: ctx, silence: silence, what: what}
	l.forget = context.AfterFunc(ctx, func() { conn.Close() })
	return l
}

func (l *link) Close() error {
	l.forget()
	return l.conn.Close()
}

// Read gives what has come, and io.EOF where the other end closed.
func (l *link) Read(p []byte) (int, error) {
	for {
		_ = l.conn.SetReadDeadline(time.Now().Add(l.silence)) // fails where the connection is closed, as Read then does
		n, err := l.conn.Read(p)
		if n > 0 || err == nil {
			return n, nil
		}
		if errors.Is(err, io.EOF) && l.ctx.Err() == nil {
			return 0, io.EOF
		}
		if err := l.patience(err); err != nil {
			return 0, err
		}
	}
}

// Write writes p whole.
func (l *link) Write(p []byte) (written int, err error) {
	for {
		_ = l.conn.SetWriteDeadline(time.Now().Add(l.silence))
		n, err := l.conn.Write(p[written:])
		written += n
		if err == nil {
			return written, nil
		}
		if err := l.patience(err); err != nil {
			return written, err
		}
	}
}

// patience returns nil where the other end was silent and still lives, else
// why the link is of no more use.
func (l *link) patience(err error) error {
	if !errors.Is(err, os.ErrDeadlineExceeded) || l.ctx.Err() != nil {
		return l.lost(err)
	}
	if l.probe == nil {
		return l.lost(fmt.Errorf("no answer within %v", l.silence))
	}
	if err := l.probe(l.ctx); err != nil {
		return l.lost(fmt.Errorf("silent for %v, and then: %w", l.silence, err))
	}
	return nil
}

// lost words the end of the link: that of the context where that is why.
func (l *link) lost(err error) error {
	if l.ctx.Err() != nil {
		return ended(l.ctx, "adb "+l.what)
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = errors.New("the connection ended before the answer did")
	}
	return fmt.Errorf("adb %s: %w: %w", l.what, drivers.ErrLost, err)
}

// ended words the end of a context and its cause.
func ended(ctx context.Context, what string) error {
	if cause := context.Cause(ctx); !errors.Is(cause, ctx.Err()) {
		return fmt.Errorf("%s: %w: %w", what, ctx.Err(), cause)
	}
	return fmt.Errorf("%s: %w", what, ctx.Err())
}

// ask sends a request: its length in four hex digits, and itself.
func (l *link) ask(service string) error {
	if len(service) > requestMax {
		return fmt.Errorf("adb: a request of %d bytes is longer than the %d that adb can say; push a script and run that", len(service), requestMax)
	}
	_, err := fmt.Fprintf(l, "%04x%s", len(service), service)
	return err
}

// status reads OKAY, or FAIL with a reason.
func (l *link) status(service string) error {
	var b [4]byte
	if err := l.full(b[:]); err != nil {
		return err
	}
	switch string(b[:]) {
	case "OKAY":
		return nil
	case "FAIL":
		reason, err := l.text()
		if err != nil {
			return err
		}
		return &RefusedError{service, reason}
	}
	return l.lost(fmt.Errorf("the answer %q is neither OKAY nor FAIL; is this an adb server?", b))
}

// text reads a text behind its length in four hex digits.
func (l *link) text() (string, error) {
	var b [4]byte
	if err := l.full(b[:]); err != nil {
		return "", err
	}
	n, err := strconv.ParseUint(string(b[:]), 16, 16)
	if err != nil {
		return "", l.lost(fmt.Errorf("the length %q is no hexadecimal number; is this an adb server?", b))
	}
	text := make([]byte, n)
	if err := l.full(text); err != nil {
		return "", err
	}
	return string(text), nil
}

// full reads p whole; an end before that is loss.
func (l *link) full(p []byte) error {
	return l.whole(l, p)
}

// whole is full for a buffered reader of the link.
func (l *link) whole(r io.Reader, p []byte) error {
	_, err := io.ReadFull(r, p)
	return l.lostAt(err)
}

// lostAt is lost for the link's end alone; its other errors are worded already.
func (l *link) lostAt(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return l.lost(err)
	}
	return err
}
