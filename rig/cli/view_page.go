package cli

import (
	"bytes"
	"io"

	"github.com/spanrig/spanrig/drivers/manual"
)

var _ manual.Page = (*view)(nil)

// Write implements io.Writer, for what is said to a person: it stays.
func (v *view) Write(text []byte) (int, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.say(text)
}

// say prints text where the view was.
func (v *view) say(text []byte) (int, error) {
	if v.lines > 0 {
		v.clear()
	}
	if len(text) > 0 {
		v.begun = text[len(text)-1] != '\n'
	}
	return v.t.w.Write(text)
}

// Ask implements [manual.Page].
func (v *view) Ask(prompt string) (answered func()) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.asked = true
	_, _ = v.say([]byte(prompt))
	return func() {
		v.mu.Lock()
		defer v.mu.Unlock()
		v.asked = false
		v.tell()
	}
}

// answers are those of a person at the view's terminal: where their input is
// echoed there, a line of it ends the one that a question began, and moves the
// cursor on.
func (v *view) answers(in io.Reader) io.Reader {
	if v.t.width == 0 || !person(in) {
		return in
	}
	return &echoed{in, v}
}

type echoed struct {
	io.Reader
	view *view
}

func (e *echoed) Read(b []byte) (int, error) {
	n, err := e.Reader.Read(b)
	v := e.view
	v.mu.Lock()
	defer v.mu.Unlock()
	if lines := bytes.Count(b[:n], []byte("\n")); lines > 0 && v.begun {
		v.begun = false
	} else if v.lines > 0 {
		v.lines += lines
	}
	return n, err
}
