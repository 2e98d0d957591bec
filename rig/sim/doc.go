// Package sim is the simulated bench: a device and a world that do not exist,
// behind real kernel interfaces, driven by the same programs that drive a
// laboratory's bench.
//
//	wiring   namespaces, a switch with a mirror port            package wiring
//	world    DNS, HTTPS, HTTP/3, MQTT, NTP and so on            package world, a process of its own
//	device   adb, screens, an app with three modes              package device, a process of its own
//	adb      the real adb server, on a port of its own
//
// [Start] builds one and gives its bench file; [Bench.Close] leaves nothing
// behind. [Up] and [Down] do the same in the background, for the command line.
// A fault makes the device, the world or the wiring misbehave in one known way.
//
// World and device need a network namespace each, so they are processes: the
// program that is running, started again with "sim" and "child" as its first
// arguments, which have to lead to [Child].
//
// Nothing that it records may be presented as a device's: the model, the
// labels of the bench and the host in the inventory say that it is simulated.
package sim
