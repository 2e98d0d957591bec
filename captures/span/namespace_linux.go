package span

import (
	"os"
	"runtime"

	"golang.org/x/sys/unix"
)

// namespace is the network namespace in which Start was called: that of the
// calling thread, which need not be that of other threads. A socket that is
// made later has to be made there.
type namespace struct {
	fd int // -1: it cannot be told
}

const threadNamespace = "/proc/thread-self/ns/net"

// callers returns the namespace of the calling thread. It has to be called
// where the goroutine cannot move to another thread.
func callers() namespace {
	fd, err := unix.Open(threadNamespace, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return namespace{-1}
	}
	return namespace{fd}
}

// within runs f on a thread that is in the namespace.
func (n namespace) within(f func() error) error {
	done := make(chan error)
	go func() {
		runtime.LockOSThread()
		if n.here() {
			defer runtime.UnlockOSThread()
		} else if err := unix.Setns(n.fd, unix.CLONE_NEWNET); err != nil {
			done <- os.NewSyscallError("setns", err)
			return
		} // a thread that was moved stays locked and ends with this goroutine
		done <- f()
	}()
	return <-done
}

// here reports whether the calling thread is in the namespace, or nobody knows.
func (n namespace) here() bool {
	var there, thread unix.Stat_t
	return n.fd < 0 || unix.Fstat(n.fd, &there) != nil || unix.Stat(threadNamespace, &thread) != nil || there.Ino == thread.Ino
}

func (n namespace) close() {
	if n.fd >= 0 {
		_ = unix.Close(n.fd)
	}
}
