//go:build !linux

package device

import (
	"errors"
	"os"
)

type port struct{ *os.File }

func openPort(string) (*port, error) { return nil, errors.ErrUnsupported }

func (*port) remove() {}
