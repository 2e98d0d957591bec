package cli

import (
	"errors"

	"github.com/spanrig/spanrig/rig"
)

// judgeError gives an error of judging its exit code: a changed journal is an
// error of the rig, all else is input that cannot be read.
func judgeError(err error) error {
	var chain *rig.ChainError
	if errors.As(err, &chain) {
		return &exit{exitRig, err}
	}
	return unreadable(err)
}
