// Package pseudo makes serial lines without hardware: pseudo-terminals that
// behave as a device's port does.
//
// [Open] gives the device's side; a console opens Port.Path, or better the
// link that Open makes, which a next Port takes over: to drivers/serial that is
// a device that was unplugged and came back. The line is raw from the start, so
// that nothing echoes; reads of the device's side end when it is closed; and a
// console may come and go.
package pseudo
