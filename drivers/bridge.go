package drivers

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"strings"
)

// Bridge is a shell on an Android device, with files.
type Bridge interface {
	// Run runs a program with its arguments, each of them as it stands: the
	// bridge quotes them for the device's shell. The exit code is data; an
	// error means that the link broke (ErrLost) or the context ended.
	Run(ctx context.Context, argv ...string) (Output, error)
	// Stream runs a program and gives its standard output while it runs; Close
	// ends it. It ends with io.EOF where the program returned 0, with an
	// *ExitError where it returned another code, with ErrLost where the link broke.
	Stream(ctx context.Context, argv ...string) (io.ReadCloser, error)
	// Pull writes the device's file at path to w.
	Pull(ctx context.Context, path string, w io.Writer) error
	// Push makes a file of mode perm on the device.
	Push(ctx context.Context, path string, perm fs.FileMode, r io.Reader) error
	// Reboot restarts the device and returns once the link is gone.
	Reboot(ctx context.Context) error
	// Ready waits until the device answers commands, reconnecting where it has to.
	Ready(ctx context.Context) error
}

// Output is what a program on the device printed, and how it ended.
type Output struct {
	Stdout, Stderr []byte
	Code           int
}

// ExitError is how a Stream ends whose program failed.
type ExitError struct {
	Code   int
	Stderr []byte // the end of it
}

func (e *ExitError) Error() string {
	if text := strings.TrimSpace(string(e.Stderr)); text != "" {
		return fmt.Sprintf("exit code %d: %s", e.Code, text)
	}
	return fmt.Sprintf("exit code %d", e.Code)
}
