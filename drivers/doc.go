// Package drivers holds the words of the hands: what can be asked of the
// device under test. So far that is its privacy Mode; consoles, bridges,
// controllers and power come with the live bench.
//
// Drivers act on the world and never look at traffic; captures look and never act.
package drivers
