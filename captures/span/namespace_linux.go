package span

import (
	"os"
	"runtime"

	"golang.org/x/sys/unix"
)

// namespace is the network namespace in which Start was called: that of the
// calling thread, which need not be the process's. A socket that is made later
// has to be made there.
type namespace struct {
	fd int // -1: the process's own
}

// callers returns the namespace of the calling thread. It has to be called
// where the goroutine cannot move to another thread.
func callers() namespace {
	var thread, process unix.Stat_t
	own := namespace{-1}
	if unix.Stat("/proc/thread-self/ns/net", &thread) != nil || unix.Stat("/proc/self/ns/net", &process) != nil || thread.Ino == process.Ino {
		return own
	}
	fd, err := unix.Open("/proc/thread-self/ns/net", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return own
	}
	return namespace{fd}
}

// within runs f on a thread that is in the namespace.
func (n namespace) within(f func() error) error {
	if n.fd < 0 {
		return f()
	}
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with this goroutine
		if err := unix.Setns(n.fd, unix.CLONE_NEWNET); err != nil {
			done <- os.NewSyscallError("setns", err)
			return
		}
		done <- f()
	}()
	return <-done
}

func (n namespace) close() {
	if n.fd >= 0 {
		_ = unix.Close(n.fd)
	}
}
