// Package power switches the supply of a device and reads back what is really
// so.
//
// [OpenHub] is a port of a USB hub, [NewRelay] a channel of a relay board on a
// serial line. Both are a drivers.Power: Set switches, then waits until its
// [Witness] agrees, and fails when the context ends before; give it a deadline.
// Nothing is assumed: who has no witness gets no driver.
//
// A witness says what it saw, and that is not always the supply. A USB device
// that vanished from sysfs shows that the link is down: the kernel takes it away
// itself when it disables a port, and there are hubs that keep 5 V on a port
// that they call off. Where that matters, give a witness on another way: a meter,
// a console on its own supply, the device's network. A device with a battery,
// as a remote controller, stays on without its port.
package power
