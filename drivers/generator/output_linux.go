package generator

import (
	"errors"
	"fmt"
	"net"
	"os"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// output is a packet socket that sends on one interface.
type output struct {
	fd       int
	name     string
	messages []message
	vectors  []unix.Iovec
}

// message is struct mmsghdr (recvmmsg(2)).
type message struct {
	header unix.Msghdr
	length uint32
}

func open(name string) (*output, error) {
	iface, err := net.InterfaceByName(name)
	if err != nil {
		return nil, fmt.Errorf("no interface %q to send from: %w", name, err)
	}
	if iface.Flags&net.FlagUp == 0 {
		return nil, fmt.Errorf("interface %s is down: run: ip link set %s up", name, name)
	}
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("sending frames needs CAP_NET_RAW: run as root: %w", err)
	}
	o := &output{fd: fd, name: name, messages: make([]message, batch), vectors: make([]unix.Iovec, batch)}
	if err := unix.Bind(fd, &unix.SockaddrLinklayer{Ifindex: iface.Index}); err != nil {
		o.close()
		return nil, os.NewSyscallError("bind", err)
	}
	return o, nil
}

// send sends the frames and returns how many the kernel took.
func (o *output) send(frames [][]byte) (int, error) {
	for i, f := range frames {
		o.vectors[i].Base = &f[0]
		o.vectors[i].SetLen(len(f))
		o.messages[i].header.Iov = &o.vectors[i]
		o.messages[i].header.SetIovlen(1)
	}
	n, _, errno := unix.Syscall6(unix.SYS_SENDMMSG, uintptr(o.fd), uintptr(unsafe.Pointer(&o.messages[0])), uintptr(len(frames)), 0, 0, 0)
	switch {
	case errno == 0:
		return int(n), nil
	case errno == unix.EINTR:
		return 0, nil
	case errno == unix.ENOBUFS: // the card's queue is full, and this frame was not sent
		time.Sleep(50 * time.Microsecond)
		return 0, nil
	case errors.Is(errno, unix.EMSGSIZE):
		return 0, fmt.Errorf("a frame is longer than interface %s allows: choose smaller sizes: %w", o.name, errno)
	}
	return 0, fmt.Errorf("sending on %s: %w", o.name, errno)
}

func (o *output) close() { _ = unix.Close(o.fd) }
