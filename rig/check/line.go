package check

import "fmt"

// Line is one thing that was looked at.
type Line struct {
	What string // "adb", "SPAN", "clock"
	OK   bool
	Saw  string // what is so
	Do   string // what to do about it; empty where OK
}

// String prints the line for a person.
func (l Line) String() string {
	if l.OK {
		return fmt.Sprintf("ok    %-10s %s", l.What, l.Saw)
	}
	return fmt.Sprintf("FIND  %-10s %s: %s", l.What, l.Saw, l.Do)
}

// list collects lines and shows each as it comes.
type list struct {
	show  func(Line)
	found int
}

func (l *list) ok(what, format string, args ...any) {
	l.show(Line{What: what, OK: true, Saw: fmt.Sprintf(format, args...)})
}

func (l *list) find(what, saw, do string) {
	l.found++
	l.show(Line{What: what, Saw: saw, Do: do})
}
