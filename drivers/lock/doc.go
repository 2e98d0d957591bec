// Package lock keeps two processes off one device.
//
// Call [Take] with what it is for and with every device that is needed, or
// [Wait] where waiting makes sense, and Release when done. Several devices are
// taken all or none, in sorted order, so that two benches never wait for each
// other. Who is refused gets a *drivers.BusyError with the holder's user,
// process, reason and time.
//
// A lock is a flock(2) of the kernel on a file of its own per identity: it ends
// with the process that holds it, however that ends, and leaves nothing to
// clean up. An identity is any text that names one device whatever the kernel
// calls it today, such as drivers.USB prints.
//
// The files are in /run/lock/spanrig, which all users of the host share, logged
// in or not: the first who needs it makes it, as /tmp is (1777), and root takes
// it over. The files are open to all (0666) and say who holds a device, which is
// no secret. Nothing in that folder is trusted: links, second names and anything
// but a regular file are refused, and what a file says is shown without control
// characters. Whoever owns it, it does not tell who may use a device: that is up
// to the device's own permissions.
//
// Where that folder cannot be had, a folder of the user's own takes its place
// (/tmp/spanrig-UID, 0700), and locks hold between processes of that user alone:
// [Shared] says so, and why.
package lock
