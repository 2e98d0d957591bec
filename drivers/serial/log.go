package serial

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"sync"
	"time"
	"unicode/utf8"
)

// Directions of log entries.
const (
	In    = '<' // from the device
	Out   = '>' // to the device
	Event = '!' // what became of the port; the bytes are a sentence
)

// Entry is one line of a console's log: the time, the direction and the bytes
// as a Go string literal in ASCII.
type Entry struct {
	At        time.Time
	Direction byte // In, Out or Event
	Bytes     []byte
}

// Append prints the entry as a line onto b.
func (e Entry) Append(b []byte) []byte {
	b = e.At.UTC().AppendFormat(b, time.RFC3339Nano)
	b = append(b, ' ', e.Direction, ' ')
	b = strconv.AppendQuoteToASCII(b, string(e.Bytes))
	return append(b, '\n')
}

// ParseEntry reads a line of a console's log, with or without its newline.
func ParseEntry(line []byte) (Entry, error) {
	line = bytes.TrimSuffix(line, []byte("\n"))
	stamp, rest, ok := bytes.Cut(line, []byte(" "))
	if !ok || len(rest) < 2 || rest[1] != ' ' {
		return Entry{}, errors.New("console log: a line is a time, a direction and a quoted text")
	}
	at, err := time.Parse(time.RFC3339Nano, string(stamp))
	if err != nil {
		return Entry{}, fmt.Errorf("console log: %w", err)
	}
	if d := rest[0]; d != In && d != Out && d != Event {
		return Entry{}, fmt.Errorf("console log: direction %q: not one of < > !", d)
	}
	text, err := strconv.Unquote(string(rest[2:]))
	if err != nil || rest[2] != '"' || !utf8.Valid(rest[2:]) {
		return Entry{}, errors.New("console log: the text is not quoted")
	}
	return Entry{at, rest[0], []byte(text)}, nil
}

// journal writes entries to the log of one console. It keeps the first error
// and writes no more after it, for what follows could not be told apart.
type journal struct {
	mu     sync.Mutex
	w      io.Writer // nil: none
	line   []byte
	failed error
}

// write appends an entry; the error is returned once.
func (j *journal) write(at time.Time, direction byte, p []byte) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.w == nil || j.failed != nil {
		return nil
	}
	j.line = Entry{at, direction, p}.Append(j.line[:0])
	if _, err := j.w.Write(j.line); err != nil {
		j.failed = fmt.Errorf("console log: %w", err)
		return j.failed
	}
	return nil
}

func (j *journal) err() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.failed
}
