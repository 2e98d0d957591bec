package strict

import (
	"fmt"
	"strings"
)

// Finding is one fault of a file. As an error it is one line, FILE:LINE:COLUMN: what.
type Finding struct {
	File         string // base name
	Line, Column int    // 1-based; 0 where the whole file is meant
	What         string
}

func (f Finding) Error() string {
	what := strings.Join(strings.Fields(f.What), " ")
	if f.Line == 0 {
		return f.File + ": " + what
	}
	return fmt.Sprintf("%s:%d:%d: %s", f.File, f.Line, f.Column, what)
}

// Text is a scalar of a file with its place, so that what is wrong with it can
// be named by line and column. The place is 0 where the key is absent.
type Text struct {
	Value        string
	Line, Column int
}

// Finding is a fault at the place of t; at the start of the file where it has none.
func (t Text) Finding(file, format string, args ...any) Finding {
	return Finding{file, max(t.Line, 1), max(t.Column, 1), fmt.Sprintf(format, args...)}
}
