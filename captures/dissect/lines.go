package dissect

import "bytes"

// lineLimit is what is kept of a line; the rest of a longer one is dropped.
const lineLimit = 8 << 10

// lineBuffer cuts a stream into lines, however it is segmented.
type lineBuffer struct {
	part []byte
	at   Mark // of part
	size int  // bytes of the line so far, end and what was dropped included
}

// next returns the first line of what was held and b, without its end, and
// what follows it. Where no line is whole yet, it holds b and returns false.
// The line is valid until the next call.
func (l *lineBuffer) next(b []byte, at Mark) (line []byte, from Mark, rest []byte, ok bool) {
	i := bytes.IndexByte(b, '\n')
	if len(l.part) == 0 {
		l.at, l.size = at, 0
	}
	if i < 0 {
		l.size += len(b)
		l.hold(b)
		return nil, at, nil, false
	}
	l.size += i + 1
	line = b[:min(i, lineLimit)]
	if len(l.part) > 0 {
		l.hold(b[:i])
		line, l.part = l.part, l.part[:0]
	}
	if n := len(line); n > 0 && line[n-1] == '\r' {
		line = line[:n-1]
	}
	return line, l.at, b[i+1:], true
}

func (l *lineBuffer) hold(b []byte) {
	l.part = append(l.part, b[:min(len(b), lineLimit-len(l.part))]...)
}

// empty reports whether the next byte begins a line.
func (l *lineBuffer) empty() bool { return len(l.part) == 0 }

func (l *lineBuffer) reset() { l.part = nil }
