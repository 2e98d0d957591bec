// Package usbtest holds tests of the drivers against a real USB stack without
// USB hardware: a kernel in a virtual machine whose dummy_hcd is host and
// device at once. On the device's side g_serial and configfs gadgets pose as
// remote controllers and adapters; on the host's side there are real ttyACM and
// ttyUSB ports, a real sysfs, real uevents and a root hub whose port power can be
// switched.
//
// Run .ci/usb: it builds these tests as the machine's only program. They are
// behind the build tag usbvm, for outside it they could only skip.
package usbtest
