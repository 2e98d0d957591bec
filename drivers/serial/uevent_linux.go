package serial

import (
	"bytes"
	"context"
	"errors"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// hints tell that serial ports came or went. They carry no news themselves:
// who hears one looks at sysfs, which is also looked at without any.
type hints struct {
	socket *os.File // nil: none could be had
	came   chan struct{}
}

// watch listens to what the kernel tells of devices (netlink(7),
// NETLINK_KOBJECT_UEVENT, group 1).
func watch() *hints {
	h := &hints{came: make(chan struct{}, 1)}
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, unix.NETLINK_KOBJECT_UEVENT)
	if err != nil {
		return h
	}
	if err := unix.Bind(fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK, Groups: 1}); err != nil {
		_ = unix.Close(fd)
		return h
	}
	h.socket = os.NewFile(uintptr(fd), "uevents")
	go h.listen()
	return h
}

// listen ends when the socket is closed. An overflow (ENOBUFS) is a hint too.
func (h *hints) listen() {
	p := make([]byte, 16<<10)
	for {
		n, err := h.socket.Read(p)
		if err != nil && !errors.Is(err, unix.ENOBUFS) {
			return
		}
		if err != nil || bytes.Contains(p[:n], []byte("\x00SUBSYSTEM=tty\x00")) {
			select {
			case h.came <- struct{}{}:
			default:
			}
		}
	}
}

// wait returns at a hint or after a while, with an error where ctx ended.
func (h *hints) wait(ctx context.Context, while time.Duration) error {
	select {
	case <-h.came:
	case <-time.After(while):
	case <-ctx.Done():
	}
	return ctx.Err()
}

func (h *hints) close() {
	if h.socket != nil {
		h.socket.Close()
	}
}
