package drivers

import (
	"context"
	"regexp"
	"time"
)

// Console is a byte channel to a device. What comes in is read and logged all
// the time, whether somebody waits for it or not.
type Console interface {
	// Send writes p at the pace of the line and returns when the line has it.
	Send(ctx context.Context, p []byte) error
	// Cursor returns a new reader that stands at the end of what has come in.
	Cursor() Cursor
	Close() error
}

// Cursor is one caller's place in what a console read. Cursors do not take
// bytes from each other.
type Cursor interface {
	// Expect waits until one of the patterns matches behind the cursor and puts
	// the cursor behind the match. Where several match, the one whose match
	// ends first counts; of those, the first in the list.
	Expect(ctx context.Context, patterns ...*regexp.Regexp) (Match, error)
}

// Match is what Expect found.
type Match struct {
	Pattern int      // index in the list
	Text    string   // of the match
	Groups  []string // of its parenthesised parts; empty where one did not take part
	Before  string   // what the cursor passed over
	At      time.Time
}
