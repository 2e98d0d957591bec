// Package fake has in-memory stand-ins for drivers: a [Console] with a scripted
// dialogue, a [Bridge] whose programs and files are the test's, and an
// [AdbServer] that answers as wrongly as a test wants.
//
// They hold to the words of package drivers, so drivertest's conformance tests
// pass on them; nothing in them waits longer than its context.
package fake
