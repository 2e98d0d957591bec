// Package device is the simulated remote controller: an Android that is none.
// [Run] is its whole life in one call; the process has to be root and inside
// the device's network namespace (package wiring), where it joins the LAN by
// DHCP, answers adb on a listener that the caller opens elsewhere, answers DUML
// on a pty, plays the app (package pilot) and makes the noise of a system.
//
//	err := device.Run(ctx, device.Config{State: dir, Listen: listen, Roots: pem, DUML: dir + "/duml", Control: dir + "/control"})
//
// What survives a reboot is in the state folder: the mode of the app, its
// services, settings, properties that persist. All else is lost: a reboot takes
// the link away, ends every process without a word, brings wlan0 down and up
// again with a new DHCP exchange, and says sys.boot_completed late.
//
// [Knobs] make it misbehave. A bench follows what happens and holds the other
// end of the USB cable through a unix socket: see [Connect].
//
// It says everywhere that it is simulated: ro.spanrig.simulated is 1.
package device
