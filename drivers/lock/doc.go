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
// The files are in the first folder of these that can be made or is ours:
// /run/lock/spanrig, $XDG_RUNTIME_DIR/spanrig, spanrig-UID in the temporary
// folder. It belongs to one user and is closed to others (0700), so locks hold
// between processes of one user; a lab runs its benches under one account.
package lock
