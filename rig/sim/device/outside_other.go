//go:build !linux

package device

import (
	"errors"
	"net"
	"os"
)

// Outside is for Linux.
func Outside(*os.File, string) func() (net.Listener, error) {
	return func() (net.Listener, error) { return nil, errors.ErrUnsupported }
}
