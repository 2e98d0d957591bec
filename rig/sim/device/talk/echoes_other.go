//go:build !linux

package talk

import "errors"

// AllowEchoes is for Linux.
func AllowEchoes() error { return errors.ErrUnsupported }
