//go:build !linux

package span

import (
	"context"
	"errors"
	"fmt"
	"runtime"
)

func start(context.Context, Config) (*Recorder, error) {
	return nil, fmt.Errorf("recording needs Linux (AF_PACKET), this is %s: %w", runtime.GOOS, errors.ErrUnsupported)
}
