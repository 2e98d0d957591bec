// Package adb reaches Android devices through an adb server, over the server's
// own TCP protocol.
//
//	d, err := adb.New(adb.Config{Serial: "127.0.0.1:5555"}) // as "adb devices" shows it
//	err = d.Ready(ctx)                                      // starts a server, connects, waits
//	out, err := d.Run(ctx, "getprop", "ro.product.model")   // exit code and both outputs
//
// [Device] implements [drivers.Bridge]; package android below reads facts
// through any bridge. [Server] lists and watches devices.
//
// Every call ends soon after its context does. A server or device that answers
// nothing for [Config.Silence] is asked for a sign of life by a second
// connection, and counts as lost where none comes: a program may be silent for
// hours, a link may not. A result is whole or an error: a shell's output
// without its exit code, or a file without its end, is drivers.ErrLost. After
// it, Ready brings the device back, or says what a person has to do.
//
// The protocol is that of AOSP's packages/modules/adb: docs/dev/services.md,
// docs/dev/sync.md, shell_protocol.h and file_sync_protocol.h.
package adb
