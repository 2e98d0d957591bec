package device

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"time"
)

// logs is logcat: a ring of lines that can be followed.
type logs struct {
	mu      sync.Mutex
	lines   []logLine
	dropped int           // lines that the ring has lost, or that were cleared
	changed chan struct{} // closed at the next line; nil: nobody waits
}

type logLine struct {
	at       time.Time // by the device's clock
	pid, uid int
	tag      string
	text     string
}

const mostLines = 4000

func (l *logs) add(tag, format string, a ...any) {
	l.write(logLine{at: time.Now(), pid: 1210, uid: systemUID, tag: tag, text: fmt.Sprintf(format, a...)})
}

func (l *logs) write(line logLine) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, line)
	if n := len(l.lines) - mostLines; n > 0 {
		l.lines = l.lines[n:]
		l.dropped += n
	}
	if l.changed != nil {
		close(l.changed)
		l.changed = nil
	}
}

func (l *logs) clear() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.dropped += len(l.lines)
	l.lines = nil
}

// from returns the lines from number n on, the number of the next one, and what
// is closed when there is more.
func (l *logs) from(n int) (lines []logLine, next int, more <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.changed == nil {
		l.changed = make(chan struct{})
	}
	next = l.dropped + len(l.lines)
	return l.lines[max(0, n-l.dropped):], next, l.changed
}

// logFormat is how lines are printed: the words behind -v.
type logFormat struct {
	kind             string // "threadtime", "brief", "time", "raw"
	epoch, usec, uid bool
	year, utc        bool
}

func (f *logFormat) set(words string) {
	for _, w := range strings.FieldsFunc(words, func(r rune) bool { return r == ',' || r == ' ' }) {
		switch w {
		case "epoch":
			f.epoch = true
		case "usec":
			f.usec = true
		case "uid":
			f.uid = true
		case "year":
			f.year = true
		case "UTC":
			f.utc = true
		case "threadtime", "brief", "time", "raw":
			f.kind = w
		}
	}
}

func (f *logFormat) print(w io.Writer, l logLine, ahead time.Duration) error {
	at := f.stamp(l.at.Add(ahead))
	user := ""
	if f.uid {
		user = fmt.Sprintf("%5d ", l.uid)
	}
	var err error
	switch f.kind {
	case "raw":
		_, err = fmt.Fprintln(w, l.text)
	case "brief":
		_, err = fmt.Fprintf(w, "I/%-8s(%5d): %s\n", l.tag, l.pid, l.text)
	case "time":
		_, err = fmt.Fprintf(w, "%s I/%-8s(%s%5d): %s\n", at, l.tag, user, l.pid, l.text)
	default:
		_, err = fmt.Fprintf(w, "%s %s%5d %5d I %s: %s\n", at, user, l.pid, l.pid, l.tag, l.text)
	}
	return err
}

func (f *logFormat) stamp(at time.Time) string {
	digits := 3
	if f.usec {
		digits = 6
	}
	if f.epoch {
		return fmt.Sprintf("%11d.%0*d", at.Unix(), digits, at.Nanosecond()/[]int{3: 1e6, 6: 1e3}[digits])
	}
	layout := "01-02 15:04:05." + strings.Repeat("0", digits)
	if f.year {
		layout = "2006-" + layout
	}
	if f.utc {
		layout += " -0700"
	}
	return at.UTC().Format(layout)
}

// logSince reads where to begin: seconds since 1970, or month and day of this
// year with a time.
func logSince(text string) (time.Time, error) {
	if sec, frac, ok := strings.Cut(text, "."); ok && !strings.ContainsAny(text, "- ") {
		n, err := strconv.ParseInt(sec, 10, 64)
		ns, err2 := strconv.ParseInt((frac + "000000000")[:9], 10, 64)
		if err == nil && err2 == nil {
			return time.Unix(n, ns), nil
		}
	}
	t, err := time.Parse("2006-01-02 15:04:05", fmt.Sprintf("%d-%s", time.Now().Year(), text))
	if err != nil {
		return t, fmt.Errorf("-T %q not in time format", text)
	}
	return t, nil
}

// follow prints lines, and goes on where it should, until ctx ends. ahead is how
// far the device's clock is before the host's.
func (l *logs) follow(ctx context.Context, w io.Writer, f logFormat, tail int, since time.Time, on bool, ahead time.Duration) error {
	lines, next, more := l.from(0)
	if tail >= 0 && len(lines) > tail {
		lines = lines[len(lines)-tail:]
	}
	for !since.IsZero() && len(lines) > 0 && lines[0].at.Add(ahead).Truncate(time.Microsecond).Before(since) {
		lines = lines[1:]
	}
	if f.kind != "raw" {
		if _, err := fmt.Fprintln(w, "--------- beginning of main"); err != nil {
			return err
		}
	}
	for {
		for _, line := range lines {
			if err := f.print(w, line, ahead); err != nil {
				return err
			}
		}
		if !on {
			return nil
		}
		select {
		case <-ctx.Done():
			return nil
		case <-more:
		}
		lines, next, more = l.from(next)
	}
}
