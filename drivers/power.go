package drivers

import "context"

// Power switches the supply of one thing.
type Power interface {
	// Set switches and reads back; it fails where what is read is not what was asked.
	Set(ctx context.Context, on bool) error
	// Measured says what is really so, and by what witness: "device vanished",
	// "meter 0.02 A". Where nothing can tell, the error is errors.ErrUnsupported.
	Measured(ctx context.Context) (on bool, witness string, err error)
}
