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

func (d *Difference) Error() string {
	name := d.File
	switch {
	case name == "":
		return d.What
	case checkName(name) != nil && strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }):
		name = strconv.Quote(name)
	}
	return name + ": " + d.What
}

func differs(file, format string, args ...any) *Difference {
	return &Difference{file, fmt.Sprintf(format, args...)}
}
