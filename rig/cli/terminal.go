package cli

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/term"

	"github.com/spanrig/spanrig/rig/report"
)

// terminal tells what w can show. In a pipe: no width, no colour.
type terminal struct {
	w     io.Writer
	width int // columns; 0 in a pipe
	color bool
}

func newTerminal(w io.Writer) terminal {
	t := terminal{w: w}
	f, ok := w.(*os.File)
	if !ok || !isTerminal(f) {
		return t
	}
	if t.width, _, _ = term.GetSize(int(f.Fd())); t.width <= 0 {
		t.width = 80
	}
	t.color = os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	return t
}

func isTerminal(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }

// SGR codes of the few styles in use (ECMA-48 section 8.3.117).
const (
	bold   = "1"
	red    = "31"
	green  = "32"
	yellow = "33"
	purple = "35"
	grey   = "90"
)

func (t terminal) style(code, s string) string {
	if !t.color || s == "" {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

// wrap breaks s into lines of at most the terminal's width, with indent before
// each; one line in a pipe.
func (t terminal) wrap(indent, s string) string {
	if t.width == 0 {
		return indent + s
	}
	var b strings.Builder
	room := max(t.width-utf8.RuneCountInString(indent), 20)
	line := 0
	b.WriteString(indent)
	for i, word := range strings.Fields(s) {
		n := utf8.RuneCountInString(word)
		switch {
		case i == 0:
		case line+1+n > room:
			b.WriteString("\n" + indent)
			line = 0
		default:
			b.WriteByte(' ')
			line++
		}
		b.WriteString(word)
		line += n
	}
	return b.String()
}

// printable keeps what came from the wire from steering the terminal: control
// characters, those that change the direction of writing or have no width, and
// bytes that are no text become '.'.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r == utf8.RuneError || unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) {
			return '.'
		}
		return r
	}, s)
}

// fit cuts or pads s to exactly n columns.
func fit(s string, n int) string {
	have := utf8.RuneCountInString(s)
	if have <= n {
		return s + strings.Repeat(" ", n-have)
	}
	runes := []rune(s)
	return string(runes[:max(n-1, 0)]) + "…"
}

// progress shows on a terminal how far a long reading is.
type progress struct {
	t     terminal
	what  string
	total int64 // bytes; 0 unknown
	next  time.Time
	shown bool
}

func newProgress(w io.Writer, what string, total int64) *progress {
	return &progress{t: newTerminal(w), what: what, total: total, next: time.Now().Add(time.Second / 2)}
}

// update is called often; it prints at most five times a second.
func (p *progress) update(frames, bytes uint64) {
	if p.t.width == 0 {
		return
	}
	now := time.Now()
	if now.Before(p.next) {
		return
	}
	p.next, p.shown = now.Add(time.Second/5), true
	line := fmt.Sprintf("%s: %s frames, %s", p.what, report.Thousands(frames), report.Size(bytes))
	if p.total > 0 {
		line += fmt.Sprintf(" (%d %%)", min(100, bytes*100/uint64(p.total)))
	}
	fmt.Fprintf(p.t.w, "\r\x1b[K%s", fit(line, min(len(line), p.t.width-1)))
}

// done clears the line.
func (p *progress) done() {
	if p.shown {
		fmt.Fprint(p.t.w, "\r\x1b[K")
	}
}
