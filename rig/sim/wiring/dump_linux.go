package wiring

import (
	"errors"

	"github.com/vishvananda/netlink"
)

// Dump lists something of the kernel's and asks again where that changed in the
// meantime, as it does while benches come and go beside each other.
func Dump[T any](list func() (T, error)) (all T, err error) {
	for range 20 {
		if all, err = list(); !errors.Is(err, netlink.ErrDumpInterrupted) {
			break
		}
	}
	return all, err
}
