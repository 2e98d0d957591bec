// Package drivertest is for authors of drivers and for their tests: conformance
// tests that any driver can be put through, a recorder and a player of a
// bridge's dialogue, and a private adb server.
//
//	func TestMyBridge(t *testing.T) {
//		drivertest.Bridge(t, func(t *testing.T) drivers.Bridge { return openMine(t) })
//	}
//
// The tests run on the real thing, so they need it: a bridge to a device, a
// console to a device that echoes, a power switch with a load on it. They leave
// the device as they found it, and power on.
package drivertest
