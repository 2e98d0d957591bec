package evidence

import (
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds of a bundle, so that one that was made to do harm does none.
const (
	maxFiles = 1 << 17
	maxName  = 1024      // bytes
	maxText  = 256 << 20 // of what is read at once: manifest, verdicts, journal, bytes
)

// checkName refuses names that are no plain path below the bundle on every
// system: absolute, with "..", empty parts, backslashes, colons at a drive's
// place, control characters.
func checkName(name string) error {
	switch {
	case name == "." || !fs.ValidPath(name):
		return errors.New("the name is no plain path below the bundle")
	case len(name) > maxName:
		return fmt.Errorf("the name is longer than %d bytes", maxName)
	case strings.ContainsAny(name, "\\:"):
		return errors.New(`the name has a backslash or a colon, which is no name on every system; rename the file`)
	case !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl) || strings.ContainsRune(name, utf8.RuneError):
		return errors.New("the name has characters that are no text; rename the file")
	}
	return nil
}

// Difference is the first thing found in a bundle that is not as it was sealed.
type Difference struct {
	File string // of the bundle; empty: the bundle as a whole
	What string // a clause
}

// Error is one line in which every character shows: a name from a bundle may be
// made to hide what it is, or to steer a terminal.
func (d *Difference) Error() string {
	name, what := visible(d.File), visible(d.What)
	switch {
	case d.File == "":
		return what
	case name != d.File:
		name = strconv.Quote(d.File)
	}
	return name + ": " + what
}

// visible writes characters that do not show, or change the direction of others,
// as escapes of Go.
func visible(s string) string {
	if !strings.ContainsFunc(s, hidden) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if hidden(r) {
			b.WriteString(strings.Trim(strconv.QuoteRune(r), "'"))
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

// hidden takes bytes that are no text for hidden too.
func hidden(r rune) bool { return r == utf8.RuneError || !unicode.IsPrint(r) }

func differs(file, format string, args ...any) *Difference {
	return &Difference{file, fmt.Sprintf(format, args...)}
}
