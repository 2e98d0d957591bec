//go:build !linux

package lock

import (
	"errors"
	"fmt"
	"os"
)

func openShared(string) (*os.File, error) {
	return nil, fmt.Errorf("locks of devices: %w on this system", errors.ErrUnsupported)
}

func openPrivate(string) (*os.File, error) { return nil, errors.ErrUnsupported }

func hold(*os.File, content) (*held, error) { return nil, errors.ErrUnsupported }

func (h *held) release() error { return errors.ErrUnsupported }
