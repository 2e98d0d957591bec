package adb

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// startMarked runs a program on a device before Android 7, whose shells have
// neither exit code nor stderr: the exit code is printed behind a token that
// no output can guess, and stderr is mixed into standard output, which the
// journal is told. "exec" has no terminal that would change bytes.
func (d *Device) startMarked(ctx context.Context, command string) (process, error) {
	token := rand.Text()
	l, err := d.open(ctx, "exec:"+command+" </dev/null; echo "+token+"$?")
	if err != nil {
		return nil, err
	}
	d.mixed.Do(func() {
		d.config.Note("adb", map[string]any{"serial": d.config.Serial, "stderr": "mixed into stdout: the device is older than Android 7"})
	})
	return newMarked(l, token), nil
}

// marked gives the output up to the token. It holds back as many bytes as a
// token with its exit code has.
type marked struct {
	l     *link
	r     *bufio.Reader
	token []byte
	size  int // of the longest mark: token, three digits, newline
	code  int
}

func newMarked(l *link, token string) *marked {
	return &marked{l: l, r: bufio.NewReaderSize(l, readAhead), token: []byte(token), size: len(token) + len("255\r\n")}
}

func (m *marked) exitCode() int { return m.code }

func (m *marked) Close() error { return m.l.Close() }

func (m *marked) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	held, err := m.r.Peek(m.size + 1)
	if err == nil { // more than a mark: its first byte is output, and what else is buffered
		n := min(len(p), max(1, m.r.Buffered()-m.size))
		return m.r.Read(p[:n])
	}
	if !errors.Is(err, io.EOF) {
		return 0, err
	}
	return m.end(p, held)
}

// end gives the output before the mark; the mark has to be the last.
func (m *marked) end(p, held []byte) (int, error) {
	at := bytes.LastIndex(held, m.token)
	if at < 0 {
		return 0, m.l.lost(io.ErrUnexpectedEOF)
	}
	if at > 0 {
		return m.r.Read(p[:min(len(p), at)])
	}
	digits := bytes.TrimRight(held[len(m.token):], "\r\n")
	code, err := strconv.ParseUint(string(digits), 10, 8)
	if err != nil || len(digits) == len(held)-len(m.token) {
		return 0, m.l.lost(fmt.Errorf("the exit code %q is cut", digits))
	}
	m.code = int(code)
	return 0, io.EOF
}
