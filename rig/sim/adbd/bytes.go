package adbd

import (
	"bufio"
	"strings"
	"unicode/utf8"
)

// The shell's parser takes UTF-8 only, but a command line is bytes. As mksh
// does, bytes that are no UTF-8 become code points of a private range while
// the shell has them. The code points of that range themselves are taken
// apart, so that every line comes back as it was.
const (
	rawFirst = 0xef80
	rawLast  = rawFirst + 0x7f
)

func encodeRaw(s string) string {
	var b strings.Builder
	for len(s) > 0 {
		r, n := utf8.DecodeRuneInString(s)
		switch {
		case r == utf8.RuneError && n == 1, rawFirst <= r && r <= rawLast:
			for _, c := range []byte(s[:n]) {
				b.WriteRune(rawFirst + rune(c) - 0x80)
			}
		default:
			b.WriteString(s[:n])
		}
		s = s[n:]
	}
	return b.String()
}

func decodeRaw(s string) string {
	if !strings.ContainsFunc(s, isRaw) {
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		r, n := utf8.DecodeRuneInString(s)
		if isRaw(r) {
			b.WriteByte(byte(r - rawFirst + 0x80))
		} else {
			b.WriteString(s[:n]) // also a byte that came from a program's output
		}
		s = s[n:]
	}
	return b.String()
}

func isRaw(r rune) bool { return rawFirst <= r && r <= rawLast }

// rawLines encodes a text line by line, so that a person is not kept waiting.
type rawLines struct {
	r    *bufio.Reader
	rest string
}

func (l *rawLines) Read(p []byte) (int, error) {
	if l.rest == "" {
		line, err := l.r.ReadString('\n')
		if line == "" {
			return 0, err
		}
		l.rest = encodeRaw(line)
	}
	n := copy(p, l.rest)
	l.rest = l.rest[n:]
	return n, nil
}
