package span

import (
	"os"
	"sync"

	"golang.org/x/sys/unix"
)

// bell ends the machine's sleep from another goroutine.
type bell struct {
	mu    sync.Mutex // of ring against close: the number of a closed file may be another's
	fd    int        // an eventfd
	ready bool
}

func (b *bell) open() error {
	fd, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	b.fd, b.ready = fd, err == nil
	return os.NewSyscallError("eventfd", err)
}

func (b *bell) ring() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ready {
		one := [8]byte{1}
		_, _ = unix.Write(b.fd, one[:])
	}
}

func (b *bell) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ready {
		_ = unix.Close(b.fd)
		b.ready = false
	}
}
