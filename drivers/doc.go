// Package drivers holds the words of the hands: what can be asked of the
// device under test and of the equipment around it.
//
//	Console     a byte channel, read all the time     drivers/serial
//	Bridge      a shell on an Android device          drivers/adb
//	Controller  modes, services, stimuli, read back   drivers/controller, drivers/manual
//	Power       on, off, and what is really so        drivers/power
//
// A driver takes a context in every call that waits, and its deadline from
// nowhere else. An exit code is data; an error means that the link or the
// equipment failed, and is about the rig, never about the product: [ErrLost],
// [*BusyError], [*BrokenError] say which. A driver reads back what it did and
// tells the journal through a [Note]; "unknown" is an answer.
//
// Drivers act on the world and never look at traffic; captures look and never act.
package drivers
