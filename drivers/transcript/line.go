package transcript

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// Schema is the number of the format.
const Schema = 1

// Header is the first line: what the transcript is of.
type Header struct {
	Schema   int       `json:"schema"`
	Device   string    `json:"device"` // model and firmware, or "simulator"
	Recorded time.Time `json:"recorded"`
	Licence  string    `json:"licence,omitempty"`
	Note     string    `json:"note,omitempty"`
}

// What was called.
const (
	doRun    = "run"
	doStream = "stream"
	doPull   = "pull"
	doPush   = "push"
	doReboot = "reboot"
	doReady  = "ready"
)

// line is one call and its answer.
type line struct {
	Do     string `json:"do"`
	Argv   []text `json:"argv,omitempty"`
	Path   text   `json:"path,omitempty"`
	Stdout text   `json:"stdout,omitempty"` // of a pull: the file
	Stderr text   `json:"stderr,omitempty"`
	Code   int    `json:"code,omitempty"`
	Error  string `json:"error,omitempty"`
	Kind   string `json:"kind,omitempty"` // of the error: "lost", "missing", "cancelled"
	Cut    bool   `json:"cut,omitempty"`  // the output was too long to be kept
	Millis int64  `json:"ms"`
}

// key is what a call is found by.
func (l *line) key() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %q", l.Do, string(l.Path))
	for _, a := range l.Argv {
		fmt.Fprintf(&b, " %q", string(a))
	}
	return b.String()
}

// text is bytes that JSON shows as a string where they are UTF-8, else as
// {"base64": "..."}.
type text []byte

type encoded struct {
	Base64 []byte `json:"base64"`
}

// MarshalJSON writes the bytes so that UnmarshalJSON gives the same.
func (t text) MarshalJSON() ([]byte, error) {
	if utf8.Valid(t) {
		return json.Marshal(string(t))
	}
	return json.Marshal(encoded{t})
}

// UnmarshalJSON reads either form.
func (t *text) UnmarshalJSON(b []byte) error {
	if bytes.HasPrefix(b, []byte("{")) {
		var e encoded
		d := json.NewDecoder(bytes.NewReader(b))
		d.DisallowUnknownFields()
		if err := d.Decode(&e); err != nil {
			return err
		}
		*t = e.Base64
		return nil
	}
	var s *string
	if err := json.Unmarshal(b, &s); err != nil {
		return err
	}
	if s == nil {
		return errors.New("null is no text")
	}
	*t = text(*s)
	return nil
}

func texts(argv []string) []text {
	all := make([]text, len(argv))
	for i, a := range argv {
		all[i] = text(a)
	}
	return all
}

// mask puts *** in the place of secrets.
type mask [][]byte

func newMask(secrets []string) mask {
	var m mask
	for _, s := range secrets {
		if s != "" {
			m = append(m, []byte(s))
		}
	}
	return m
}

func (m mask) hide(t text) text {
	for _, secret := range m {
		t = bytes.ReplaceAll(t, secret, []byte("***"))
	}
	return t
}

// hideAll masks everything that a device or a user said.
func (m mask) hideAll(l *line) {
	for i := range l.Argv {
		l.Argv[i] = m.hide(l.Argv[i])
	}
	l.Path, l.Stdout, l.Stderr, l.Error = m.hide(l.Path), m.hide(l.Stdout), m.hide(l.Stderr), string(m.hide(text(l.Error)))
}
