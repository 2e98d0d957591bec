package power

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"unsafe"

	"golang.org/x/sys/unix"
)

// control is struct usbdevfs_ctrltransfer of linux/usbdevice_fs.h.
type control struct {
	requestType, request byte
	value, index, length uint16
	timeout              uint32 // ms
	data                 unsafe.Pointer
}

// controlTransfer is USBDEVFS_CONTROL, _IOWR('U', 0, struct usbdevfs_ctrltransfer).
const controlTransfer = 3<<30 | unsafe.Sizeof(control{})<<16 | 'U'<<8

// switchable asks the hub whether it switches the supply of single ports (USB
// 2.0, 11.23.2.1: wHubCharacteristics, bits 0 and 1). Where the hub cannot be
// asked, the switching itself will show.
func (h *HubPort) switchable() error {
	characteristics, err := h.characteristics()
	switch mode := characteristics & 3; {
	case err == nil && mode == 0:
		return fmt.Errorf("%s: the hub switches all its ports together; use one that switches single ports, or a relay (%w)", h, errors.ErrUnsupported)
	case err == nil && mode > 1:
		return fmt.Errorf("%s: the hub switches no power; use one that switches single ports, or a relay (%w)", h, errors.ErrUnsupported)
	}
	return nil
}

// characteristics reads wHubCharacteristics from the hub's descriptor.
func (h *HubPort) characteristics() (uint16, error) {
	dir := filepath.Join(devices(h.cfg.Root), h.cfg.Hub)
	bus, err1 := strconv.Atoi(attribute(dir, "busnum"))
	device, err2 := strconv.Atoi(attribute(dir, "devnum"))
	if err := errors.Join(err1, err2); err != nil {
		return 0, err
	}
	root := h.cfg.Root
	if root == "" {
		root = "/"
	}
	f, err := os.OpenFile(filepath.Join(root, fmt.Sprintf("dev/bus/usb/%03d/%03d", bus, device)), os.O_RDWR, 0)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	kind := uint16(0x29) // hub descriptor
	if superSpeed(dir) {
		kind = 0x2a // of a SuperSpeed hub
	}
	var answer [16]byte
	request := control{requestType: 0xa0, request: 6, value: kind << 8, length: uint16(len(answer)), timeout: 1000, data: unsafe.Pointer(&answer)}
	n, _, errno := unix.Syscall(unix.SYS_IOCTL, f.Fd(), controlTransfer, uintptr(unsafe.Pointer(&request)))
	if errno != 0 {
		return 0, errno
	}
	if n < 5 {
		return 0, fmt.Errorf("hub descriptor of %d bytes", n)
	}
	return uint16(answer[3]) | uint16(answer[4])<<8, nil
}

func superSpeed(dir string) bool {
	speed, err := strconv.Atoi(attribute(dir, "speed")) // Mbit/s
	return err == nil && speed >= 5000
}
