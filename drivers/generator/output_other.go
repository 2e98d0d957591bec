//go:build !linux

package generator

import (
	"errors"
	"fmt"
)

// output is a packet socket, which only Linux has.
type output struct{}

func open(string) (*output, error) {
	return nil, fmt.Errorf("sending frames needs Linux (AF_PACKET): %w", errors.ErrUnsupported)
}

func (*output) send([][]byte) (int, error) { return 0, errors.ErrUnsupported }

func (*output) close() {}
