package wiring

import (
	"errors"
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"
)

// features of an interface that make frames on it differ from frames on a wire.
var features = []struct {
	name    string
	command uint32 // of linux/ethtool.h
}{
	{"receive checksums", unix.ETHTOOL_SRXCSUM},
	{"transmit checksums", unix.ETHTOOL_STXCSUM},
	{"scatter-gather", unix.ETHTOOL_SSG},
	{"TSO", unix.ETHTOOL_STSO},
	{"GSO", unix.ETHTOOL_SGSO},
	{"GRO", unix.ETHTOOL_SGRO},
}

// ethtoolValue is struct ethtool_value, and ifreq struct ifreq with a pointer to it.
type ethtoolValue struct{ command, value uint32 }

type ifreq struct {
	name [unix.IFNAMSIZ]byte
	to   *ethtoolValue
	_    [16]byte // the rest of the union
}

// plain switches the features off for interfaces of the calling thread's
// namespace: no frame is longer than the MTU, and checksums are in the frames.
func plain(interfaces ...string) error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	for _, name := range interfaces {
		for _, f := range features {
			r := ifreq{to: &ethtoolValue{command: f.command}}
			copy(r.name[:unix.IFNAMSIZ-1], name)
			_, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), unix.SIOCETHTOOL, uintptr(unsafe.Pointer(&r))) //nolint:gosec // ioctl takes a pointer
			if errno != 0 && !errors.Is(errno, unix.EOPNOTSUPP) {
				return fmt.Errorf("switch off %s of %s: %w", f.name, name, errno)
			}
		}
	}
	return nil
}
