//go:build !linux

package pseudo

import (
	"errors"
	"fmt"
	"os"
)

// Port is the device's side of a line.
type Port struct {
	*os.File
	Path string
}

// Open is not there on this system.
func Open(string) (*Port, error) {
	return nil, fmt.Errorf("pseudo-terminal: %w", errors.ErrUnsupported)
}
