package cli

import (
	"errors"

	"github.com/spanrig/spanrig/rig"
)

// judgeError gives an error of judging its exit code: a changed recording is an
// error of the rig, all else is input that cannot be read.
func judgeError(err error) error {
	if errors.Is(err, rig.ErrChanged) {
		return &exit{exitRig, err}
	}
	return unreadable(err)
}
