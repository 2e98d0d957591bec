// Package serial is a console over a serial port, found by what is plugged in
// and never by the name that the kernel gave it today.
//
// Call [Ports] to see what is there, [Open] to get a [Console]. One goroutine
// reads from then on: into the log (Config.Log), whose lines [ParseEntry] turns
// back into bytes, and into a window of bounded size, over which every caller
// has a cursor of its own. Nothing is lost between two Expects. A cursor that
// stayed behind until its bytes left the window gets an *[OvertakenError]; while
// an Expect waits, patterns are tried before anything is dropped.
//
// In patterns, ^ is the cursor's place and $ the end of what has come in so
// far; bytes that are no UTF-8 match as U+FFFD, and (?s). matches any.
//
// A port may vanish and come back, under another name, within a run. The
// console then waits for the same identity (Config.Return), opens it again and
// goes on; cursors stay valid. Each such [Gap] is counted and told to the
// journal as kind "serial": {event, identity, path, ...} with event "open",
// "lost", "back", "gone", "closed" or "log failed". Send waits through a gap, but a text
// that was cut by one is not continued: the error says how much went out.
//
// Each open port is locked by drivers/lock under "console " and its identity.
// Whatever is sent stands in the log: send no secrets.
//
// What Linux does and no program can avoid: opening raises DTR and RTS for an
// instant, even where Config says off; closing drops them. Where a line takes
// no bytes, closing it can take the kernel 30 s; Close gives up waiting sooner
// and says so.
package serial
