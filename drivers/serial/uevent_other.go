//go:build !linux

package serial

import (
	"context"
	"time"
)

// hints of the kernel are known on Linux alone; elsewhere time passes.
type hints struct{}

func watch() *hints { return &hints{} }

func (*hints) wait(ctx context.Context, while time.Duration) error { return sleep(ctx, while) }

func (*hints) close() {}
